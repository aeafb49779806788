"""Nodes: one is written, read, listed, made part of another, or deleted for good."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from quantumsketch.memory.keeping.admission import check_kind, new_within_quota, within_quota
from web.memory.access import KeyedRoute, Reader, TheMemory, TheProvenance, Writer
from web.memory.fields import Moment
from web.memory.naming import node_there
from web.memory.saying import say
from web.memory.shapes import (
    Asked,
    Created,
    Listing,
    NewNode,
    Nodes,
    Refusal,
    Told,
    WholeNode,
    head_of,
    node_of,
)

MOST_DUPLICATES = 100
router = APIRouter(prefix="/nodes", tags=["nodes"], route_class=KeyedRoute)


class Then(Asked):
    """Of what time a node is told."""

    as_of: Moment | None = Field(default=None, description="as it was recorded then")


class Merge(Asked):
    """What a duplicate is to be part of."""

    into: UUID


class Merged(Told):
    """What became of the edges of a duplicate."""

    at: datetime = Field(description="when it was recorded")
    into: UUID
    moved: int = Field(description="edges that hold of that node now")
    dropped: list[str] = Field(
        description="what was told of the duplicate, holds no more, and does not go on; and why"
    )


@router.post("", status_code=HTTPStatus.CREATED, responses={409: {"model": Refusal}})
async def create_node(node: NewNode, memory: TheMemory, writer: Writer, provenance: TheProvenance) -> Created:
    """Write a node that is not there yet; of that type and name there is one at most.

    A long body is kept whole, and found by each of its pieces. To change a node, say it by POST /v1/bulk.
    """
    check_kind(node.type)
    written = await say(memory, writer.tenant, [node.whole_entity()], [], provenance, new_within_quota)
    there = node_of(await memory.store.entity(writer.tenant, written.ids[node.key]))
    return Created(**dict(there), without_vectors=written.without_vectors is not None)


@router.get("")
async def list_nodes(asked: Annotated[Listing, Query()], memory: TheMemory, reader: Reader) -> Nodes:
    """List the nodes that are not closed, the newest first, without their bodies.

    What is written or deleted meanwhile makes no page skip or repeat one: new nodes come before the first.
    """
    page = await memory.store.entities(reader.tenant, asked.type, asked.limit, asked.cursor)
    return Nodes(data=[head_of(each) for each in page.entities], next=page.next)


@router.get("/{node_id}", responses={404: {"model": Refusal}})
async def read_node(
    node_id: UUID, asked: Annotated[Then, Query()], memory: TheMemory, reader: Reader
) -> WholeNode:
    """Tell a node as it is, or as it was recorded at `as_of`."""
    node = await node_there(memory, reader.tenant, node_id, asked.as_of)
    return node_of(node, await memory.store.duplicates(reader.tenant, node_id, asked.as_of, MOST_DUPLICATES))


@router.delete("/{node_id}", status_code=HTTPStatus.NO_CONTENT, responses={404: {"model": Refusal}})
async def delete_node(node_id: UUID, memory: TheMemory, writer: Writer) -> None:
    """Delete a node, its edges and their history: nothing of it is known afterwards.

    Duplicates that became part of it go with it.
    """
    check_kind((await node_there(memory, writer.tenant, node_id)).kind)
    await memory.store.erase(writer.tenant, node_id)


@router.post("/{node_id}/merge", responses={404: {"model": Refusal}})
async def merge_nodes(
    node_id: UUID, asked: Merge, memory: TheMemory, writer: Writer, provenance: TheProvenance
) -> Merged:
    """Make a node, the duplicate, part of another of its type; what both were stays known.

    Its edges go on at that one, and so does whatever is said of them by its name. What is known of that one
    wins: its description and properties, those of edges that both have, and its target where a relation has
    one at a time. Again, it changes nothing.
    """
    for named in (node_id, asked.into):
        check_kind((await node_there(memory, writer.tenant, named)).kind)
    merged = await memory.store.merge(writer.tenant, node_id, asked.into, provenance, admission=within_quota)
    return Merged(**dict(merged))
