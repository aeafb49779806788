"""The plane of a geometric figure, scaled into a box of the frame: where everything lies, as plain points.

Pure geometry; draws nothing and knows no labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from quantumsketch.visuals import Angle, GeometricFigure
from renderers.manim.layout.placement import Point
from renderers.manim.stage import Box

SHORTEST = 0.06
"""A line or leg shorter than this, in frame units, has no direction worth drawing."""
_NOTHING = 1e-100
_ARC, _ARC_STEP, _SQUARE = 0.55, 0.14, 0.3


class Figure:
    """The points of a figure in the frame, and the outlines of what is drawn through them."""

    def __init__(self, visual: GeometricFigure, box: Box) -> None:
        # from the first point on, since a tiny figure may lie far from the origin, where digits are few
        self._first = (visual.points[0].x, visual.points[0].y)
        self._scale, self._origin = _fit(visual, self._first, box)
        self._middle = box.center[:2]
        self.points: Mapping[str, Point] = {point.name: self._at(point.x, point.y) for point in visual.points}
        xs, ys = zip(*self.points.values(), strict=True)
        self.center: Point = (sum(xs) / len(xs), sum(ys) / len(ys))

    def _at(self, x: float, y: float) -> Point:
        return (
            self._middle[0] + (x - self._first[0] - self._origin[0]) * self._scale,
            self._middle[1] + (y - self._first[1] - self._origin[1]) * self._scale,
        )

    def path(self, names: Sequence[str]) -> list[Point]:
        """The places of these points."""
        return [self.points[name] for name in names]

    def radius(self, radius: float) -> float:
        """A radius in frame units."""
        return radius * self._scale

    def circle(self, center: str, radius: float) -> list[Point]:
        """A circle as a closed polyline."""
        (x, y), reach = self.points[center], self.radius(radius)
        turns = [index * math.tau / 96 for index in range(97)]
        return [(x + reach * math.cos(turn), y + reach * math.sin(turn)) for turn in turns]

    def corner(self, angle: Angle, order: int) -> list[Point]:
        """The mark of an angle as a polyline, empty if a leg has no length.

        `order` counts the angles at the same vertex: each has a wider arc than the one before.
        """
        vertex = self.points[angle.vertex]
        legs = [
            (math.dist(vertex, end), _direction(vertex, end)) for end in self.path([angle.start, angle.end])
        ]
        shorter = min(length for length, _ in legs)
        if shorter < SHORTEST:
            return []
        (_, first), (_, second) = legs
        if angle.right:
            reach = min(_SQUARE, 0.4 * shorter)
            one, two = _polar(vertex, reach, first), _polar(vertex, reach, second)
            return [one, (one[0] + two[0] - vertex[0], one[1] + two[1] - vertex[1]), two]
        reach = min(_ARC, 0.45 * shorter) + min(order * _ARC_STEP, 0.3 * shorter)
        sweep = _turn(first, second)
        return [_polar(vertex, reach, first + sweep * index / 24) for index in range(25)]

    def bisector(self, angle: Angle) -> float:
        """The direction from the vertex between the legs, in radians."""
        vertex = self.points[angle.vertex]
        first, second = (_direction(vertex, end) for end in self.path([angle.start, angle.end]))
        return first + _turn(first, second) / 2

    def open_direction(self, name: str, neighbours: Sequence[str]) -> float:
        """Where at a point there is most room between the lines to its neighbours, in radians."""
        at = self.points[name]
        taken = sorted(
            _direction(at, self.points[other]) % math.tau
            for other in neighbours
            if math.dist(at, self.points[other]) >= SHORTEST
        )
        if not taken:
            return math.pi / 2 if math.dist(at, self.center) < SHORTEST else _direction(self.center, at)
        gaps = [
            ((later - earlier) % math.tau or math.tau, earlier)
            for earlier, later in zip(taken, [*taken[1:], taken[0]], strict=True)
        ]
        widest, start = max(gaps)
        return start + widest / 2


def _fit(visual: GeometricFigure, first: Point, box: Box) -> tuple[float, Point]:
    """The largest scale at which all fits the box, and what goes to its middle, as seen from `first`."""
    places = {point.name: (point.x - first[0], point.y - first[1]) for point in visual.points}
    reaches = [(*places[name], 0.0) for name in places]
    reaches += [(*places[circle.center], circle.radius) for circle in visual.circles]
    left, right = min(x - r for x, _, r in reaches), max(x + r for x, _, r in reaches)
    bottom, top = min(y - r for _, y, r in reaches), max(y + r for _, y, r in reaches)
    scales = [
        room / extent
        for room, extent in ((box.width, right - left), (box.height, top - bottom))
        if extent > _NOTHING
    ]
    return min(scales, default=1.0), ((left + right) / 2, (bottom + top) / 2)


def _direction(start: Point, end: Point) -> float:
    return math.atan2(end[1] - start[1], end[0] - start[0])


def _turn(first: float, second: float) -> float:
    """The shorter way from one direction to another, in radians with a sign."""
    return (second - first + math.pi) % math.tau - math.pi


def _polar(at: Point, reach: float, direction: float) -> Point:
    return at[0] + reach * math.cos(direction), at[1] + reach * math.sin(direction)
