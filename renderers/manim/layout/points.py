"""Bullet points in a box, for the visuals that list things: one size for all, centred, gaps shared out."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, Dot, VGroup

from renderers.manim.stage import Box
from renderers.manim.theme import UNITS_PER_POINT, Theme
from renderers.manim.writing.text import TextBlock, fitted_text, measured_text


class Point(VGroup):
    """A dot and the text beside it."""

    def __init__(self, dot: Dot, block: TextBlock) -> None:
        super().__init__(dot, block)
        self.dot = dot
        self.block = block


_INDENT_EM = 1.15
_SHRINK = 0.92
_GAP_EM = 0.55
_ENDLESS = 1e4
"""Room in which no text is wrapped."""
_WIDEST_GAP_EM = 1.5


def points_in(
    box: Box, texts: Sequence[str], theme: Theme, size: float, accent: str, *, from_top: bool = False
) -> list[Point]:
    """Dot and text of each point, from top to bottom: at `size` points, or as much less as fits `box`.

    Together they stand in the middle of the box, or at its top if `from_top`.
    """
    blocks = _blocks(box, texts, theme, size)
    em = blocks[0].points_of_font * UNITS_PER_POINT
    used = sum(block.height for block in blocks)
    gap = min(_WIDEST_GAP_EM * em, max(0.0, box.height - used) / max(1, len(blocks)))
    top = box.top if from_top else box.center[1] + (used + gap * (len(blocks) - 1)) / 2
    rows = []
    for block in blocks:
        block.shift((box.left + _INDENT_EM * em - block.get_left()[0], top - block.get_top()[1], 0))
        dot = Dot(radius=0.16 * em, color=accent).next_to(block, LEFT, buff=0.55 * em)
        dot.set_x(box.left + 0.3 * em).set_y(block.first_line_middle)
        rows.append(Point(dot, block))
        top -= block.height + gap
    return rows


def _blocks(box: Box, texts: Sequence[str], theme: Theme, size: float) -> list[TextBlock]:
    size = next((one for one in (size, 0.92 * size, 0.85 * size) if _on_one_line(box, texts, one)), size)
    while size > theme.type.smallest and not _fit(box, texts, size):
        size = max(size * _SHRINK, theme.type.smallest)
    em = size * UNITS_PER_POINT
    height = (box.height - _GAP_EM * em * (len(texts) - 1)) / len(texts)
    if size > theme.type.smallest:
        height = box.height  # they fit together, whatever each of them takes
    return [
        fitted_text(text, width=box.width - _INDENT_EM * em, height=height, size=size, color=theme.text)
        for text in texts
    ]


def _on_one_line(box: Box, texts: Sequence[str], size: float) -> bool:
    """Whether no text is broken at this size: one line of smaller text reads better than two."""
    width = box.width - _INDENT_EM * size * UNITS_PER_POINT
    whole = [measured_text(text, width=_ENDLESS, height=_ENDLESS, size=size) for text in texts]
    return all(measured is not None and measured[0] <= width for measured in whole)


def _fit(box: Box, texts: Sequence[str], size: float) -> bool:
    em = size * UNITS_PER_POINT
    left = box.height - _GAP_EM * em * (len(texts) - 1)
    for text in texts:
        measured = measured_text(text, width=box.width - _INDENT_EM * em, height=left, size=size)
        if measured is None:
            return False
        left -= measured[1]
    return True
