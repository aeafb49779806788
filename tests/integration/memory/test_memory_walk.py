"""Walks over graphs of any shape: complete where they are small, bounded where they are not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from uuid import UUID

import psycopg
import pytest

from quantumsketch.errors import BadInput
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.records import Neighbourhood
from quantumsketch.memory.walking import FAN_OUT

Administrator = psycopg.Connection


def _draw(administrator: Administrator, tenant: str, edges: Iterable[tuple[int, int]]) -> None:
    """Make nodes named by numbers, and the edges between them."""
    pairs = list(edges)
    names = sorted({number for pair in pairs for number in pair})
    with administrator.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO nodes (tenant, id, kind, name) VALUES (%s, %s, 'number', %s)",
            [(tenant, UUID(int=number), str(number)) for number in names],
        )
        cursor.executemany(
            "INSERT INTO edges (tenant, source, kind, target) VALUES (%s, %s, 'leads_to', %s)",
            [(tenant, UUID(int=source), UUID(int=target)) for source, target in pairs],
        )


def _depths(found: Neighbourhood) -> dict[int, int]:
    return {node.id.int: node.depth for node in found.nodes}


def _pairs(found: Neighbourhood) -> set[tuple[int, int]]:
    return {(edge.source.int, edge.target.int) for edge in found.edges}


def _reached(edges: list[tuple[int, int]], start: int, depth: int) -> dict[int, int]:
    """What a plain search reaches, level by level."""
    found, frontier = {start: 0}, {start}
    for level in range(1, depth + 1):
        ends = {b for a, b in edges if a in frontier} | {a for a, b in edges if b in frontier}
        frontier = ends - set(found)
        found |= dict.fromkeys(frontier, level)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_a_walk_reaches_what_a_plain_search_reaches_at_the_same_depth(
    graph: Graph, tenant: str, administrator: Administrator, seed: int
) -> None:
    choose = random.Random(seed)
    edges = sorted({(choose.randrange(40), choose.randrange(40)) for _ in range(50)} | {(0, 1)})
    _draw(administrator, tenant, edges)
    for depth in range(6):
        found = await graph.walk(tenant, UUID(int=0), depth)
        assert _depths(found) == _reached(edges, 0, depth)
        assert not found.truncated
        within = _reached(edges, 0, max(depth - 1, 0)) if depth else {}
        assert _pairs(found) == {(a, b) for a, b in edges if a in within or b in within}


async def test_a_walk_round_a_circle_ends(graph: Graph, tenant: str, administrator: Administrator) -> None:
    _draw(administrator, tenant, [(1, 2), (2, 3), (3, 1), (1, 1)])
    found = await graph.walk(tenant, UUID(int=1), 8)
    assert _depths(found) == {1: 0, 2: 1, 3: 1}
    assert len(found.edges) == 4
    assert not found.truncated


async def test_a_walk_outward_follows_no_edge_backwards(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    _draw(administrator, tenant, [(0, 1), (1, 2), (3, 1), (4, 0)])
    found = await graph.walk(tenant, UUID(int=0), 8, outward_only=True)
    assert _depths(found) == {0: 0, 1: 1, 2: 2}
    assert _pairs(found) == {(0, 1), (1, 2)}


@pytest.mark.parametrize("outward", [True, False])
async def test_a_hub_shows_only_so_many_of_its_edges_and_says_so(
    graph: Graph, tenant: str, administrator: Administrator, outward: bool
) -> None:
    spokes = [(0, n) if outward else (n, 0) for n in range(1, 301)]
    _draw(administrator, tenant, [*spokes, (1000, 1)])
    found = await graph.walk(tenant, UUID(int=0), 1)
    assert found.truncated
    assert len(found.nodes) == 1 + FAN_OUT
    assert len(found.edges) == FAN_OUT
    through = await graph.walk(tenant, UUID(int=1000), 3, fan_out=10)
    assert through.truncated
    assert set(_depths(through)) == {1000, 1, 0, *range(2, 11)}


async def test_a_hub_with_just_as_many_edges_as_are_shown_is_shown_whole(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    _draw(administrator, tenant, [(0, n) for n in range(1, 11)])
    whole = await graph.walk(tenant, UUID(int=0), 1, fan_out=10)
    assert (len(whole.nodes), whole.truncated) == (11, False)
    cut = await graph.walk(tenant, UUID(int=0), 1, fan_out=9)
    assert (len(cut.nodes), cut.truncated) == (10, True)


async def test_a_walk_never_returns_more_nodes_than_its_budget(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    tree = [((n - 1) // 3, n) for n in range(1, 121)]  # three children each, four levels
    _draw(administrator, tenant, tree)
    for budget in (1, 2, 4, 30):
        found = await graph.walk(tenant, UUID(int=0), 8, budget=budget)
        assert (len(found.nodes), found.truncated) == (budget, True)
        assert len(found.edges) == budget - 1
    whole = await graph.walk(tenant, UUID(int=0), 8, budget=200)
    assert (len(whole.nodes), whole.truncated) == (121, False)


async def test_a_closed_edge_is_not_followed(graph: Graph, tenant: str, administrator: Administrator) -> None:
    _draw(administrator, tenant, [(0, 1), (0, 2)])
    administrator.execute(
        "UPDATE edges SET valid_to = now() WHERE tenant = %s AND target = %s", [tenant, UUID(int=2)]
    )
    assert _depths(await graph.walk(tenant, UUID(int=0), 3)) == {0: 0, 1: 1}


@pytest.mark.parametrize(
    ("depth", "fan_out", "budget"),
    [(-1, 1, 1), (9, 1, 1), (1, 0, 1), (1, 10**6, 1), (1, 1, 0), (1, 1, 10**6)],
)
async def test_a_walk_without_sensible_bounds_is_refused(
    graph: Graph, tenant: str, depth: int, fan_out: int, budget: int
) -> None:
    with pytest.raises(BadInput, match="cannot be bounded"):
        await graph.walk(tenant, UUID(int=0), depth, fan_out=fan_out, budget=budget)
