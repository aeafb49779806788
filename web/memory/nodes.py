"""Nodes: one is written, read, listed, or deleted for good."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from quantumsketch.memory.admission import check_kind, new_within_quota
from web.memory.access import Reader, TheMemory, TheProvenance, Writer
from web.memory.saying import say
from web.memory.shapes import Created, Listing, Moment, NewNode, Node, Nodes, Refusal, head_of, node_of

router = APIRouter(prefix="/nodes", tags=["nodes"])


@router.post("", status_code=HTTPStatus.CREATED, responses={409: {"model": Refusal}})
async def create(node: NewNode, memory: TheMemory, writer: Writer, provenance: TheProvenance) -> Created:
    """Write a node that is not there yet; of that type and name there is one at most.

    A long body is kept whole, and found by each of its pieces. To change a node, say it by POST /v1/bulk.
    """
    check_kind(node.type)
    written = await say(memory, writer.tenant, [node.whole_entity()], [], provenance, new_within_quota)
    there = node_of(await memory.store.entity(writer.tenant, written.ids[node.key]))
    return Created(**dict(there), without_vectors=written.without_vectors is not None)


@router.get("")
async def listed(asked: Annotated[Listing, Query()], memory: TheMemory, reader: Reader) -> Nodes:
    """List the nodes that are not closed, the newest first, without their bodies.

    What is written or deleted meanwhile makes no page skip or repeat one: new nodes come before the first.
    """
    page = await memory.store.entities(reader.tenant, asked.type, asked.limit, asked.cursor)
    return Nodes(data=[head_of(each) for each in page.entities], next=page.next)


@router.get("/{node_id}", responses={404: {"model": Refusal}})
async def shown(node_id: UUID, memory: TheMemory, reader: Reader, as_of: Moment | None = None) -> Node:
    """Tell a node as it is, or as it was recorded at `as_of`."""
    return node_of(await memory.store.entity(reader.tenant, node_id, as_of))


@router.delete("/{node_id}", status_code=HTTPStatus.NO_CONTENT, responses={404: {"model": Refusal}})
async def delete(node_id: UUID, memory: TheMemory, writer: Writer) -> None:
    """Delete a node, its edges and their history: nothing of it is known afterwards."""
    check_kind((await memory.store.entity(writer.tenant, node_id)).kind)
    await memory.store.erase(writer.tenant, node_id)
