"""A list of named things beside or below a figure, for labels that found no room in it.

Any number of entries fits: when a page is full, the next entry starts a new one. Knows no figure.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from manim import Dot, FadeIn, FadeOut, Line, VGroup, VMobject

from renderers.manim.layout.placement import Key
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box, Stage
from renderers.manim.theme import Theme
from renderers.manim.writing.text import fitted_text

_GAP = 0.18
_KEY_WIDTH = 0.5
_COLUMN_GAP = 0.3
_NARROWEST_COLUMN = 3.2


@dataclass(frozen=True)
class Entry:
    """One line of a legend: what it stands for, its words, and the colour and shape of its key."""

    key: Key
    text: str
    color: str
    line: bool = False
    """Drawn as a stroke instead of a dot."""


class Legend:
    """Entries from top to bottom, as large as one page allows, else in several pages.

    Entries must be revealed in their order.
    """

    def __init__(self, box: Box, theme: Theme, entries: list[Entry]) -> None:
        self._rows: dict[Key, VGroup] = {}
        self.pages: list[list[VGroup]] = []
        """The rows that are seen together, page by page."""
        for size, columns in _forms(box, theme):
            cells = box.columns(*[1.0] * columns, gap=_COLUMN_GAP)
            rows = {entry.key: _row(entry, cells[0], theme, size) for entry in entries}
            pages = _paged(_stacked(list(rows.values()), box.height), cells)
            if not self.pages or len(pages) < len(self.pages):
                self._rows, self.pages = rows, pages
            if len(pages) <= 1:
                break

    def reveal(
        self, scene: BeatScene, at: float, keys: Sequence[Key], *animations: Playable, run_time: float = 0.8
    ) -> None:
        """Play `animations` together with what shows the entries of `keys`, turning pages as they fill."""
        rows = [self._rows[key] for key in keys if key in self._rows]
        playing = list(animations)
        for row in rows:
            if left := self._page_before(row):
                if playing:
                    scene.reveal(at, *playing, run_time=run_time)
                at, playing = at + run_time, [FadeOut(VGroup(*left))]
            playing.append(FadeIn(row))
        if playing:
            scene.reveal(at, *playing, run_time=run_time)

    def _page_before(self, row: VGroup) -> list[VGroup]:
        """The page that `row` replaces, empty unless it is the first of a later page."""
        turns = itertools.pairwise(self.pages)
        return next((before for before, page in turns if page[0] is row), [])


def beside_or_below(content: Box, entries: int, stage: Stage) -> tuple[Box, Box]:
    """Cut a box into one for the figure and one for a legend of about so many entries."""
    if stage.frame.width > stage.frame.height:
        figure, legend = content.columns(0.7, 0.3, gap=0.4)
    else:
        share = min(0.5, 0.15 + 0.035 * entries)
        figure, legend = content.rows(1 - share, share, gap=0.35)
    return figure, legend


def _row(entry: Entry, box: Box, theme: Theme, size: float) -> VGroup:
    text = fitted_text(
        entry.text,
        width=box.width - _KEY_WIDTH,
        height=box.height,
        size=size,
        color=theme.text,
        align="left",
    )
    key: VMobject = Dot(radius=0.08, color=entry.color)
    if entry.line:
        key = Line((-0.16, 0, 0), (0.16, 0, 0), color=entry.color, stroke_width=theme.strokes.thick)
    key.move_to((box.left + 0.16, text.get_center()[1], 0))
    text.move_to((box.left + _KEY_WIDTH + text.width / 2, text.get_center()[1], 0))
    return VGroup(key, text)


def _forms(box: Box, theme: Theme) -> list[tuple[float, int]]:
    """Sizes of text with numbers of columns, the best first."""
    most = max(1, int(box.width / _NARROWEST_COLUMN))
    medium = 0.75 * theme.type.label
    return [
        (theme.type.label, 1),
        (medium, 1),
        (medium, most),
        (theme.type.smallest, 1),
        (theme.type.smallest, most),
    ]


def _paged(stacks: list[list[VGroup]], cells: list[Box]) -> list[list[VGroup]]:
    """Stacks side by side, as many on each page as there are cells."""
    for index, stack in enumerate(stacks):
        _settle(stack, cells[index % len(cells)])
    firsts = range(0, len(stacks), len(cells))
    return [list(itertools.chain(*stacks[first : first + len(cells)])) for first in firsts]


def _stacked(rows: list[VGroup], height: float) -> list[list[VGroup]]:
    """Rows in order, as many in each stack as its height holds."""
    stacks: list[list[VGroup]] = []
    used = 0.0
    for row in rows:
        if not stacks or used + row.height > height:
            stacks.append([])
            used = 0.0
        stacks[-1].append(row)
        used += row.height + _GAP
    return stacks


def _settle(stack: list[VGroup], box: Box) -> None:
    """Put rows below each other at the left of the box, in the middle of its height."""
    height = sum(row.height for row in stack) + _GAP * (len(stack) - 1)
    top = box.center[1] + height / 2
    for row in stack:
        row.shift((box.left - row.get_left()[0], top - row.height / 2 - row.get_center()[1], 0))
        top -= row.height + _GAP
