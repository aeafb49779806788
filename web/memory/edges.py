"""Edges: one is written, those at a node are listed, one is closed. What was stays known."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from quantumsketch.memory.admission import check_kind
from quantumsketch.memory.statements import Fact, Key
from web.memory.access import Reader, TheMemory, TheProvenance, Writer
from web.memory.shapes import (
    Closed,
    EdgeKey,
    EdgeListing,
    Edges,
    EdgeWritten,
    NewEdge,
    NodeRef,
    Refusal,
    edge_of,
)
from workflows.memory import Memory

router = APIRouter(prefix="/edges", tags=["edges"])
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}


@router.post("", status_code=HTTPStatus.CREATED, responses={**_UNKNOWN, 200: {"model": EdgeWritten}})
async def create(
    edge: NewEdge, memory: TheMemory, writer: Writer, provenance: TheProvenance, response: Response
) -> EdgeWritten:
    """Say that one node stands in a relation to another; again, it changes nothing and is a 200.

    A relation that has one target at a time is closed to the one before.
    """
    source = await _key(memory, writer.tenant, edge.source)
    target = await _key(memory, writer.tenant, edge.target)
    check_kind(source[0])
    fact = Fact(source, edge.relation, target, edge.properties, edge.valid_from)
    written = await memory.store.upsert(writer.tenant, [], [fact], provenance)
    if not written.added:
        response.status_code = HTTPStatus.OK
    return EdgeWritten(
        source=written.ids[source],
        relation=edge.relation,
        target=written.ids[target],
        added=written.added,
        changed=written.changed,
        closed=written.closed,
    )


@router.get("", responses=_UNKNOWN)
async def listed(asked: Annotated[EdgeListing, Query()], memory: TheMemory, reader: Reader) -> Edges:
    """List the edges at a node that hold, or held at `as_of`; with `known_at`, as was known then."""
    await memory.store.entity(reader.tenant, asked.node)
    facts = await memory.store.facts(
        reader.tenant,
        asked.node,
        asked.relation,
        asked.direction,
        asked.as_of,
        asked.known_at,
        asked.limit + 1,
    )
    return Edges(data=[edge_of(fact) for fact in facts[: asked.limit]], truncated=len(facts) > asked.limit)


@router.delete("", responses=_UNKNOWN)
async def close(
    edge: Annotated[EdgeKey, Query()], memory: TheMemory, writer: Writer, provenance: TheProvenance
) -> Closed:
    """Say that an edge does not hold any more, from `at` on; that it did stays known."""
    source = await _key(memory, writer.tenant, edge.source)
    target = await _key(memory, writer.tenant, edge.target)
    check_kind(source[0])
    fact = Fact(source, edge.relation, target)
    return Closed(closed=await memory.store.close(writer.tenant, fact, provenance, edge.at))


async def _key(memory: Memory, tenant: str, node: NodeRef) -> Key:
    if not isinstance(node, UUID):
        return node.key
    found = await memory.store.entity(tenant, node)
    return found.kind, found.name
