"""A bar chart: bars upright where their names fit below them, else lying with the names at the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import DOWN, LEFT, RIGHT, UP, Animation, FadeIn, Line, Rectangle, ReplacementTransform

from quantumsketch.narration import beat_seconds
from quantumsketch.visuals import BarChart
from renderers.manim.layout.ticks import number_text
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments
from renderers.manim.writing.lettering import Align
from renderers.manim.writing.text import TextBlock, fitted_text

_GAP = 0.14
_SHORTEST = 0.03
"""A bar of zero is still seen, as a line."""
_NAME_HEIGHT = 0.85
_SIZE = 1.2
"""Of the label size."""
_WIDEST_SLOT = 3.2
_HIGHEST_ROW = 1.15
_CALM_S = 2.5
"""With more time than this left, the last bar becomes one of many before the end."""


@dataclass(frozen=True)
class _Chart:
    """Everything that is drawn, bar by bar in the order given."""

    axis: Line
    bars: list[Rectangle]
    names: list[TextBlock]
    values: list[TextBlock]
    upright: bool


def draw(scene: BeatScene, visual: BarChart) -> None:
    """Grow the bars one after the other, the current one bright."""
    theme = scene.theme
    chart = _upright(scene, visual) or _lying(scene, visual)
    scene.reveal(0.2, FadeIn(chart.axis), *map(FadeIn, chart.names), run_time=0.5)
    current: list[int] = []
    times = appearances(scene, visual.bars)
    for at, indices in moments(zip(times, range(len(times)), strict=True)):
        growing: list[Playable] = [chart.bars[i].animate.set_fill(theme.accent) for i in current]
        for index in indices:
            growing += [_growth(chart, index, visual.bars[index].value), FadeIn(chart.values[index])]
        scene.reveal(at, *growing)
        scene.emphasise(chart.values[indices[-1]])
        current = indices
    if len(visual.bars) > 1 and scene.seconds_left() > _CALM_S:
        calm = [chart.bars[i].animate.set_fill(theme.accent) for i in current]
        scene.reveal(beat_seconds(scene.beat.narration) - 1.0, *calm)


def _growth(chart: _Chart, index: int, value: float) -> Animation:
    """Lets a bar grow from the axis along its length."""
    bar = chart.bars[index]
    if chart.upright:
        start = bar.copy().stretch(0.001, 1, about_edge=DOWN if value >= 0 else UP)
    else:
        start = bar.copy().stretch(0.001, 0, about_edge=LEFT if value >= 0 else RIGHT)
    return ReplacementTransform(start, bar)


def _texts(visual: BarChart) -> list[str]:
    unit = visual.unit or ""
    space = "" if unit in ("", "%", "°") else "\u2009"
    return [f"{number_text(bar.value)}{space}{unit}" for bar in visual.bars]


def _span(visual: BarChart) -> tuple[float, float]:
    """The lowest and the highest value to show, zero always among them."""
    values = [bar.value for bar in visual.bars]
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if high > low else (0.0, 1.0)


def _upright(scene: BeatScene, visual: BarChart) -> _Chart | None:
    """The chart with upright bars, None if its names or values would become too small."""
    theme, content, count = scene.theme, scene.stage.content, len(visual.bars)
    slot = min(content.width / count, _WIDEST_SLOT)
    labels = [bar.label for bar in visual.bars]
    names = _alike(labels, slot - _GAP, _NAME_HEIGHT, theme)
    values = _alike(_texts(visual), slot - _GAP, 0.6, theme)
    if any(text.points_of_font < 0.72 * theme.type.label for text in names + values):
        return None
    low, high = _span(visual)
    foot = max(name.height for name in names) + _GAP
    value_height = max(value.height for value in values) + _GAP
    height = min(content.height, 1.1 * content.width)
    middle = content.center[1]
    top = middle + height / 2 - (value_height if any(bar.value >= 0 for bar in visual.bars) else 0)
    bottom = middle - height / 2 + foot + (value_height if low < 0 else 0)
    unit = (top - bottom) / (high - low)
    zero, left = bottom - low * unit, content.center[0] - slot * count / 2
    chart = _Chart(_axis((left, zero), (left + slot * count, zero), theme), [], names, values, True)
    for index, bar in enumerate(visual.bars):
        x, end = left + (index + 0.5) * slot, zero + bar.value * unit
        end = end if abs(end - zero) >= _SHORTEST else zero + _SHORTEST
        half = 0.32 * slot
        chart.bars.append(_bar(Box(x - half, x + half, min(zero, end), max(zero, end)), theme))
        side = 1 if bar.value >= 0 else -1
        values[index].move_to((x, end + side * (values[index].height / 2 + _GAP / 2), 0))
        names[index].move_to((x, middle - height / 2 + foot - _GAP - names[index].height / 2, 0))
    return chart


def _lying(scene: BeatScene, visual: BarChart) -> _Chart:
    """The chart with lying bars: names in a column at the left, which always fit."""
    theme, content, count = scene.theme, scene.stage.content, len(visual.bars)
    row = min(content.height / count, _HIGHEST_ROW)
    labels = [bar.label for bar in visual.bars]
    names = _alike(labels, 0.34 * content.width, row - 0.1, theme, "right")
    values = _alike(_texts(visual), 0.24 * content.width, row - 0.1, theme)
    names_right = content.left + max(name.width for name in names)
    left = names_right + 2 * _GAP
    widths = [value.width + _GAP for value in values]
    unit, below_zero = _widest(visual, widths, content.right - left)
    zero, top = left + below_zero, content.center[1] + row * count / 2
    chart = _Chart(_axis((zero, top), (zero, top - row * count), theme), [], names, values, False)
    for index, bar in enumerate(visual.bars):
        y, end = top - (index + 0.5) * row, zero + bar.value * unit
        end = end if abs(end - zero) >= _SHORTEST else zero + _SHORTEST
        half = 0.32 * row
        chart.bars.append(_bar(Box(min(zero, end), max(zero, end), y - half, y + half), theme))
        side = 1 if bar.value >= 0 else -1
        values[index].move_to((end + side * (values[index].width / 2 + _GAP), y, 0))
        names[index].move_to((names_right - names[index].width / 2, y, 0))
    return chart


def _widest(visual: BarChart, widths: Sequence[float], room: float) -> tuple[float, float]:
    """Frame units for a value of one so that bars and the numbers at their ends just fill `room`; and the
    part of it that lies left of zero."""
    low, high = _span(visual)
    shortest, longest = 0.0, room / (high - low)
    for _ in range(40):
        unit = (shortest + longest) / 2
        reach = [max(abs(bar.value) * unit, _SHORTEST) + width
                 for bar, width in zip(visual.bars, widths, strict=True)]  # fmt: skip
        before = max((r for r, bar in zip(reach, visual.bars, strict=True) if bar.value < 0), default=0.0)
        after = max((r for r, bar in zip(reach, visual.bars, strict=True) if bar.value >= 0), default=0.0)
        shortest, longest = (unit, longest) if before + after <= room else (shortest, unit)
    return shortest, before


def _alike(
    texts: Sequence[str], width: float, height: float, theme: Theme, align: Align = "center"
) -> list[TextBlock]:
    """Texts in one size: the largest at which each of them fits."""
    size = _SIZE * theme.type.label
    for _ in range(2):
        blocks = [
            fitted_text(text, width=width, height=height, size=size, color=theme.text, align=align)
            for text in texts
        ]
        size = min(block.points_of_font for block in blocks)
    return blocks


def _axis(start: tuple[float, float], end: tuple[float, float], theme: Theme) -> Line:
    return Line((*start, 0), (*end, 0), color=theme.line, stroke_width=theme.strokes.normal)


def _bar(box: Box, theme: Theme) -> Rectangle:
    bar = Rectangle(width=box.width, height=box.height, stroke_width=0)
    return bar.set_fill(theme.highlight, opacity=1).move_to(box.center)
