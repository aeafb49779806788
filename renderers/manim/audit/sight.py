"""What can be seen on the screen: every text, and every curve that is no letter, in the order of drawing."""

from __future__ import annotations

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
from renderers.manim.audit.writing import em_of, glyph_boxes, is_text, words_of
from renderers.manim.stage import Box
from renderers.manim.writing.text import TextBlock

_VISIBLE = 0.01
_SOLID = 0.6
"""From this opacity on a fill hides what is behind it."""
_FAINT = 0.35
"""Below this opacity a line does not disturb what is written on it."""


@dataclass(frozen=True)
class Seen:
    """One text or one curve on screen."""

    mobject: Mobject
    name: str
    box: Box
    glyphs: Boxes
    """What is really inked: a box for each letter; for shapes, and for the kit's blocks, just the box."""
    is_text: bool
    order: int
    """Later is drawn over earlier."""
    numbers: Numbers
    """Its own number as a shape, and those of the groups it is part of."""
    owners: Numbers
    """The numbers of what it belongs to."""
    plane: Mobject | None
    """The axes, plane or number line that it is part of."""
    top: int
    """The id of the scene's object that it is part of."""
    em: float | None = None
    parts: tuple[int, ...] = ()
    """The ids of a text's letters."""
    is_finite: bool = True
    """Whether every point of it lies somewhere."""

    def may_overlap(self, other: Seen) -> bool:
        """Whether one of the two belongs to the other."""
        return bool(self.owners & other.numbers or other.owners & self.numbers)

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
    top: int = 0

    def then(self, mobject: Mobject) -> _Within:
        within = replace(
            self, numbers=self.numbers | numbers_of(mobject), owners=self.owners | owners_of(mobject)
        )
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
            found += self._joined(self._walk(mobject, _Within(top=id(mobject))))
        found.sort(key=lambda item: item.mobject.z_index)  # as Manim's camera does
        return [replace(item, order=order) for order, item in enumerate(_uppermost(found))]

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
            mobject, name, box, glyphs, True, 0, within.numbers, within.owners, within.plane, within.top,
            em_of(mobject), tuple(id(part) for part in parts),
        )  # fmt: skip

    def _curve(self, mobject: Mobject, within: _Within) -> Seen:
        finite = np.isfinite(mobject.points).all(axis=1)
        box = box_of(mobject.points[finite]) if finite.any() else Box(0.0, 0.0, 0.0, 0.0)
        known = self._texts.get(id(mobject))
        letter = known is not None or type(mobject) is VMobjectFromSVGPath
        name = known[1] if known else "text" if letter else shape_name(mobject, box, within.part_of)
        return Seen(
            mobject, name, box, row(box), letter, 0, within.numbers, within.owners, within.plane, within.top,
            is_finite=bool(finite.all()),
        )  # fmt: skip

    def _joined(self, items: Iterable[Seen]) -> Iterator[Seen]:
        """The same, but the loose letters of one text are one text."""
        loose: dict[str, list[Seen]] = {}
        for item in items:
            if item.is_text and not item.parts:
                loose.setdefault(item.name, []).append(item)
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
        box = item.box
        place = tuple(round(edge, 1) for edge in (box.left, box.right, box.bottom, box.top))
        key = (item.name, place) if item.is_text else id(item.mobject)
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
