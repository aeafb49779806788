"""From node to node along the edges: what lies near, what leads from one to another. Bounded, and says so.

An edge is followed if it holds now, or held at a time that is past; then nodes are told as they were recorded
at that time, and only those that were. Knows nothing of what nodes mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.finding.walking_paths import LONGEST_PATH, PATH_FAN_OUT, Path, Steps, shortest_path
from quantumsketch.memory.keeping.reading import Direction, read_entity
from quantumsketch.memory.keeping.then import connected, part_then, there_then
from quantumsketch.memory.ontology import relation
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import GraphEdge, GraphNode, Neighbourhood
from quantumsketch.memory.statements import checked_time

DEEPEST_WALK = 8
FAN_OUT = 64
"""Edges that a walk follows from one node, each way: the newest."""
NODE_BUDGET = 1_000
"""Nodes that a walk returns at most, unless more are asked for."""
MOST_OF_A_SUBGRAPH = 1_000
_MOST_EDGES = 10_000
MOST_BYTES = 8 * 2**20
"""Of the nodes and edges of a walk, as JSON; of a subgraph's properties, half of it each."""


class Walker:
    """Walks through the graph of any tenant; each is one transaction and sees that tenant's nodes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def walk(
        self,
        tenant: str,
        start: UUID,
        depth: int = 2,
        *,
        relations: Sequence[str] | None = None,
        direction: Direction = "both",
        as_of: datetime | None = None,
        fan_out: int = FAN_OUT,
        budget: int = NODE_BUDGET,
    ) -> Neighbourhood:
        """Return what lies within `depth` steps of the node `start`, bounded, and whether there is more.

        Only edges of these `relations`, None: of any. From a duplicate it goes out from what that is part of.
        Raises NotFound if `tenant` has no such node, BadInput for an undeclared relation and for a bound that
        is out of range.
        """
        bounds = {"depth": depth, "fan_out": fan_out, "budget": budget}
        if not (0 <= depth <= DEEPEST_WALK and 1 <= fan_out <= 1_000 and 1 <= budget <= 10_000):
            raise BadInput(f"a walk cannot be bounded by {bounds!r}", mend=f"The deepest is {DEEPEST_WALK}.")
        steps = _steps(relations, direction, as_of, fan_out)
        async with self._database.transaction(tenant, "walk the graph") as connection:
            parameters = {**asdict(steps), **bounds}
            found = await _walked(connection, tenant, start, parameters)
            if found.edges:
                return found
            # of a duplicate no fact holds: whoever finds nothing may have asked for one
            whole = (await read_entity(connection, start, steps.as_of)).merged_into
            if whole is None:
                return found
            found = await _walked(connection, tenant, whole, parameters)
        return found.model_copy(update={"merged_from": start})

    async def path(
        self,
        tenant: str,
        source: UUID,
        target: UUID,
        deepest: int = 6,
        *,
        relations: Sequence[str] | None = None,
        direction: Direction = "both",
        as_of: datetime | None = None,
    ) -> Path:
        """Return a shortest way of at most `deepest` edges from `source` to `target`; there may be none.

        From or to a duplicate it leads from or to what that is part of. Raises NotFound if `tenant` has not
        both nodes, BadInput.
        """
        if not 1 <= deepest <= LONGEST_PATH:
            raise BadInput(
                f"a path cannot be bounded by {deepest!r} edges", mend=f"1 to {LONGEST_PATH} are possible."
            )
        steps = _steps(relations, direction, as_of, PATH_FAN_OUT)
        async with self._database.transaction(tenant, "find a path") as connection:
            ends = {source, target}
            there = set(await _nodes(connection, [*ends]))
            if steps.as_of:
                there &= await there_then(connection, ends, steps.as_of)
            for end in (source, target):
                if end not in there:
                    raise _no_such_node(end, steps.as_of)
            found = await shortest_path(connection, source, target, steps, deepest)
            if found.nodes:
                return found
            whole = [
                (await read_entity(connection, end, steps.as_of)).merged_into for end in (source, target)
            ]
            if whole == [None, None]:
                return found
            return await shortest_path(connection, whole[0] or source, whole[1] or target, steps, deepest)

    async def subgraph(
        self, tenant: str, ids: Sequence[UUID], as_of: datetime | None = None
    ) -> Neighbourhood:
        """Return those of the nodes `ids` that `tenant` has, and the edges among them; raises BadInput."""
        if len(ids) > MOST_OF_A_SUBGRAPH:
            raise BadInput(f"a subgraph cannot be of {len(ids)} nodes", mend=f"At most {MOST_OF_A_SUBGRAPH}.")
        wanted = list(dict.fromkeys(ids))
        past = _past(as_of)
        parameters = {"ids": wanted, "as_of": past, "limit": _MOST_EDGES + 1, "most_bytes": MOST_BYTES // 2}
        async with self._database.transaction(tenant, "read a subgraph") as connection:
            found = await _nodes(connection, wanted)
            rows = await connection.execute(query("edges_among"), parameters, prepare=False)
            edges = await rows.fetchall()
            nodes = [found[node] for node in wanted if node in found]
            part = _part(nodes, edges)
            return part if past is None else await part_then(connection, part, past, MOST_BYTES // 2)


async def _walked(
    connection: Connection, tenant: str, start: UUID, parameters: Mapping[str, object]
) -> Neighbourhood:
    """What a walk from `start` finds, as it was at the time that it is asked for."""
    asked = {**parameters, "start": start, "most_bytes": MOST_BYTES}
    row = await (await connection.execute(query("walk"), asked, prepare=False)).fetchone()
    if row is None or row["found"] is None:
        raise _no_such_node(start)
    found = Neighbourhood.model_validate_json(row["found"])
    as_of = cast("datetime | None", parameters["as_of"])
    if as_of is None:
        return found
    then = await part_then(connection, found, as_of, MOST_BYTES)
    if start not in {node.id for node in then.nodes}:
        raise _no_such_node(start, as_of)
    return connected(then, start)


def _part(nodes: Sequence[Mapping[str, object]], edges: Sequence[Mapping[str, object]]) -> Neighbourhood:
    """What of this has properties, which is missing where there were too many."""
    told = [node for node in nodes if node["properties"] is not None]
    ids = {node["id"] for node in told}
    between = [edge for edge in edges[:_MOST_EDGES] if edge["properties"] is not None]
    return Neighbourhood(
        nodes=[GraphNode.model_validate({**node, "depth": 0}) for node in told],
        edges=[GraphEdge.model_validate(edge) for edge in between if {edge["source"], edge["target"]} <= ids],
        truncated=len(told) < len(nodes) or len(between) < len(edges),
    )


async def _nodes(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, object]]:
    """Those that there are; without properties where there are too many before."""
    parameters = {"ids": list(ids), "most_bytes": MOST_BYTES // 2}
    rows = await connection.execute(query("nodes_of"), parameters, prepare=False)
    return {row["id"]: row for row in await rows.fetchall()}


def _steps(
    relations: Sequence[str] | None, direction: Direction, as_of: datetime | None, fan_out: int
) -> Steps:
    if direction not in ("out", "in", "both"):
        raise BadInput(f"a walk has no direction {direction!r}", mend="There are out, in and both.")
    kinds = None if relations is None else [relation(kind).kind.value for kind in relations]
    return Steps(direction != "in", direction != "out", kinds, _past(as_of), fan_out)


def _past(as_of: datetime | None) -> datetime | None:
    return as_of and checked_time(as_of, datetime.max.replace(tzinfo=UTC))


def _no_such_node(node: object, as_of: datetime | None = None) -> NotFound:
    if as_of is None:
        return NotFound(f"there is no node {str(node)!r}", mend="Search for it by its name.")
    return NotFound(
        f"there was no node {str(node)!r} recorded as of {as_of.isoformat()}",
        mend="A walk goes over nodes that were recorded then; facts of then are listed whenever they were.",
    )
