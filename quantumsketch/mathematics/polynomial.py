"""The roots of an equation that is a polynomial one in its unknown, or a fraction of such."""

from __future__ import annotations

from fractions import Fraction

import mpmath

from quantumsketch.mathematics.evaluation import Undefined, Value, value
from quantumsketch.mathematics.formula import Apply, Formula, Number, symbols, within
from quantumsketch.mathematics.second_opinion import symbolic

_HIGHEST_DEGREE = 8


def roots(left: Formula, right: Formula) -> list[Value] | None:
    """The different roots of `left = right`, complex ones too; None if it is no such equation."""
    import sympy  # half a second, and most storyboards never need it

    names = symbols(left) | symbols(right)
    if len(names) != 1 or is_high(left) or is_high(right):
        return None
    try:
        numerator = sympy.together(symbolic(left) - symbolic(right)).as_numer_denom()[0]
        polynomial = sympy.Poly(sympy.expand(numerator), sympy.Symbol(next(iter(names))))
        coefficients = [mpmath.mpmathify(sympy.N(part, 40)) for part in polynomial.all_coeffs()]
        if not 1 <= polynomial.degree() <= _HIGHEST_DEGREE:
            return None
        found = mpmath.polyroots(coefficients, maxsteps=200, extraprec=200)
    except (sympy.PolynomialError, ArithmeticError, ValueError, TypeError, AttributeError):
        return None
    except mpmath.libmp.NoConvergence:
        return None
    name = next(iter(names))
    return [root for root in found if _is_defined(left, right, name, root)]


def is_high(formula: Formula) -> bool:
    """Whether a power is too high to be multiplied out."""
    return any(
        isinstance(part, Apply)
        and part.operation == "power"
        and bool(symbols(part.parts[0]))
        and not (isinstance(part.parts[1], Number) and part.parts[1].value <= _HIGHEST_DEGREE)
        and part.parts[1] != Apply("negative", (Number(Fraction(1)),))
        for part in within(formula)
    )


def _is_defined(left: Formula, right: Formula, name: str, root: Value) -> bool:
    try:
        here, there = value(left, {name: root}), value(right, {name: root})
    except Undefined:
        return False
    return bool(abs(here - there) < 1e-6 * (1 + abs(here)))
