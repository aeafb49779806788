"""The kinds of entities and of relations that the memory may hold. Nothing else can be written.

A kind says what names an entity: kind and name are its natural key within a tenant. Knows no database.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.errors import BadInput


class NodeKind(StrEnum):
    """What a node stands for; in brackets what names it."""

    VIDEO = "video"
    """[the video's id]"""
    PROMPT = "prompt"
    """[sha256 of its text]"""
    STORYBOARD = "storyboard"
    """[sha256 of its JSON]"""
    BEAT = "beat"
    """[the video's id/the beat's id]"""
    IDEA = "idea"
    """What a beat is to say and to show, before a scene is written. [sha256 of its normal form]"""
    SCENE = "scene"
    """What a beat shows. [sha256 of the visual's JSON]"""
    CLIP = "clip"
    """[sha256 of its bytes]"""
    ASSET = "asset"
    """A file of the finished film. [sha256 of its bytes]"""
    MODEL = "model"
    """Who wrote something. [a model's id, 'offline: ...' or 'you']"""

    NOTE = "note"
    """Something written down. [its title]"""
    DOCUMENT = "document"
    """[its title, or where it lies]"""
    CONCEPT = "concept"
    """What can be explained. [its usual name]"""
    DECISION = "decision"
    """[its title]"""
    PROJECT = "project"
    """[its name]"""
    TAG = "tag"
    """[the word]"""

    PERSON = "person"
    """[their name]"""
    USER = "user"
    """Somebody who works with the product. ['you', until there are logins]"""
    PREFERENCE = "preference"
    """[the user/what it is about]"""

    SYSTEM = "system"
    """[its name]"""
    SERVICE = "service"
    """[its name]"""
    ERROR = "error"
    """A kind of failure. [what is the same in all its messages]"""
    REPAIR = "repair"
    """What was done against an error. [sha256 of the change]"""

    CODEBASE = "codebase"
    """One version of a library or program. [its name; the version is a property]"""
    REPOSITORY = "repository"
    """[owner/name, or its path]"""
    MODULE = "module"
    """[its dotted name]"""
    CLASS = "class"
    """[its dotted name]"""
    FUNCTION = "function"
    """[its dotted name]"""
    METHOD = "method"
    """[its dotted name]"""
    PARAMETER = "parameter"
    """[the callable's dotted name(parameter)]"""


class EdgeKind(StrEnum):
    """How the source stands to the target."""

    ANSWERS = "answers"
    FOLLOWS = "follows"
    PLANNED_BY = "planned_by"
    ASKED = "asked"
    """Calls to the model, answered or not: how many, with how many tokens, for how much."""
    HAS_BEAT = "has_beat"
    SHOWS = "shows"
    RENDERED_AS = "rendered_as"
    WRITTEN_BY = "written_by"
    PUBLISHED_AS = "published_as"
    CAPTIONED_BY = "captioned_by"
    PICTURED_BY = "pictured_by"

    CONTAINS = "contains"
    MADE_OF = "made_of"
    NEXT = "next"
    INHERITS = "inherits"
    OVERRIDES = "overrides"
    USES = "uses"
    HAS_PARAMETER = "has_parameter"
    DEPRECATES = "deprecates"
    REPLACED_BY = "replaced_by"
    DEPENDS_ON = "depends_on"
    VERSION_OF = "version_of"
    DOCUMENTS = "documents"
    MENTIONS = "mentions"
    ABOUT = "about"
    TAGGED = "tagged"
    EXPLAINS = "explains"
    REQUIRES = "requires"
    RELATED_TO = "related_to"
    CONTRADICTS = "contradicts"
    DECIDED = "decided"
    BECAUSE = "because"
    SUPERSEDES = "supersedes"
    OWNED_BY = "owned_by"
    WORKS_ON = "works_on"
    KNOWS = "knows"
    PREFERS = "prefers"
    RUNS_ON = "runs_on"
    STATUS = "status"
    FAILED_WITH = "failed_with"
    REPAIRED_BY = "repaired_by"


_K = NodeKind
_VIDEO_OR_BEAT = frozenset({_K.VIDEO, _K.BEAT})
_CALLABLES = frozenset({_K.CLASS, _K.FUNCTION, _K.METHOD})
_CODE = _CALLABLES | {_K.CODEBASE, _K.REPOSITORY, _K.MODULE, _K.PARAMETER}
_PEOPLE = frozenset({_K.PERSON, _K.USER})
_OF_VIDEOS = {_K.PROMPT, _K.STORYBOARD, _K.SCENE, _K.CLIP, _K.ASSET, _K.MODEL, _K.IDEA}
RECORDED_BY_US = _VIDEO_OR_BEAT | _OF_VIDEOS | {_K.USER, _K.PREFERENCE}
"""What the product itself records of videos and of its users: nobody else may say it, nor erase it."""
_ANY = frozenset(NodeKind)


class Relation(BaseModel):
    """A declared relation: what it may join, and how many targets hold at one time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: EdgeKind
    sources: frozenset[NodeKind] = _ANY
    targets: frozenset[NodeKind] = _ANY
    functional: bool = Field(
        default=False, description="one target at a time: a new one closes the fact before it"
    )
    to_itself: bool = Field(
        default=False, description="a node may stand so to itself, as recursion uses itself"
    )
    acyclic: bool = Field(
        default=False,
        description="an order: a circle of such facts says nonsense, and nobody can say one; what is read of "
        "code, or was exported, is taken as it is. Not those in which honest data has circles: what depends "
        "on, requires, mentions or is followed by each other",
    )


def _kinds(*kinds: NodeKind) -> frozenset[NodeKind]:
    return frozenset(kinds)


_DECLARED = (
    Relation(kind=EdgeKind.ANSWERS, sources=_kinds(_K.VIDEO), targets=_kinds(_K.PROMPT)),
    Relation(kind=EdgeKind.FOLLOWS, sources=_VIDEO_OR_BEAT, targets=_kinds(_K.STORYBOARD, _K.IDEA)),
    Relation(kind=EdgeKind.PLANNED_BY, sources=_kinds(_K.VIDEO), targets=_kinds(_K.MODEL)),
    Relation(kind=EdgeKind.ASKED, sources=_VIDEO_OR_BEAT, targets=_kinds(_K.MODEL)),
    Relation(kind=EdgeKind.HAS_BEAT, sources=_kinds(_K.VIDEO), targets=_kinds(_K.BEAT)),
    Relation(kind=EdgeKind.SHOWS, sources=_kinds(_K.BEAT), targets=_kinds(_K.SCENE)),
    Relation(kind=EdgeKind.RENDERED_AS, sources=_kinds(_K.BEAT), targets=_kinds(_K.CLIP)),
    Relation(kind=EdgeKind.WRITTEN_BY, targets=_PEOPLE | {_K.MODEL}),
    Relation(kind=EdgeKind.PUBLISHED_AS, sources=_kinds(_K.VIDEO), targets=_kinds(_K.ASSET)),
    Relation(kind=EdgeKind.CAPTIONED_BY, sources=_kinds(_K.VIDEO), targets=_kinds(_K.ASSET)),
    Relation(kind=EdgeKind.PICTURED_BY, sources=_kinds(_K.VIDEO), targets=_kinds(_K.ASSET)),
    Relation(kind=EdgeKind.CONTAINS, acyclic=True),
    Relation(kind=EdgeKind.MADE_OF, acyclic=True),
    Relation(kind=EdgeKind.NEXT, functional=True),
    Relation(kind=EdgeKind.INHERITS, sources=_kinds(_K.CLASS), targets=_kinds(_K.CLASS), acyclic=True),
    Relation(kind=EdgeKind.OVERRIDES, sources=_kinds(_K.METHOD), targets=_kinds(_K.METHOD), acyclic=True),
    Relation(kind=EdgeKind.USES, to_itself=True),
    Relation(kind=EdgeKind.HAS_PARAMETER, sources=_CALLABLES, targets=_kinds(_K.PARAMETER)),
    Relation(kind=EdgeKind.DEPRECATES, sources=_CODE, targets=_CODE, acyclic=True),
    Relation(kind=EdgeKind.REPLACED_BY, functional=True, acyclic=True),
    Relation(kind=EdgeKind.DEPENDS_ON),
    Relation(kind=EdgeKind.VERSION_OF, functional=True, acyclic=True),
    Relation(kind=EdgeKind.DOCUMENTS),
    Relation(kind=EdgeKind.MENTIONS, to_itself=True),
    Relation(kind=EdgeKind.ABOUT),
    Relation(kind=EdgeKind.TAGGED, targets=_kinds(_K.TAG)),
    Relation(kind=EdgeKind.EXPLAINS, targets=_kinds(_K.CONCEPT)),
    Relation(kind=EdgeKind.REQUIRES),
    Relation(kind=EdgeKind.RELATED_TO),
    Relation(kind=EdgeKind.CONTRADICTS),
    Relation(kind=EdgeKind.DECIDED, targets=_kinds(_K.DECISION)),
    Relation(kind=EdgeKind.BECAUSE),
    Relation(kind=EdgeKind.SUPERSEDES, acyclic=True),
    Relation(kind=EdgeKind.OWNED_BY, functional=True),
    Relation(kind=EdgeKind.WORKS_ON, sources=_PEOPLE),
    Relation(kind=EdgeKind.KNOWS, sources=_PEOPLE),
    Relation(kind=EdgeKind.PREFERS, sources=_PEOPLE, targets=_kinds(_K.PREFERENCE)),
    Relation(kind=EdgeKind.RUNS_ON, targets=_kinds(_K.SYSTEM, _K.SERVICE)),
    Relation(kind=EdgeKind.STATUS, targets=_kinds(_K.TAG), functional=True),
    Relation(kind=EdgeKind.FAILED_WITH, targets=_kinds(_K.ERROR)),
    Relation(kind=EdgeKind.REPAIRED_BY, sources=_kinds(_K.ERROR), targets=_kinds(_K.REPAIR)),
)
RELATIONS = {relation.kind: relation for relation in _DECLARED}
_RELATIONS = {relation.kind.value: relation for relation in _DECLARED}
_NODE_KINDS = {kind.value: kind for kind in NodeKind}


def node_kind(kind: object) -> NodeKind:
    """Return the declared kind called `kind`; raises BadInput that lists those there are."""
    if isinstance(kind, str) and kind in _NODE_KINDS:
        return _NODE_KINDS[kind]
    raise BadInput(f"no entity can be of the kind {kind!r}", mend=_choose_from(NodeKind))


def relation(kind: object) -> Relation:
    """Return the declared relation called `kind`; raises BadInput that lists those there are."""
    if isinstance(kind, str) and kind in _RELATIONS:
        return _RELATIONS[kind]
    raise BadInput(f"no relation is called {kind!r}", mend=_choose_from(EdgeKind))


def _choose_from(names: Iterable[str]) -> str:
    return f"Declared are: {', '.join(names)}."
