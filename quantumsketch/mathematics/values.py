"""Compares two formulas by their values: once if nothing is free, else at points. Knows no relation signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import mpmath

from quantumsketch.mathematics.evaluation import NUMERICAL, Names, Undefined, Value, is_real, number, value
from quantumsketch.mathematics.formula import Apply, Formula, Symbol, operations, symbols, within

_FEWEST_POINTS = 4
_NEARLY_ZERO = mpmath.mpf(1) / 1000
"""Below this size the difference itself counts, because what should be zero seldom is exactly."""
_SIXTEENTHS = (5, 29, 14, 43, 37, 9, 58, 23, 51, 7, 31, 13, 12, 47, 11, 19)
"""Half of the values lie below one, where inverse functions live; sixteenths are exact in binary."""
_WHOLE = (1, 2, 3, 5, 4, 7, 6, 8)
_USUALLY_WHOLE = frozenset("nkmNMj")


@dataclass(frozen=True)
class Compared:
    """Two sides at one point."""

    names: Names
    left: Value
    right: Value
    equal: bool


def tolerance(*formulas: Formula) -> Value:
    """How far apart, relative to their size, two values may be that are meant to be equal."""
    done = set().union(*(operations(formula) for formula in formulas))
    if "limit" in done:
        return mpmath.mpf(10) ** -5
    return mpmath.mpf(10) ** (-9 if done & NUMERICAL else -15 if "derivative" in done else -37)


def near(left: Value, right: Value, within_: Value) -> bool:
    """Whether two values differ by no more than a part of the larger one."""
    return bool(abs(left - right) <= within_ * max(abs(left), abs(right), _NEARLY_ZERO))


def at_points(left: Formula, right: Formula, points: Iterable[Names]) -> list[Compared]:
    """Both sides at every point at which both have a value that can be compared."""
    allowed = tolerance(left, right)
    complex_is_meant = "i" in operations(left) | operations(right)
    found = []
    for names in points:
        try:
            here, there = value(left, names), value(right, names)
        except Undefined:
            continue
        if complex_is_meant or (is_real(here) and is_real(there)):
            found.append(Compared(names, here, there, near(here, there, allowed)))
    return found


def closed_values(left: Formula, right: Formula) -> Compared:
    """Both sides, which have no free names; raises Undefined."""
    here, there = value(left, {}), value(right, {})
    if not (is_real(here) and is_real(there)) and "i" not in operations(left) | operations(right):
        raise Undefined("a side is not real")
    return Compared({}, here, there, near(here, there, tolerance(left, right)))


def positive_points(*formulas: Formula) -> list[dict[str, Value]]:
    """Points with positive values, whole ones for names that stand for whole numbers."""
    names, whole = _names(formulas), _whole_names(formulas)
    return [
        {
            name: number(_WHOLE[(at + place) % 8])
            if name in whole
            else number(Fraction(_SIXTEENTHS[(2 * at + 5 * place + at // 4) % 16], 16))
            for place, name in enumerate(names)
        }
        for at in range(12)
    ]


def real_points(*formulas: Formula) -> list[dict[str, Value]]:
    """Points with values of either sign, and zero."""
    points = positive_points(*formulas)
    whole = _whole_names(formulas)
    signed = [
        {
            name: -v if (at + place) % 2 and name not in whole else v
            for place, (name, v) in enumerate(p.items())
        }
        for at, p in enumerate(points)
    ]
    zero = {name: number(0 if name not in whole else 1) for name in _names(formulas)}
    far = [{name: -1000 * v if name not in whole else v for name, v in points[0].items()}]
    return [*far_points(*formulas), *signed, *far, zero]


def far_points(*formulas: Formula) -> list[dict[str, Value]]:
    """Positive points, one of them far out."""
    points, whole = positive_points(*formulas), _whole_names(formulas)
    return [*points, {name: 1000 * v if name not in whole else v for name, v in points[0].items()}]


def whole_points(*formulas: Formula) -> list[dict[str, Value]]:
    """Positive points at which every usual name of a whole number is one."""
    names, whole = _names(formulas), _whole_names(formulas) | _USUALLY_WHOLE
    return [
        {
            name: number(_WHOLE[(at + place) % 8])
            if name in whole
            else number(Fraction(_SIXTEENTHS[(2 * at + 5 * place) % 16], 16))
            for place, name in enumerate(names)
        }
        for at in range(6)
    ]


def depends_on(formula: Formula) -> frozenset[str]:
    """The names that make a difference: of those in it, a derivative loses some."""
    if "derivative" not in operations(formula):
        return symbols(formula)
    points = positive_points(formula)[:4]
    return frozenset(
        name
        for name in symbols(formula)
        if any(not _same_when_moved(formula, point, name) for point in points)
    )


def _same_when_moved(formula: Formula, point: dict[str, Value], name: str) -> bool:
    moved = {**point, name: point[name] + 1}
    try:
        return near(value(formula, point), value(formula, moved), tolerance(formula))
    except Undefined:
        return True


def enough(compared: list[Compared]) -> bool:
    """Whether there were values at enough points to say something of all."""
    return len(compared) >= _FEWEST_POINTS


def _names(formulas: tuple[Formula, ...]) -> list[str]:
    return sorted(frozenset().union(*(symbols(formula) for formula in formulas)))


def _whole_names(formulas: tuple[Formula, ...]) -> frozenset[str]:
    """The names that are counted with: ends of sums, what stands before an exclamation mark."""
    whole: set[str] = set()
    for formula in formulas:
        for part in within(formula):
            match part:
                case Apply("factorial" | "binomial", parts):
                    whole.update(*(symbols(inner) for inner in parts))
                case Apply("sum" | "product", (Symbol(), start, end, _)):
                    whole |= symbols(start) | symbols(end)
                case Apply("power", (Apply("negative" | "add"), exponent)):
                    whole |= symbols(exponent)
    return frozenset(whole)


def shown(result: Value) -> str:
    """A value as a person reads it."""
    if not is_real(result):
        return str(mpmath.nstr(result, 5))
    real = mpmath.re(result)
    whole = mpmath.nint(real)
    if abs(real - whole) < mpmath.mpf(10) ** -20 and abs(real) < mpmath.mpf(10) ** 15:
        return str(int(whole))
    return str(mpmath.nstr(real, 7))


def shown_names(names: Names) -> str:
    """The values of names as a person reads them."""
    return ", ".join(f"{name} = {shown(names[name])}" for name in sorted(names))
