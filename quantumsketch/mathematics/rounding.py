"""Whether a value is what a decimal number shows: rounded or cut off at its last digit."""

from __future__ import annotations

from fractions import Fraction

import mpmath

from quantumsketch.mathematics.evaluation import Names, Undefined, Value, number, value
from quantumsketch.mathematics.formula import (
    Apply,
    Formula,
    Number,
    Shown,
    has_decimals,
    operations,
    shown_decimal,
    within,
)

_ROUGHLY = Fraction(5, 100)
_CONVERSIONS = (60, 3600, 24, 3.6, 1000, 100, 10, 7, 365, 12)


def shows(decimal: Shown, exact: Value, slack: Value = 0) -> bool:
    """Whether `decimal` is `exact`, rounded or (if it has digits enough) cut off.

    slack: how uncertain `exact` is.
    """
    shown, step = number(decimal.value), number(decimal.step)
    rounded = abs(shown - exact) <= step / 2 * (1 + mpmath.mpf(10) ** -9) + slack
    is_fine = (step < 1 or shown > 10**6) and 50 * step <= abs(shown)
    cut = is_fine and abs(shown) <= abs(exact) < abs(shown) + step and shown * exact >= 0
    return bool(rounded or cut)


def rounds_to(side: Formula, exact: Value, slack: Value = 0) -> bool:
    """Whether a side shows a decimal number, maybe in degrees or per cent, and `exact` is that number."""
    scale: Value = 1
    match side:
        case Apply("degrees", (inner,)):
            side, scale = inner, 180 / mpmath.pi
        case Apply("percent", (inner,)):
            side, scale = inner, mpmath.mpf(100)
    decimal = shown_decimal(side)
    return decimal is not None and shows(decimal, exact * scale, slack * scale)


def equal_to_the_digits(left: Formula, right: Formula, here: Value, there: Value) -> bool:
    """Whether `=` stands for a rounded value: a side with digits after its point, degrees or per cent."""
    return any(
        rounds_to(side, other)
        for side, other in ((left, there), (right, here))
        if has_decimals(side) or (operations(side) & {"degrees", "percent"} and not _is_round(side))
    )


def _is_round(side: Formula) -> bool:
    """Whether a whole number ends in zero: who writes it after `=` means it exactly."""
    return any(isinstance(part, Number) and part.value % 10 == 0 for part in within(side))


def approximates(left: Formula, right: Formula, here: Value, there: Value) -> bool:
    """Whether two values are approximately equal: to the digits shown, else roughly."""
    for side, other, other_value in ((right, left, here), (left, right, there)):
        if rounds_to(side, other_value, _uncertainty(other, other_value)):
            return True
    if shown_decimal(left) or shown_decimal(right):
        return False
    return bool(abs(here - there) <= number(_ROUGHLY) * max(abs(here), abs(there)))


def _uncertainty(formula: Formula, exact: Value) -> Value:
    """How much a value may move when each decimal number in it moves by half a step of its last digit."""
    total = mpmath.mpf(0)
    for path, part in _decimals(formula):
        half = Fraction(1, 2 * 10**part.places)
        try:
            moved = value(_replaced(formula, path, Number(part.value + half, part.places)), _NO_NAMES)
        except Undefined:
            continue
        total += abs(moved - exact)
    return total


_NO_NAMES: Names = {}
_Path = tuple[int, ...]


def _decimals(formula: Formula, path: _Path = ()) -> list[tuple[_Path, Number]]:
    match formula:
        case Number(_, places) if places:
            return [(path, formula)]
        case Apply(_, parts):
            return [found for at, part in enumerate(parts) for found in _decimals(part, (*path, at))]
    return []


def _replaced(formula: Formula, path: _Path, new: Formula) -> Formula:
    if not path or not isinstance(formula, Apply):
        return new
    parts = list(formula.parts)
    parts[path[0]] = _replaced(parts[path[0]], path[1:], new)
    return Apply(formula.operation, tuple(parts))


def may_be_a_conversion(here: Value, there: Value) -> bool:
    """Whether the ratio of two values is one between units, such as 1000 or 3.6."""
    if here == 0 or there == 0:
        return False
    ratio = abs(here / there)
    ratio = max(ratio, 1 / ratio)
    power = mpmath.log10(ratio)
    if power > 0.5 and abs(power - mpmath.nint(power)) < 0.02:
        return True
    return any(abs(ratio / factor - 1) < 0.03 for factor in _CONVERSIONS)
