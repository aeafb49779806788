"""Whether an equation in one unknown follows from an earlier one, by the values that solve both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mpmath

from quantumsketch.mathematics.claims import PREMISE, Judgement, right, unchecked, wrong
from quantumsketch.mathematics.correction import worked_out
from quantumsketch.mathematics.evaluation import Undefined, Value, is_real, number, value
from quantumsketch.mathematics.formula import (
    BINDING,
    Formula,
    Symbol,
    has_brackets,
    operations,
    replaced,
    shown_decimal,
    symbols,
)
from quantumsketch.mathematics.polynomial import roots
from quantumsketch.mathematics.shapes import is_reshaped
from quantumsketch.mathematics.values import at_points, enough, near, positive_points, shown

_SAME_ROOT = mpmath.mpf(10) ** -8
_TURNING = {"sin", "cos", "tan", "cot", "sec", "csc"}
"""With these an angle may be meant in degrees, and there are endless solutions."""


@dataclass(frozen=True)
class Equation:
    """Two sides that are equal."""

    left: Formula
    right: Formula

    @property
    def names(self) -> frozenset[str]:
        return symbols(self.left) | symbols(self.right)

    @property
    def gives_a_value(self) -> bool:
        """Whether it says outright what the unknown is."""
        return isinstance(self.left, Symbol) and not symbols(self.right)

    @property
    def is_elementary(self) -> bool:
        return not (BINDING | {"antiderivative", "i"}) & (operations(self.left) | operations(self.right))


def follows(step: Equation, earlier: Sequence[Equation]) -> Judgement:
    """Judge a step in one unknown by the earlier equations in it, of which one is enough."""
    known = [equation for equation in earlier if equation.is_elementary]
    if not known or not step.is_elementary:
        return unchecked(PREMISE)
    if step.gives_a_value:
        return _value_solves(step, known)
    mine = roots(step.left, step.right)
    theirs = [roots(equation.left, equation.right) for equation in known]
    if not mine or not all(theirs):
        return unchecked(PREMISE)
    if any(_subset(mine, other) or _subset(other, mine) for other in theirs if other):
        return right("its solutions are those of a step before")
    if any(_is_another_example(step, equation) for equation in known):
        return unchecked(PREMISE)
    listed = " and ".join(sorted(map(shown, mine)))
    before = " and ".join(sorted(map(shown, theirs[-1] or [])))
    instead = worked_out(step.left) if is_reshaped(step.left, step.right) else ""
    hint = f"; worked out, its left side is {instead}" if instead else ""
    return wrong(f"it does not follow: it is solved by {listed}, the step before by {before}{hint}")


def _is_another_example(step: Equation, other: Equation) -> bool:
    """Whether both stand in the same standard form, as equations in a list of examples do."""
    expanded = not has_brackets(step.left) and not has_brackets(other.left)
    return expanded and step.right == other.right and not symbols(step.right)


def _value_solves(step: Equation, known: Sequence[Equation]) -> Judgement:
    name = next(iter(step.names))
    try:
        found = value(step.right, {})
    except Undefined as reason:
        return unchecked(str(reason))
    solved = [_solves(equation, name, found, step.right) for equation in known]
    if any(solved):
        return right("it solves a step before")
    turning = any(_TURNING & (operations(e.left) | operations(e.right)) for e in known)
    has_values = any(equation.gives_a_value for equation in known)
    if turning or has_values or not is_real(found) or any(each is None for each in solved):
        return unchecked(PREMISE)
    last = known[-1]
    here, there = value(last.left, {name: found}), value(last.right, {name: found})
    solving = roots(last.left, last.right) or []
    hint = f"; {name} = {' or '.join(map(shown, solving))} does" if solving else ""
    return wrong(
        f"{name} = {shown(found)} does not solve the step before: its left side is then {shown(here)},"
        f" its right side {shown(there)}{hint}"
    )


def _solves(equation: Equation, name: str, found: Value, written: Formula) -> bool | None:
    """Whether a value solves an equation to the digits shown; None if that cannot be told."""
    try:
        here, there = value(equation.left, {name: found}), value(equation.right, {name: found})
        if near(here, there, mpmath.mpf(10) ** -15):
            return True
        decimal = shown_decimal(written)
        if decimal is None:
            return False
        step = number(decimal.step) if decimal.step < 1 else mpmath.mpf(1) / 2
        gaps = [
            value(equation.left, {name: at}) - value(equation.right, {name: at})
            for at in (found - step, found + step)
        ]
    except Undefined:
        return None
    if gaps[0].real * gaps[1].real > 0:
        return False
    return True if decimal.step < 1 else None  # perhaps rounded to a whole number


def _subset(some: Sequence[Value], others: Sequence[Value]) -> bool:
    return all(any(near(one, other, _SAME_ROOT) for other in others) for one in some)


def rearranged(step: Equation, earlier: Sequence[Equation]) -> Judgement:
    """Judge a step that gives one name by others, by putting it into earlier equations of the same names."""
    if not isinstance(step.left, Symbol) or step.left.name in symbols(step.right):
        return unchecked(PREMISE)
    name = step.left.name
    known = [equation for equation in earlier if equation.names == step.names and equation.is_elementary]
    failed = []
    for equation in known:
        left, right_ = (replaced(side, name, step.right) for side in (equation.left, equation.right))
        compared = at_points(left, right_, positive_points(left, right_))
        if enough(compared) and all(point.equal for point in compared):
            return right("it solves a step before, at every point that was tried")
        failed.append(enough(compared) and not any(point.equal for point in compared))
    last_is_a_law = known and symbols(known[-1].left) and symbols(known[-1].right)
    is_system = step.names <= {"x", "y", "z"} or not last_is_a_law or known[-1].left == step.left
    if failed and all(failed) and len(step.names) > 2 and not is_system:
        return wrong(f"solving the step before for {name} does not give this")
    return unchecked(PREMISE)
