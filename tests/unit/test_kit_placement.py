"""The placer of labels: what it promises of every label that it places."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.manim.layout.placement import CELL, Placed, Placer, Point, Size, Wish
from renderers.manim.layout.spots import ahead, around, beside, on_poles, within
from renderers.manim.stage import Box

AREA = Box(-6.0, 6.0, -2.5, 2.5)
places = st.tuples(st.floats(-5.5, 5.5), st.floats(-2.2, 2.2))


def _box(wish: Wish, placed: Placed) -> Box:
    (x, y), (width, height, _) = placed.center, wish.sizes[placed.size]
    return Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def _overlap(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.bottom < b.top and b.bottom < a.top


def _wish(index: int, at: Point, width: float) -> Wish:
    return Wish(("point", index), [Size(width, 0.4, 0.0), Size(width * 0.6, 0.25, 0.5)], around(at))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(places, st.floats(0.3, 3.0)), min_size=1, max_size=14), st.lists(places, max_size=6)
)
def test_placed_labels_stay_in_the_area_and_touch_neither_each_other_nor_a_stroke(
    wanted: list[tuple[Point, float]], line: list[Point]
) -> None:
    placer = Placer(AREA)
    if line:
        placer.stroke(line)
    wishes = [_wish(index, at, width) for index, (at, width) in enumerate(wanted)]

    placed = placer.settle(wishes)

    boxes = [_box(wish, placed[wish.key]) for wish in wishes if wish.key in placed]
    assert boxes
    assert all(AREA.contains(box) for box in boxes)
    assert not any(_overlap(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    for (ax, ay), (bx, by) in itertools.pairwise(line):
        for step in range(201):
            x, y = ax + (bx - ax) * step / 200, ay + (by - ay) * step / 200
            assert not any(box.left < x < box.right and box.bottom < y < box.top for box in boxes)


def test_a_label_without_obstacles_stands_close_to_its_anchor_at_full_size() -> None:
    wish = _wish(0, (0.0, 0.0), 1.0)
    placed = Placer(AREA).settle([wish])[wish.key]
    assert placed.size == 0
    assert placed.leader is None
    assert math.hypot(*placed.center) < 1.0


def test_a_label_that_fits_nowhere_is_missing_from_the_answer() -> None:
    placer = Placer(AREA)
    placer.solid(AREA)
    assert placer.settle([_wish(0, (0.0, 0.0), 1.0)]) == {}


def test_a_label_far_from_its_anchor_has_a_leader_that_meets_no_other_label() -> None:
    placer = Placer(AREA)
    anchor = (0.0, 0.0)
    placer.stroke([(x / 10, y / 10) for x in range(-9, 10) for y in (-9, 9)])
    crowd = [_wish(index, anchor, 1.4) for index in range(8)]
    placed = placer.settle(crowd)
    leaders = [spot.leader for spot in placed.values() if spot.leader]
    assert leaders
    for (ax, ay), (bx, by) in leaders:
        for wish in crowd:
            box = _box(wish, placed[wish.key]).inset(CELL)
            points = [(ax + (bx - ax) * s / 100, ay + (by - ay) * s / 100) for s in range(101)]
            assert not any(box.left < x < box.right and box.bottom < y < box.top for x, y in points)


def test_placing_the_same_labels_twice_gives_the_same_places() -> None:
    wishes = [_wish(index, (index * 0.2, 0.0), 1.5) for index in range(8)]
    assert Placer(AREA).settle(wishes) == Placer(AREA).settle(wishes)


def test_spots_beside_a_line_prefer_the_side_away_from_the_middle_of_the_figure() -> None:
    best = min(beside([(-1, 0), (1, 0)], away_from=(0, 1))(0.5, 0.3), key=lambda spot: spot.cost)
    assert best.center[1] < 0


def test_spots_within_a_polygon_begin_in_its_middle() -> None:
    spots = within([(0, 0), (2, 0), (2, 2), (0, 2)])(0.1, 0.1)
    assert spots[0].center == (1.0, 1.0)
    assert all(0 <= x <= 2 and 0 <= y <= 2 for x, y in (spot.center for spot in spots))


def test_spots_ahead_of_a_corner_lie_in_the_direction_asked_for_and_need_no_leader() -> None:
    for spot in ahead((0, 0), math.pi / 2)(0.4, 0.4):
        assert abs(spot.center[0]) < 1e-9 < spot.center[1]
        assert spot.leader is None


def test_labels_on_poles_prefer_not_to_cover_a_neighbour() -> None:
    best = min(on_poles((0, 0), [0.4])(2.0, 0.3), key=lambda spot: spot.cost)
    assert best.center[0] + 1.0 < 0.4
