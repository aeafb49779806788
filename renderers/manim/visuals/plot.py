"""Functions on axes, with points and a shaded area; labels stand at what they name, or in a legend."""

from __future__ import annotations

import math
from dataclasses import dataclass

from manim import Create, Dot, FadeIn, GrowFromCenter, VGroup, VMobject

from quantumsketch.expression import evaluate
from quantumsketch.visuals import FunctionPlot, ShadedArea
from renderers.manim.audit import belongs, ignore
from renderers.manim.layout.axes import Axes, AxisNames, fitted_axes
from renderers.manim.layout.curves import Function, Range, automatic_range, pieces
from renderers.manim.layout.labels import Labels
from renderers.manim.layout.legend import Entry, Legend, beside_or_below
from renderers.manim.layout.placement import Key, Point
from renderers.manim.layout.spots import around, beside, either, within
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments

_SAME_PLACE = 0.16
"""Points closer than this, in frame units, share one label."""
_DOT = 0.09
_LABEL_SIZE = 0.9
"""Of the body size."""
_SMALLEST_LABEL = 0.62
"""Of that size: a label that would have to be smaller is read more easily in a legend."""
_LONGEST_AT_CURVE = 28
"""Characters of a label that may stand at its curve."""


@dataclass
class _Plot:
    """One attempt at the picture in one box; its `homeless` labels found no room."""

    axes: Axes
    curves: list[list[list[Point]]]
    area: list[list[Point]]
    dots: dict[int, Point]
    labels: dict[Key, VGroup]
    homeless: list[Key]


def draw(scene: BeatScene, visual: FunctionPlot) -> None:
    """Draw the axes, then curves, area and points as they are spoken of."""
    content, theme = scene.stage.content, scene.theme
    timed = _timed(scene, visual)
    plot, legend_box, entries = _plotted(visual, content, theme, True), content, list[Entry]()
    if plot.homeless:
        named = sum(curve.label is not None for curve in visual.curves)
        figure, legend_box = beside_or_below(content, named + len(plot.homeless), scene.stage)
        plot = _plotted(visual, figure, theme, False)
        entries = _entries(visual, plot, [key for _, key in timed], theme)
    legend = Legend(legend_box, theme, entries)
    ignore(plot.axes.grid)
    scene.reveal(
        0.2, FadeIn(plot.axes.grid), *map(Create, plot.axes.arrows), FadeIn(plot.axes.words), run_time=1.0
    )
    for at, together in moments(timed):
        playing = [animation for key in together for animation in _drawn(plot, key, visual, theme)]
        run_time = 1.4 if any(kind == "curve" for kind, _ in together) else 0.8
        legend.reveal(scene, at, together, *playing, run_time=run_time)
        scene.emphasise(next((plot.labels[key] for key in together if key in plot.labels), None))


def _timed(scene: BeatScene, visual: FunctionPlot) -> list[tuple[float, Key]]:
    """When each part appears, in order of time."""
    parts = [*visual.curves, *([visual.area] if visual.area else []), *visual.points]
    keys = [("curve", index) for index in range(len(visual.curves))]
    keys += [("area", 0)] if visual.area else []
    keys += [("point", index) for index in range(len(visual.points))]
    times = dict(zip(keys, appearances(scene, parts), strict=True))
    if visual.area:
        times["area", 0] = max(times["area", 0], times["curve", visual.area.curve])
    return sorted(((times[key], key) for key in keys), key=lambda pair: pair[0])


def _plotted(visual: FunctionPlot, box: Box, theme: Theme, curve_labels: bool) -> _Plot:
    """The picture in this box, with the curves' labels at the curves or (for a legend) without them."""
    functions = [evaluate(curve.expression) for curve in visual.curves]
    x_range = visual.x_range
    y_range = visual.y_range or _y_range(visual, functions)
    axes = fitted_axes(box, x_range, y_range, AxisNames(visual.x_label, visual.y_label), theme)
    curves = [
        [[axes.at(point) for point in piece] for piece in pieces(function, x_range, y_range)]
        for function in functions
    ]
    area = _area(visual.area, functions, axes, y_range) if visual.area else []
    dots = {
        index: axes.at((point.x, point.y))
        for index, point in enumerate(visual.points)
        if x_range[0] <= point.x <= x_range[1] and y_range[0] <= point.y <= y_range[1]
    }
    plot = _Plot(axes, curves, area, dots, {}, [])
    _label(plot, visual, theme, curve_labels)
    return plot


def _y_range(visual: FunctionPlot, functions: list[Function]) -> Range:
    low, high = visual.x_range
    values = [point.y for point in visual.points if low <= point.x <= high]
    return automatic_range(functions, visual.x_range, [*values, 0.0] if visual.area else values)


def _area(area: ShadedArea, functions: list[Function], axes: Axes, y_range: Range) -> list[list[Point]]:
    """Polygons between the curve, cut at the edges of the plot, and zero or the edge nearest to it."""
    function, (low, high) = functions[area.curve], y_range

    def cut(x: float) -> float:
        value = function(x)
        return value if math.isnan(value) else min(max(value, low), high)

    base = min(max(0.0, low), high)
    return [
        [axes.at(point) for point in [(piece[0][0], base), *piece, (piece[-1][0], base)]]
        for piece in pieces(cut, (area.start, area.end), y_range)
    ]


def _label(plot: _Plot, visual: FunctionPlot, theme: Theme, curve_labels: bool) -> None:
    """Place the labels inside the plot, clear of curves, axes, dots and the area's edges."""
    size = _LABEL_SIZE * theme.type.body
    labels = Labels(plot.axes.room, theme, size, smallest=_SMALLEST_LABEL * size)
    for arrow in plot.axes.arrows:
        labels.placer.stroke([tuple(arrow.get_start()[:2]), tuple(arrow.get_end()[:2])])
    for line in [piece for curve in plot.curves for piece in curve] + plot.area:
        labels.placer.stroke(line)
    for x, y in plot.dots.values():
        labels.placer.solid(Box(x - _DOT, x + _DOT, y - _DOT, y + _DOT))
    for first, text in _point_texts(plot, visual).items():
        labels.want(("point", first), text, around(plot.dots[first], angle=0.9))
    if visual.area and visual.area.label and plot.area:
        largest = max(plot.area, key=len)
        spots = either(within(largest), around(_middle(largest), nearest=0.5), penalty=0.3)
        labels.want(("area", 0), visual.area.label, spots)
    too_long: list[Key] = []
    for index, curve in enumerate(visual.curves if curve_labels else []):
        if curve.label and (len(curve.label) > _LONGEST_AT_CURVE or not plot.curves[index]):
            too_long.append(("curve", index))
        elif curve.label:
            spots = either(*(beside(piece, far=False) for piece in _longest_first(plot.curves[index])))
            labels.want(("curve", index), curve.label, spots, color=theme.series(index))
    drawn, homeless = labels.settle()
    plot.labels, plot.homeless = drawn, homeless + too_long


def _longest_first(curve: list[list[Point]]) -> list[list[Point]]:
    return sorted(curve, key=len, reverse=True)[:3]


def _middle(polygon: list[Point]) -> Point:
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


def _point_texts(plot: _Plot, visual: FunctionPlot) -> dict[int, str]:
    """The labels of the points by the first index at each place: points at one place share theirs."""
    shared: dict[int, list[str]] = {}
    for index, place in plot.dots.items():
        if label := visual.points[index].label:
            first = next(
                (other for other in shared if math.dist(plot.dots[other], place) < _SAME_PLACE), index
            )
            shared.setdefault(first, []).append(label)
    return {first: ", ".join(dict.fromkeys(texts)) for first, texts in shared.items()}


def _entries(visual: FunctionPlot, plot: _Plot, order: list[Key], theme: Theme) -> list[Entry]:
    """The legend: every labelled curve, and whatever else found no room, in the order of appearance."""
    texts = _point_texts(plot, visual)
    entries = []
    for key in order:
        kind, index = key
        if kind == "curve" and (label := visual.curves[index].label):
            entries.append(Entry(key, label, theme.series(index), line=True))
        elif key in plot.homeless and kind == "area" and visual.area and visual.area.label:
            entries.append(Entry(key, visual.area.label, theme.series(visual.area.curve)))
        elif key in plot.homeless and kind == "point":
            entries.append(Entry(key, texts[index], theme.text))
    return entries


def _drawn(plot: _Plot, key: Key, visual: FunctionPlot, theme: Theme) -> list[Playable]:
    """What shows one part and its label."""
    kind, index = key
    label: list[Playable] = [FadeIn(plot.labels[key])] if key in plot.labels else []
    if kind == "curve":
        strokes = [
            _path(piece).set_stroke(theme.series(index), theme.strokes.normal + 1)
            for piece in plot.curves[index]
        ]
        return [*map(Create, strokes), *label]
    if kind == "point":
        dot = [Dot((*plot.dots[index], 0), radius=_DOT, color=theme.text)] if index in plot.dots else []
        return [*map(GrowFromCenter, dot), *label]
    color = theme.series(visual.area.curve if visual.area else 0)
    fills = VGroup(*(_path(polygon).set_fill(color, 0.3).set_stroke(width=0) for polygon in plot.area))
    if key in plot.labels:
        belongs(plot.labels[key], fills)
    return [FadeIn(fills), *label] if plot.area else label


def _path(points: list[Point]) -> VMobject:
    return VMobject().set_points_as_corners([(x, y, 0.0) for x, y in points])
