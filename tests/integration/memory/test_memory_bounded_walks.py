"""What a walk tells is bounded in bytes before it is built, however long the properties that it passes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.walking import MOST_BYTES, Walker
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Neighbourhood
from tests.integration.memory.drawn_graphs import Administrator, draw, reached

LONG = 300_000
"""Bytes as text; compressed it is a few thousand."""
START = UUID(int=0)


@pytest.fixture
def walker(graph: Graph) -> Walker:
    """Walks in the module's database."""
    return Walker(graph.database)


def _lengthen(administrator: Administrator, table: str, tenant: str, which: str, length: int = LONG) -> None:
    administrator.execute(
        f"UPDATE {table} SET properties = jsonb_build_object('p', repeat('😀', {length // 4})) "
        f"WHERE tenant = %s AND {which}",
        [tenant],
    )


def _bytes(found: Neighbourhood) -> int:
    return len(found.model_dump_json().encode())


def _hangs_together(found: Neighbourhood) -> bool:
    pairs = [(edge.source.int, edge.target.int) for edge in found.edges]
    depths = {node.id.int: node.depth for node in found.nodes}
    return reached(pairs, START.int, 8) == depths


async def test_of_nodes_with_much_in_them_as_many_are_told_as_fit_the_nearest_first(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (0, 2), *((1 + n % 2, n) for n in range(3, 60))])
    _lengthen(administrator, "nodes", tenant, "name::int > 2")
    found = await walker.walk(tenant, START, 2)
    assert found.truncated
    assert MOST_BYTES - LONG - 10_000 < _bytes(found) <= MOST_BYTES
    assert {0, 1, 2} < {node.id.int for node in found.nodes}
    assert _hangs_together(found)
    few = await walker.walk(tenant, START, 2, budget=20)
    assert (len(few.nodes), few.truncated, _hangs_together(few)) == (20, True, True)
    assert {len(str(node.properties)) > LONG // 4 for node in few.nodes if node.depth == 2} == {True}


async def test_of_edges_with_much_in_them_as_many_are_followed_as_fit(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 50)])
    draw(administrator, tenant, [(0, 0), (0, 1)], "uses")
    _lengthen(administrator, "edges", tenant, "kind = 'leads_to'")
    found = await walker.walk(tenant, START, 3)
    assert (found.truncated, _hangs_together(found)) == (True, True)
    assert MOST_BYTES - 2 * LONG < _bytes(found) <= MOST_BYTES
    assert {len(edge.properties) for edge in found.edges if edge.kind == "leads_to"} == {1}
    whole = await walker.walk(tenant, START, 3, relations=["uses"])
    assert (len(whole.edges), whole.truncated) == (2, False)


async def test_what_alone_is_too_long_leaves_the_start(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    for kind in ("uses", "contains", "next"):
        draw(administrator, tenant, [(0, 0)], kind)
    _lengthen(administrator, "edges", tenant, "true", 3_000_000)
    found = await walker.walk(tenant, START, 1)
    assert ([node.id for node in found.nodes], found.edges, found.truncated) == ([START], [], True)


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_long_and_fits_is_told_as_what_is_short(
    walker: Walker, tenant: str, administrator: Administrator, seed: int
) -> None:
    choose = random.Random(seed)
    edges = sorted({(choose.randrange(15), choose.randrange(15)) for _ in range(20)} | {(0, 1)})
    draw(administrator, tenant, edges)
    short = await walker.walk(tenant, START, 4)
    _lengthen(administrator, "nodes", tenant, "mod(name::int, 2) = 0", 20_000)
    _lengthen(administrator, "edges", tenant, "source > target", 20_000)
    long = await walker.walk(tenant, START, 4)
    assert not long.truncated
    assert [(node.id, node.depth) for node in long.nodes] == [(node.id, node.depth) for node in short.nodes]
    assert [len(node.properties) for node in long.nodes] == [1 - int(n.name) % 2 for n in long.nodes]
    assert [(e.source, e.target) for e in long.edges] == [(e.source, e.target) for e in short.edges]
    assert [len(edge.properties) for edge in long.edges] == [edge.source > edge.target for edge in long.edges]


async def test_where_very_many_edges_join_few_nodes_not_all_are_followed_and_the_walk_says_so(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 241)])
    draw(administrator, tenant, [(1_000, 1_000 + n) for n in range(1, 241)])
    administrator.execute(
        "INSERT INTO edges (tenant, source, kind, target) "
        "SELECT %s, near.id, 'uses', far.id FROM nodes AS near JOIN nodes AS far ON far.tenant = near.tenant "
        "WHERE near.tenant = %s AND near.name::int BETWEEN 1 AND 240 AND far.name::int BETWEEN 1001 AND 1240",
        [tenant, tenant],
    )
    few = await walker.walk(tenant, START, 1, fan_out=1_000)
    assert (len(few.nodes), len(few.edges), few.truncated) == (241, 240, False)
    found = await walker.walk(tenant, START, 2, fan_out=1_000, budget=10_000)
    assert (found.truncated, _hangs_together(found)) == (True, True)
    assert 40_000 < len(found.edges) <= 50_000


async def test_as_of_a_time_when_nodes_had_much_in_them_as_many_are_told_as_fit(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (0, 2), *((1 + n % 2, n) for n in range(3, 60))])
    _lengthen(administrator, "nodes", tenant, "name::int > 2")
    (then,) = administrator.execute("SELECT clock_timestamp()").fetchone() or (None,)
    administrator.execute("UPDATE nodes SET properties = '{}' WHERE tenant = %s", [tenant])
    now = await walker.walk(tenant, START, 2)
    assert (len(now.nodes), now.truncated) == (60, False)
    found = await walker.walk(tenant, START, 2, as_of=then)
    assert (found.truncated, _hangs_together(found)) == (True, True)
    assert MOST_BYTES - LONG - 10_000 < _bytes(found) <= MOST_BYTES + 10_000
    part = await walker.subgraph(tenant, [UUID(int=n) for n in range(60)], as_of=then)
    assert part.truncated
    assert MOST_BYTES // 2 - LONG < _bytes(part) <= MOST_BYTES // 2 + 10_000


def test_a_walk_over_a_thousand_long_nodes_takes_little_memory(
    tenant: str, administrator: Administrator, database_url: str
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 1_000)])
    _lengthen(administrator, "nodes", tenant, "name::int > 0")
    asked = {
        "start": START, "depth": 1, "fan_out": 1_000, "budget": 2_000, "outward": True, "inward": True,
        "relations": None, "as_of": None, "most_bytes": MOST_BYTES,
    }  # fmt: skip
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        connection.execute("SET LOCAL ROLE quantumsketch_app")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [tenant])
        (found,) = connection.execute(query("walk"), asked).fetchone() or (None,)
        status = Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    assert json.loads(found)["truncated"]
    peak_kb = int(status.split("VmHWM:")[1].split()[0])
    assert peak_kb < 150_000, "all of it has 300 MB"
