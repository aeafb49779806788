"""What goes in and out of the API: the names of its fields, and from records to them. No I/O.

A node has a type and a name, an edge a relation; the memory calls them kinds, entities and facts.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from quantumsketch.memory.finding.question import LONGEST_QUESTION
from quantumsketch.memory.finding.question import Question as SearchedFor
from quantumsketch.memory.finding.search import Hit
from quantumsketch.memory.records import EntityHead, EntityRecord
from quantumsketch.memory.statements import (
    LONGEST_BODY,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Entity,
    Key,
)

_STRAY_FIELDS = 20
"""So many unknown fields are told one by one; of a million, naming each would take seconds."""
MOST_LISTED = 200
"""Nodes on a page; their properties may be long."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")
_ILL_SEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters, ends of lines, and what turns the text beside it round."""


def _written_as_time(value: object) -> object:
    """A number is no time, nor are digits alone, though seconds could be counted by them."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _TIME.match(value)):
        raise ValueError("a time is a text such as 2026-01-31T12:00:00Z")
    return value


def _plain_name(name: object) -> object:
    """Compose a name (NFC) and take the blanks around it off."""
    if not isinstance(name, str):
        return name
    if found := _ILL_SEEN.search(name.strip()):
        raise ValueError(f"a name cannot hold the character U+{ord(found[0]):04X}")
    return unicodedata.normalize("NFC", name.strip())


def _asking(question: str) -> str:
    if not SearchedFor.of(question).text:
        raise ValueError("it asks nothing: there are blanks alone")
    return question


Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_time), Field(examples=["2026-01-31T12:00:00Z"])]
Count = Annotated[int, Field(strict=True)]
"""In a body; in an address every number is text."""
Properties = dict[str, JsonValue]
Direction = Literal["out", "in", "both"]
Name = Annotated[Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)], BeforeValidator(_plain_name)]
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION), AfterValidator(_asking)]


class Asked(BaseModel):
    """What is sent to us: no field that is not known."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _hardly_more_fields_than_are_known(cls, sent: object) -> object:
        if isinstance(sent, dict) and len(sent) > len(cls.model_fields) + _STRAY_FIELDS:
            raise ValueError(f"it has {len(sent)} fields, of which {len(cls.model_fields)} at most are known")
        return sent


class Told(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Refusal(Told):
    """What was wrong, and what to do."""

    error: str
    mend: str


class NodeKey(Asked):
    """A node by its type and name."""

    type: str
    name: Name

    @property
    def key(self) -> Key:
        return self.type, self.name


NodeRef = UUID | NodeKey
"""A node by its id, or by its type and name."""


class NewNode(NodeKey):
    """A node to be there."""

    description: str | None = Field(default=None, max_length=LONGEST_DESCRIPTION)
    body: str | None = Field(
        default=None, max_length=LONGEST_BODY, description="a long text, found by each of its pieces"
    )
    properties: Properties | None = None

    def entity(self) -> Entity:
        """Say what is given; what is not stays as it was."""
        return Entity(self.type, self.name, self.description, self.body, self.properties)

    def whole_entity(self) -> Entity:
        """Say all of it: what is not given is empty."""
        return Entity(self.type, self.name, self.description or "", self.body or "", self.properties or {})


class Listing(Asked):
    """Which nodes to list."""

    type: str | None = None
    limit: int = Field(default=50, ge=1, le=MOST_LISTED)
    cursor: str | None = Field(default=None, description="`next` of the page before")


class NodeHead(Told):
    """A node without its body."""

    id: UUID
    type: str
    name: str
    description: str
    properties: Properties
    provenance: Properties = Field(description="who said what is told here")
    created_at: datetime
    updated_at: datetime = Field(description="since when it is as it is told here")
    closed_at: datetime | None = Field(description="from when it is no more; null: it is")
    merged_into: UUID | None = Field(description="the node that this duplicate became part of")


class Node(NodeHead):
    """A node."""

    body: str


class Nodes(Told):
    """Nodes, the newest first, and where the next page begins."""

    data: list[NodeHead]
    next: str | None = Field(description="the cursor of the next page; null: this is the last")


WithoutVectors = Annotated[
    bool, Field(description="found by its words only, until there is somebody again who can embed it")
]


class Created(Node):
    """A node that was not there before."""

    without_vectors: WithoutVectors


class Found(Told):
    """A node that was found."""

    id: UUID
    type: str
    name: str
    text: str = Field(description="the piece of it that is nearest to the question")
    similarity: float = Field(description="cosine: 1 means the same, 0 unrelated or nothing to compare")
    why: str = Field(description="the reasons, in words")
    superseded: bool = Field(description="it no longer holds, or something else took its place")


def found(hit: Hit) -> Found:
    """Return what was found; its similarity is a number in any case."""
    return Found(
        id=hit.id,
        type=hit.kind,
        name=hit.name,
        text=hit.text,
        similarity=hit.similarity or 0.0,
        why="; ".join(hit.why),
        superseded=hit.superseded,
    )


def head_of(entity: EntityHead) -> NodeHead:
    """Return the node without its body."""
    return NodeHead(**_head(entity))


def node_of(entity: EntityRecord) -> Node:
    """Return the node."""
    return Node(**_head(entity), body=entity.body)


def _head(entity: EntityHead) -> dict[str, Any]:
    return {
        **entity.model_dump(exclude={"kind", "body", "recorded_at", "changed_at"}),
        "type": entity.kind,
        "created_at": entity.recorded_at,
        "updated_at": entity.changed_at,
    }
