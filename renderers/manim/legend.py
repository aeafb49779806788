"""A list of named things beside or below a figure, for labels that found no room in it.

Any number of entries fits: when a page is full, the next entry starts a new one. Knows no figure.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from manim import Dot, FadeIn, FadeOut, Line, VGroup, VMobject

from renderers.manim.placement import Key
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.text import fitted_text
from renderers.manim.theme import Theme

_GAP = 0.18
_KEY_WIDTH = 0.5


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
        sizes = (theme.type.label, 0.8 * theme.type.label, theme.type.smallest)
        for size in sizes:
            self._rows = {entry.key: _row(entry, box, theme, size) for entry in entries}
            self._pages = _paged(list(self._rows.values()), box)
            if len(self._pages) <= 1:
                break
        for page in self._pages:
            _stack(page, box)

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
        turns = itertools.pairwise(self._pages)
        return next((before for before, page in turns if page[0] is row), [])


def beside_or_below(content: Box, *, tall: bool, share: float = 0.3) -> tuple[Box, Box]:
    """Cut a box into one for the figure and one for its legend."""
    if tall:
        figure, legend = content.rows(1 - share, share, gap=0.35)
    else:
        figure, legend = content.columns(1 - share, share, gap=0.4)
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


def _paged(rows: list[VGroup], box: Box) -> list[list[VGroup]]:
    pages: list[list[VGroup]] = []
    used = 0.0
    for row in rows:
        if not pages or used + row.height > box.height:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += row.height + _GAP
    return pages


def _stack(page: list[VGroup], box: Box) -> None:
    """Put rows below each other, in the middle of the box's height."""
    height = sum(row.height for row in page) + _GAP * (len(page) - 1)
    top = box.center[1] + height / 2
    for row in page:
        row.shift((0, top - row.height / 2 - row.get_center()[1], 0))
        top -= row.height + _GAP
