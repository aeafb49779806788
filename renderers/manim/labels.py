"""The labels of a figure as text: each is placed where it touches nothing, or reported as homeless.

Joins text and the placer; what happens to homeless labels is the legend's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import Line, VGroup

from renderers.manim.placement import Key, Placer, Point, Spots, Wish
from renderers.manim.stage import Box
from renderers.manim.text import TextBlock, fitted_text
from renderers.manim.theme import Theme

GENEROUS = 20.0
"""Wide and high enough for any label to be set on one line."""


class Labels:
    """Collects the wishes of a figure's labels and settles them all at once."""

    def __init__(self, area: Box, theme: Theme, size: float | None = None) -> None:
        """Labels of at most `size` points, the theme's label size if left out."""
        self.placer = Placer(area)
        self._size = size or theme.type.label
        self._theme = theme
        self._wishes: list[Wish] = []
        self._texts: dict[Key, list[TextBlock]] = {}
        self._colors: dict[Key, str] = {}

    def want(self, key: Key, text: str, spots: Spots, *, color: str | None = None) -> None:
        """Ask for a place for `text`. Earlier wishes choose first."""
        texts = variants(text, self._size, self._theme, color or self._theme.text)
        self._texts[key], self._colors[key] = texts, color or self._theme.line
        self._wishes.append(Wish(key, [(text.width, text.height) for text in texts], spots))

    def settle(self) -> tuple[dict[Key, VGroup], list[Key]]:
        """The labels in their places, each with its leader if it has one, and the keys that found none."""
        placed = self.placer.settle(self._wishes)
        drawn: dict[Key, VGroup] = {}
        for key, place in placed.items():
            text = self._texts[key][place.size].move_to((*place.center, 0.0))
            drawn[key] = VGroup(text)
            if place.leader:
                drawn[key].add(self._leader(*place.leader, color=self._colors[key]))
        return drawn, [wish.key for wish in self._wishes if wish.key not in placed]

    def _leader(self, start: Point, end: Point, color: str) -> Line:
        return Line((*start, 0.0), (*end, 0.0), color=color, stroke_width=self._theme.strokes.thin)


def variants(text: str, size: float, theme: Theme, color: str) -> list[TextBlock]:
    """`text` in the forms that a label can take, the best first: on one line or two, smaller and smaller."""
    line = fitted_text(text, width=GENEROUS, height=GENEROUS, size=size, color=color)
    folded = fitted_text(text, width=line.width * 0.62, height=GENEROUS, size=size, color=color)
    forms = [line, folded] if folded.height > 1.3 * line.height and line.width > 1.4 else [line]
    smallest = theme.type.smallest / size
    return [form.copy().scale(scale) for scale in (1.0, 0.8, smallest) for form in forms]


def best_fitting(texts: Sequence[TextBlock], width: float, height: float) -> TextBlock | None:
    """The first form that fits, None if none does."""
    return next((text for text in texts if text.width <= width and text.height <= height), None)
