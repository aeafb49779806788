"""What a drawing claims: points on curves, labelled angles, lengths, areas and marks.

Judged by the numbers that it is drawn from. A label that is no number claims nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from quantumsketch.expression import evaluate
from quantumsketch.mathematics.claims import Judgement, Kind, right, wrong
from quantumsketch.mathematics.labels import labelled_degrees, labelled_number, shows_number
from quantumsketch.visuals import Angle, FunctionPlot, GeometricFigure, GeoPoint, NumberLine, Visual

_NEAR_MISS, _VISIBLE = 0.15, 0.015
"""Parts of the height of a plot: a point nearer than the first is meant to lie on a curve, nearer than the
second it does."""
_SAMPLES = 400
_AREA_ERROR = 0.02
_ANGLE_ERROR, _CORNER_ERROR = 3.0, 1.0
"""Degrees."""
_LENGTH_ERROR = 0.03


@dataclass(frozen=True)
class Drawn:
    """Something that a drawing claims, where in the beat, and whether it holds."""

    place: str
    claim: str
    judgement: Judgement


def drawn_claims(visual: Visual) -> Iterator[Drawn]:
    """Everything that a drawing claims in numbers."""
    match visual:
        case FunctionPlot():
            yield from _points(visual)
            yield from _area(visual)
        case GeometricFigure():
            yield from _angles(visual)
            yield from _lengths(visual)
        case NumberLine():
            yield from _marks(visual)


def _points(plot: FunctionPlot) -> Iterator[Drawn]:
    functions = [evaluate(curve.expression) for curve in plot.curves]
    height = _height(plot)
    if not height:
        return
    for at, point in enumerate(plot.points, 1):
        marks_the_axis = point.y == 0 and all(abs(function(point.x)) > 0 for function in functions)
        if marks_the_axis or not plot.x_range[0] <= point.x <= plot.x_range[1]:
            continue
        heights = [y for function in functions if math.isfinite(y := function(point.x))]
        if not heights:
            continue
        nearest = min(heights, key=lambda y: abs(y - point.y))
        off = abs(nearest - point.y) / height
        if off < _NEAR_MISS and (off < _VISIBLE or not _stands_for_itself(plot)):
            claim = f"({point.x:g}, {point.y:g})" + (f" {point.label}" if point.label else "")
            yield Drawn(f"point {at}", claim, _on_curve(off, nearest, point.x, point.y))


def _stands_for_itself(plot: FunctionPlot) -> bool:
    """Whether a point may stand for itself: there are others, and most of them lie on no curve."""
    functions = [evaluate(curve.expression) for curve in plot.curves]
    height = _height(plot)
    on = [
        any(abs(function(point.x) - point.y) < _VISIBLE * height for function in functions)
        for point in plot.points
    ]
    return len(plot.points) > 2 and sum(on) * 2 < len(on)


def _on_curve(off: float, y: float, x: float, point_y: float) -> Judgement:
    if off < _VISIBLE:
        return right()
    message = f"the point ({x:g}, {point_y:g}) lies beside the curve, which has {y:g} at x = {x:g}"
    return wrong(message, Kind.DRAWING)


def _height(plot: FunctionPlot) -> float:
    if plot.y_range:
        return plot.y_range[1] - plot.y_range[0]
    start, end = plot.x_range
    values = [
        y
        for curve in plot.curves
        for at in range(_SAMPLES + 1)
        if math.isfinite(y := evaluate(curve.expression)(start + (end - start) * at / _SAMPLES))
    ]
    return max(values) - min(values) if values else 0.0


def _area(plot: FunctionPlot) -> Iterator[Drawn]:
    area = plot.area
    if area is None or (shown := labelled_number(area.label)) is None:
        return
    function = evaluate(plot.curves[area.curve].expression)
    step = (area.end - area.start) / _SAMPLES
    heights = [function(area.start + (at + 0.5) * step) for at in range(_SAMPLES)]
    if not all(map(math.isfinite, heights)):
        return
    signed, size = step * sum(heights), step * sum(map(abs, heights))
    fits = any(abs(shown - value) <= _AREA_ERROR * size + 1e-9 for value in (signed, size))
    fits = fits or any(shows_number(area.label, value) for value in (signed, size))
    message = f"the area from {area.start:g} to {area.end:g} is {signed:.4g}, the label says {shown:g}"
    yield Drawn("area", area.label or "", right() if fits else wrong(message, Kind.DRAWING))


def _angles(figure: GeometricFigure) -> Iterator[Drawn]:
    points = {point.name: point for point in figure.points}
    for angle in figure.angles:
        drawn = _degrees(points[angle.start], points[angle.vertex], points[angle.end])
        if drawn is None:
            continue
        place = f"angle at {angle.vertex}"
        if angle.right:
            message = f"the corner {_named(angle)} is drawn as a right angle, but has {drawn:.1f} degrees"
            yield Drawn(
                place,
                "right angle",
                right() if abs(drawn - 90) <= _CORNER_ERROR else wrong(message, Kind.DRAWING),
            )
        shown = labelled_degrees(angle.label)
        if shown is not None:
            fits = min(abs(drawn - shown), abs(360 - drawn - shown)) <= _ANGLE_ERROR
            message = f"the angle {_named(angle)} has {drawn:.1f} degrees as drawn, the label says {shown:g}"
            yield Drawn(place, angle.label or "", right() if fits else wrong(message, Kind.DRAWING))


def _named(angle: Angle) -> str:
    return f"{angle.start}{angle.vertex}{angle.end}"


def _degrees(start: GeoPoint, vertex: GeoPoint, end: GeoPoint) -> float | None:
    one = (start.x - vertex.x, start.y - vertex.y)
    other = (end.x - vertex.x, end.y - vertex.y)
    if math.hypot(*one) == 0 or math.hypot(*other) == 0:
        return None
    cross, dot = one[0] * other[1] - one[1] * other[0], one[0] * other[0] + one[1] * other[1]
    return abs(math.degrees(math.atan2(cross, dot)))


def _lengths(figure: GeometricFigure) -> Iterator[Drawn]:
    """Labelled lengths share one scale; the one that most of them have is taken for it."""
    points = {point.name: point for point in figure.points}
    found: list[tuple[str, str, float, float]] = []
    for segment in figure.segments:
        start, end = points[segment.start], points[segment.end]
        place = f"segment {segment.start}{segment.end}"
        _add(found, place, segment.label, math.hypot(end.x - start.x, end.y - start.y))
    for circle in figure.circles:
        _add(found, f"circle around {circle.center}", circle.label, circle.radius)
    scales = [shown / drawn for _, _, shown, drawn in found]
    if len(scales) < 2:
        return
    scale = sorted(scales)[len(scales) // 2]
    fitting = [abs(each / scale - 1) <= _LENGTH_ERROR for each in scales]
    if sum(fitting) * 2 <= len(fitting):
        return  # no scale has a majority: a sketch, not to scale
    for (place, label, shown, drawn), fits in zip(found, fitting, strict=True):
        message = f"at the scale of the other labels it is {drawn * scale:.4g} long, the label says {shown:g}"
        yield Drawn(place, label, right() if fits else wrong(message, Kind.DRAWING))


def _add(found: list[tuple[str, str, float, float]], place: str, label: str | None, drawn: float) -> None:
    shown = labelled_number(label)
    if label and shown and shown > 0 and drawn > 0:
        found.append((place, label, shown, drawn))


def _marks(line: NumberLine) -> Iterator[Drawn]:
    reach = line.end - line.start
    for at, mark in enumerate(line.marks, 1):
        shown = labelled_number(mark.label)
        if shown is None:
            continue
        fits = abs(shown - mark.value) <= 0.005 * reach or shows_number(mark.label, mark.value)
        message = f"the mark stands at {mark.value:g}, the label says {shown:g}"
        yield Drawn(f"mark {at}", mark.label or "", right() if fits else wrong(message, Kind.DRAWING))
