"""Asking the graph, and walking through it. Everything is bounded, and says where it stopped short."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from quantumsketch.answered import Mode
from quantumsketch.memory.finding.walking import (
    DEEPEST_WALK,
    FAN_OUT,
    MOST_OF_A_SUBGRAPH,
    NODE_BUDGET,
)
from quantumsketch.memory.finding.walking_paths import LONGEST_PATH, Path
from quantumsketch.memory.records import GraphEdge, GraphNode, Neighbourhood
from web.memory.access import KeyedRoute, Reader, TheMemory
from web.memory.fields import Count, Direction, Moment, Properties, Question, Relation
from web.memory.naming import node_there
from web.memory.shapes import Asked, NodeRef, Refusal, Told
from workflows.answering import MOST_SOURCES

router = APIRouter(
    prefix="/graph", tags=["graph"], route_class=KeyedRoute, responses={404: {"model": Refusal}}
)


class Ask(Asked):
    """A question, and how much trouble to take over it."""

    query: Question
    top_k: Count = Field(
        default=8,
        ge=1,
        le=MOST_SOURCES,
        description="sources of one search; deep finds as many again along relations, and for each of at "
        "most two things that are missing; global: neighbourhoods, at most 12",
    )
    mode: Mode = "fast"
    retrieve_only: Annotated[bool, Field(strict=True)] = False
    as_of: Moment | None = None


class Source(Told):
    """What an answer rests on."""

    id: str
    type: str
    name: str
    text: str = Field(description="what of it was shown to who answered")
    similarity: float = Field(description="cosine: 1 means the same, 0 unrelated or nothing to compare")
    why: str = Field(description="why it was found, in words")
    superseded: bool = Field(description="it no longer holds, or something else took its place")


class Answer(Told):
    """What the graph knows of it."""

    answer: str | None = Field(description="citing sources as [1], [2]; null: nobody answered, see the notes")
    known: bool | None = Field(description="whether the graph knows it; null: nobody answered")
    sources: list[Source] = Field(description="in the order of their numbers")
    notes: list[str] = Field(description="what is to be said of how the answer came about")
    mode: Mode
    by: str | None = Field(description="the model that answered")


class Walk(Asked):
    """Where a walk starts, and what bounds it."""

    start: NodeRef
    depth: Count = Field(default=2, ge=0, le=DEEPEST_WALK)
    relations: list[Relation] | None = Field(default=None, max_length=100, description="null: any")
    direction: Direction = "both"
    as_of: Moment | None = None
    fan_out: Count = Field(default=FAN_OUT, ge=1, le=1_000, description="edges that are followed from a node")
    budget: Count = Field(default=NODE_BUDGET, ge=1, le=10_000, description="nodes that are reached")


class Way(Asked):
    """From where to where, along which edges."""

    source: UUID
    target: UUID
    deepest: int = Field(default=6, ge=1, le=LONGEST_PATH)
    relation: list[Relation] | None = Field(default=None, max_length=100, description="only edges of these")
    direction: Direction = "both"
    as_of: Moment | None = None


class Part(Asked):
    """Which nodes to read with the edges among them."""

    ids: list[UUID] = Field(max_length=MOST_OF_A_SUBGRAPH, fail_fast=True)
    as_of: Moment | None = None


class WalkedNode(Told):
    """A node that was reached."""

    id: UUID
    type: str
    name: str
    properties: Properties
    created_at: datetime
    depth: int = Field(description="steps from where the walk started")


class WalkedEdge(Told):
    """An edge that was followed."""

    source: UUID
    relation: str
    target: UUID
    properties: Properties


class Walked(Told):
    """A part of the graph."""

    nodes: list[WalkedNode]
    edges: list[WalkedEdge]
    truncated: bool = Field(description="not all was looked at: there may be more")
    merged_from: UUID | None = Field(
        default=None, description="the duplicate that was to be the start; it is part of the first node"
    )


@router.post("/ask")
async def ask_graph(asked: Ask, memory: TheMemory, reader: Reader) -> Answer:
    """Answer from the graph, and name the sources.

    fast retrieves once; deep follows relations and asks again for what is missing; global answers from
    summaries of neighbourhoods. The models may cost 0.25 USD a question; when that is spent, or the tenant's
    budget, the sources stand alone, and the notes say so. They may take a minute, and are paid whether or not
    anybody waits for the answer. With `as_of`, entries are told as they were
    recorded then; they are searched for by what they say now.
    """
    answered = await memory.answers.ask(
        reader.tenant,
        asked.query,
        top_k=asked.top_k,
        mode=asked.mode,
        retrieve_only=asked.retrieve_only,
        as_of=asked.as_of,
    )
    sources = [Source(type=each.kind, **each.model_dump(exclude={"kind"})) for each in answered.sources]
    return Answer(sources=sources, **answered.model_dump(exclude={"sources"}))


@router.post("/walk", response_model=Walked)
async def walk_graph(asked: Walk, memory: TheMemory, reader: Reader) -> Response:
    """Walk from a node as many steps as asked for, along 50,000 edges at most.

    Of more than 8 MB the nearest part is told, as truncated.

    From a duplicate it starts at the node that this became part of. With `as_of`, along edges that held then
    by what is known now, over nodes that were recorded then, as they were: what is told of a time before its
    nodes were recorded is not walked. GET /v1/edges lists it.
    """
    node = await node_there(memory, reader.tenant, asked.start)
    reached = await memory.walker.walk(
        reader.tenant,
        node.id,
        asked.depth,
        relations=asked.relations,
        direction=asked.direction,
        as_of=asked.as_of,
        fan_out=asked.fan_out,
        budget=asked.budget,
    )
    return await _answer(reached)


@router.get("/path", response_model=Walked)
async def find_path(asked: Annotated[Way, Query()], memory: TheMemory, reader: Reader) -> Response:
    """Find a shortest way between two nodes; without nodes in the answer none was found.

    From or to a duplicate it leads from or to the node that this became part of; `as_of` as for a walk.
    """
    way = await memory.walker.path(
        reader.tenant,
        asked.source,
        asked.target,
        asked.deepest,
        relations=asked.relation,
        direction=asked.direction,
        as_of=asked.as_of,
    )
    return await _answer(way)


@router.post("/subgraph", response_model=Walked)
async def read_subgraph(asked: Part, memory: TheMemory, reader: Reader) -> Response:
    """Read those of the nodes that are there, and the edges among them; `as_of` as for a walk."""
    return await _answer(await memory.walker.subgraph(reader.tenant, asked.ids, asked.as_of))


async def _answer(part: Neighbourhood | Path) -> Response:
    """Written beside the event loop, on which others wait: it may have 8 MB."""
    content = await asyncio.to_thread(lambda: _walked(part).model_dump_json())
    return Response(content, media_type="application/json")


def _walked(part: Neighbourhood | Path) -> Walked:
    return Walked(
        nodes=[_walked_node(node) for node in part.nodes],
        edges=[_walked_edge(edge) for edge in part.edges],
        truncated=part.truncated,
        merged_from=part.merged_from if isinstance(part, Neighbourhood) else None,
    )


def _walked_node(node: GraphNode) -> WalkedNode:
    return WalkedNode(
        type=node.kind,
        created_at=node.recorded_at,
        **node.model_dump(exclude={"kind", "recorded_at"}),
    )


def _walked_edge(edge: GraphEdge) -> WalkedEdge:
    return WalkedEdge(relation=edge.kind, **edge.model_dump(exclude={"kind"}))
