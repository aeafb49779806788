"""Numbers in the labels of a drawing. A label with anything beside the number has none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.claims import Judgement, right, unchecked
from quantumsketch.mathematics.evaluation import Undefined, is_real, value
from quantumsketch.mathematics.formula import Apply, Formula, operations, shown_decimal, symbols
from quantumsketch.mathematics.sides import under_every_reading
from quantumsketch.mathematics.tokens import cut, tokens

_IN_PLAIN_NUMBERS = {"divide", "negative", "root", "pi", "multiply", "power"}
_DEGREES = re.compile(r"^\s*(?:[^\s=]{1,12}\s*=\s*)?(\d+(?:\.\d+)?)\s*(?:°|degrees|deg)\s*$")


def labelled_number(label: str | None) -> float | None:
    """The number that a label shows, such as `3` or `$a = \\frac{1}{2}$`; None if it is no plain number."""
    formula = _formula(label)
    if formula is None or operations(formula) - _IN_PLAIN_NUMBERS:
        return None
    return _float(formula)


def labelled_degrees(label: str | None) -> float | None:
    """The degrees that a label shows, such as `$30^\\circ$` or `30°`; None if it shows none."""
    if match := _DEGREES.match((label or "").replace("$", "")):
        return float(match.group(1))
    match _formula(label):
        case Apply("degrees", (inner,)):
            return _float(inner)
    return None


def shows_number(label: str | None, exact: float) -> bool:
    """Whether the label is the number rounded at its last digit."""
    formula = _formula(label)
    decimal = shown_decimal(formula) if formula is not None else None
    return decimal is not None and abs(float(decimal.value) - exact) <= float(decimal.step) / 2


def _formula(label: str | None) -> Formula | None:
    if not label:
        return None
    text = label.strip()
    if text.startswith("$") and text.endswith("$"):
        text = text[1:-1]
    clauses = cut(tokens(text))
    if len(clauses) != 1 or clauses[0].relations not in ((), ("=",)):
        return None
    *names, side = clauses[0].sides
    if any(len(name) > 1 for name in names):
        return None
    found: list[Formula] = []

    def keep(formulas: Sequence[Formula]) -> Judgement:
        found.append(formulas[0])
        return right() if not symbols(formulas[0]) else unchecked("it is a name")

    judgement = under_every_reading([side], keep)
    return found[0] if judgement.verdict is Verdict.RIGHT and len(found) == 1 else None


def _float(formula: Formula) -> float | None:
    try:
        result = value(formula, {})
    except Undefined:
        return None
    return float(result.real) if is_real(result) else None
