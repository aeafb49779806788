"""What a visual says of its own parts, so that the audit need not guess. Copies keep it."""

from __future__ import annotations

import itertools

from manim import Mobject

_BELONGS, _SHAPE, _IGNORED = "audit_belongs", "audit_shape", "audit_ignored"
_numbers = itertools.count(1)

Numbers = frozenset[int]


def belongs(text: Mobject, *shapes: Mobject) -> None:
    """Say that `text` may lie on these shapes or texts, which their copies keep."""
    for shape in shapes:
        number = vars(shape).setdefault(_SHAPE, next(_numbers))
        vars(text)[_BELONGS] = vars(text).get(_BELONGS, frozenset()) | {number}


def ignore(mobject: Mobject) -> None:
    """Say that `mobject` and its parts are decoration: never a finding."""
    vars(mobject)[_IGNORED] = True


def is_ignored(mobject: Mobject) -> bool:
    """Whether `ignore` was said of it."""
    return bool(vars(mobject).get(_IGNORED))


def numbers_of(mobject: Mobject) -> Numbers:
    """The number by which texts belong to it, if any do."""
    facts = vars(mobject)
    return frozenset({facts[_SHAPE]}) if _SHAPE in facts else frozenset()


def owners_of(mobject: Mobject) -> Numbers:
    """The numbers of what it belongs to."""
    found: Numbers = vars(mobject).get(_BELONGS, frozenset())
    return found
