"""The nodes of a graph as cards: the layout and text size at which all of them fit the frame side by side.

Knows names, layouts and boxes; neither edges nor time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renderers.manim.layout.network import Layout
from renderers.manim.layout.placement import Point
from renderers.manim.stage import Box
from renderers.manim.theme import UNITS_PER_POINT, Theme
from renderers.manim.writing.text import TextBlock, fitted_text

_PAD_ACROSS, _PAD_UP = 0.3, 0.2
"""Around the text at label size, scaled with the text."""
_GAP_ACROSS, _GAP_UP = 0.45, 0.42
"""Least space between two cards: enough for an edge to pass."""
_ROOMY_ACROSS, _ROOMY_UP = 2.2, 1.5
"""Space between cards when there is plenty."""
_TEXT_WIDTHS = (12.8, 8.9, 6.4, 4.6)
"""In em."""
_SMALLEST_CARD = 0.4


@dataclass(frozen=True)
class Card:
    """A node in its place."""

    box: Box
    text: TextBlock


class Cards:
    """The labels of all nodes, set once for each width, to be tried in layouts and boxes."""

    def __init__(self, labels: Mapping[str, str], theme: Theme) -> None:
        self._labels, self._theme = labels, theme
        self._set: dict[float, dict[str, TextBlock] | None] = {}

    def arranged(self, choices: Sequence[Layout], content: Box) -> dict[str, Card] | None:
        """Cards in the largest text at which one of the layouts fits; None if none does.

        Grids, which show no structure, come last whatever their text size.
        """
        scale = self._theme.type
        for grid in (False, True):
            group = [layout for layout in choices if layout.grid is grid]
            for size in (scale.body, scale.label, 0.85 * scale.label, 0.7 * scale.label, scale.smallest):
                for layout, width in itertools.product(group, _TEXT_WIDTHS):
                    texts = self._texts(width)
                    if texts and (cards := _cards(layout, texts, size / scale.label, content)):
                        return cards
        return None

    def _texts(self, width: float) -> dict[str, TextBlock] | None:
        """All labels at label size within so many em, None if one has a word too long for it."""
        if width not in self._set:
            size, texts = self._theme.type.label, dict[str, TextBlock]()
            for node, label in self._labels.items():
                texts[node] = fitted_text(
                    label,
                    width=width * size * UNITS_PER_POINT,
                    height=3.0,
                    size=size,
                    color=self._theme.text,
                    align="center",
                )
                if texts[node].points_of_font < 0.99 * size:
                    break
            self._set[width] = (
                texts
                if len(texts) == len(self._labels)
                and all(text.points_of_font >= 0.99 * size for text in texts.values())
                else None
            )
        return self._set[width]


def _cards(
    layout: Layout, texts: Mapping[str, TextBlock], scale: float, content: Box
) -> dict[str, Card] | None:
    """A card around each text, None if two come too near to each other or one leaves the content."""
    height = max(_SMALLEST_CARD, max(text.height + 2 * _PAD_UP for text in texts.values()) * scale)
    widths = {node: max(height, (text.width + 2 * _PAD_ACROSS) * scale) for node, text in texts.items()}
    widest = max(widths.values())
    across = min(content.width, layout.columns * widest + (layout.columns - 1) * _ROOMY_ACROSS) - widest
    up = min(content.height, layout.rows * height + (layout.rows - 1) * _ROOMY_UP) - height
    if across < 0 or up < 0:
        return None
    middle = content.center
    centers = {
        node: (middle[0] + (u - 0.5) * across, middle[1] + (0.5 - v) * up)
        for node, (u, v) in layout.places.items()
    }
    if not all(
        abs(a[0] - b[0]) >= widest + _GAP_ACROSS - 1e-6 or abs(a[1] - b[1]) >= height + _GAP_UP - 1e-6
        for a, b in itertools.combinations(centers.values(), 2)
    ):
        return None
    return {node: _card(texts[node], scale, centers[node], widths[node], height) for node in layout.places}


def _card(text: TextBlock, scale: float, center: Point, width: float, height: float) -> Card:
    x, y = center
    box = Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2)
    return Card(box, text.copy().scale(scale).move_to((x, y, 0)))
