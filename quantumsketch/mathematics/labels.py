"""Numbers in the labels of a drawing. A label with anything beside the number has none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.claims import Judgement, right, unchecked
from quantumsketch.mathematics.evaluation import Undefined, is_real, number, value
from quantumsketch.mathematics.formula import Apply, Formula, operations, shown_decimal, symbols
from quantumsketch.mathematics.rounding import shows
from quantumsketch.mathematics.sides import under_every_reading
from quantumsketch.mathematics.tokens import cut, tokens

_DEGREES = re.compile(r"^\s*(?:[A-Za-zα-ω∠]\s*=\s*)?(\d+(?:\.\d+)?)\s*(?:°|degrees|deg)\s*$")


def labelled_number(label: str | None) -> float | None:
    """The number that a label shows, such as `3` or `$\\frac{1}{2}$`; None if it is no plain number."""
    formula = _formula(label)
    if formula is None or operations(formula) & {"degrees", "percent", "e", "i"}:
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
    """Whether the label is the number rounded or cut off at its last digit."""
    formula = _formula(label)
    decimal = shown_decimal(formula) if formula is not None else None
    return decimal is not None and shows(decimal, number(0) + exact)


def _formula(label: str | None) -> Formula | None:
    if not label:
        return None
    text = label.strip()
    if text.startswith("$") and text.endswith("$"):
        text = text[1:-1]
    parts = cut(tokens(text))
    if len(parts) != 1 or parts[0].relations or not text:
        return None
    found: list[Formula] = []

    def keep(formulas: Sequence[Formula]) -> Judgement:
        found.append(formulas[0])
        return right() if not symbols(formulas[0]) else unchecked("it is a name")

    judgement = under_every_reading(parts[0].sides, keep)
    return found[0] if judgement.verdict is Verdict.RIGHT and len(found) == 1 else None


def _float(formula: Formula) -> float | None:
    try:
        result = value(formula, {})
    except Undefined:
        return None
    return float(result.real) if is_real(result) else None
