"""What can be seen on the screen: every text, and every curve that is no letter, in the order of drawing."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from manim import (
    CoordinateSystem,
    Mobject,
    NumberLine,
    NumberPlane,
    PMobject,
    SurroundingRectangle,
    VMobject,
)  # fmt: skip
from manim.mobject.geometry.tips import ArrowTip
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath
from manim.mobject.types.image_mobject import AbstractImageMobject

from renderers.manim.audit.boxes import Boxes, box_of, row
from renderers.manim.audit.marks import Numbers, is_ignored, numbers_of, owners_of
from renderers.manim.audit.naming import shape_name
from renderers.manim.audit.writing import became_a_shape, em_of, glyph_boxes, is_text, words_of
from renderers.manim.stage import Box
from renderers.manim.writing.text import TextBlock

_VISIBLE = 0.01
_SOLID = 0.6
"""From this opacity on a fill hides what is behind it."""
_FAINT = 0.35
"""Below this opacity a line does not disturb what is written on it."""


@dataclass(eq=False)
class Seen:
    """One text or one curve on screen."""

    mobject: Mobject
    words: str | None
    """What a text is called; None for a shape."""
    box: Box
    glyphs: Boxes
    """What is really inked: a box for each letter; for shapes, and for the kit's blocks, just the box."""
    numbers: Numbers
    """Its own number as a shape, and those of the groups it is part of."""
    owners: Numbers
    """The numbers of what it belongs to."""
    plane: Mobject | None
    """The axes, plane or number line that it is part of."""
    part_of: str | None = None
    """What a shape is a part of, such as axes."""
    order: int = 0
    """Later is drawn over earlier."""
    em: float | None = None
    parts: tuple[int, ...] = ()
    """The ids of a text's letters."""
    is_finite: bool = True
    """Whether every point of it lies somewhere."""

    def may_overlap(self, other: Seen) -> bool:
        """Whether one of the two belongs to the other."""
        return bool(self.owners & other.numbers or other.owners & self.numbers)

    @property
    def is_text(self) -> bool:
        return self.words is not None

    @functools.cached_property
    def name(self) -> str:
        """What it is called in messages."""
        return self.words or shape_name(self.mobject, self.box, self.part_of)

    @property
    def hides(self) -> bool:
        """Whether nothing is seen behind its area."""
        mobject = self.mobject
        solid = isinstance(mobject, VMobject) and mobject.get_fill_opacity() >= _SOLID
        return bool(solid) and not self.is_text

    @property
    def is_grid(self) -> bool:
        """Whether it is a line of a plane, which may fill the background."""
        return isinstance(self.plane, NumberPlane)

    @property
    def is_faint(self) -> bool:
        """Whether its outline is so faint that it disturbs no letters."""
        mobject = self.mobject
        if not isinstance(mobject, VMobject):
            return False
        stroke = mobject.get_stroke_opacity() if mobject.get_stroke_width() > 0 else 0.0
        return bool(max(stroke, mobject.get_fill_opacity()) < _FAINT)


@dataclass(frozen=True)
class _Within:
    """What the walk knows of an object's ancestors."""

    numbers: Numbers = frozenset()
    owners: Numbers = frozenset()
    plane: Mobject | None = None
    part_of: str | None = None
    is_shape: bool = False
    """Its glyphs have become something else."""

    def then(self, mobject: Mobject) -> _Within:
        within = replace(
            self, numbers=self.numbers | numbers_of(mobject), owners=self.owners | owners_of(mobject),
            is_shape=self.is_shape or became_a_shape(mobject),
        )  # fmt: skip
        if isinstance(mobject, CoordinateSystem | NumberLine) and self.plane is None:
            return replace(within, plane=mobject, part_of=type(mobject).__name__)
        return within


class Sight:
    """Looks at one screen after the other, and knows again the letters of the texts it has seen."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[Mobject, str]] = {}
        """The text of each letter, by the letter's id; the letter is kept so that its id stays its own."""
        self._taken: set[int] = set()

    def look(self, mobjects: Iterable[Mobject]) -> list[Seen]:
        """Everything visible among these objects, each once, in the order in which it is drawn."""
        self._taken = set()
        found: list[Seen] = []
        for mobject in mobjects:
            found += self._joined(self._walk(mobject, _Within()))
        found.sort(key=lambda item: item.mobject.z_index)  # as Manim's camera does
        found = _uppermost(found)
        for order, item in enumerate(found):
            item.order = order
        return found

    def _walk(self, mobject: Mobject, within: _Within) -> Iterator[Seen]:
        if is_ignored(mobject):
            return
        within = within.then(mobject)
        if is_text(mobject):
            yield from self._text(mobject, within)
            return
        if id(mobject) not in self._taken and shows(mobject):
            self._taken.add(id(mobject))
            yield self._curve(mobject, within)
        for part in mobject.submobjects:
            inner = within
            if isinstance(part, ArrowTip):
                inner = replace(within, part_of=type(mobject).__name__)
            yield from self._walk(part, inner)

    def _text(self, mobject: Mobject, within: _Within) -> Iterator[Seen]:
        for ground in mobject.get_family():
            if isinstance(ground, SurroundingRectangle) and id(ground) not in self._taken and shows(ground):
                self._taken.add(id(ground))
                yield self._curve(ground, within)
        parts = [
            part for part in mobject.get_family()
            if isinstance(part, VMobject) and id(part) not in self._taken
            and shows(part) and not is_ignored(part)
        ]  # fmt: skip
        if not parts:
            return
        name = words_of(mobject)
        for part in parts:
            self._taken.add(id(part))
            self._texts[id(part)] = (part, name)
        box = box_of(np.concatenate([part.points for part in parts]))
        glyphs = row(box) if isinstance(mobject, TextBlock) else glyph_boxes(parts)
        yield Seen(
            mobject, name, box, glyphs, within.numbers, within.owners, within.plane,
            em=em_of(mobject), parts=tuple(id(part) for part in parts),
        )  # fmt: skip

    def _curve(self, mobject: Mobject, within: _Within) -> Seen:
        finite = np.isfinite(mobject.points).all(axis=1)
        box = box_of(mobject.points[finite]) if finite.any() else Box(0.0, 0.0, 0.0, 0.0)
        known = self._texts.get(id(mobject))
        words = known[1] if known else "text" if type(mobject) is VMobjectFromSVGPath else None
        if within.is_shape:
            words = None
        return Seen(
            mobject, words, box, row(box), within.numbers, within.owners, within.plane, within.part_of,
            is_finite=bool(finite.all()),
        )  # fmt: skip

    def _joined(self, items: Iterable[Seen]) -> Iterator[Seen]:
        """The same, but the loose letters of one text are one text."""
        loose: dict[str, list[Seen]] = {}
        for item in items:
            if item.words is not None and not item.parts:
                loose.setdefault(item.words or "", []).append(item)
            else:
                yield item
        for letters in loose.values():
            glyphs = np.concatenate([letter.glyphs for letter in letters])
            low, high = glyphs.min(axis=0), glyphs.max(axis=0)
            box = Box(float(low[0]), float(high[1]), float(low[2]), float(high[3]))
            ids = tuple(id(letter.mobject) for letter in letters)
            yield replace(letters[0], box=box, glyphs=glyphs, parts=ids)


def _uppermost(items: Iterable[Seen]) -> list[Seen]:
    """The same without texts that lie exactly below a copy of their own."""
    kept: dict[object, Seen] = {}
    for item in items:
        place = (round(item.box.left, 1), round(item.box.right, 1), round(item.box.top, 1))
        key = (item.words, place) if item.is_text else id(item.mobject)
        kept.pop(key, None)  # so that the copy stands where it is drawn
        kept[key] = item
    return [*kept.values()]


def shows(mobject: Mobject) -> bool:
    """Whether `mobject` itself, without its parts, can be seen."""
    if not len(mobject.points):
        return False
    if not isinstance(mobject, VMobject):
        return isinstance(mobject, PMobject | AbstractImageMobject)  # a ValueTracker has points too
    filled = mobject.get_fill_opacity() > _VISIBLE
    stroked = mobject.get_stroke_opacity() > _VISIBLE and mobject.get_stroke_width() > 0
    return bool(filled or stroked)
