"""The labels of a figure as text: each is placed where it touches nothing, or reported as homeless.

Joins text and the placer; what happens to homeless labels is the legend's business.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from manim import Line, VGroup

from renderers.manim.layout.placement import Key, Placer, Point, Size, Spots, Wish
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.writing.text import TextBlock, fitted_text

_WORTH_FOLDING = 1.4
"""Width of a label that may also stand on two lines."""
_SMALLER_COST, _FOLDED_COST = 1.8, 0.12
"""Against the distance from its anchor, in frame units."""
_CONTENT = 0.2
"""A label is content with a place that costs so little more than the best."""
GENEROUS = 20.0
"""Wide and high enough for any label to be set on one line."""


class Labels:
    """Collects the wishes of a figure's labels and settles them all at once."""

    def __init__(
        self, area: Box, theme: Theme, size: float | None = None, smallest: float | None = None
    ) -> None:
        """Labels of at most `size` points and at least `smallest`: the theme's sizes if left out."""
        self.placer = Placer(area)
        self._theme, self._size = theme, size or theme.type.label
        self._smallest = smallest or theme.type.smallest
        self._wishes: list[Wish] = []
        self._forms: dict[Key, list[_Form]] = {}
        self._leader_colors: dict[Key, str] = {}
        self.at_ease = False
        """Whether all labels got about what they wished for."""

    def want(self, key: Key, text: str, spots: Spots, *, color: str | None = None) -> None:
        """Ask for a place for `text`. Earlier wishes choose first."""
        forms = _forms(text, self._size, color or self._theme.text, self._smallest)
        self._forms[key], self._leader_colors[key] = forms, color or self._theme.muted
        self._wishes.append(Wish(key, [form.size for form in forms], spots))

    def settle(self) -> tuple[dict[Key, VGroup], list[Key]]:
        """The labels in their places, each with its leader if it has one, and the keys that found none."""
        placed = self.placer.settle(self._wishes)
        self.at_ease = len(placed) == len(self._wishes) and all(
            place.regret < _CONTENT for place in placed.values()
        )
        drawn: dict[Key, VGroup] = {}
        for key, place in placed.items():
            drawn[key] = VGroup(self._forms[key][place.size].drawn().move_to((*place.center, 0.0)))
            if place.leader:
                drawn[key].add(self._leader(*place.leader, color=self._leader_colors[key]))
        return drawn, [wish.key for wish in self._wishes if wish.key not in placed]

    def _leader(self, start: Point, end: Point, color: str) -> Line:
        return Line((*start, 0.0), (*end, 0.0), color=color, stroke_width=self._theme.strokes.thin)


@dataclass(frozen=True)
class _Form:
    """A text that is set already, to be drawn at a scale."""

    text: TextBlock
    scale: float
    folded: bool

    @property
    def size(self) -> Size:
        cost = _SMALLER_COST * (1 - self.scale) + (_FOLDED_COST if self.folded else 0.0)
        return Size(self.text.width * self.scale, self.text.height * self.scale, cost)

    def drawn(self) -> TextBlock:
        return self.text.copy().scale(self.scale)


def _forms(text: str, size: float, color: str, smallest: float) -> list[_Form]:
    """The forms that a label can take, the best first: on one line or two, smaller and smaller."""
    lines = _lines(text, size, color)
    return [_Form(line, s, line is not lines[0]) for s in (1.0, 0.8, smallest / size) for line in lines]


@functools.lru_cache(maxsize=256)
def _lines(text: str, size: float, color: str) -> list[TextBlock]:
    """`text` on one line and, where that makes it clearly narrower, on two. Never change these: copy them."""
    line = fitted_text(text, width=GENEROUS, height=GENEROUS, size=size, color=color)
    if line.width <= _WORTH_FOLDING:
        return [line]
    folded = fitted_text(text, width=line.width * 0.62, height=GENEROUS, size=size, color=color)
    # where a word is too long for that, the text is smaller instead
    return [line] if folded.points_of_font < line.points_of_font else [line, folded]
