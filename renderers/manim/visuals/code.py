"""Draws a code walk-through: the source on a panel, with lines lit and explained as they are spoken of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import UP, FadeIn, FadeOut, Rectangle, RoundedRectangle, VGroup
from pygments.lexer import Lexer  # type: ignore[import-untyped]  # no stubs
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # no stubs
from pygments.lexers.special import TextLexer  # type: ignore[import-untyped]  # no stubs
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType  # type: ignore[import-untyped]  # no stubs
from pygments.util import ClassNotFound  # type: ignore[import-untyped]  # no stubs

from quantumsketch.visuals import CodeStep, CodeWalk
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import UNITS_PER_POINT, Theme
from renderers.manim.writing.text import TextBlock, fitted_text, monospaced_line

_ADVANCE_EM = 0.602
"""Width of every character of the code font."""
_LINE_EM = 1.42
_LARGEST = 34.0
_PADDING = 0.25
_NOTE_HEIGHT = 0.75
_NOTE_SHARE, _NOTE_GAP = 0.27, 0.4
_DIMMED = 0.45
_COLUMNS = (288, 72, 60, 50, 42, 36)
"""Widths at which long lines may be wrapped; the first is wider than any line."""
_FEWEST_COLUMNS = 24


def draw(scene: BeatScene, visual: CodeWalk) -> None:
    """Show the panel with the code, then light the steps."""
    theme, box = scene.theme, scene.stage.content
    has_notes = any(step.note for step in visual.steps)
    source = [line.expandtabs(4) for line in visual.code.rstrip().splitlines()]
    room, note_box = _rooms(box, source) if has_notes else (box, box)
    lines, panel = _laid_out(source, visual.language, room, theme)
    if note_box.left > room.right:
        note_box = Box(float(panel.get_right()[0]) + _NOTE_GAP, box.right, box.bottom, box.top)
    elif has_notes:
        note_top = float(panel.get_bottom()[1]) - 0.1
        note_box = Box(box.left, box.right, max(box.bottom, note_top - _NOTE_HEIGHT), note_top)
    scene.reveal(0.3, FadeIn(panel), run_time=0.4)
    scene.reveal(0.5, FadeIn(VGroup(*lines), shift=0.1 * UP, lag_ratio=0.02), run_time=0.9)
    _walk(scene, visual.steps, lines, panel, note_box)


def _rooms(box: Box, source: Sequence[str]) -> tuple[Box, Box]:
    """Room for the code and for the notes: side by side if the code is no smaller for it, else below."""
    below = box.rows(box.height - _NOTE_HEIGHT, _NOTE_HEIGHT)
    beside = box.columns(1 - _NOTE_SHARE, _NOTE_SHARE, gap=_NOTE_GAP)
    (em_below, _, _), (em_beside, _, _) = (
        _best([_sized(source, columns, _gutter(source), room.inset(_PADDING)) for columns in _COLUMNS])
        for room in (below[0], beside[0])
    )
    code, notes = beside if em_beside >= em_below else below
    return code, notes


def _gutter(source: Sequence[str]) -> int:
    """Columns for the line numbers."""
    return len(str(len(source))) + 2


def _walk(
    scene: BeatScene, steps: Sequence[CodeStep], lines: list[VGroup], panel: RoundedRectangle, note_box: Box
) -> None:
    theme = scene.theme
    band: Rectangle | None = None
    note: TextBlock | None = None
    for at, step in zip(scene.cues(steps), steps, strict=True):
        lit = _band(step, lines, panel, theme)
        changes: list[Playable] = [FadeIn(lit)] if band is None else [band.animate.become(lit)]
        changes += [
            line.animate.set_opacity(1.0 if step.first <= number <= step.last else _DIMMED)
            for number, line in enumerate(lines, start=1)
        ]
        if note is not None:
            changes.append(FadeOut(note))
            note = None
        if step.note:
            note = _note(step.note, note_box, lit, theme)
            changes.append(FadeIn(note, shift=0.1 * UP))
        scene.reveal(at, *changes, run_time=0.6)
        band = band or lit
        scene.emphasise(note or band)


def _note(text: str, box: Box, lit: Rectangle, theme: Theme) -> TextBlock:
    """What is said about the lit lines: in the middle of a box below the panel, or level with them."""
    beside = box.left > lit.get_right()[0]
    note = fitted_text(
        text, width=box.width, height=box.height, size=theme.type.body, color=theme.highlight,
        align="left" if beside else "center",
    )  # fmt: skip
    if not beside:
        return note.move_to(box.center)
    half = float(note.height) / 2
    y = min(max(float(lit.get_center()[1]), box.bottom + half), box.top - half)
    return note.move_to((box.left + float(note.width) / 2, y, 0))


def _band(step: CodeStep, lines: list[VGroup], panel: RoundedRectangle, theme: Theme) -> Rectangle:
    top = max(float(line.get_top()[1]) for line in lines[step.first - 1 : step.last])
    bottom = min(float(line.get_bottom()[1]) for line in lines[step.first - 1 : step.last])
    band = Rectangle(
        width=panel.width - 0.08, height=top - bottom + 0.02, stroke_width=0, fill_color=theme.highlight,
        fill_opacity=0.16,
    )  # fmt: skip
    return band.move_to((panel.get_center()[0], (top + bottom) / 2, 0))


@dataclass(frozen=True)
class _Row:
    """A line of code, or a piece of one that was too long: its first column in the source, and its indent."""

    line: int
    start: int
    text: str
    indent: int


_Sized = tuple[float, list[_Row], int]
"""An em in units, the rows, and the columns that they take."""


def _laid_out(
    source: Sequence[str], language: str, box: Box, theme: Theme
) -> tuple[list[VGroup], RoundedRectangle]:
    """The lines with their numbers, and the panel behind them."""
    gutter = _gutter(source)
    inner = box.inset(_PADDING)
    em, rows, columns = _best([_sized(source, columns, gutter, inner) for columns in _COLUMNS])
    advance, pitch = em * _ADVANCE_EM, em * _LINE_EM
    width, height = (columns + gutter) * advance, len(rows) * pitch
    left, top = box.center[0] - width / 2, box.center[1] + height / 2
    colors = _colors(source, language, theme)
    lines = [VGroup() for _ in source]
    for index, row in enumerate(rows):
        number = "" if row.start else str(row.line + 1)
        prefix = number.rjust(gutter - 2) + "  " + " " * row.indent
        block = monospaced_line(
            prefix + row.text,
            [theme.line] * len(prefix) + colors[row.line][row.start : row.start + len(row.text)],
            size=em / UNITS_PER_POINT, font=theme.code_font, advance=advance, height=pitch,
        )  # fmt: skip
        lines[row.line].add(block.shift((left, top - (index + 0.5) * pitch, 0)))
    panel = RoundedRectangle(
        width=width + 2 * _PADDING, height=height + 2 * _PADDING, corner_radius=0.15, fill_opacity=1,
        fill_color=theme.panel, stroke_color=theme.line, stroke_width=theme.strokes.thin,
    ).move_to(box.center)  # fmt: skip
    return lines, panel


def _best(choices: list[_Sized]) -> _Sized:
    """The widest that comes close to the largest letters: lines are broken only where that helps much."""
    largest = max(em for em, _, _ in choices)
    return next(choice for choice in choices if choice[0] >= 0.82 * largest)


def _sized(source: Sequence[str], columns: int, gutter: int, room: Box) -> _Sized:
    """How large code wrapped at `columns` may be in `room`."""
    rows = [row for number, line in enumerate(source) for row in _wrapped(number, line, columns)]
    used = max(_FEWEST_COLUMNS, max(row.indent + len(row.text) for row in rows))
    across = room.width / ((used + gutter) * _ADVANCE_EM)
    down = room.height / (len(rows) * _LINE_EM)
    return min(_LARGEST * UNITS_PER_POINT, across, down), rows, used


def _wrapped(number: int, line: str, columns: int) -> list[_Row]:
    """The pieces of a line, the later ones indented a little more than the first."""
    indent = min(len(line) - len(line.lstrip()) + 4, columns // 2)
    rows, start = [], 0
    while True:
        room = columns - (indent if start else 0)
        end = len(line)
        if end - start > room:
            space = line.rfind(" ", start + room // 2, start + room)
            end = space + 1 if space >= 0 else start + room
        rows.append(_Row(number, start, line[start:end], indent if start else 0))
        start = end
        if start >= len(line):
            return rows


def _colors(source: Sequence[str], language: str, theme: Theme) -> list[list[str]]:
    """The colour of every character."""
    colors: list[list[str]] = [[]]
    for kind, text in _lexer(language).get_tokens("\n".join(source)):
        for char in text:
            if char == "\n":
                colors.append([])
            else:
                colors[-1].append(_color(kind, theme))
    colors += [[] for _ in source]
    return [(row + [theme.text] * len(line))[: len(line)] for row, line in zip(colors, source, strict=False)]


def _lexer(language: str) -> Lexer:
    options = {"stripnl": False, "ensurenl": False}
    try:
        return get_lexer_by_name(language.strip().lower(), **options)
    except ClassNotFound:
        return TextLexer(**options)


def _color(kind: _TokenType, theme: Theme) -> str:
    for family, color in (
        (Comment, theme.muted),
        (Keyword, theme.accents[3]),
        (String, theme.accents[2]),
        (Number, theme.accents[1]),
        (Name.Function, theme.accents[0]),
        (Name.Class, theme.accents[0]),
        (Name.Builtin, theme.accents[0]),
        (Operator.Word, theme.accents[3]),
    ):
        if kind in family:
            return color
    return theme.text
