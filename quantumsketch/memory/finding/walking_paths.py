"""A shortest way between two nodes: both sides step towards each other, and say what they did not look at.

The database looks at the edges; here it is known only what was reached, and from where.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import tuple_row
from pydantic import Field

from quantumsketch.memory.arrays import plain_array
from quantumsketch.memory.database import Connection
from quantumsketch.memory.keeping.then import nodes_then, there_then
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import GraphEdge, GraphNode, Record

LONGEST_PATH = 12
PATH_FAN_OUT = 1_000
PATH_BUDGET = 20_000
"""Nodes that the search for a path visits at most."""
STEP_EDGES = 100_000
"""Edges that are looked at in one step of it."""
_ANY_LENGTH = 2**40
"""Bytes: the nodes of a path are so few that they are told whatever they hold."""


class Path(Record):
    """A shortest way from one node to another."""

    nodes: list[GraphNode] = Field(description="from the first to the last; empty: no way was found")
    edges: list[GraphEdge] = Field(description="one between each node and the next")
    truncated: bool = Field(description="not all was looked at: there may be a way, or a shorter one")


@dataclass(frozen=True)
class Steps:
    """Which edges may be followed."""

    outward: bool
    inward: bool
    relations: list[str] | None
    as_of: datetime | None
    fan_out: int

    def reversed(self) -> Steps:
        return Steps(self.inward, self.outward, self.relations, self.as_of, self.fan_out)


async def shortest_path(
    connection: Connection, source: UUID, target: UUID, steps: Steps, deepest: int
) -> Path:
    """Return a shortest way between two nodes that are there, of at most `deepest` edges, if one is found."""
    forth, back = _Reached(source, steps), _Reached(target, steps.reversed())
    meeting = await _meet(connection, forth, back, deepest)
    truncated = forth.truncated or back.truncated
    if meeting is None:
        return Path(nodes=[], edges=[], truncated=truncated)
    way = [*reversed(forth.way_to(meeting)), *back.way_to(meeting)[1:]]
    nodes = await _nodes_of(connection, way)
    if steps.as_of:
        nodes, _ = await nodes_then(connection, nodes, steps.as_of, _ANY_LENGTH)
    return Path(nodes=nodes, edges=await _edges_along(connection, way, steps), truncated=truncated)


class _Reached:
    """What one side of the search has reached, and from where."""

    def __init__(self, start: UUID, steps: Steps) -> None:
        self._steps = steps
        self.before: dict[UUID, UUID | None] = {start: None}
        self.frontier = [start]
        self.truncated = False

    async def step(self, connection: Connection, room: int) -> None:
        """Go one edge further from wherever the last step led, to at most `room` other nodes."""
        parameters = {
            **asdict(self._steps),
            "frontier": plain_array(map(str, self.frontier)),
            "known": plain_array(map(str, self.before)),
            "room": room,
            "most_edges": STEP_EDGES,
        }
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query("steps_from"), parameters, prepare=False)
            rows = await cursor.fetchall()
        reached = {far: near for near, far in rows if far}
        self.truncated |= len(reached) < len(rows)
        if as_of := self._steps.as_of:
            there = await there_then(connection, reached.keys(), as_of)
            reached = {far: near for far, near in reached.items() if far in there}
        self.before |= reached
        self.frontier = list(reached)

    def way_to(self, node: UUID) -> list[UUID]:
        """Return the nodes from `node` back to the start."""
        way = [node]
        while (near := self.before[way[-1]]) is not None:
            way.append(near)
        return way


async def _meet(connection: Connection, forth: _Reached, back: _Reached, deepest: int) -> UUID | None:
    """Step from the side with less to look at until both meet: where they first do, the way is a shortest."""
    for _ in range(deepest):
        side = min(forth, back, key=lambda reached: len(reached.frontier))
        if not side.frontier or _common(forth, back):
            break
        room = PATH_BUDGET - len(forth.before) - len(back.before)
        if room <= 0:
            side.truncated = True
            break
        await side.step(connection, room)
    return _common(forth, back)


def _common(forth: _Reached, back: _Reached) -> UUID | None:
    return min(forth.before.keys() & back.before.keys(), default=None)


async def _nodes_of(connection: Connection, way: list[UUID]) -> list[GraphNode]:
    parameters = {"ids": way, "most_bytes": _ANY_LENGTH}
    rows = await (await connection.execute(query("nodes_of"), parameters, prepare=False)).fetchall()
    found = {row["id"]: row for row in rows}
    return [GraphNode.model_validate({**found[node], "depth": depth}) for depth, node in enumerate(way)]


async def _edges_along(connection: Connection, way: list[UUID], steps: Steps) -> list[GraphEdge]:
    parameters = {**asdict(steps), "nears": way[:-1], "fars": way[1:]}
    rows = await connection.execute(query("edges_along"), parameters, prepare=False)
    return [GraphEdge.model_validate(row) for row in await rows.fetchall()]
