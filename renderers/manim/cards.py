"""The nodes of a graph as cards: the layout and text size at which all of them fit the frame side by side.

Knows names, layouts and boxes; neither edges nor time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renderers.manim.network import Layout
from renderers.manim.placement import Point
from renderers.manim.stage import Box
from renderers.manim.text import TextBlock, fitted_text
from renderers.manim.theme import Theme

_PAD_ACROSS, _PAD_UP = 0.22, 0.13
_GAP_ACROSS, _GAP_UP = 0.45, 0.42
"""Least space between two cards: enough for an edge to pass."""
_ROOMY_ACROSS, _ROOMY_UP = 1.7, 1.1
"""Space between cards when there is plenty."""
_TEXT_WIDTHS = (3.6, 2.4, 1.8, 1.35, 1.0)
_SMALLEST_CARD = 0.72


@dataclass(frozen=True)
class Card:
    """A node in its place."""

    box: Box
    text: TextBlock


def arranged(
    labels: Mapping[str, str], choices: Sequence[Layout], content: Box, theme: Theme
) -> dict[str, Card] | None:
    """Cards in the largest text at which one of the layouts fits, earlier layouts first; None if none does."""
    structured = [layout for layout in choices if not layout.grid]
    grids = [layout for layout in choices if layout.grid]
    sizes = (
        theme.type.body,
        theme.type.label,
        0.85 * theme.type.label,
        0.7 * theme.type.label,
        theme.type.smallest,
    )
    for group in (structured, grids):
        for size in sizes:
            forms = [form for width in _TEXT_WIDTHS if (form := _set(labels, width, size, theme))]
            for layout, texts in itertools.product(group, forms):
                if cards := _cards(layout, texts, content):
                    return cards
    return None


def _set(labels: Mapping[str, str], width: float, size: float, theme: Theme) -> dict[str, TextBlock] | None:
    """All labels at exactly this size within this width, None if one of them does not fit it."""
    texts = {}
    for node, label in labels.items():
        text = fitted_text(label, width=width, height=2.0, size=size, color=theme.text, align="center")
        if text.points_of_font < 0.99 * size:
            return None
        texts[node] = text
    return texts


def _cards(layout: Layout, texts: Mapping[str, TextBlock], content: Box) -> dict[str, Card] | None:
    """A card around each text, None if two come too near to each other or one leaves the content."""
    height = max(_SMALLEST_CARD * 0.8, max(text.height for text in texts.values()) + 2 * _PAD_UP)
    widths = {node: max(height, text.width + 2 * _PAD_ACROSS) for node, text in texts.items()}
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
    return {node: _card(texts[node], centers[node], widths[node], height) for node in layout.places}


def _card(text: TextBlock, center: Point, width: float, height: float) -> Card:
    x, y = center
    text.move_to((x, y, 0))
    return Card(Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2), text)
