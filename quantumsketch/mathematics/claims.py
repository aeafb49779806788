"""Whether one relation between two formulas holds: right, wrong, or nothing that can be said for certain.

Wrong is only what is a false fact about numbers, can never be true, or claims to hold for all values and
fails at every point that was tried. An equation that may be one to be solved, or a definition, is neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import mpmath

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.correction import worked_out
from quantumsketch.mathematics.evaluation import Undefined
from quantumsketch.mathematics.formula import (
    CALCULUS,
    Apply,
    Formula,
    Symbol,
    has_brackets,
    has_decimals,
    is_plain,
    operations,
    shown_decimal,
    symbols,
    within,
)
from quantumsketch.mathematics.laws import breaks_a_law, may_be_matrices, may_be_vectors
from quantumsketch.mathematics.rounding import (
    approximates,
    equal_to_the_digits,
    may_be_a_conversion,
    rounds_to,
)
from quantumsketch.mathematics.second_opinion import confirms_difference
from quantumsketch.mathematics.slopes import slope
from quantumsketch.mathematics.tokens import FUNCTIONS
from quantumsketch.mathematics.values import (
    Compared,
    at_points,
    closed_values,
    depends_on,
    enough,
    far_points,
    near,
    positive_points,
    real_points,
    shown,
    shown_names,
    whole_points,
)


class Kind(Enum):
    """What sort of thing was judged."""

    NUMBERS = "a fact about numbers"
    CONTRADICTION = "what can never be true, such as 0 = 4"
    NAMES = "something with names in it"
    DRAWING = "something drawn"


@dataclass(frozen=True)
class Judgement:
    """What is said of one relation, and why."""

    verdict: Verdict
    message: str
    kind: Kind = Kind.NAMES


PREMISE = "taken as given: a premise, a definition, or something to be solved"


def right(message: str = "") -> Judgement:
    return Judgement(Verdict.RIGHT, message)


def wrong(message: str, kind: Kind = Kind.NAMES) -> Judgement:
    return Judgement(Verdict.WRONG, message, kind)


def unchecked(message: str) -> Judgement:
    return Judgement(Verdict.UNCHECKED, message)


def judge(
    left: Formula, relation: str, right_: Formula, *, rewritten: bool = False, unit: bool = False
) -> Judgement:
    """Judge `left relation right_`.

    rewritten: the right side is what becomes of the left one, so both are meant for all values.
    unit: a unit stood behind one of the sides, so that a factor between units may be missing.
    """
    if "antiderivative" in operations(left) | operations(right_):
        return _antiderivative(left, relation, right_)
    if not symbols(left) | symbols(right_):
        return _closed(left, relation, right_, unit)
    if relation == "=":
        return _equation(left, right_, rewritten)
    return _inequality(left, relation, right_)


def _closed(left: Formula, relation: str, right_: Formula, unit: bool) -> Judgement:
    try:
        compared = closed_values(left, right_)
    except Undefined as reason:
        return unchecked(str(reason))
    here, there, equal = compared.left, compared.right, compared.equal
    if relation == "=":
        if equal:
            return right()
        if equal_to_the_digits(left, right_, here, there):
            return right("to the digits shown")
        return _unequal(left, right_, compared, unit)
    if relation == r"\approx":
        if equal or approximates(left, right_, here, there):
            return right()
        if not (is_plain(left) or is_plain(right_)):
            return unchecked(f"a rough approximation: {_sides(compared)}")
        return _unequal(left, right_, compared, unit)
    if complex in (type(here), type(there)) or "i" in operations(left) | operations(right_):
        return unchecked("complex numbers are not compared")
    if _ORDER[relation](compared):
        return right()
    if relation == r"\neq" and has_decimals(left):
        return unchecked("equal, though maybe not in a computer's arithmetic")
    return wrong(_sides(compared), Kind.NUMBERS)


def _unequal(left: Formula, right_: Formula, compared: Compared, unit: bool) -> Judgement:
    if unit and may_be_a_conversion(compared.left, compared.right):
        return unchecked("it may hold between different units")
    if _whole_from_measured(left, right_) and rounds_to(right_, compared.left):
        return unchecked(f"rounded to a whole number: the left side is {shown(compared.left)}")
    if _drops_the_rest(left, compared):
        return unchecked("a whole-number division, perhaps")
    if not confirms_difference(left, right_, compared):
        return unchecked("its value could not be confirmed")
    angles = "degrees" in operations(left) & operations(right_) and not (FUNCTIONS & operations(left))
    plain = is_plain(left) and is_plain(right_)
    return wrong(_sides(compared, degrees=angles), Kind.CONTRADICTION if plain else Kind.NUMBERS)


def _whole_from_measured(left: Formula, right_: Formula) -> bool:
    """Whether decimal numbers go in and a whole one comes out."""
    return shown_decimal(right_) is not None and not has_decimals(right_) and has_decimals(left)


def _drops_the_rest(left: Formula, compared: Compared) -> bool:
    """Whether the right side is what a program makes of a division of whole numbers."""
    is_division = isinstance(left, Apply) and left.operation == "divide" and not has_decimals(left)
    return is_division and bool(mpmath.floor(compared.left.real) == compared.right and compared.left > 1)


def _sides(compared: Compared, *, degrees: bool = False) -> str:
    at = f"for {shown_names(compared.names)} " if compared.names else ""
    unit, scale = ("°", 180 / mpmath.pi) if degrees else ("", 1)
    left, right_ = shown(compared.left * scale), shown(compared.right * scale)
    return f"{at}the left side is {left}{unit}, the right side {right_}{unit}"


def _equation(left: Formula, right_: Formula, rewritten: bool) -> Judgement:
    compared = at_points(left, right_, positive_points(left, right_))
    if enough(compared) and all(point.equal for point in compared):
        if may_be_matrices(left, right_):
            return unchecked("it holds for numbers, but capital letters may stand for matrices")
        return right("holds at every point that was tried")
    counted = at_points(left, right_, whole_points(left, right_))
    if enough(counted) and all(point.equal for point in counted):
        return right("holds for whole numbers, at every point that was tried")
    if isinstance(left, Symbol) or (isinstance(right_, Symbol) and right_.name not in symbols(left)):
        return unchecked(PREMISE)
    if not enough(compared):
        return unchecked("it has no value at enough points")
    if may_be_vectors(left, right_):
        return unchecked("names between bars may be vectors")
    named = isinstance(right_, Symbol)
    if _never_equal(compared) and not named:
        return wrong(f"never true: {_sides(compared[0])}", Kind.CONTRADICTION)
    if any(point.equal for point in compared) or not _is_meant_for_all(left, right_, rewritten):
        return unchecked(PREMISE)
    if not confirms_difference(left, right_, compared[0]):
        return unchecked("its value could not be confirmed")
    instead = worked_out(left) if has_brackets(left) or "derivative" in operations(left) else ""
    hint = f"; worked out, the left side is {instead}" if instead else ""
    return wrong(f"it does not hold for all values: {_sides(_telling(left, right_, compared))}{hint}")


def _never_equal(compared: list[Compared]) -> bool:
    """Whether the sides differ by the same number everywhere."""
    gaps = [point.left - point.right for point in compared]
    return all(near(gap, gaps[0], 1e-20) for gap in gaps) and abs(gaps[0]) > 1e-9


def _is_meant_for_all(left: Formula, right_: Formula, rewritten: bool) -> bool:
    if depends_on(left) != depends_on(right_):
        return False
    if rewritten:
        return True
    if CALCULUS & (operations(left) | operations(right_)):
        return True
    return breaks_a_law(left, right_)


def _telling(left: Formula, right_: Formula, compared: list[Compared]) -> Compared:
    """A point with small whole numbers, if the sides differ there; else the first one."""
    names = sorted(symbols(left) | symbols(right_))
    simple = {name: compared[0].names[name] * 0 + place + 2 for place, name in enumerate(names)}
    found = [point for point in at_points(left, right_, [simple]) if not point.equal]
    return found[0] if found else compared[0]


def _inequality(left: Formula, relation: str, right_: Formula) -> Judgement:
    if relation == r"\approx" or isinstance(left, Symbol) or isinstance(right_, Symbol):
        return unchecked(PREMISE)
    holds = _ORDER[relation]
    for points, where in ((real_points, ""), (far_points, " positive")):
        compared = at_points(left, right_, points(left, right_))
        if enough(compared) and all(holds(point) for point in compared):
            return right(f"holds at every{where} point that was tried")
    return unchecked(PREMISE)


_ORDER: dict[str, Callable[[Compared], bool]] = {
    "<": lambda point: not point.equal and point.left.real < point.right.real,
    ">": lambda point: not point.equal and point.left.real > point.right.real,
    r"\leq": lambda point: point.equal or point.left.real < point.right.real,
    r"\geq": lambda point: point.equal or point.left.real > point.right.real,
    r"\neq": lambda point: not point.equal,
}


def _antiderivative(left: Formula, relation: str, right_: Formula) -> Judgement:
    """Judge an indefinite integral by the derivatives of both sides: its constant is free."""
    variables = {part.parts[0] for side in (left, right_) for part in _antiderivatives(side)}
    if relation != "=" or len(variables) != 1:
        return unchecked("it is not clear what is integrated over")
    variable = next(iter(variables))
    slopes = slope(left, variable), slope(right_, variable)
    if slopes[0] is None or slopes[1] is None:
        return unchecked("an integral within another operation is not checked")
    compared = at_points(slopes[0], slopes[1], positive_points(slopes[0], slopes[1]))
    if not enough(compared):
        return unchecked("it has no value at enough points")
    if all(point.equal for point in compared):
        return right("the derivatives agree at every point that was tried")
    known = symbols(left) | symbols(variable) <= symbols(right_)
    if any(point.equal for point in compared) or not known or isinstance(right_, Symbol):
        return unchecked(PREMISE)
    names = compared[0].names
    return wrong(
        f"the derivative of the right side is not what is integrated: for {shown_names(names)} they are"
        f" {shown(compared[0].right)} and {shown(compared[0].left)}"
    )


def _antiderivatives(formula: Formula) -> list[Apply]:
    return [
        part for part in within(formula) if isinstance(part, Apply) and part.operation == "antiderivative"
    ]
