"""Whether an equation that fails reads as a general law, such as (a+b)^2 = a^2+b^2, not as one to solve.

Asked only of equations that fail at every point tried. When in doubt, it is no law.
"""

from __future__ import annotations

from fractions import Fraction

import mpmath

from quantumsketch.mathematics.formula import Apply, Formula, Number, Symbol, operations, symbols, within
from quantumsketch.mathematics.values import at_points, near, positive_points

_LETTERS_OF_LAWS = frozenset("abcmnpquvAB") | {"alpha", "beta", "theta", "phi", "varphi"}
_TRANSCENDENTAL = {"sin", "cos", "tan", "ln", "log", "exp", "sinh", "cosh", "tanh"}
_EQUAL = (mpmath.mpf(3) / 2, mpmath.mpf(13) / 4)


def breaks_a_law(left: Formula, right: Formula) -> bool:
    """Whether the sides, in the same two or more names, are two forms of what cannot be equal."""
    names = symbols(left)
    if len(names) < 2 or names != symbols(right) or may_be_matrices(left, right):
        return False
    even = at_points(left, right, [dict.fromkeys(names, equal) for equal in _EQUAL])
    if not even or any(point.equal for point in even):
        return False
    compared = at_points(left, right, positive_points(left, right))
    above = {bool(point.left.real > point.right.real) for point in compared}
    if not _has_work(left, right):
        return False
    if len(above) == 1 and (degree := _degree(left)) is not None and degree == _degree(right):
        return True
    transcendental = operations(left) & _TRANSCENDENTAL and operations(right) & _TRANSCENDENTAL
    powers = _has_named_exponent(left) and _has_named_exponent(right)
    return names <= _LETTERS_OF_LAWS and bool(transcendental or powers)


def may_be_matrices(left: Formula, right: Formula) -> bool:
    """Whether all is sums and products of different capital letters, whose order may matter."""
    names = symbols(left) | symbols(right)
    capitals = len(names) > 1 and all(name.isupper() for name in names)
    return capitals and not (operations(left) | operations(right)) - {"add", "negative", "multiply", "power"}


def may_be_vectors(left: Formula, right: Formula) -> bool:
    """Whether several names stand between bars, as in the angle between two vectors."""
    parts = {*within(left), *within(right)}
    names = [part for part in parts if isinstance(part, Symbol)]
    return sum(Apply("absolute", (name,)) in parts for name in names) > 1


def _has_work(left: Formula, right: Formula) -> bool:
    """Whether a side does something to a sum or a product: a power, a root, a function, a fraction of it."""
    for side in (left, right):
        for part in within(side):
            if isinstance(part, Apply) and part.operation not in ("add", "negative"):
                inner = [p.operation for p in part.parts if isinstance(p, Apply)]
                if "add" in inner or (part.operation in _TRANSCENDENTAL and "multiply" in inner):
                    return True
    return _has_named_exponent(left) and _has_named_exponent(right)


def _has_named_exponent(formula: Formula) -> bool:
    return any(
        isinstance(part, Apply) and part.operation == "power" and bool(symbols(part.parts[1]))
        for part in within(formula)
    )


def _degree(formula: Formula) -> int | None:
    """The power by which a formula grows when all its names grow, if it is the same everywhere."""
    scaled = _scaled(formula)
    degrees = set()
    for point in at_points(scaled, formula, positive_points(formula)):
        if point.left.real == 0 or point.right.real == 0 or point.left.real / point.right.real <= 0:
            return None
        degree = mpmath.log(point.left.real / point.right.real, 2)
        if not near(degree, mpmath.nint(degree), mpmath.mpf(10) ** -15):
            return None
        degrees.add(int(mpmath.nint(degree)))
    return degrees.pop() if len(degrees) == 1 else None


def _scaled(formula: Formula) -> Formula:
    match formula:
        case Symbol():
            return Apply("multiply", (Number(Fraction(2)), formula))
        case Apply(operation, parts):
            return Apply(operation, tuple(_scaled(part) for part in parts))
    return formula
