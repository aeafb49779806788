"""What leads from one node to another, and what lies among some of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.finding.walking_paths import PATH_FAN_OUT, STEP_EDGES, Path
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Neighbourhood
from tests.integration.memory.drawn_graphs import Administrator, draw, reached


@pytest.fixture
def walker(graph: Graph) -> Walker:
    """Walks in the module's database."""
    return Walker(graph.database)


def _pairs(found: Neighbourhood) -> set[tuple[int, int]]:
    return {(edge.source.int, edge.target.int) for edge in found.edges}


def _way(path: Path) -> list[int]:
    return [node.id.int for node in path.nodes]


@pytest.mark.parametrize("seed", range(3))
async def test_a_path_is_as_short_as_any_and_each_edge_joins_its_nodes(
    walker: Walker, tenant: str, administrator: Administrator, seed: int
) -> None:
    choose = random.Random(seed)
    edges = sorted({(choose.randrange(30), choose.randrange(30)) for _ in range(32)} | {(0, 1)})
    draw(administrator, tenant, edges)
    numbers = sorted({number for edge in edges for number in edge})
    depths, lengths = reached(edges, 0, 12), set()
    for number in numbers:
        path = await walker.path(tenant, UUID(int=0), UUID(int=number), 12)
        assert not path.truncated
        way = _way(path)
        lengths.add(len(way) - 1)
        assert len(way) - 1 == depths.get(number, -1)
        if way:
            assert (way[0], way[-1]) == (0, number)
        assert len(path.edges) == max(len(way) - 1, 0)
        for edge, ends in zip(path.edges, pairwise(way), strict=True):
            assert {edge.source.int, edge.target.int} == set(ends)
    assert {0, 1, 2} <= lengths


async def test_a_path_goes_the_way_it_is_told(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (1, 2), (2, 3)], "uses")
    draw(administrator, tenant, [(3, 0)], "contains")
    start, end = UUID(int=0), UUID(int=3)
    assert _way(await walker.path(tenant, start, end)) == [0, 3]
    assert _way(await walker.path(tenant, start, end, direction="out")) == [0, 1, 2, 3]
    assert _way(await walker.path(tenant, start, end, direction="in")) == [0, 3]
    assert _way(await walker.path(tenant, start, end, relations=["uses"])) == [0, 1, 2, 3]
    assert _way(await walker.path(tenant, start, end, relations=["uses"], direction="in")) == []
    assert _way(await walker.path(tenant, start, end, 2, relations=["uses"])) == []
    assert _way(await walker.path(tenant, start, end, 3, relations=["uses"])) == [0, 1, 2, 3]
    assert _way(await walker.path(tenant, start, end, as_of=datetime(2021, 1, 1, tzinfo=UTC))) == []


async def test_a_path_through_more_than_is_looked_at_says_that_there_may_be_a_shorter_one(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, PATH_FAN_OUT + 10)])
    draw(administrator, tenant, [(2_000, 0), (2_000, 2_001)])
    path = await walker.path(tenant, UUID(int=0), UUID(int=2_001))
    assert (_way(path)[-1], path.truncated) == (2_001, True)


def _join_layers(administrator: Administrator, tenant: str, width: int) -> None:
    """Every node of 1 to `width` with every node behind them, twice over."""
    draw(administrator, tenant, [(0, n) for n in range(1, width + 1)])
    draw(administrator, tenant, [(5_000, 1_000 + n) for n in range(1, width + 1)])
    for kind in ("uses", "leads_to"):
        administrator.execute(
            "INSERT INTO edges (tenant, source, kind, target) "
            "SELECT %s, near.id, %s, far.id FROM nodes AS near JOIN nodes AS far ON far.tenant = near.tenant "
            "WHERE near.tenant = %s AND near.name::int BETWEEN 1 AND %s AND far.name::int / 1000 = 1",
            [tenant, kind, tenant, width],
        )


async def test_a_step_of_a_path_looks_at_no_more_edges_than_it_may_and_says_so(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(
        administrator, tenant, [(6_000, 6_000 + n) for n in range(1, 260)]
    )  # the other side has more to look at
    _join_layers(administrator, tenant, 230)
    nowhere = await walker.path(tenant, UUID(int=0), UUID(int=6_000))
    assert (nowhere.nodes, nowhere.truncated) == ([], True)
    one_layer = await walker.path(tenant, UUID(int=0), UUID(int=6_000), 2)
    assert (one_layer.nodes, one_layer.truncated) == ([], False)
    across = await walker.path(tenant, UUID(int=0), UUID(int=5_000))
    assert (len(across.nodes), len(across.edges)) == (4, 3)
    asked = {
        "frontier": [UUID(int=n) for n in range(1, 231)], "known": [], "room": 100, "most_edges": STEP_EDGES,
        "fan_out": PATH_FAN_OUT, "outward": True, "inward": False, "relations": None, "as_of": None,
    }  # fmt: skip
    administrator.execute("SELECT set_config('app.tenant', %s, false)", [tenant])
    rows = administrator.execute(query("steps_from"), asked).fetchall()
    assert (len(rows), rows[-1]) == (101, (None, None))


async def test_a_path_over_nodes_and_edges_with_much_in_them_is_told_whole(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(n, n + 1) for n in range(12)])
    for table in ("nodes", "edges"):
        administrator.execute(
            f"UPDATE {table} SET properties = jsonb_build_object('p', repeat('x', 500000)) WHERE tenant = %s",
            [tenant],
        )
    path = await walker.path(tenant, UUID(int=0), UUID(int=12), 12)
    assert _way(path) == list(range(13))
    told = [node.properties for node in path.nodes] + [edge.properties for edge in path.edges]
    assert [len(str(properties)) > 500_000 for properties in told] == [True] * 25


async def test_between_two_nodes_the_newest_of_the_edges_that_may_be_followed_is_told(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    ends = UUID(int=0), UUID(int=1)
    for age, kind in enumerate(("uses", "contains", "mentions"), 1):
        draw(administrator, tenant, [(0, 1)], kind)
        administrator.execute(
            "UPDATE edges SET valid_from = now() - make_interval(days => %s) WHERE tenant = %s AND kind = %s",
            [age, tenant, kind],
        )
    draw(administrator, tenant, [(1, 0)], "next")
    both = await walker.path(tenant, *ends)
    outward = await walker.path(tenant, *ends, direction="out")
    chosen = await walker.path(tenant, *ends, relations=["contains", "mentions"])
    assert [path.edges[0].kind for path in (both, outward, chosen)] == ["next", "uses", "contains"]


async def test_a_subgraph_has_the_nodes_asked_for_and_the_edges_among_them(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (1, 2), (2, 0), (2, 3), (1, 1)])
    administrator.execute(
        "UPDATE edges SET valid_from = now() - interval '2 days', valid_to = now() "
        "WHERE tenant = %s AND source = %s",
        [tenant, UUID(int=0)],
    )
    ids = [UUID(int=number) for number in (2, 1, 0, 1, 99)]
    found = await walker.subgraph(tenant, ids)
    assert [node.id.int for node in found.nodes] == [2, 1, 0]
    assert (_pairs(found), found.truncated) == ({(1, 2), (2, 0), (1, 1)}, False)
    then = await walker.subgraph(tenant, ids, as_of=datetime.now(UTC) - timedelta(days=1))
    assert _pairs(then) == {(0, 1)}
    assert (await walker.subgraph(tenant, [])).nodes == []


async def test_what_cannot_be_walked_is_refused(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1)])
    ends = UUID(int=0), UUID(int=1)
    for deepest in (0, 13):
        with pytest.raises(BadInput, match="cannot be bounded"):
            await walker.path(tenant, *ends, deepest)
    with pytest.raises(BadInput, match="'up'"):
        await walker.walk(tenant, ends[0], direction="up")  # type: ignore[arg-type]  # the bad input itself
    with pytest.raises(BadInput, match="'likes'"):
        await walker.path(tenant, *ends, relations=["likes"])
    with pytest.raises(BadInput, match="time zone"):
        await walker.walk(tenant, ends[0], as_of=datetime(2026, 1, 1))
    with pytest.raises(BadInput, match="subgraph"):
        await walker.subgraph(tenant, [UUID(int=number) for number in range(1_001)])
    for pair in ((ends[0], UUID(int=7)), (UUID(int=7), ends[0])):
        with pytest.raises(NotFound, match=str(UUID(int=7))):
            await walker.path(tenant, *pair)
