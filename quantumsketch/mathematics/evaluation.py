"""The value of a formula, for given values of its names, to many digits. Never builds too large a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath

from quantumsketch.mathematics.formula import Apply, Formula, Number, Symbol, operations

Value = Any
"""A real or complex number of mpmath, which ships no types."""
Names = Mapping[str, Value]

DIGITS = 50
_LARGEST_EXPONENT = 100_000
_LARGEST_FACTORIAL = 100_000
_MOST_TERMS = 2_000
_HIGHEST_ROOT = 1_000
_FAR_TERMS, _VANISHED = (10_000, 10_001), 0.02
_QUICK_DIGITS = 20
NUMERICAL = {"integral", "sum", "limit"}
"""Operations that may be computed to fewer digits than DIGITS."""


class Undefined(Exception):
    """There is no value, or none that can be had: its text says why."""


def number(value: Fraction | int) -> Value:
    """The number of mpmath nearest to a fraction."""
    exact = Fraction(value)
    return mpmath.mpf(exact.numerator) / exact.denominator


def value(formula: Formula, names: Names) -> Value:
    """Compute a formula; raises Undefined."""
    match formula:
        case Number(exact):
            return number(exact)
        case Symbol(name):
            if name not in names:
                raise Undefined(f"{name} has no value")
            return names[name]
        case Apply(operation, (Symbol(bound), *ends, body)) if operation in _OPERATORS:
            return _OPERATORS[operation](bound, [value(end, names) for end in ends], body, names)
        case Apply(operation, parts):
            try:
                return _checked(_OPERATIONS[operation](*(value(part, names) for part in parts)))
            except (ZeroDivisionError, OverflowError, ValueError, KeyError, TypeError):
                raise Undefined(f"{operation} has no value here") from None
    raise Undefined("there is nothing to compute")


def _checked(result: Value) -> Value:
    if mpmath.isnan(result):
        raise Undefined("there is no value")
    return result


def is_real(result: Value) -> bool:
    """Whether a value has no imaginary part worth the name."""
    return bool(abs(mpmath.im(result)) <= mpmath.mpf(10) ** (-DIGITS // 2) * (1 + abs(result)))


def _power(base: Value, exponent: Value) -> Value:
    if base == 0:
        if mpmath.re(exponent) <= 0:
            raise Undefined("zero to such a power has no value")
        return mpmath.mpf(0)
    if mpmath.isinf(base) or mpmath.isinf(exponent):
        raise Undefined("infinity is no number")
    growth = mpmath.re(exponent) * mpmath.log(abs(base))
    if growth > _LARGEST_EXPONENT:
        raise Undefined("the power is too large")
    if growth < -_LARGEST_EXPONENT:
        return mpmath.mpf(0)
    whole = mpmath.isint(exponent)
    if is_real(base) and mpmath.re(base) < 0 and not whole and is_real(exponent):
        raise Undefined("a negative number to such a power is not clear")
    return base ** int(exponent) if whole and is_real(exponent) else mpmath.power(base, exponent)


def _root(radicand: Value, degree: Value) -> Value:
    if not mpmath.isint(degree) or degree < 2:
        raise Undefined("a root of such a degree has no value")
    if degree > _HIGHEST_ROOT:
        return _power(radicand, 1 / degree)
    if is_real(radicand) and mpmath.re(radicand) < 0 and int(degree) % 2:
        return -mpmath.root(-mpmath.re(radicand), int(degree))
    return mpmath.root(radicand, int(degree))


def _ln(argument: Value) -> Value:
    if not is_real(argument) or mpmath.re(argument) <= 0:
        raise Undefined("the logarithm has no value here")
    return mpmath.log(argument)


def _exp(argument: Value) -> Value:
    return _power(mpmath.e, argument)


def _factorial(argument: Value) -> Value:
    if not mpmath.isint(argument) or not 0 <= argument <= _LARGEST_FACTORIAL:
        raise Undefined("the factorial has no value here")
    return mpmath.factorial(argument)


def _binomial(upper: Value, lower: Value) -> Value:
    if not (mpmath.isint(lower) and 0 <= lower <= _LARGEST_FACTORIAL and abs(upper) <= _LARGEST_FACTORIAL):
        raise Undefined("the binomial has no value here")
    return mpmath.binomial(upper, lower)


def _arc(function: Callable[[Value], Value]) -> Callable[[Value], Value]:
    def inside(argument: Value) -> Value:
        if not is_real(argument) or abs(argument) > 1:
            raise Undefined("the inverse function has no value here")
        return function(argument)

    return inside


def _bounded(function: Callable[[Value], Value]) -> Callable[[Value], Value]:
    def inside(argument: Value) -> Value:
        if abs(argument) > mpmath.mpf(10) ** (DIGITS // 2):
            raise Undefined("the angle is too large")
        result = function(argument)
        if abs(result) > mpmath.mpf(10) ** (DIGITS // 2):
            raise Undefined("the function has a pole here")
        return result

    return inside


def _infinity() -> Value:
    return mpmath.inf


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "pi": lambda: +mpmath.pi, "e": lambda: +mpmath.e, "i": lambda: mpmath.mpc(0, 1), "infinity": _infinity,
    "add": lambda *parts: sum(parts, mpmath.mpf(0)), "negative": lambda part: -part,
    "multiply": lambda left, right: left * right, "divide": lambda above, below: above / below,
    "power": _power, "root": _root, "factorial": _factorial, "binomial": _binomial,
    "degrees": lambda angle: angle * mpmath.pi / 180, "percent": lambda part: part / 100,
    "absolute": abs, "floor": mpmath.floor, "ceil": mpmath.ceil,
    "sin": _bounded(mpmath.sin), "cos": _bounded(mpmath.cos), "tan": _bounded(mpmath.tan),
    "cot": _bounded(mpmath.cot), "sec": _bounded(mpmath.sec), "csc": _bounded(mpmath.csc),
    "arcsin": _arc(mpmath.asin), "arccos": _arc(mpmath.acos), "arctan": mpmath.atan,
    "sinh": lambda x: (_exp(x) - _exp(-x)) / 2, "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
    "tanh": mpmath.tanh, "ln": _ln, "log": lambda x, base: _ln(x) / _ln(base), "exp": _exp,
}  # fmt: skip


def _terms(ends: list[Value]) -> range:
    if not all(mpmath.isint(end) for end in ends) or ends[1] - ends[0] > _MOST_TERMS:
        raise Undefined("so many terms are not added up")
    return range(int(ends[0]), int(ends[1]) + 1)


def _sum(bound: str, ends: list[Value], body: Formula, names: Names) -> Value:
    if ends[1] == mpmath.inf:
        if any(abs(value(body, {**names, bound: number(k)})) > _VANISHED for k in _FAR_TERMS):
            raise Undefined("the terms of the sum do not vanish")
        return _carefully(lambda: mpmath.nsum(lambda k: value(body, {**names, bound: k}), ends))
    return sum((value(body, {**names, bound: number(k)}) for k in _terms(ends)), mpmath.mpf(0))


def _product(bound: str, ends: list[Value], body: Formula, names: Names) -> Value:
    result = mpmath.mpf(1)
    for k in _terms(ends):
        result *= value(body, {**names, bound: number(k)})
    return result


def _integral(bound: str, ends: list[Value], body: Formula, names: Names) -> Value:
    def integrate() -> Value:
        area, error = mpmath.quad(lambda x: value(body, {**names, bound: x}), ends, error=True)
        if error > mpmath.mpf(10) ** -8 * (1 + abs(area)):
            raise Undefined("the integral could not be computed")
        return area

    return _carefully(integrate)


def _derivative(bound: str, _ends: list[Value], body: Formula, names: Names) -> Value:
    if bound not in names:
        raise Undefined(f"{bound} has no value")
    _refuse_noise(body)
    return _checked(mpmath.diff(lambda x: value(body, {**names, bound: x}), names[bound]))


def _refuse_noise(body: Formula) -> None:
    """Raise Undefined if the body is known to so few digits that its small differences are noise."""
    if operations(body) & NUMERICAL:
        raise Undefined("one operator within the other is not computed")


def _limit(bound: str, ends: list[Value], body: Formula, names: Names) -> Value:
    """The value that is approached, from both sides, if it is approached quickly enough to be seen."""

    def near(step: int) -> list[Value]:
        far = mpmath.mpf(10) ** step
        if mpmath.isinf(ends[0]):
            return [value(body, {**names, bound: mpmath.sign(ends[0]) * far})]
        return [value(body, {**names, bound: ends[0] + side / far}) for side in (1, -1)]

    _refuse_noise(body)
    values = [*near(9), *near(11)]
    if max(abs(seen - values[-1]) for seen in values) > mpmath.mpf(10) ** -6 * (1 + abs(values[-1])):
        raise Undefined("the limit could not be seen")
    return values[-1]


def _carefully(compute: Callable[[], Value]) -> Value:
    try:
        with mpmath.workdps(_QUICK_DIGITS):
            return _checked(compute())
    except (ArithmeticError, ValueError, TypeError, mpmath.libmp.NoConvergence):
        raise Undefined("it could not be computed") from None


_OPERATORS: dict[str, Callable[[str, list[Value], Formula, Names], Value]] = {
    "sum": _sum, "product": _product, "integral": _integral, "derivative": _derivative, "limit": _limit,
}  # fmt: skip
