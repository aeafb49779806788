"""What nodes were as recorded at a time that is past: what was not recorded then was not there.

Of edges nothing is told here: they hold or held by what is known of them today. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from quantumsketch.memory.database import Connection
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import GraphNode, Neighbourhood, Record

LONGEST_TEXT = 2_500
"""Characters of what a node said that are read."""


class StateThen(Record):
    """What a node was."""

    id: UUID
    kind: str
    name: str
    changed: bool
    """Another version of it is recorded now."""
    description: str
    text: str
    """Description and body, as far as they are read."""
    properties: dict[str, JsonValue]
    changed_at: datetime
    closed_at: datetime | None


async def states_then(
    connection: Connection, nodes: Collection[UUID], as_of: datetime
) -> dict[UUID, StateThen]:
    """Return what those of `nodes` were that were there at `as_of`."""
    parameters = {"nodes": list(nodes), "as_of": as_of, "longest": LONGEST_TEXT}
    rows = await connection.execute(query("states_then"), parameters, prepare=False)
    return {row["id"]: StateThen.model_validate(row) for row in await rows.fetchall()}


async def there_then(connection: Connection, nodes: Collection[UUID], as_of: datetime) -> set[UUID]:
    """Return those of `nodes` that were there at `as_of`."""
    parameters = {"nodes": list(nodes), "as_of": as_of}
    rows = await connection.execute(query("there_then"), parameters, prepare=False)
    return {row["id"] for row in await rows.fetchall()}


async def part_then(
    connection: Connection, part: Neighbourhood, as_of: datetime, most_bytes: int
) -> Neighbourhood:
    """Return a part of the graph with the nodes as they were, without those that were not there.

    Of more than `most_bytes` of properties the nodes that come first are told, as truncated.
    """
    nodes, are_all = await nodes_then(connection, part.nodes, as_of, most_bytes)
    ids = {node.id for node in nodes}
    edges = [edge for edge in part.edges if {edge.source, edge.target} <= ids]
    return Neighbourhood(nodes=nodes, edges=edges, truncated=part.truncated or not are_all)


async def nodes_then(
    connection: Connection, nodes: Sequence[GraphNode], as_of: datetime, most_bytes: int
) -> tuple[list[GraphNode], bool]:
    """Return the nodes as they were, without those that were not there, and whether those are all."""
    parameters = {"nodes": [node.id for node in nodes], "as_of": as_of, "most_bytes": most_bytes}
    rows = await (await connection.execute(query("properties_then"), parameters, prepare=False)).fetchall()
    told = {row["id"]: row["properties"] for row in rows if row["properties"] is not None}
    then = [node.model_copy(update={"properties": told[node.id]}) for node in nodes if node.id in told]
    return then, len(told) == len(rows)


def connected(part: Neighbourhood, start: UUID) -> Neighbourhood:
    """Return what of a part still hangs together with `start`."""
    beside: dict[UUID, set[UUID]] = {}
    for edge in part.edges:
        beside.setdefault(edge.source, set()).add(edge.target)
        beside.setdefault(edge.target, set()).add(edge.source)
    reached, frontier = {start}, [start]
    while frontier:
        near = beside.get(frontier.pop(), set()) - reached
        reached |= near
        frontier += near
    return Neighbourhood(
        nodes=[node for node in part.nodes if node.id in reached],
        edges=[edge for edge in part.edges if edge.source in reached],
        truncated=part.truncated,
    )
