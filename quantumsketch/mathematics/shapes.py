"""Whether two formulas look like one that is worked out or factored, or like two to be set equal."""

from __future__ import annotations

from quantumsketch.mathematics.formula import Apply, Formula, Symbol, has_brackets, symbols
from quantumsketch.mathematics.values import at_points, far_points

_ALIKE = 5


def is_reshaped(before: Formula, now: Formula) -> bool:
    """Whether one is a product or power of sums, the other a sum, and both grow alike."""
    if has_brackets(before) == has_brackets(now):
        return False
    factored, expanded = (before, now) if has_brackets(before) else (now, before)
    return _is(expanded, "add") and _is(factored, "multiply", "power") and _grow_alike(before, now)


def may_be_a_proportion(before: Formula, now: Formula) -> bool:
    """Whether the two may be set equal to be solved: a fraction and another one, or a name."""
    fractions = _is(before, "divide") and _is(now, "divide")
    return isinstance(now, Symbol) or (fractions and len(symbols(before)) > 1)


def _is(formula: Formula, *operations: str) -> bool:
    return isinstance(formula, Apply) and formula.operation in operations


def _grow_alike(one: Formula, other: Formula) -> bool:
    """Whether the two are of one size where their names are large."""
    far = at_points(one, other, far_points(one, other)[-1:])
    return all(abs(point.left) < _ALIKE * abs(point.right) < _ALIKE**2 * abs(point.left) for point in far)
