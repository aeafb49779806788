"""Judges whether a text can be told from what lies behind it, by the contrast of WCAG 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import ManimColor, VMobject

from renderers.manim.audit.boxes import apart, inside
from renderers.manim.audit.frame_rules import Fault
from renderers.manim.audit.sight import Seen

_LEAST_CONTRAST = 2.0
"""A contrast of 4.5 is good; below this there is next to none."""
_MOSTLY = 0.5


def without_contrast(
    texts: Sequence[Seen], shapes: Sequence[Seen], background: ManimColor
) -> Iterator[Fault]:
    """Texts of which most letters have nearly the colour of their ground."""
    for text in texts:
        ground = _ground(text, shapes) or background
        own = {*text.parts}  # not a ground that it may have
        letters = [
            _ink(part) for part in text.mobject.get_family() if id(part) in own and isinstance(part, VMobject)
        ]
        if not letters:
            continue
        pale = [colour for colour in letters if _contrast(colour, ground) < _LEAST_CONTRAST]
        if len(pale) >= _MOSTLY * len(letters):
            yield Fault(
                "contrast", (text,),
                f"{text.name} in {pale[0].to_hex()} can hardly be told from {ground.to_hex()} behind it: give"
                " it a colour that is much lighter or much darker",
            )  # fmt: skip


def _ground(text: Seen, shapes: Sequence[Seen]) -> ManimColor | None:
    """The colour of the last opaque area drawn below the middle of the text."""
    middle = np.array([text.box.center])
    for shape in reversed(shapes):
        mobject = shape.mobject
        if shape.order > text.order or not shape.hides or apart(shape.box, text.box):
            continue
        if isinstance(mobject, VMobject) and inside(middle, mobject)[0]:
            return ManimColor(mobject.get_fill_color())
    return None


def _ink(part: VMobject) -> ManimColor:
    return ManimColor(part.get_fill_color() if part.get_fill_opacity() > 0 else part.get_stroke_color())


def _contrast(a: ManimColor, b: ManimColor) -> float:
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: ManimColor) -> float:
    rgb = np.asarray(colour.to_rgb(), dtype=np.float64)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
