"""Draws a table or a matrix: rows appear with the narration, then cells light up as they are spoken of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from manim import UP, Create, FadeIn, Line, Rectangle, VGroup, VMobject

from quantumsketch.narration import LEAD_S, cue_times
from quantumsketch.visuals import Table
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import UNITS_PER_POINT, Theme
from renderers.manim.writing.text import TextBlock, fitted_text, measured_text

_LARGEST = 1.22
"""Of the body size."""
_SHRINK = 0.92
_PADDING_EM = (0.9, 0.45)
"""Around a cell's text, both sides together: across and down."""
_BRACKET = 0.22
_SLACK_EM = 0.25
"""Blank space that belongs to the letters at both ends of a text."""
_ENDLESS = 1e4
"""Room in which no text is wrapped."""
_ONE_EM = 1 / UNITS_PER_POINT
_Needs = list[tuple[float, float]]
"""For each column the em that its longest word and its longest text take."""


@dataclass(frozen=True)
class _Grid:
    """Cells laid out: their texts (the header's first) and the edges between them."""

    texts: list[list[TextBlock]]
    across: list[float]
    down: list[float]

    def cell(self, row: int, column: int) -> Box:
        return Box(self.across[column], self.across[column + 1], self.down[row + 1], self.down[row])


def draw(scene: BeatScene, visual: Table) -> None:
    """Show the frame, the rows, then light the cells."""
    content = scene.stage.content
    box = content.inset(_BRACKET + 0.1 if visual.style == "matrix" else 0.05, 0.1)
    rows = [visual.header, *visual.rows] if visual.header else visual.rows
    grid = _laid_out(rows, box, scene.theme, _LARGEST * scene.theme.type.body, has_header=bool(visual.header))
    lines = (
        _brackets(grid, scene.theme) if visual.style == "matrix" else _rules(grid, bool(visual.header), scene)
    )
    texts = [VGroup(*row) for row in grid.texts]
    scene.reveal(0.35, *(Create(line) for line in lines), run_time=0.7)
    if visual.highlight:
        scene.reveal(LEAD_S + 0.4, FadeIn(VGroup(*texts), shift=0.1 * UP, lag_ratio=0.03), run_time=0.8)
    else:
        for at, row in zip(cue_times(scene.beat.narration, [None] * len(texts)), texts, strict=True):
            scene.reveal(at, FadeIn(row, shift=0.12 * UP, lag_ratio=0.1), run_time=0.6)
            scene.emphasise(row)
    _light(scene, visual, grid)


def _light(scene: BeatScene, visual: Table, grid: _Grid) -> None:
    theme = scene.theme
    before: tuple[Rectangle, TextBlock] | None = None
    for at, cell in zip(scene.cues(visual.highlight), visual.highlight, strict=True):
        row = cell.row + (1 if visual.header else 0)
        box = grid.cell(row, cell.column)
        patch = Rectangle(
            width=box.width - 0.06, height=box.height - 0.06, stroke_width=theme.strokes.thin,
            stroke_color=theme.highlight, fill_color=theme.highlight, fill_opacity=0.18,
        ).move_to(box.center)  # fmt: skip
        text = grid.texts[row][cell.column]
        changes: list[Playable] = [FadeIn(patch), text.animate.set_color(theme.highlight)]
        if before is not None:
            changes.append(before[0].animate.set_stroke(opacity=0.35).set_fill(opacity=0.07))
        scene.reveal(at, *changes, run_time=0.6)
        scene.emphasise(patch)
        before = (patch, text)


def _laid_out(rows: list[list[str]], box: Box, theme: Theme, largest: float, has_header: bool) -> _Grid:
    """The cells' texts in one size, the largest in which all fit; in the least they may shrink further."""
    needs = _needs(rows, has_header)
    widest_em = box.width / sum(word + _PADDING_EM[0] for word, _ in needs)
    highest_em = box.height / (len(rows) * (_PADDING_EM[1] + 1.2))
    least = theme.type.least
    size = max(least, min(largest, widest_em / UNITS_PER_POINT, highest_em / UNITS_PER_POINT))
    while size > least and not _fits(rows, needs, box, size, has_header):
        size = max(size * _SHRINK, least)
    texts, em = _written(rows, needs, box, theme, size, has_header), size * UNITS_PER_POINT
    widths = [max(text.width for text in column) + _PADDING_EM[0] * em for column in zip(*texts, strict=True)]
    heights = [max(text.height for text in row) + _PADDING_EM[1] * em for row in texts]
    return _placed(texts, _spread(widths, box.width, 1.8), _spread(heights, box.height, 1.5), box)


def _fits(rows: list[list[str]], needs: _Needs, box: Box, size: float, has_header: bool) -> bool:
    em = size * UNITS_PER_POINT
    limits = _column_limits(needs, box.width, em)
    left = box.height
    for index, row in enumerate(rows):
        bold = has_header and index == 0
        highest = 0.0
        for text, limit in zip(row, limits, strict=True):
            measured = measured_text(text or " ", width=limit, height=left, size=size, bold=bold)
            if measured is None:
                return False
            highest = max(highest, measured[1])
        left -= highest + _PADDING_EM[1] * em
    return left >= 0


def _needs(rows: list[list[str]], has_header: bool) -> _Needs:
    needs = [(0.0, 0.0)] * len(rows[0])
    for index, row in enumerate(rows):
        for column, text in enumerate(row):
            bold = has_header and index == 0
            whole, _ = measured_text(text, width=_ENDLESS, height=_ENDLESS, size=_ONE_EM, bold=bold) or (
                0.0,
                0.0,
            )
            words = re.sub(r"\$[^$]+\$", lambda tex: "x" * len(tex.group()), text).split()
            word = whole * max(map(len, words), default=0) / max(1, len(text)) * 1.15
            least, wish = needs[column]
            needs[column] = (max(least, min(word, whole) + _SLACK_EM), max(wish, whole + _SLACK_EM))
    return needs


def _written(
    rows: list[list[str]],
    needs: _Needs,
    box: Box,
    theme: Theme,
    size: float,
    has_header: bool,
) -> list[list[TextBlock]]:
    """The cells' texts, wrapped into the width that their column can have."""
    em = size * UNITS_PER_POINT
    limits = _column_limits(needs, box.width, em)
    # above the least size all rows together are known to fit
    height = box.height if size > theme.type.least else box.height / len(rows) - _PADDING_EM[1] * em
    return [
        [
            fitted_text(
                text or " ", width=limit, height=height, size=size,
                align="center", bold=has_header and index == 0,
                color=theme.accent if has_header and index == 0 else theme.text,
            )
            for text, limit in zip(row, limits, strict=True)
        ]
        for index, row in enumerate(rows)
    ]  # fmt: skip


def _column_limits(needs: _Needs, width: float, em: float) -> list[float]:
    """Text widths: room for every column's longest word if possible; the rest goes where text is long."""
    free = width - _PADDING_EM[0] * em * len(needs)
    least = [word * em for word, _ in needs]
    wish = [whole * em for _, whole in needs]
    if sum(wish) <= free:
        return wish
    if sum(least) >= free:
        return [share * free / sum(least) for share in least]
    spare = (free - sum(least)) / (sum(wish) - sum(least))
    return [low + (high - low) * spare for low, high in zip(least, wish, strict=True)]


def _spread(lengths: list[float], room: float, most: float) -> list[float]:
    """Grow all lengths evenly towards `room`, at most `most` times."""
    factor = min(most, max(1.0, room / sum(lengths) * 0.96))
    return [length * factor for length in lengths]


def _placed(texts: list[list[TextBlock]], widths: list[float], heights: list[float], box: Box) -> _Grid:
    across, down = [box.center[0] - sum(widths) / 2], [box.center[1] + sum(heights) / 2]
    for width in widths:
        across.append(across[-1] + width)
    for height in heights:
        down.append(down[-1] - height)
    grid = _Grid(texts, across, down)
    for index, row in enumerate(texts):
        for column, text in enumerate(row):
            text.move_to(grid.cell(index, column).center)
    return grid


def _rules(grid: _Grid, has_header: bool, scene: BeatScene) -> list[VMobject]:
    theme = scene.theme
    lines: list[VMobject] = []
    for index, y in enumerate(grid.down):
        strong = index in (0, len(grid.down) - 1) or (has_header and index == 1)
        line = Line((grid.across[0], y, 0), (grid.across[-1], y, 0))
        lines.append(
            line.set_stroke(
                theme.muted if strong else theme.line, theme.strokes.thin * (1.5 if strong else 0.7)
            )
        )
    return lines


def _brackets(grid: _Grid, theme: Theme) -> list[VMobject]:
    top, bottom = grid.down[0], grid.down[-1]
    brackets: list[VMobject] = []
    for x, inwards in ((grid.across[0], _BRACKET), (grid.across[-1], -_BRACKET)):
        edge = x - inwards
        bracket = VMobject(stroke_color=theme.text, stroke_width=theme.strokes.normal)
        bracket.set_points_as_corners(
            [(edge + inwards, top, 0.0), (edge, top, 0.0), (edge, bottom, 0.0), (edge + inwards, bottom, 0.0)]
        )
        brackets.append(bracket)
    return brackets
