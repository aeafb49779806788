"""Layouts of graphs, and edges that go around nodes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.manim.layout.network import Edge, layouts
from renderers.manim.layout.routing import route
from renderers.manim.stage import Box

NODES = [f"n{index}" for index in range(9)]
PAIRS = list(itertools.combinations(NODES, 2))
graphs = st.lists(st.sampled_from(PAIRS), max_size=20, unique=True)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs, st.booleans(), st.sampled_from(("auto", "tree", "circle", "layers")))
def test_every_layout_gives_every_node_a_place_of_its_own(
    edges: list[Edge], directed: bool, wanted: str
) -> None:
    for layout in layouts(NODES, edges, directed, wanted):
        assert set(layout.places) == set(NODES)
        assert all(-1e-9 <= u <= 1 + 1e-9 and -1e-9 <= v <= 1 + 1e-9 for u, v in layout.places.values())
        for a, b in itertools.combinations(layout.places.values(), 2):
            assert abs(a[0] - b[0]) > 1e-3 or abs(a[1] - b[1]) > 1e-3


def test_a_tree_has_its_root_above_the_middle_of_its_children() -> None:
    tree = layouts(["a", "b", "c"], [("a", "b"), ("a", "c")], False, "auto")[0]
    assert tree.places == {"a": (0.5, 0.0), "b": (0.0, 1.0), "c": (1.0, 1.0)}


def test_layers_follow_the_direction_of_the_edges() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"), ("d", "c")]
    places = layouts(["c", "b", "a", "d"], edges, True, "auto")[0].places
    assert places["a"][1] < places["b"][1] == places["d"][1] < places["c"][1]


def test_a_directed_cycle_still_has_layers() -> None:
    places = layouts(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")], True, "layers")[0].places
    assert [places[node][1] for node in "abc"] == [0.0, 0.5, 1.0]


def test_only_grids_are_said_to_show_no_structure() -> None:
    found = layouts(["a", "b", "c"], [("a", "b")], False, "circle")
    assert [layout.grid for layout in found] == [False, True, True, True]


def _grid_boxes() -> list[Box]:
    middles = [(x, y) for x in (-4.0, -1.3, 1.3, 4.0) for y in (-1.8, 0.0, 1.8)]
    return [Box(x - 0.9, x + 0.9, y - 0.35, y + 0.35) for x, y in middles]


@pytest.mark.parametrize(("start", "end"), list(itertools.combinations(range(12), 2)))
def test_an_edge_enters_no_box_but_its_own(start: int, end: int) -> None:
    boxes, area = _grid_boxes(), Box(-5.5, 5.5, -2.6, 2.6)
    others = [box for index, box in enumerate(boxes) if index not in (start, end)]
    path = route(boxes[start], boxes[end], others, area)
    assert len(path) > 1
    for x, y in path:
        assert area.left <= x <= area.right
        assert not any(box.left < x < box.right and box.bottom < y < box.top for box in boxes)


def test_an_edge_with_nothing_in_its_way_is_straight() -> None:
    start, end = Box(-3, -2, -0.5, 0.5), Box(2, 3, -0.5, 0.5)
    path = route(start, end, [], Box(-5, 5, -2, 2))
    assert all(abs(y) < 1e-9 for _, y in path)
    assert path[0][0] == pytest.approx(-2, abs=0.2)
    assert path[-1][0] == pytest.approx(2, abs=0.2)
