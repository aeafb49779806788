"""SymPy's opinion on limits, integrals and endless sums before something with them is called wrong.

Two ways of computing must agree that the sides differ; an answer that SymPy does not have is no agreement.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath

from quantumsketch.mathematics.evaluation import NUMERICAL, Value
from quantumsketch.mathematics.formula import Apply, Formula, Number, Symbol, operations
from quantumsketch.mathematics.values import Compared, near

_AGREES = mpmath.mpf(10) ** -4


def confirms_difference(left: Formula, right: Formula, compared: Compared) -> bool:
    """Whether both sides, where they hold such an operator, are what SymPy computes too."""
    for side, computed in ((left, compared.left), (right, compared.right)):
        if operations(side) & NUMERICAL and not _agrees(side, compared, computed):
            return False
    return True


def _agrees(side: Formula, compared: Compared, computed: Value) -> bool:
    import sympy  # half a second, and most storyboards never need it

    try:
        expression = symbolic(side)
        names = {sympy.Symbol(name): _rational(value) for name, value in compared.names.items()}
        exact = expression.subs(names).doit()
        if exact.has(sympy.Sum, sympy.Integral, sympy.Limit):
            return False  # it would be computed in the same way again, which is no second opinion
        result = sympy.N(exact, 20)
    except (ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError, RecursionError):
        return False
    if not result.is_number or result.has(sympy.nan, sympy.zoo, sympy.oo):
        return False
    try:
        return near(mpmath.mpmathify(complex(result)), computed, _AGREES)
    except (TypeError, ValueError):
        return False


def _rational(value: Value) -> Any:
    import sympy

    return sympy.Rational(str(mpmath.nstr(value, 20)))


def symbolic(formula: Formula) -> Any:
    """The formula in SymPy's terms; raises ValueError for what is not translated."""
    import sympy

    match formula:
        case Number(Fraction() as value):
            return sympy.Rational(value.numerator, value.denominator)
        case Symbol(name):
            return sympy.Symbol(name)
        case Apply("sum", (Symbol(bound), start, end, body)):
            return sympy.Sum(symbolic(body), (sympy.Symbol(bound), symbolic(start), symbolic(end)))
        case Apply("integral", (Symbol(bound), start, end, body)):
            return sympy.Integral(symbolic(body), (sympy.Symbol(bound), symbolic(start), symbolic(end)))
        case Apply("limit", (Symbol(bound), to, body)):
            direction = "-" if to == Apply("infinity") else "+-"
            return sympy.Limit(symbolic(body), sympy.Symbol(bound), symbolic(to), direction)
        case Apply(operation, parts) if operation in _IN_SYMPY:
            return _IN_SYMPY[operation](sympy, *(symbolic(part) for part in parts))
    raise ValueError(f"{formula} is not translated")


_IN_SYMPY: dict[str, Any] = {
    "pi": lambda s: s.pi, "e": lambda s: s.E, "i": lambda s: s.I, "infinity": lambda s: s.oo,
    "add": lambda s, *parts: s.Add(*parts), "negative": lambda s, part: -part,
    "multiply": lambda s, left, right: left * right, "divide": lambda s, above, below: above / below,
    "power": lambda s, base, exponent: base**exponent, "root": lambda s, x, n: x ** (s.Integer(1) / n),
    "factorial": lambda s, n: s.factorial(n), "binomial": lambda s, n, k: s.binomial(n, k),
    "degrees": lambda s, angle: angle * s.pi / 180, "absolute": lambda s, x: s.Abs(x),
    "ln": lambda s, x: s.log(x), "log": lambda s, x, base: s.log(x, base), "exp": lambda s, x: s.exp(x),
    "derivative": lambda s, x, body: s.diff(body, x),
    "arcsin": lambda s, x: s.asin(x), "arccos": lambda s, x: s.acos(x), "arctan": lambda s, x: s.atan(x),
    **{name: (lambda s, x, name=name: getattr(s, name)(x))
       for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")},
}  # fmt: skip
