"""A number line: ticks below it, marks with their labels above, intervals in lanes under the ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from manim import Create, Dot, FadeIn, GrowFromCenter, Line, VGroup

from quantumsketch.visuals import NumberLine
from renderers.manim.layout.axis import Scale, axis_arrow, fitting_ticks, tick_marks
from renderers.manim.layout.labels import Labels
from renderers.manim.layout.legend import Entry, Legend
from renderers.manim.layout.placement import Key
from renderers.manim.layout.spots import on_poles
from renderers.manim.layout.ticks import number_text
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments
from renderers.manim.writing.text import TextBlock, fitted_text

_MARGIN = 0.85
_TICKS = 0.65
"""Height of the ticks and their numbers."""
_LANE = 0.85
_HIGHEST_LABELS = 3.0
_LEGEND = 1.0
_HAIR = 0.01
_SAME_PLACE = 0.2
"""Marks closer than this, in frame units, share one label."""


@dataclass
class _Bar:
    """One interval: from where to where, its label, and how far down it lies."""

    left: float
    right: float
    label: TextBlock | None
    label_x: float
    lane: int = 0

    @property
    def span(self) -> tuple[float, float]:
        half = self.label.width / 2 if self.label else 0.0
        return min(self.left, self.label_x - half), max(self.right, self.label_x + half)


@dataclass
class _Marks:
    """The labels of the marks, by the first mark that each belongs to."""

    labels: dict[Key, VGroup] = field(default_factory=dict)
    homeless: dict[Key, Entry] = field(default_factory=dict)


def draw(scene: BeatScene, visual: NumberLine) -> None:
    """Draw the line, then let marks and intervals appear on it."""
    theme, content = scene.theme, scene.stage.content
    scale = Scale(visual.start, visual.end, content.left + _MARGIN, content.right - _MARGIN)
    bars = _bars(visual, scale, content, theme)
    below = _TICKS + _LANE * (1 + max((bar.lane for bar in bars), default=-1))
    above = min(_HIGHEST_LABELS, content.height - below - _LEGEND) if visual.marks else 0.3
    for _ in range(2):  # the second time with the height that the labels need
        y = content.center[1] + (below - above) / 2
        marks = _marks(visual, scale, y, Box(content.left, content.right, y + 0.2, y + above), theme)
        if marks.labels and not marks.homeless:
            above = VGroup(*marks.labels.values()).get_top()[1] - y + _HAIR
    line = _line(scale, y, theme)
    scene.reveal(0.2, Create(line[0]), *map(FadeIn, line[1:]), run_time=0.8)
    times = appearances(scene, [*visual.marks, *visual.intervals])
    timed = sorted((at, index) for index, at in enumerate(times))
    entries = [marks.homeless["mark", i] for _, i in timed if ("mark", i) in marks.homeless]
    legend = Legend(Box(content.left, content.right, y + above, content.top), theme, entries)
    for at, indices in moments(timed):
        playing: list[Playable] = []
        for index in indices:
            if index < len(visual.marks):
                at_x = scale.at(visual.marks[index].value)
                dot = Dot((at_x, y, 0), radius=0.14, color=theme.series(index))
                playing.append(GrowFromCenter(dot))
                key = ("mark", index)
                playing += [FadeIn(marks.labels[key])] if key in marks.labels else []
            else:
                playing += _drawn(bars[index - len(visual.marks)], index - len(visual.marks), y, theme)
        legend.reveal(scene, at, [("mark", index) for index in indices], *playing)
        scene.emphasise(next((marks.labels["mark", i] for i in indices if ("mark", i) in marks.labels), None))


def _line(scale: Scale, y: float, theme: Theme) -> VGroup:
    """The arrow first, then tick marks and numbers."""
    arrow = axis_arrow((scale.start - 0.35, y), (scale.end + 0.4, y), theme)
    numbered = fitting_ticks(scale, theme, across=True)
    places = [(scale.at(value), y) for value, _ in numbered]
    for (x, _), (_, text) in zip(places, numbered, strict=True):
        text.move_to((x, y - 0.2 - text.height / 2, 0))
    return VGroup(arrow, *tick_marks(places, (0, 0.1), theme), *(text for _, text in numbered))


def _bars(visual: NumberLine, scale: Scale, content: Box, theme: Theme) -> list[_Bar]:
    """The intervals, each in the highest lane where it meets no other."""
    bars: list[_Bar] = []
    for index, interval in enumerate(visual.intervals):
        left, right = scale.at(interval.start), scale.at(interval.end)
        label, x = None, (left + right) / 2
        if interval.label:
            label = fitted_text(
                interval.label, width=0.6 * content.width, height=0.55, size=theme.type.body,
                color=theme.series(index),
            )  # fmt: skip
            x = min(max(x, content.left + label.width / 2), content.right - label.width / 2)
        bar = _Bar(left, right, label, x)
        while any(bar.lane == other.lane and _meet(bar.span, other.span) for other in bars):
            bar.lane += 1
        bars.append(bar)
    return bars


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] + 0.3 and other[0] < one[1] + 0.3


def _drawn(bar: _Bar, index: int, line_y: float, theme: Theme) -> list[Playable]:
    """An interval with its end points, and its label below."""
    y, color = line_y - _TICKS - _LANE * bar.lane - 0.1, theme.series(index)
    stroke = Line((bar.left, y, 0), (bar.right, y, 0), color=color, stroke_width=theme.strokes.thick)
    ends = tick_marks([(bar.left, y), (bar.right, y)], (0, 0.1), theme)
    for end in ends:
        end.set_color(color).set_stroke(width=theme.strokes.normal)
    on_line = Line(
        (bar.left, line_y, 0), (bar.right, line_y, 0), color=color, stroke_width=10, stroke_opacity=0.5
    )
    playing: list[Playable] = [Create(stroke), *map(FadeIn, ends)]
    playing += [Create(on_line)] if bar.lane == 0 else []
    if bar.label:
        bar.label.move_to((bar.label_x, y - 0.16 - bar.label.height / 2, 0))
        playing.append(FadeIn(bar.label))
    return playing


def _marks(visual: NumberLine, scale: Scale, y: float, above: Box, theme: Theme) -> _Marks:
    """Labels above the line; marks at the same place share one, what finds no room is for the legend."""
    labels = Labels(above, theme, 1.2 * theme.type.body)
    groups = _groups([scale.at(mark.value) for mark in visual.marks])
    texts: dict[Key, str] = {}
    colors: dict[Key, str] = {}
    for group in groups:
        words = [visual.marks[i].label or number_text(visual.marks[i].value, 6) for i in group]
        key, x = ("mark", min(group)), scale.at(visual.marks[group[0]].value)
        texts[key], colors[key] = ", ".join(dict.fromkeys(words)), theme.series(min(group))
        others = [scale.at(visual.marks[other[0]].value) for other in groups if other is not group]
        labels.want(key, texts[key], on_poles((x, y), others), color=colors[key])
    drawn, homeless = labels.settle()
    return _Marks(drawn, {key: Entry(key, texts[key], colors[key]) for key in homeless})


def _groups(places: Sequence[float]) -> list[list[int]]:
    """Indices of marks that lie at about the same place."""
    groups: list[list[int]] = []
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        if groups and places[index] - places[groups[-1][0]] < _SAME_PLACE:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
