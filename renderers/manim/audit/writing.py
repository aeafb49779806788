"""Which objects are texts: their words, the size of their letters, and the boxes of their glyphs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manim import Code, DecimalNumber, MarkupText, Mobject, Paragraph, Text, VMobject
from manim.mobject.text.tex_mobject import MathTexPart, SingleStringMathTex

from renderers.manim.audit.boxes import Boxes
from renderers.manim.theme import UNITS_PER_POINT
from renderers.manim.writing.text import TextBlock

_TEXT = (TextBlock, Text, MarkupText, Paragraph, SingleStringMathTex, DecimalNumber, MathTexPart)
_UNITS_PER_PANGO_POINT = 1 / 72
"""Manim's own Text is larger than TeX at the same font_size."""
_TALL_LETTER_EM = 0.75
"""The height of a capital letter; tells a text's size where its type does not."""
_MOST_NAMED = 40
_SHOWN_AS = "audit_shown_as"


@dataclass(frozen=True)
class ShownAs:
    """What an object has become by Transform: it looks like the target and has kept its own type."""

    name: str | None
    em_per_height: float | None


def became(mobject: Mobject, target: Mobject) -> None:
    """Note that `mobject` looks like `target` from now on."""
    em, height = em_of(target), float(target.height)
    per_height = em / height if em is not None and height > 0 else None
    vars(mobject)[_SHOWN_AS] = ShownAs(words_of(target) if is_text(target) else None, per_height)
    if not is_text(target):
        for part, becomes in zip(mobject.submobjects, target.submobjects, strict=False):
            became(part, becomes)


def became_a_shape(mobject: Mobject) -> bool:
    """Whether `mobject` looks like something that is no text."""
    known = _shown_as(mobject)
    return known is not None and known.name is None


def _shown_as(mobject: Mobject) -> ShownAs | None:
    """What was noted of `mobject`."""
    found: ShownAs | None = vars(mobject).get(_SHOWN_AS)
    return found


def is_text(mobject: Mobject) -> bool:
    """Whether `mobject` is read as one text."""
    known = _shown_as(mobject)
    return known.name is not None if known else isinstance(mobject, _TEXT) and not isinstance(mobject, Code)


def words_of(mobject: Mobject) -> str:
    """The text's name in messages: its words, shortened."""
    if (known := _shown_as(mobject)) and known.name:
        return known.name
    for attribute in ("original_text", "text", "tex_string", "number"):
        words = getattr(mobject, attribute, None) if _has(mobject, attribute) else None
        if words is not None and str(words).strip():
            said = f"{words:g}" if isinstance(words, float) else " ".join(str(words).split())
            return f"text {said if len(said) <= _MOST_NAMED else said[: _MOST_NAMED - 1] + '…'!r}"
    return "text"


def _has(mobject: Mobject, name: str) -> bool:
    """Whether an attribute really is there: Manim's objects answer to any get_ and set_."""
    return name in vars(mobject) or any(name in vars(kind) for kind in type(mobject).__mro__)


def em_of(mobject: Mobject) -> float | None:
    """Units of the text's em, None where nothing tells."""
    if (known := _shown_as(mobject)) is not None:
        return known.em_per_height * float(mobject.height) if known.em_per_height else None
    if isinstance(mobject, TextBlock):
        return mobject.em
    if isinstance(mobject, Text | MarkupText):
        return float(mobject.font_size) * _UNITS_PER_PANGO_POINT
    if isinstance(mobject, SingleStringMathTex | DecimalNumber):
        return float(mobject.font_size) * UNITS_PER_POINT
    if isinstance(mobject, Paragraph):
        heights = [float(glyph.height) for glyph in mobject.family_members_with_points()]
        return float(np.percentile(heights, 90)) / _TALL_LETTER_EM if heights else None
    return None


def glyph_boxes(parts: list[VMobject]) -> Boxes:
    """A box for each glyph."""
    rows = []
    for part in parts:
        low, high = part.points.min(axis=0), part.points.max(axis=0)
        rows.append((low[0], high[0], low[1], high[1]))
    return np.array(rows, dtype=np.float64).reshape(-1, 4)
