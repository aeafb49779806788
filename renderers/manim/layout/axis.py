"""Axes and their ticks as Manim objects: as many ticks as have room for their numbers. Knows no figure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from manim import Line

from renderers.manim.layout.placement import Point
from renderers.manim.layout.ticks import tick_texts, ticks
from renderers.manim.theme import Theme
from renderers.manim.writing.text import TextBlock, fitted_text

_TICK_SIZE = 0.95
"""Of the label size: numbers on axes stay in the background."""
_APART = 0.3


@dataclass(frozen=True)
class Scale:
    """A range of numbers along a stretch of the frame."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where `value` lies, in frame units."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)


def fitting_ticks(
    scale: Scale, theme: Theme, *, across: bool, most: int = 10
) -> list[tuple[float, TextBlock]]:
    """Ticks with their numbers, as many as can stand side by side (`across`) or above each other."""
    for count in range(most, 0, -1):
        values = ticks(scale.low, scale.high, count)
        texts = [_number(text, theme) for text in tick_texts(values)]
        needed = max((text.width if across else 0.7 * text.height for text in texts), default=0.0) + _APART
        places = [scale.at(value) for value in values]
        if all(later - earlier >= needed for earlier, later in itertools.pairwise(places)):
            return list(zip(values, texts, strict=True))
    return []


def _number(text: str, theme: Theme) -> TextBlock:
    size = _TICK_SIZE * theme.type.label
    return fitted_text(text, width=6.0, height=1.0, size=size, color=theme.muted)


def axis_arrow(start: Point, end: Point, theme: Theme) -> Line:
    """A quiet line with a tip at its end."""
    line = Line((*start, 0.0), (*end, 0.0), color=theme.muted, stroke_width=0.75 * theme.strokes.normal)
    line.add_tip(tip_length=0.2, tip_width=0.18)
    return line


def tick_marks(places: Sequence[Point], along: Point, theme: Theme) -> list[Line]:
    """Short strokes through `places` in the direction `along`."""
    dx, dy = along
    return [
        Line((x - dx, y - dy, 0), (x + dx, y + dy, 0), color=theme.muted, stroke_width=theme.strokes.thin)
        for x, y in places
    ]
