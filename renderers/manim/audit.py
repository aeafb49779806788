"""Finds faults of layout in what is on screen: what leaves the frame, overlaps, or is too small to read.

Pure geometry over Manim objects. Typed visuals say what belongs together; raw Manim code is judged by the
types it uses. Knows no visual and draws nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from manim import DecimalNumber, MarkupText, Mobject, Paragraph, Text, VMobject
from manim.mobject.text.tex_mobject import SingleStringMathTex

from quantumsketch.video import Finding
from renderers.manim.stage import Box, Stage
from renderers.manim.theme import NIGHT, UNITS_PER_POINT
from renderers.manim.writing.text import TextBlock

_TEXT = (TextBlock, Text, MarkupText, Paragraph, SingleStringMathTex, DecimalNumber)
_UNITS_PER_PANGO_POINT = 1 / 72
"""Manim's own Text is larger than TeX at the same font_size."""
_TOUCH = 0.03
"""Units by which boxes may overlap before it is seen."""
_EDGE = 0.06
_SAMPLE_EVERY = 0.08
_MOST_NAMED = 40
_BELONGS, _SHAPE, _IGNORED = "audit_belongs", "audit_shape", "audit_ignored"
_numbers = itertools.count(1)

Points = npt.NDArray[np.float64]


def belongs(text: Mobject, *shapes: Mobject) -> None:
    """Say that `text` may lie on these shapes or texts, which their copies keep."""
    for shape in shapes:
        number = vars(shape).setdefault(_SHAPE, next(_numbers))
        vars(text)[_BELONGS] = vars(text).get(_BELONGS, frozenset()) | {number}


def ignore(mobject: Mobject) -> None:
    """Say that `mobject` and its parts are decoration: never a finding."""
    vars(mobject)[_IGNORED] = True


@dataclass(frozen=True)
class _Seen:
    """One text or one curve on screen."""

    name: str
    box: Box
    mobject: Mobject
    is_text: bool
    shape_numbers: frozenset[int]
    """Its own number as a shape, and those of the groups it is part of."""
    belongs_to: frozenset[int]

    def may_overlap(self, other: _Seen) -> bool:
        return bool(self.belongs_to & other.shape_numbers or other.belongs_to & self.shape_numbers)


MOST_FINDINGS = 30
"""More than anybody reads; a scene of a hundred heaped texts has thousands."""


class Auditor:
    """Looks at the screen again and again and keeps each fault once, with the time it was first seen."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._found: dict[tuple[str, tuple[str, ...]], Finding] = {}
        self.saw_something = False

    @property
    def findings(self) -> list[Finding]:
        """Every fault seen so far."""
        return list(self._found.values())

    def look(self, mobjects: Iterable[Mobject], at_s: float) -> None:
        """Judge what is on screen at `at_s` seconds from the start of the beat."""
        seen = [item for mobject in mobjects for item in _visible(mobject, frozenset(), frozenset())]
        self.saw_something |= bool(seen)
        texts = [item for item in seen if item.is_text]
        shapes = [item for item in seen if not item.is_text]
        faults = [
            *self._outside(seen),
            *_small(texts),
            *_texts_on_texts(texts),
            *_shapes_on_texts(texts, shapes),
        ]
        for rule, objects, message in faults:
            if len(self._found) == MOST_FINDINGS:
                return
            key = (rule, tuple(objects))
            self._found.setdefault(
                key, Finding(rule=rule, objects=objects, at_s=round(at_s, 3), message=message)
            )

    def _outside(self, seen: list[_Seen]) -> Iterator[_Fault]:
        for item in seen:
            limit = self._stage.safe if item.is_text else self._stage.frame
            if not item.is_text and (item.box.contains(limit) or _apart(item.box, limit)):
                continue  # a background, or out of sight
            sides = {
                "left": limit.left - item.box.left, "right": item.box.right - limit.right,
                "bottom": limit.bottom - item.box.bottom, "top": item.box.top - limit.top,
            }  # fmt: skip
            side, excess = max(sides.items(), key=lambda pair: pair[1])
            if excess > _EDGE:
                yield (
                    "outside", [item.name],
                    f"{item.name} leaves the {'safe area' if item.is_text else 'frame'} by {excess:.2f} units"
                    f" at the {side}: move it inwards, or make it smaller with scale_to_fit_width",
                )  # fmt: skip


_Fault = tuple[str, list[str], str]


def _visible(mobject: Mobject, numbers: frozenset[int], belongs_to: frozenset[int]) -> Iterator[_Seen]:
    facts = vars(mobject)
    if facts.get(_IGNORED):
        return
    numbers |= {facts[_SHAPE]} if _SHAPE in facts else frozenset()
    belongs_to |= facts.get(_BELONGS, frozenset())
    if isinstance(mobject, _TEXT):
        parts = [part for part in mobject.get_family() if _shows(part) and not vars(part).get(_IGNORED)]
        if parts:
            box = _box(np.concatenate([part.points for part in parts]))
            yield _Seen(_name(mobject), box, mobject, True, numbers, belongs_to)
        return
    if _shows(mobject):
        yield _Seen(_name(mobject), _box(mobject.points), mobject, False, numbers, belongs_to)
    for part in mobject.submobjects:
        yield from _visible(part, numbers, belongs_to)


def _shows(mobject: Mobject) -> bool:
    if not len(mobject.points):
        return False
    if not isinstance(mobject, VMobject):
        return True
    filled = mobject.get_fill_opacity() > 0.01
    stroked = mobject.get_stroke_opacity() > 0.01 and mobject.get_stroke_width() > 0
    return bool(filled or stroked)


def _name(mobject: Mobject) -> str:
    for attribute in ("original_text", "text", "tex_string", "number"):
        words = getattr(mobject, attribute, None) if isinstance(mobject, _TEXT) else None
        if words is not None and str(words):
            short = str(words)
            return f"text {short if len(short) <= _MOST_NAMED else short[: _MOST_NAMED - 1] + '…'!r}"
    return type(mobject).__name__


def _box(points: Points) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    return Box(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def _apart(a: Box, b: Box) -> bool:
    return a.right < b.left or b.right < a.left or a.top < b.bottom or b.top < a.bottom


def _small(texts: list[_Seen]) -> Iterator[_Fault]:
    smallest = NIGHT.type.least * UNITS_PER_POINT
    for item in texts:
        em = _em(item.mobject)
        if em is not None and em < smallest * 0.98:
            pixels = em * 90
            yield (
                "small", [item.name],
                f"{item.name} is {pixels:.0f} pixels high at 720p: enlarge it by {smallest / em:.1f} times or"
                " more, or say less",
            )  # fmt: skip


def _em(mobject: Mobject) -> float | None:
    """Units of the text's em, None where the type does not tell."""
    if isinstance(mobject, TextBlock):
        return mobject.em
    if isinstance(mobject, Text | MarkupText):
        return float(mobject.font_size) * _UNITS_PER_PANGO_POINT
    if isinstance(mobject, SingleStringMathTex):
        return float(mobject.font_size) * UNITS_PER_POINT
    return None


def _texts_on_texts(texts: list[_Seen]) -> Iterator[_Fault]:
    for a, b in itertools.combinations(texts, 2):
        across = min(a.box.right, b.box.right) - max(a.box.left, b.box.left)
        down = min(a.box.top, b.box.top) - max(a.box.bottom, b.box.bottom)
        if across > _TOUCH and down > _TOUCH and not a.may_overlap(b):
            yield (
                "overlap", sorted([a.name, b.name]),
                f"{a.name} and {b.name} overlap by {across:.2f} x {down:.2f} units: move one of them, put"
                " them side by side with next_to or arrange, or fade the earlier one out first",
            )  # fmt: skip


def _shapes_on_texts(texts: list[_Seen], shapes: list[_Seen]) -> Iterator[_Fault]:
    for shape, text in itertools.product(shapes, texts):
        if not isinstance(shape.mobject, VMobject) or _apart(shape.box, text.box) or text.may_overlap(shape):
            continue
        slack = min(0.05, 0.15 * min(text.box.width, text.box.height))
        inner = text.box.inset(slack)
        curve = _along(shape.mobject)
        hits = (
            (curve[:, 0] > inner.left) & (curve[:, 0] < inner.right)
            & (curve[:, 1] > inner.bottom) & (curve[:, 1] < inner.top)
        )  # fmt: skip
        if hits.any():
            yield (
                "overlap", [text.name, shape.name],
                f"the outline of a {shape.name} crosses {text.name}: move the text off the line with next_to"
                " or shift, by its own height or more",
            )  # fmt: skip


def _along(shape: VMobject) -> Points:
    """Points on the curves of `shape`, close enough to each other that no letter lies between."""
    curves = shape.points[: len(shape.points) // 4 * 4].reshape(-1, 4, 3)
    chords = np.linalg.norm(np.diff(curves, axis=1), axis=2).sum(axis=1)
    steps = int(min(400, max(2, np.ceil(chords.max(initial=0.0) / _SAMPLE_EVERY))))
    t = np.linspace(0.0, 1.0, steps + 1)[:, None, None]
    a, b, c, d = (curves[None, :, index] for index in range(4))
    sampled = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return np.asarray(sampled, dtype=np.float64).reshape(-1, 3)
