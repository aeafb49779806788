"""What goes in and out of the API: nodes, and what several routes share; from records to it. No I/O.

A node has a type and a name, an edge a relation; the memory calls them kinds, entities and facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from quantumsketch.memory.finding.search import Hit
from quantumsketch.memory.ontology import RECORDED_BY_US
from quantumsketch.memory.records import EntityHead, EntityRecord
from quantumsketch.memory.statements import LONGEST_BODY, LONGEST_DESCRIPTION, Entity, Key
from web.memory.fields import Name, Properties, Type

_STRAY_FIELDS = 20
"""So many unknown fields are told one by one; of a million, naming each would take seconds."""
MOST_LISTED = 200
"""Nodes on a page."""


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

    type: Type
    name: Name

    @property
    def key(self) -> Key:
        return self.type.value, self.name


def _how_named(named: object) -> str | None:
    """By which of both somebody names a node: only what is wrong with that one is told."""
    if isinstance(named, (str, UUID)):
        return "by_id"
    return "by_name" if isinstance(named, (dict, NodeKey)) else None


NodeRef = Annotated[
    Annotated[UUID, Tag("by_id")] | Annotated[NodeKey, Tag("by_name")],
    Discriminator(
        _how_named,
        custom_error_type="no_node",
        custom_error_message="a node is named by its id, or as {'type': …, 'name': …}",
    ),
]
"""A node by its id, or by its type and name."""


class NewNode(NodeKey):
    """A node to be there."""

    type: Type = Field(description=f"none of {', '.join(sorted(RECORDED_BY_US))}: these the product records")
    description: str | None = Field(default=None, max_length=LONGEST_DESCRIPTION)
    body: str | None = Field(
        default=None, max_length=LONGEST_BODY, description="a long text, found by each of its pieces"
    )
    properties: Properties | None = None

    def entity(self) -> Entity:
        """Say what is given; what is not stays as it was."""
        return Entity(*self.key, self.description, self.body, self.properties)

    def whole_entity(self) -> Entity:
        """Say all of it: what is not given is empty."""
        return Entity(*self.key, self.description or "", self.body or "", self.properties or {})


class Listing(Asked):
    """Which nodes to list."""

    type: Type | None = Field(default=None, description="only nodes of this type")
    limit: int = Field(
        default=50, ge=1, le=MOST_LISTED, description="fewer are told where they have more than 8 MB together"
    )
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


class Duplicate(Told):
    """A node that became part of another."""

    id: UUID
    name: str
    closed_at: datetime | None = Field(description="since when it is part of it")


class WholeNode(NodeHead):
    """A node with its body, and what is part of it."""

    body: str
    duplicates: list[Duplicate] = Field(
        description="nodes that are part of it, and were then if it is told as of a time: the 100 newest"
    )


class Nodes(Told):
    """Nodes, the newest first, and where the next page begins."""

    data: list[NodeHead]
    next: str | None = Field(description="the cursor of the next page; null: this is the last")


WithoutVectors = Annotated[
    bool,
    Field(
        description="not all of it is found by meaning yet, but by its words: as that of a long body, which "
        "is embedded after the answer, or while there is nobody who can embed it"
    ),
]


class Created(WholeNode):
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


def node_of(entity: EntityRecord, duplicates: Sequence[EntityHead] = ()) -> WholeNode:
    """Return the node."""
    parts = [Duplicate(id=each.id, name=each.name, closed_at=each.closed_at) for each in duplicates]
    return WholeNode(**_head(entity), body=entity.body, duplicates=parts)


def _head(entity: EntityHead) -> dict[str, Any]:
    return {
        **entity.model_dump(exclude={"kind", "body", "recorded_at", "changed_at"}),
        "type": entity.kind,
        "created_at": entity.recorded_at,
        "updated_at": entity.changed_at,
    }
