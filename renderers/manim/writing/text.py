"""Text and formulas as Manim objects that always fit the room they are given.

Wraps first, then shrinks, down to the smallest legible size; only what is still too large then (a formula
that cannot be broken) shrinks further. Knows no visual and no theme but the type scale's lower end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from manim import VGroup, VMobject

from renderers.manim.theme import NIGHT, UNITS_PER_POINT
from renderers.manim.writing.formulas import Formula, TexSource, formula, prepare
from renderers.manim.writing.inline import split_formulas
from renderers.manim.writing.lettering import Align, Lettering, Room, Style, lay_out
from renderers.manim.writing.outlines import Outline

FORMULA_SCALE = 1.14
"""TeX's letters are smaller than Pango's at the same size: this brings them to the same height."""
_FORMULA_WEIGHT = 0.7
"""Stroke around TeX's thin letters, which brings them to the weight of the words beside them."""
_SHRINK = 0.93
_TALLEST_INLINE_EM = 1.5
_SMALLEST_UNBROKEN = 38.0  # points: a smaller formula is broken over several lines
_WORTH_A_LINE = 1.25  # so much larger must it become for one more line
_UNBROKEN_EM = 250.0
"""A line width that no line of code reaches."""


class TextBlock(VGroup):
    """Words, formulas or both, as the audit and the visuals know them: one text with one size.

    Its bounding box has the full height of its lines, whatever their letters, so that rows line up.
    """

    def __init__(self, text: str, font_size: float) -> None:
        super().__init__()
        self.text = text
        self.points_of_font = font_size
        self._laid_out_height = 0.0
        self._ascent_em = 0.0
        self.highlights = VGroup()
        """The glyphs of highlighted parts; they are part of the block."""

    def laid_out(self, ascent_em: float) -> TextBlock:
        """Centre the finished block, and remember its size; its first line rises `ascent_em` em."""
        self._ascent_em = ascent_em
        self._laid_out_height = float(self.height)
        return self.center()

    @property
    def first_line_middle(self) -> float:
        """The y of the middle of the first line's small letters."""
        return float(self.get_top()[1]) - (self._ascent_em - 0.27) * self.em

    @property
    def em(self) -> float:
        """The size of its letters in Manim units, scaling included."""
        scale = float(self.height) / self._laid_out_height if self._laid_out_height else 1.0
        return self.points_of_font * UNITS_PER_POINT * scale

    def __repr__(self) -> str:
        return f"text {self.text!r}"


@dataclass(frozen=True)
class _Fit:
    lettering: Lettering
    formulas: tuple[Formula, ...]
    font_size: float
    squeeze: float


def fitted_text(
    text: str,
    *,
    width: float,
    height: float,
    size: float,
    color: str = NIGHT.text,
    align: Align = "left",
    bold: bool = False,
    font: str = NIGHT.font,
) -> TextBlock:
    """Lay `text` out in at most `width` x `height` Manim units, at `size` points or as much less as it takes.

    Text between dollar signs is a formula; what TeX refuses, and a single dollar sign, stand as they are.
    The block is centred at the origin.
    """
    parts = text_parts(text)
    fit = _first_fit(parts, Style(font, bold), width, height, _attempts(size), align)
    block = TextBlock(text, fit.font_size * fit.squeeze)
    em = fit.font_size * UNITS_PER_POINT * fit.squeeze
    for glyph in fit.lettering.glyphs:
        block.add(_glyph(glyph, em, (0.0, 0.0), color))
    for (middle, baseline), set_formula in zip(fit.lettering.rooms, fit.formulas, strict=False):
        scale = _inline_scale(set_formula)
        left = middle - set_formula.width * scale / 2
        block.add(_formula_glyphs(set_formula, em * scale, (left * em, -baseline * em), color, color)[0])
    block.add(_strut(fit.lettering, em))
    return block.laid_out(fit.lettering.ascent)


def measured_text(
    text: str, *, width: float, height: float, size: float, bold: bool = False
) -> tuple[float, float] | None:
    """Width and height that `text` takes at exactly `size` points, None if it does not fit the room so.

    Quick, for layouts that look for one size for many texts; words are not broken.
    """
    em = size * UNITS_PER_POINT
    lettering = _lettered(text_parts(text), Style(NIGHT.font, bold), width / em, "left", break_words=False)
    fits = _squeeze(lettering, width, height, em) == 1.0
    return (lettering.width * em, lettering.height * em) if fits else None


def fitted_tex(
    tex: str,
    *,
    width: float,
    height: float,
    size: float,
    color: str = NIGHT.text,
    highlight: Sequence[str] = (),
    highlight_color: str = NIGHT.highlight,
) -> TextBlock:
    """Lay one line of TeX mathematics out in at most `width` x `height` Manim units.

    A line too long is broken at its operators before it becomes illegible; what TeX refuses stands as text.
    """
    source = TexSource(tex, display=True, highlight=tuple(highlight))
    found = formula(source)
    if found is None:
        return fitted_text(_without_dollars(tex), width=width, height=height, size=size * 0.8, color=color)
    scale = _formula_size(found, width, height, size)
    if scale < min(0.9 * size, _SMALLEST_UNBROKEN):
        found, scale = _broken(source, found, width, height, size, scale)
    block = TextBlock(tex, scale)
    em = scale * UNITS_PER_POINT * FORMULA_SCALE
    glyphs, block.highlights = _formula_glyphs(found, em, (0.0, 0.0), color, highlight_color)
    return block.add(glyphs).laid_out(found.height * FORMULA_SCALE)


def text_parts(text: str) -> list[str | Formula]:
    """Words and typeset formulas, in order; formulas that TeX refuses are words with their dollar signs."""
    parts: list[str | Formula] = []
    for part in split_formulas(text):
        found = formula(part) if isinstance(part, TexSource) else part
        parts.append(f"${part.tex}$" if found is None and isinstance(part, TexSource) else found or "")
    return parts


def _without_dollars(tex: str) -> str:
    return tex.replace("$", "\uff04")


def _first_fit(
    parts: Sequence[str | Formula],
    style: Style,
    width: float,
    height: float,
    attempts: Iterable[tuple[float, bool]],
    align: Align,
) -> _Fit:
    formulas = tuple(part for part in parts if isinstance(part, Formula))
    for font_size, break_words in attempts:
        lettering = _lettered(parts, style, width / (font_size * UNITS_PER_POINT), align, break_words)
        squeeze = _squeeze(lettering, width, height, font_size * UNITS_PER_POINT)
        if squeeze == 1.0:
            break
    return _Fit(lettering, formulas, font_size, squeeze)


def _attempts(size: float) -> Iterator[tuple[float, bool]]:
    """Sizes to try, and whether to break words: whole words first, then the largest size that fits at all."""
    smallest, least = min(size, NIGHT.type.smallest), min(size, NIGHT.type.least)
    font_size = size
    while font_size > smallest:
        yield font_size, False
        font_size *= _SHRINK
    yield smallest, False
    font_size = smallest
    while font_size > least:
        yield font_size, True
        font_size *= _SHRINK
    yield least, True


def _lettered(
    parts: Sequence[str | Formula], style: Style, line_em: float, align: Align, break_words: bool
) -> Lettering:
    rooms = [_room(part) if isinstance(part, Formula) else part for part in parts]
    return lay_out(rooms, style, line_em, align, break_words)


def _squeeze(lettering: Lettering, width: float, height: float, em: float) -> float:
    slack = 1 + 1e-6
    across, down = lettering.width * em, lettering.height * em
    if across <= width * slack and down <= height * slack:
        return 1.0
    return min(1.0, width / max(across, 1e-9), height / max(down, 1e-9))


def _inline_scale(found: Formula) -> float:
    tall = (found.height + found.depth) * FORMULA_SCALE
    return FORMULA_SCALE * min(1.0, _TALLEST_INLINE_EM / max(tall, 1e-9))


def _room(found: Formula) -> Room:
    scale = _inline_scale(found)
    return Room(found.width * scale, found.height * scale, found.depth * scale)


def _formula_size(found: Formula, width: float, height: float, size: float) -> float:
    em = UNITS_PER_POINT * FORMULA_SCALE
    return min(
        size, width / max(found.width * em, 1e-9), height / max((found.height + found.depth) * em, 1e-9)
    )


def _broken(
    source: TexSource, whole: Formula, width: float, height: float, size: float, whole_size: float
) -> tuple[Formula, float]:
    """The formula over several lines, at the largest size that this allows."""
    best = (whole, whole_size)
    widths = [round(max(whole.width / lines * 1.15, 4.0), 2) for lines in (2, 3, 4)]
    variants = [replace(source, line_width=line_width) for line_width in widths]
    prepare(variants)
    for broken in map(formula, variants):
        if broken is None or broken.overflows:
            continue
        if (fits := _formula_size(broken, width, height, size)) > best[1] * _WORTH_A_LINE:
            best = (broken, fits)
    return best


def _formula_glyphs(
    found: Formula, em: float, origin: tuple[float, float], color: str, highlight_color: str
) -> tuple[VGroup, VGroup]:
    """All glyphs with the baseline's start at `origin`, and those that are highlighted."""
    unit = found.unit
    glyphs, lit = VGroup(), VGroup()
    for outline in found.outlines:
        curves = outline.curves * unit
        curves[:, 1] -= found.height
        marked = found.is_highlighted(outline)
        glyph = _glyph(
            Outline(curves, 0.0, 0.0, outline.fill), em, origin, highlight_color if marked else color,
            _FORMULA_WEIGHT,
        )  # fmt: skip
        glyphs.add(glyph)
        if marked:
            lit.add(glyph)
    return glyphs, lit


def _glyph(
    outline: Outline, em: float, origin: tuple[float, float], color: str, weight: float = 0.0
) -> VMobject:
    points = np.zeros((len(outline.curves), 3))
    points[:, 0] = origin[0] + outline.curves[:, 0] * em
    points[:, 1] = origin[1] - outline.curves[:, 1] * em
    glyph = VMobject(color=color, fill_opacity=1.0, stroke_width=weight)
    glyph.set_points(points)
    return glyph


def _strut(lettering: Lettering, em: float) -> VMobject:
    """Two invisible dots that give a block the full height of its lines."""
    top, bottom = lettering.ascent * em, -(lettering.baselines[-1] + lettering.descent) * em
    middle = (lettering.left + lettering.right) / 2 * em
    strut = VMobject(stroke_width=0, fill_opacity=0)
    strut.set_points(np.array([[middle, bottom, 0.0]] * 4 + [[middle, top, 0.0]] * 4))
    vars(strut)["audit_ignored"] = True
    return strut


def monospaced_line(
    line: str, colors: Sequence[str], *, size: float, font: str, advance: float, height: float
) -> TextBlock:
    """One line of code at `size` points, a colour for each character.

    The middle of its left edge is the origin. Characters are `advance` units apart, and the line is `height`
    units high, whatever is in it.
    """
    em = size * UNITS_PER_POINT
    block = TextBlock(line.strip(), size)
    lettering = lay_out([line], Style(font, literal_spaces=True), _UNBROKEN_EM, "left", break_words=False)
    for outline in lettering.glyphs:
        column = round(outline.x * em / advance)
        color = colors[min(max(column, 0), len(colors) - 1)]
        block.add(_glyph(outline, em, (0.0, -0.33 * em), color))
    strut = VMobject(stroke_width=0, fill_opacity=0)
    strut.set_points(np.array([[0.0, -height / 2, 0.0]] * 4 + [[0.0, height / 2, 0.0]] * 4))
    vars(strut)["audit_ignored"] = True
    block.add(strut)
    return block
