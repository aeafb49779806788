"""What leads from one node to another, and what lies among some of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.walking import PATH_FAN_OUT, Path, Walker
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
