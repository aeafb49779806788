"""Edges: one is written, those at a node are listed, one is closed. What was stays known."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from quantumsketch.errors import AlreadyThere, BadInput
from quantumsketch.memory.keeping.admission import check_kind, room_for_edges
from quantumsketch.memory.keeping.open_turn import OpenTurn
from quantumsketch.memory.keeping.writing import find_nodes
from quantumsketch.memory.records import FactRecord
from quantumsketch.memory.statements import Fact, Key, checked_facts, in_words
from web.memory.access import KeyedRoute, Reader, TheMemory, TheProvenance, Writer
from web.memory.fields import Direction, Moment, Properties, Relation
from web.memory.naming import no_such_node, node_there
from web.memory.shapes import Asked, NodeRef, Refusal, Told

router = APIRouter(prefix="/edges", tags=["edges"], route_class=KeyedRoute)
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}


class NewEdge(Asked):
    """An edge to be there."""

    source: NodeRef
    relation: Relation
    target: NodeRef
    properties: Properties | None = Field(default=None, description="null: those of an edge that holds stay")
    valid_from: Moment | None = Field(default=None, description="null: from now on")


class EdgeWritten(Told):
    """An edge that is there, and what that changed."""

    source: UUID
    relation: str
    target: UUID
    added: int = Field(description="0: it was there")
    changed: int
    closed: int = Field(
        description="edges that no longer hold, because the relation has one target at a time"
    )
    valid_from: datetime = Field(description="since when it holds, or held")
    valid_to: datetime | None = Field(
        description="null: it holds; else what was told is of a time before it ended: it does not hold now"
    )


_WRITTEN: dict[int | str, dict[str, Any]] = {
    **_UNKNOWN,
    200: {"model": EdgeWritten, "description": "it was there"},
    409: {"model": Refusal, "description": "it is there then, and began earlier"},
}


class EdgeListing(Asked):
    """Which edges to list."""

    node: UUID
    relation: Relation | None = None
    direction: Direction = "both"
    as_of: Moment | None = Field(default=None, description="those that held then")
    known_at: Moment | None = Field(default=None, description="as was known then")
    limit: int = Field(default=100, ge=1, le=1_000)
    cursor: str | None = Field(
        default=None, description="`next` of the page before, asked for the same edges"
    )


class DatedEdge(Told):
    """An edge, when it held, and when that was known."""

    source: UUID
    relation: str
    target: UUID
    properties: Properties
    provenance: Properties
    valid_from: datetime
    valid_to: datetime | None = Field(description="null: it holds")
    recorded_at: datetime
    recorded_to: datetime | None = Field(description="until when it was known so; null: it is")


class Edges(Told):
    """Edges at a node, the newest first, and where the next page begins."""

    data: list[DatedEdge]
    truncated: bool = Field(description="there are more: `next` leads to them")
    next: str | None = Field(description="the cursor of the next page; null: this is the last")
    merged_into: UUID | None = Field(description="the node is a duplicate: what goes on, goes on at this one")


class EdgeKey(Asked):
    """An edge that holds, and from when on it does not."""

    source: UUID
    relation: Relation
    target: UUID
    at: Moment | None = Field(default=None, description="null: now")


class Closed(Told):
    """How many edges were closed; they stay known as what was."""

    closed: int


@router.post("", status_code=HTTPStatus.CREATED, responses=_WRITTEN)
async def create_edge(
    edge: NewEdge, memory: TheMemory, writer: Writer, provenance: TheProvenance, response: Response
) -> EdgeWritten:
    """Say that one node stands in a relation to another; again, it changes nothing and is a 200.

    Both are there: POST /v1/nodes or /v1/bulk writes one. Of a relation that has one target at a time, the
    edge before it is closed. Of an edge that is there, properties that are not given stay; it can have begun
    earlier, and not later: that is a 409. What is told of a time before the edge ended reaches so far, as
    `valid_to` says; told without `valid_from`, or from then on, it holds again.
    """
    async with memory.store.turn(writer.tenant, "write an edge", provenance) as turn:
        source, target = await _key(turn, edge.source), await _key(turn, edge.target)
        check_kind(source[0])
        await room_for_edges(turn.turn.connection)
        fact = Fact(source, edge.relation.value, target, edge.properties, edge.valid_from)
        await _check_ends(turn, edge, fact)
        known = await turn.spell(fact, edge.valid_from) if edge.valid_from else None
        written = await turn.say([], [fact])
        if edge.valid_from and known and known[0] != edge.valid_from:
            raise _began_earlier(edge.valid_from, *known)
        held = await turn.spell(fact, edge.valid_from or written.at)
        if held is None:
            raise _are_one_node(fact)
    if not written.added:
        response.status_code = HTTPStatus.OK
    return EdgeWritten(
        source=written.ids[source],
        relation=fact.relation,
        target=written.ids[target],
        added=written.added,
        changed=written.changed,
        closed=written.closed,
        valid_from=held[0],
        valid_to=held[1],
    )


@router.get("", responses=_UNKNOWN)
async def list_edges(asked: Annotated[EdgeListing, Query()], memory: TheMemory, reader: Reader) -> Edges:
    """List the edges at a node that hold, or held at `as_of`; with `known_at`, as was known then.

    What held is told whenever it was recorded: of 2010, too, what was first said today. A page has fewer than
    `limit` where they are long. What is written or closed meanwhile makes no page skip or repeat another one.
    """
    node = await node_there(memory, reader.tenant, asked.node)
    page = await memory.store.fact_page(
        reader.tenant,
        asked.node,
        asked.relation,
        asked.direction,
        (asked.as_of, asked.known_at),
        asked.limit,
        asked.cursor,
    )
    return Edges(
        data=[_told(fact) for fact in page.facts],
        truncated=page.next is not None,
        next=page.next,
        merged_into=node.merged_into,
    )


@router.delete("", responses=_UNKNOWN)
async def close_edge(
    edge: Annotated[EdgeKey, Query()], memory: TheMemory, writer: Writer, provenance: TheProvenance
) -> Closed:
    """Say that an edge does not hold any more, from `at` on; that it did stays known."""
    async with memory.store.turn(writer.tenant, "close an edge", provenance) as turn:
        source, target = await _key(turn, edge.source), await _key(turn, edge.target)
        check_kind(source[0])
        return Closed(closed=await turn.close(Fact(source, edge.relation.value, target), edge.at))


def _began_earlier(told: datetime, since: datetime, until: datetime | None) -> AlreadyThere:
    return AlreadyThere(
        f"the edge {'holds' if until is None else 'held'} since {since.isoformat()}"
        f"{'' if until is None else f' until {until.isoformat()}'}: it did not begin "
        f"at {told.isoformat()}",
        mend="Leave `valid_from` out"
        + (", or close the edge `at` that time first." if until is None else "."),
    )


def _are_one_node(fact: Fact) -> BadInput:
    both = f"{in_words(fact.source)} and {in_words(fact.target)}"
    return BadInput(
        f"{both} are one node now, for one became part of the other",
        mend="`merged_into` of a node says which one: tell the edge of that and another.",
    )


async def _key(turn: OpenTurn, node: NodeRef) -> Key:
    """By what a node is called until the turn ends: nobody deletes it meanwhile. Raises NotFound."""
    if not isinstance(node, UUID):
        return node.key
    found = await turn.entity(node)
    if found is None:
        raise no_such_node(node)
    return found.kind, found.name


async def _check_ends(turn: OpenTurn, edge: NewEdge, fact: Fact) -> None:
    """Raise BadInput for an edge that cannot be, NotFound for one that could if its ends were there."""
    checked_facts([fact])
    there = await find_nodes(turn.turn.connection, [fact.source, fact.target])
    for named, key in ((edge.source, fact.source), (edge.target, fact.target)):
        if key not in there:
            raise no_such_node(named)


def _told(fact: FactRecord) -> DatedEdge:
    return DatedEdge(relation=fact.kind, **fact.model_dump(exclude={"kind"}))
