"""A formula as it is written: numbers with their digits, names, and what is done to them.

Nothing is computed here, so that a formula of any size costs no more than its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

BINDING = {"sum", "product", "integral", "antiderivative", "derivative", "limit"}
"""Operations whose first part is the name that they run over."""
CALCULUS = BINDING - {"product"}


@dataclass(frozen=True)
class Number:
    """A decimal number and how many digits stand after its point."""

    value: Fraction
    places: int = 0


@dataclass(frozen=True)
class Symbol:
    """A name that can have any value."""

    name: str


@dataclass(frozen=True)
class Apply:
    """An operation on its parts; a constant is one without parts."""

    operation: str
    parts: tuple[Formula, ...] = ()


Formula: TypeAlias = Number | Symbol | Apply


def within(formula: Formula) -> Iterator[Formula]:
    """The formula and everything in it."""
    yield formula
    if isinstance(formula, Apply):
        for part in formula.parts:
            yield from within(part)


def operations(formula: Formula) -> set[str]:
    """Everything that is done in the formula."""
    return {part.operation for part in within(formula) if isinstance(part, Apply)}


def symbols(formula: Formula) -> frozenset[str]:
    """The names whose values the formula depends on."""
    match formula:
        case Symbol(name):
            return frozenset({name})
        case Apply("sum" | "product" | "integral" | "limit", (Symbol(bound), *outside, body)):
            free = symbols(body) - {bound}
            return free.union(*(symbols(part) for part in outside))
        case Apply(_, parts):
            return frozenset().union(*(symbols(part) for part in parts))
    return frozenset()


def has_brackets(formula: Formula) -> bool:
    """Whether a product, a power or a fraction holds a sum: something that can be worked out."""
    return any(
        isinstance(part, Apply)
        and part.operation in ("multiply", "power", "divide")
        and any("add" in operations(inner) for inner in part.parts)
        for part in within(formula)
    )


def has_decimals(formula: Formula) -> bool:
    """Whether some number in it is written with digits after the point."""
    return any(isinstance(part, Number) and part.places > 0 for part in within(formula))


def is_plain(formula: Formula) -> bool:
    """Whether nothing is left to compute: a number, its negative, a fraction of numbers."""
    match formula:
        case Number():
            return True
        case Apply("negative" | "degrees", (part,)):
            return is_plain(part)
        case Apply("divide", (Number(), Number())):
            return True
    return shown_decimal(formula) is not None


@dataclass(frozen=True)
class Shown:
    """A number as its digits show it: its value, and the value of one step of its last digit."""

    value: Fraction
    step: Fraction


def shown_decimal(formula: Formula) -> Shown | None:
    """The decimal number that a formula shows, such as 3.14 or 6 times ten to the 23, else None."""
    match formula:
        case Number(value, places):
            return Shown(value, _last_step(value, places))
        case Apply("negative", (part,)):
            inner = shown_decimal(part)
            return inner and Shown(-inner.value, inner.step)
        case Apply("multiply", (Number() as digits, Apply("power", (Number(value=base), exponent)))) if (
            base == 10
        ):
            inner, shift = shown_decimal(digits), shown_decimal(exponent)
            if inner and shift and shift.value.denominator == 1 and abs(shift.value) < 400:
                scale = Fraction(10) ** int(shift.value)
                step = Fraction(1, 10**digits.places)
                return Shown(inner.value * scale, step * scale)
    return None


def _last_step(value: Fraction, places: int) -> Fraction:
    if places or value == 0:
        return Fraction(1, 10**places)
    zeros = len(str(int(value))) - len(str(int(value)).rstrip("0"))
    return Fraction(10**zeros)


def replaced(formula: Formula, name: str, by: Formula) -> Formula:
    """The formula with another one in the place of a name."""
    match formula:
        case Symbol(found):
            return by if found == name else formula
        case Apply(operation, (Symbol(bound), *_)) if operation in BINDING and bound == name:
            return formula
        case Apply(operation, parts):
            return Apply(operation, tuple(replaced(part, name, by) for part in parts))
    return formula
