"""Many nodes and edges in one call: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from quantumsketch.errors import BadInput
from quantumsketch.memory.keeping.admission import check_kind, within_quota
from quantumsketch.memory.statements import LONGEST_BODY, Fact, Key
from web.memory.access import KeyedRoute, TheMemory, TheProvenance, Writer
from web.memory.fields import Moment, Properties, Relation
from web.memory.saying import say
from web.memory.shapes import Asked, NewNode, NodeKey, Told, WithoutVectors

MOST_NODES = 1_000
MOST_FACTS = 10_000
MOST_TEXT = LONGEST_BODY
"""Characters of all descriptions and bodies together: each piece of them has its vector before the answer."""
router = APIRouter(tags=["nodes"], route_class=KeyedRoute)


class NewFact(Asked):
    """An edge between nodes of the same call, or that are there."""

    source: NodeKey
    relation: Relation
    target: NodeKey
    properties: Properties | None = Field(default=None, description="null: those of an edge that holds stay")
    valid_from: Moment | None = None

    def fact(self) -> Fact:
        return Fact(self.source.key, self.relation.value, self.target.key, self.properties, self.valid_from)


class Said(Asked):
    """Nodes to be there, and edges among them or those that are; not too much text at once."""

    entities: list[NewNode] = Field(default=[], max_length=MOST_NODES, fail_fast=True)
    facts: list[NewFact] = Field(default=[], max_length=MOST_FACTS, fail_fast=True)


class NodeId(Told):
    """A node that was named."""

    type: str
    name: str
    id: UUID


class Written(Told):
    """What the call changed."""

    at: datetime = Field(description="when it was recorded")
    added: int = Field(description="nodes and edges that were not there")
    changed: int = Field(description="nodes and edges of which something else is told now")
    closed: int = Field(description="edges that no longer hold")
    ids: list[NodeId]
    merged: list[NodeId] = Field(
        description="nodes that were told and are part of another, of this id: nothing was written of it"
    )
    without_vectors: WithoutVectors


@router.post("/bulk")
async def write_in_bulk(said: Said, memory: TheMemory, writer: Writer, provenance: TheProvenance) -> Written:
    """Write nodes and edges, all of them or nothing; saying it again changes nothing.

    Of a node or an edge that is there, what is not given stays as it was; properties are replaced as a whole.
    An edge that holds begins no later by another `valid_from`. Nothing is told twice and differently: of a
    relation that has one target at a time, several need each a `valid_from` of its own. An edge of a
    duplicate is one of the node that it became part of.
    """
    for kind in {*(each.type for each in said.entities), *(each.source.type for each in said.facts)}:
        check_kind(kind)
    length = sum(len(each.description or "") + len(each.body or "") for each in said.entities)
    if length > MOST_TEXT:
        raise BadInput(f"all texts together have {length} characters", mend=f"Send {MOST_TEXT} at a time.")
    written = await say(
        memory,
        writer.tenant,
        [each.entity() for each in said.entities],
        [each.fact() for each in said.facts],
        provenance,
        within_quota,
    )
    return Written(
        **written.model_dump(exclude={"ids", "merged", "without_vectors"}),
        without_vectors=written.without_vectors is not None,
        ids=_named(sorted(written.ids), written.ids),
        merged=_named(written.merged, written.ids),
    )


def _named(keys: Iterable[Key], ids: Mapping[Key, UUID]) -> list[NodeId]:
    return [NodeId(type=kind, name=name, id=ids[kind, name]) for kind, name in keys]
