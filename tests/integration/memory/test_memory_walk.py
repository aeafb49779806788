"""Walks over graphs of any shape: complete where they are small, bounded where they are not."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from quantumsketch.errors import BadInput
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.walking import FAN_OUT, Walker
from quantumsketch.memory.keeping.reading import Direction
from quantumsketch.memory.records import Neighbourhood
from tests.integration.memory.drawn_graphs import Administrator, draw, reached


@pytest.fixture
def walker(graph: Graph) -> Walker:
    """Walks in the module's database."""
    return Walker(graph.database)


def _depths(found: Neighbourhood) -> dict[int, int]:
    return {node.id.int: node.depth for node in found.nodes}


def _pairs(found: Neighbourhood) -> set[tuple[int, int]]:
    return {(edge.source.int, edge.target.int) for edge in found.edges}


@pytest.mark.parametrize("seed", range(4))
async def test_a_walk_reaches_what_a_plain_search_reaches_at_the_same_depth(
    walker: Walker, tenant: str, administrator: Administrator, seed: int
) -> None:
    choose = random.Random(seed)
    edges = sorted({(choose.randrange(40), choose.randrange(40)) for _ in range(50)} | {(0, 1)})
    draw(administrator, tenant, edges)
    for depth in range(6):
        found = await walker.walk(tenant, UUID(int=0), depth)
        assert _depths(found) == reached(edges, 0, depth)
        assert not found.truncated
        within = reached(edges, 0, max(depth - 1, 0)) if depth else {}
        assert _pairs(found) == {(a, b) for a, b in edges if a in within or b in within}


async def test_a_walk_round_a_circle_ends(walker: Walker, tenant: str, administrator: Administrator) -> None:
    draw(administrator, tenant, [(1, 2), (2, 3), (3, 1), (1, 1)])
    found = await walker.walk(tenant, UUID(int=1), 8)
    assert _depths(found) == {1: 0, 2: 1, 3: 1}
    assert len(found.edges) == 4
    assert not found.truncated


async def test_a_walk_outward_follows_no_edge_backwards(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (1, 2), (3, 1), (4, 0)])
    found = await walker.walk(tenant, UUID(int=0), 8, direction="out")
    assert _depths(found) == {0: 0, 1: 1, 2: 2}
    assert _pairs(found) == {(0, 1), (1, 2)}


@pytest.mark.parametrize("outward", [True, False])
async def test_a_hub_shows_only_so_many_of_its_edges_and_says_so(
    walker: Walker, tenant: str, administrator: Administrator, outward: bool
) -> None:
    spokes = [(0, n) if outward else (n, 0) for n in range(1, 301)]
    draw(administrator, tenant, [*spokes, (1000, 1)])
    found = await walker.walk(tenant, UUID(int=0), 1)
    assert found.truncated
    assert len(found.nodes) == 1 + FAN_OUT
    assert len(found.edges) == FAN_OUT
    through = await walker.walk(tenant, UUID(int=1000), 3, fan_out=10)
    assert through.truncated
    assert set(_depths(through)) == {1000, 1, 0, *range(2, 11)}


async def test_a_hub_with_just_as_many_edges_as_are_shown_is_shown_whole(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 11)])
    whole = await walker.walk(tenant, UUID(int=0), 1, fan_out=10)
    assert (len(whole.nodes), whole.truncated) == (11, False)
    cut = await walker.walk(tenant, UUID(int=0), 1, fan_out=9)
    assert (len(cut.nodes), cut.truncated) == (10, True)


async def test_a_walk_never_returns_more_nodes_than_its_budget(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    tree = [((n - 1) // 3, n) for n in range(1, 121)]  # three children each, four levels
    draw(administrator, tenant, tree)
    for budget in (1, 2, 4, 30):
        found = await walker.walk(tenant, UUID(int=0), 8, budget=budget)
        assert (len(found.nodes), found.truncated) == (budget, True)
        assert len(found.edges) == budget - 1
    whole = await walker.walk(tenant, UUID(int=0), 8, budget=200)
    assert (len(whole.nodes), whole.truncated) == (121, False)


async def test_where_few_edges_of_each_node_lead_to_too_few_nodes_all_are_looked_at(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    spokes, leaves = [(0, n) for n in range(1, 31)], [(n, 2_000 + n) for n in range(1, 31)]
    crowded = [(n, common) for n in range(1, 31) for common in (1_000, 1_001, 1_002)]  # before the leaves
    draw(administrator, tenant, [*spokes, *crowded, *leaves])
    cut = await walker.walk(tenant, UUID(int=0), 2, budget=51)
    assert (len(cut.nodes), len(cut.edges), cut.truncated) == (51, 30 + 90 + 17, True)
    whole = await walker.walk(tenant, UUID(int=0), 2, budget=64)
    assert (len(whole.nodes), len(whole.edges), whole.truncated) == (64, 150, False)


async def test_whatever_a_node_is_called_and_holds_is_told_sign_by_sign(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1)])
    odd = "\"},{\\'\n\t\u2028\U0001f600%s"
    for table in ("nodes", "edges"):
        administrator.execute(
            f"UPDATE {table} SET properties = jsonb_build_object(%s::text, %s::text) WHERE tenant = %s",
            [odd, odd, tenant],
        )
    administrator.execute("UPDATE nodes SET name = %s || name WHERE tenant = %s", [odd, tenant])
    found = await walker.walk(tenant, UUID(int=0), 1)
    assert {node.name for node in found.nodes} == {odd + "0", odd + "1"}
    assert [each.properties for each in found.edges] == [{odd: odd}]
    assert [each.properties for each in found.nodes] == [{odd: odd}] * 2


async def test_a_closed_edge_is_not_followed(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (0, 2)])
    administrator.execute(
        "UPDATE edges SET valid_to = now() WHERE tenant = %s AND target = %s", [tenant, UUID(int=2)]
    )
    assert _depths(await walker.walk(tenant, UUID(int=0), 3)) == {0: 0, 1: 1}


@pytest.mark.parametrize(
    ("depth", "fan_out", "budget"),
    [(-1, 1, 1), (9, 1, 1), (1, 0, 1), (1, 10**6, 1), (1, 1, 0), (1, 1, 10**6)],
)
async def test_a_walk_without_sensible_bounds_is_refused(
    walker: Walker, tenant: str, depth: int, fan_out: int, budget: int
) -> None:
    with pytest.raises(BadInput, match="cannot be bounded"):
        await walker.walk(tenant, UUID(int=0), depth, fan_out=fan_out, budget=budget)


@pytest.mark.parametrize(
    ("direction", "reached"),
    [("out", {0: 0, 1: 1, 2: 2}), ("in", {0: 0, 4: 1}), ("both", {0: 0, 1: 1, 4: 1, 2: 2, 3: 2})],
)
async def test_a_walk_goes_the_way_it_is_told(
    walker: Walker, tenant: str, administrator: Administrator, direction: Direction, reached: dict[int, int]
) -> None:
    draw(administrator, tenant, [(0, 1), (1, 2), (3, 1), (4, 0)])
    found = await walker.walk(tenant, UUID(int=0), 8, direction=direction)
    assert _depths(found) == reached


async def test_a_walk_follows_the_relations_asked_for_only(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, 1), (1, 2)], "uses")
    draw(administrator, tenant, [(0, 3), (2, 4)], "inherits")
    draw(administrator, tenant, [(1, 5), (5, 0)], "contains")
    found = await walker.walk(tenant, UUID(int=0), 8, relations=["uses", "inherits"])
    assert (_depths(found), found.truncated) == ({0: 0, 1: 1, 3: 1, 2: 2, 4: 3}, False)
    assert _pairs(found) == {(0, 1), (1, 2), (0, 3), (2, 4)}
    assert _depths(await walker.walk(tenant, UUID(int=0), 8, relations=["next"])) == {0: 0}
    assert _depths(await walker.walk(tenant, UUID(int=0), 8, relations=[])) == {0: 0}


async def test_of_a_hub_the_edges_of_a_relation_are_counted_by_themselves(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 301)], "uses")
    draw(administrator, tenant, [(0, n) for n in range(301, 306)], "contains")
    few = await walker.walk(tenant, UUID(int=0), 1, relations=["contains"])
    assert (len(few.edges), few.truncated) == (5, False)
    many = await walker.walk(tenant, UUID(int=0), 1, relations=["uses"])
    assert (len(many.edges), many.truncated) == (FAN_OUT, True)


async def test_of_a_very_large_hub_not_all_is_looked_at_and_the_walk_says_so(
    walker: Walker, tenant: str, administrator: Administrator
) -> None:
    draw(administrator, tenant, [(0, n) for n in range(1, 4_200)], "uses")
    draw(administrator, tenant, [(0, 1)], "contains")
    administrator.execute("UPDATE edges SET valid_from = now() - interval '1 day' WHERE kind = 'contains'")
    found = await walker.walk(tenant, UUID(int=0), 1, relations=["contains"])
    assert (len(found.edges), found.truncated) == (0, True)


@pytest.mark.parametrize("relations", [None, ["uses"]])
async def test_a_walk_as_of_a_time_follows_what_held_then(
    walker: Walker, tenant: str, administrator: Administrator, relations: list[str] | None
) -> None:
    now = datetime.now(UTC)
    draw(administrator, tenant, [(0, 1), (0, 2), (2, 3)], "uses")
    for target, begun, ended in ((1, 9, None), (2, 9, 3), (3, 9, None)):
        administrator.execute(
            "UPDATE edges SET valid_from = %s, valid_to = %s WHERE tenant = %s AND target = %s",
            [now - timedelta(begun), ended and now - timedelta(ended), tenant, UUID(int=target)],
        )
    reached = {
        days: set(
            _depths(
                await walker.walk(
                    tenant, UUID(int=0), 3, relations=relations, as_of=now - timedelta(days=days)
                )
            )
        )
        for days in (10, 5, 3, 1)
    }
    assert reached == {10: {0}, 5: {0, 1, 2, 3}, 3: {0, 1}, 1: {0, 1}}
    assert set(_depths(await walker.walk(tenant, UUID(int=0), 3))) == {0, 1}
