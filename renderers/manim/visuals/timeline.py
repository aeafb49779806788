"""A timeline: events along a line, above and below it in a wide frame, one below the other elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from manim import Create, Dot, FadeIn, GrowFromCenter, Line, VGroup

from quantumsketch.narration import beat_seconds
from quantumsketch.storyboard import Aspect
from quantumsketch.visuals import Event, Timeline
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments
from renderers.manim.writing.text import TextBlock, fitted_text

_GAP = 0.15
_STEM = 0.5
_HIGHEST_ROW = 1.9
_DIMMED = 0.6
_CALM_S = 2.5
"""With more time than this left, all events are bright at the end."""
_MANY = 4
"""More events than this are set in the size of labels."""


@dataclass(frozen=True)
class _Event:
    """What is drawn for one event: the line that leads to it, its dot and its words."""

    line: Line
    dot: Dot
    stem: Line | None
    words: VGroup


def draw(scene: BeatScene, visual: Timeline) -> None:
    """Let the line grow from event to event."""
    arranged = _across(scene, visual) if scene.stage.aspect is Aspect.WIDE else _down(scene, visual)
    times = appearances(scene, visual.events)
    order = sorted(range(len(times)), key=lambda index: (times[index], index))
    current: list[_Event] = []
    for at, indices in moments((times[index], index) for index in order):
        playing: list[Playable] = [event.words.animate.set_opacity(_DIMMED) for event in current]
        current = [arranged[index] for index in indices]
        for event in current:
            playing += [Create(event.line), GrowFromCenter(event.dot), FadeIn(event.words)]
            playing += [Create(event.stem)] if event.stem else []
        scene.reveal(at, *playing)
        scene.emphasise(current[-1].words)
    if scene.seconds_left() > _CALM_S:
        everything = [event.words.animate.set_opacity(1.0) for event in arranged]
        scene.reveal(beat_seconds(scene.beat.narration) - 1.0, *everything)


def _across(scene: BeatScene, visual: Timeline) -> list[_Event]:
    """Events from left to right, their words above and below the line in turn."""
    theme, content = scene.theme, scene.stage.content
    step = content.width / (len(visual.events) + 1)
    y = content.center[1]
    height = content.height / 2 - _STEM - 0.1
    size = theme.type.body if len(visual.events) <= _MANY else theme.type.label
    arranged = []
    for index, event in enumerate(visual.events):
        x, side = content.left + (index + 1) * step, 1 if index % 2 == 0 else -1
        words = _words(event, 2 * step - 2 * _GAP, height, theme, theme.series(index), size)
        words.move_to((x, y + side * (_STEM + words.height / 2), 0))
        start = content.left if index == 0 else x - step
        end = content.right if index == len(visual.events) - 1 else x
        stem = Line((x, y + side * 0.14, 0), (x, y + side * (_STEM - 0.1), 0))
        stem.set_stroke(theme.series(index), theme.strokes.thin)
        line = _line((start, y), (end, y), theme)
        arranged.append(_Event(line, _dot((x, y), theme, index), stem, words))
    return arranged


def _down(scene: BeatScene, visual: Timeline) -> list[_Event]:
    """Events from top to bottom, when to the left of the line and what to the right."""
    theme, content, count = scene.theme, scene.stage.content, len(visual.events)
    row = min(content.height / count, _HIGHEST_ROW)
    size = theme.type.body
    dates = [
        _when(event, 0.27 * content.width, row - _GAP, theme.series(index), size, "right")
        for index, event in enumerate(visual.events)
    ]
    date_width = max(date.width for date in dates)
    text_width = content.width - date_width - 4 * _GAP
    texts = [
        fitted_text(event.text, width=text_width, height=row - _GAP, size=size, color=theme.text)
        for event in visual.events
    ]
    unused = text_width - max(text.width for text in texts)
    x = content.left + unused / 2 + date_width + 2 * _GAP
    top = content.center[1] + row * count / 2
    arranged = []
    for index, (date, text) in enumerate(zip(dates, texts, strict=True)):
        y = top - (index + 0.5) * row
        date.move_to((x - 2 * _GAP - date.width / 2, y, 0))
        text.move_to((x + 2 * _GAP + text.width / 2, y, 0))
        start = top if index == 0 else y + row
        end = top - row * count if index == count - 1 else y
        line = _line((x, start), (x, end), theme)
        arranged.append(_Event(line, _dot((x, y), theme, index), None, VGroup(date, text)))
    return arranged


def _words(event: Event, width: float, height: float, theme: Theme, color: str, size: float) -> VGroup:
    """When, and below it what."""
    when = _when(event, width, 0.3 * height, color, size, "center")
    text = fitted_text(
        event.text,
        width=width,
        height=height - when.height - 0.08,
        size=size,
        color=theme.text,
        align="center",
    )
    text.move_to((0, -when.height / 2 - 0.08 - text.height / 2, 0))
    return VGroup(when, text)


def _when(event: Event, width: float, height: float, color: str, size: float, align: str) -> TextBlock:
    return fitted_text(event.when, width=width, height=height, size=size, color=color, bold=True, align=align)


def _line(start: tuple[float, float], end: tuple[float, float], theme: Theme) -> Line:
    return Line((*start, 0), (*end, 0), color=theme.line, stroke_width=theme.strokes.normal)


def _dot(at: tuple[float, float], theme: Theme, index: int) -> Dot:
    return Dot((*at, 0), radius=0.12, color=theme.series(index)).set_z_index(1)
