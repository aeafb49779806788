"""Draws a derivation: equations aligned at their relation, each written as it is spoken of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from manim import LEFT, FadeIn, Indicate, VGroup, Write

from quantumsketch.visuals import Derivation, Step
from renderers.manim.scene import BeatScene
from renderers.manim.stage import Box, Stage
from renderers.manim.theme import UNITS_PER_POINT, Theme
from renderers.manim.writing.formulas import TexSource, formula, prepare
from renderers.manim.writing.relation import before_relation
from renderers.manim.writing.text import FORMULA_SCALE, TextBlock, fitted_tex, fitted_text

_LARGEST = 1.72
"""Of the body size."""
_LEAST_GAP, _WIDEST_GAP = 0.4, 0.8
_ATTEMPTS = 5
_NOTE_GAP = 0.06
_NOTE_DISTANCE, _LEAST_NOTE_DISTANCE = 0.9, 0.5
_WORTH_ALIGNING = 0.95
"""Of the body size: equations are made so small, but no smaller, to have their relations in line."""
_HAIR, _NEARLY, _NEARLY_ALL = 1e-6, 0.98, 0.999
_RELATION_EM = 1.05
"""Width of a relation sign and the space behind it."""
_DIMMED = 0.6


def draw(scene: BeatScene, visual: Derivation) -> None:
    """Write the steps one by one; earlier steps step back."""
    rows = _laid_out(visual.steps, scene.stage, scene.theme)
    earlier: _Row | None = None
    for at, row in zip(scene.cues(visual.steps), rows, strict=True):
        if earlier is not None:
            scene.reveal(at, earlier.equation.animate.set_opacity(_DIMMED), run_time=0.3)
        scene.reveal(at + 0.3, Write(row.equation), run_time=1.2)
        if row.note is not None:
            scene.reveal(at + 1.2, FadeIn(row.note, shift=0.15 * LEFT), run_time=0.5)
        if len(row.equation.highlights):
            lit = Indicate(row.equation.highlights, scale_factor=1.12, color=scene.theme.highlight)
            scene.reveal(at + 1.7, lit)
        scene.emphasise(row.equation)
        earlier = row


class _Row(VGroup):
    """An equation, and the note that explains it if there is one."""

    def __init__(self, equation: TextBlock, note: TextBlock | None) -> None:
        super().__init__(equation, *([note] if note is not None else []))
        self.equation = equation
        self.note = note

    @property
    def stacked_height(self) -> float:
        """The height with the note below the equation."""
        return float(self.equation.height + (self.note.height + _NOTE_GAP if self.note is not None else 0.0))


def _laid_out(steps: Sequence[Step], stage: Stage, theme: Theme) -> list[_Row]:
    """Equation and, where there is one, note of each step, in place."""
    box = stage.content.inset(0.1, 0.1)
    has_notes = any(step.note for step in steps)
    beside = has_notes and box.width > 10
    below = has_notes and not beside
    share = box.height / len(steps)
    note_width, note_height = (0.32 * box.width, 0.8 * share) if beside else (box.width, 0.26 * share)
    notes = [_note(step, note_width, note_height, theme, stage, below) for step in steps]
    column, note_column = _columns(box, notes) if beside else (box, box)
    rows, offsets = _fitted(steps, notes, column, stage, theme)
    for row, offset in zip(rows, offsets, strict=True):
        row.equation.set_x(column.center[0] + offset)
    if below:
        _place_below(rows, box)
    else:
        _place_beside(rows, box, note_column)
    together = VGroup(*rows)
    together.shift((box.center[0] - together.get_center()[0], 0, 0))
    return rows


def _fitted(
    steps: Sequence[Step], notes: Sequence[TextBlock | None], column: Box, stage: Stage, theme: Theme
) -> tuple[list[_Row], list[float]]:
    """The largest rows that fit, and how far right of the column's middle each equation goes."""
    below = column.width > 0.9 * stage.content.width
    share, height = column.height / len(steps), column.height
    size, legible = _LARGEST * theme.type.body, _WORTH_ALIGNING * theme.type.body
    for attempt in range(_ATTEMPTS):  # again in the size that the longest, their alignment and all need
        equations = [
            fitted_tex(
                step.tex, width=column.width, height=height, size=size, color=theme.text,
                highlight=step.highlight, highlight_color=theme.highlight,
            )
            for step in steps
        ]  # fmt: skip
        rows = [_Row(equation, note) for equation, note in zip(equations, notes, strict=True)]
        offsets, span = _aligned(equations, steps)
        up = _room_by_need(rows, column.height, below)
        if attempt == _ATTEMPTS - 2 and up < _NEARLY:
            height = share * (0.54 if below else 0.85)
        common = min(equation.points_of_font for equation in equations)
        across = column.width / span
        if common * across < min(legible, common):
            across = 1.0
        tried, size = size, max(common * min(1.0, across, up), theme.type.smallest)
        if size > _NEARLY_ALL * tried and up >= _NEARLY:
            break
    return rows, offsets if span <= column.width + _HAIR else [0.0] * len(rows)


def _room_by_need(rows: Sequence[_Row], height: float, below: bool) -> float:
    """The height that there is for the equations by the height that they take."""
    room = height - min(_LEAST_GAP * len(rows), 0.25 * height)
    if not below:
        return room / sum(float(row.height) for row in rows)
    needed = sum(float(row.equation.height) for row in rows)
    return (room - sum(row.stacked_height for row in rows) + needed) / needed


def _columns(box: Box, notes: Sequence[TextBlock | None]) -> tuple[Box, Box]:
    """A column for the equations and one for the notes, as wide as they need to be."""
    left = box.right - max(float(note.width) for note in notes if note is not None)
    return Box(box.left, left - _LEAST_NOTE_DISTANCE, box.bottom, box.top), Box(
        left, box.right, box.bottom, box.top
    )


def _note(
    step: Step, width: float, height: float, theme: Theme, stage: Stage, below: bool
) -> TextBlock | None:
    if not step.note:
        return None
    return fitted_text(
        step.note, width=width, height=height, size=1.15 * theme.type.label,
        color=theme.muted, align="center" if below else "left",
    )  # fmt: skip


def _place_beside(rows: Sequence[_Row], box: Box, note_column: Box) -> None:
    left = min(note_column.left, max(float(row.equation.get_right()[0]) for row in rows) + _NOTE_DISTANCE)
    for row, top, height in _tops(rows, [float(row.height) for row in rows], box):
        for part in row:
            part.set_y(top - height / 2)
        if row.note is not None:
            row.note.shift((left - row.note.get_left()[0], 0, 0))


def _place_below(rows: Sequence[_Row], box: Box) -> None:
    for row, top, height in _tops(rows, [row.stacked_height for row in rows], box):
        row.equation.shift((0, top - row.equation.get_top()[1], 0))
        if row.note is not None:
            half = float(row.note.width) / 2
            x = min(max(float(row.equation.get_center()[0]), box.left + half), box.right - half)
            row.note.move_to((x, top - height + row.note.height / 2, 0))


def _tops(rows: Sequence[_Row], heights: Sequence[float], box: Box) -> Iterator[tuple[_Row, float, float]]:
    """Each row with the top and height it gets, all together in the middle of `box`."""
    gap = min(_WIDEST_GAP, (box.height - sum(heights)) / len(rows))
    top = box.center[1] + (sum(heights) + gap * (len(rows) - 1)) / 2
    for row, height in zip(rows, heights, strict=True):
        yield row, top, height
        top -= height + gap


def _aligned(equations: Sequence[TextBlock], steps: Sequence[Step]) -> tuple[list[float], float]:
    """How far right of the column's middle each equation's middle goes to have the relations in line, and
    the width that this takes."""
    sizes = {round(equation.points_of_font, 3) for equation in equations}
    befores = [before_relation(step.tex) for step in steps]
    sources = [TexSource(before, display=True) for before in befores if before]
    prepare(sources)
    related = [before for before in befores if before is not None]
    continued = bool(related) and not any(related)
    """Whether the steps go on from an expression without a relation, which then stands where they go on."""
    if (
        len(equations) < 2 or len(sizes) > 1 or not all(map(formula, sources))
        or (len(related) < len(befores) and not continued)
    ):  # fmt: skip
        return [0.0] * len(equations), max(float(equation.width) for equation in equations)
    em = equations[0].points_of_font * UNITS_PER_POINT * FORMULA_SCALE
    widths = {source.tex: found.width * em for source in sources if (found := formula(source))}
    before = [-_RELATION_EM * em if tex is None else widths.get(tex, 0.0) for tex in befores]
    after = [float(equation.width) - left for equation, left in zip(equations, before, strict=True)]
    span = max(*before, 0.0) + max(after)
    axis = max(*before, 0.0) - span / 2
    offsets = [axis - left + equation.width / 2 for equation, left in zip(equations, before, strict=True)]
    return offsets, span
