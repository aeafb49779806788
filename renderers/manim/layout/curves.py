"""Turns a function into polylines that a frame can show: broken at jumps and poles, cut at the frame's edges.

Pure; knows functions and ranges, nothing of how a curve is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

Function = Callable[[float], float]
Range = tuple[float, float]
Point = tuple[float, float]

SAMPLES = 480
_BISECTIONS = 40
_HUGE = 1e12
"""Beyond this a value says nothing about the range worth showing, if there are others."""
_LARGEST = 1e100
"""Beyond this differences overflow."""


def automatic_range(functions: Sequence[Function], x_range: Range, values: Sequence[float] = ()) -> Range:
    """The range of y that shows the curves and also `values`; poles are cut off, not followed."""
    bounds = [bound for function in functions for bound in _bounds(function, x_range)]
    bounds += [value for value in values if math.isfinite(value)]
    if not bounds:
        return -1.0, 1.0
    low, high = min(bounds), max(bounds)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = abs(low) / 2 or 1.0
        return low - pad, high + pad
    if 0 < low < 0.4 * high:
        low = 0.0
    elif 0 > high > 0.4 * low:
        high = 0.0
    pad = 0.1 * (high - low)
    return low - pad, high + pad


def _bounds(function: Function, x_range: Range) -> list[float]:
    """Lowest and highest value; where finer sampling makes an extreme grow (a pole), a percentile instead."""
    coarse, fine = _values(function, x_range, 300), sorted(_values(function, x_range, 1500))
    if not coarse or not fine:
        return []
    low, high = fine[0], fine[-1]
    few, many = fine[int(0.04 * len(fine))], fine[int(0.96 * (len(fine) - 1))]
    spread = many - few
    if high - min(coarse) > 1.5 * (max(coarse) - min(coarse)) and high > many + spread:
        high = many + 0.1 * spread
    if max(coarse) - low > 1.5 * (max(coarse) - min(coarse)) and low < few - spread:
        low = few - 0.1 * spread
    return [low, high]


def _values(function: Function, x_range: Range, count: int) -> list[float]:
    """The values that may decide the range: not the huge ones, unless hardly any other is there."""
    values = [function(x) for x in _steps(x_range, count)]
    finite = [value for value in values if abs(value) <= _LARGEST]
    moderate = [value for value in finite if abs(value) <= _HUGE]
    return moderate if len(moderate) >= 0.1 * len(finite) else finite


def _steps(x_range: Range, count: int) -> Iterator[float]:
    start, end = x_range
    return (start + (end - start) * index / count for index in range(count + 1))


def pieces(function: Function, x_range: Range, y_range: Range) -> list[list[Point]]:
    """The visible parts of the curve as polylines, each inside both ranges."""
    points = [(x, function(x)) for x in _steps(x_range, SAMPLES)]
    found: list[list[Point]] = []
    piece: list[Point] = []
    for start, end in itertools.pairwise(points):
        visible = _visible(function, start, end, y_range)
        if visible and piece and visible[0] == piece[-1]:
            piece.append(visible[1])
            continue
        if len(piece) > 1:
            found.append(piece)
        piece = list(visible) if visible else []
    if len(piece) > 1:
        found.append(piece)
    return found


def _visible(function: Function, start: Point, end: Point, y_range: Range) -> tuple[Point, Point] | None:
    """The part of one step that lies in the range, None if there is none or the curve jumps there."""
    if math.isnan(start[1]) and math.isnan(end[1]):
        return None
    if math.isnan(start[1]) or math.isnan(end[1]):
        start, end = _defined(function, start, end)
    elif abs(end[1] - start[1]) > 0.05 * (y_range[1] - y_range[0]) and _jumps(function, start, end):
        return None
    return _cut(start, end, y_range)


def _defined(function: Function, start: Point, end: Point) -> tuple[Point, Point]:
    """Shorten a step with one undefined end to where the function is defined."""
    known, unknown = (end, start) if math.isnan(start[1]) else (start, end)
    edge, beyond = known, unknown[0]
    for _ in range(_BISECTIONS):
        middle = (edge[0] + beyond) / 2
        value = function(middle)
        if math.isnan(value):
            beyond = middle
        else:
            edge = (middle, value)
    return (edge, known) if known is end else (known, edge)


def _jumps(function: Function, start: Point, end: Point) -> bool:
    """Whether the difference of the ends stays, however near to each other they are taken."""
    whole = abs(end[1] - start[1])
    for _ in range(_BISECTIONS):
        x = (start[0] + end[0]) / 2
        middle = (x, function(x))
        if math.isnan(middle[1]):
            return True
        left, right = abs(middle[1] - start[1]), abs(end[1] - middle[1])
        start, end = (start, middle) if left >= right else (middle, end)
    return abs(end[1] - start[1]) > 0.2 * whole


def _cut(start: Point, end: Point, y_range: Range) -> tuple[Point, Point] | None:
    """The part of a straight step between the lowest and the highest y."""
    low, high = y_range
    if max(start[1], end[1]) < low or min(start[1], end[1]) > high:
        return None
    return _toward(start, end, low, high), _toward(end, start, low, high)


def _toward(point: Point, other: Point, low: float, high: float) -> Point:
    """`point`, moved along the step toward `other` until it is in the range."""
    if low <= point[1] <= high:
        return point
    edge = low if point[1] < low else high
    share = (edge - point[1]) / (other[1] - point[1])
    return point[0] + share * (other[0] - point[0]), edge
