"""Checks all that a storyboard claims on screen, each statement and all together within their time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import mpmath

from quantumsketch.checking import MathReport, MathStatement, Verdict
from quantumsketch.mathematics.claims import Judgement, unchecked
from quantumsketch.mathematics.deadline import OutOfTime, deadline
from quantumsketch.mathematics.derivation import Derivation, judge_formula
from quantumsketch.mathematics.evaluation import DIGITS
from quantumsketch.mathematics.pictures import drawn_claims
from quantumsketch.mathematics.places import formulas_between_dollars, steps, texts
from quantumsketch.mathematics.tokens import claims
from quantumsketch.storyboard import Beat, Storyboard

SECONDS = 20.0
"""For a whole storyboard."""
STATEMENT_SECONDS = 1.5
OUT_OF_TIME = "out of time"

_MEANT_TO_BE_FALSE = re.compile(
    r"contradic|no solution|unsolvable|inconsistent|impossib|\bfalse\b|mistake|fallac|paradox|incorrect"
    r"|\bwrong\b|absurd|nonsense|misconception|widerspruch|falsch|unmöglich|\bfaux\b|\bfalso\b|errone"
    r"|not true|invalid",
    re.IGNORECASE,
)
_ANOTHER_ARITHMETIC = re.compile(
    r"\bmod\b|modul|congruen|clock|\bbinary\b|boolean|\bxor\b|hexadecimal|\boctal\b|\bbase[ -](two|\d)"
    r"|finite field|logic gate|\bbits?\b|quaternion|tropical|cyclic group|non-?commut|p-adic|floating.point",
    re.IGNORECASE,
)

_BY_A_METHOD = re.compile(
    r"taylor|maclaurin|newton|iterat|linear|series|riemann|trapez|simpson|estimat|partial sum|first.order"
    r"|small.angle|guess|rough|bisect|euler's method|numerical",
    re.IGNORECASE,
)


def check(storyboard: Storyboard, seconds: float = SECONDS) -> MathReport:
    """Judge every statement that the storyboard puts on screen. Call it in the main thread."""
    end = time.monotonic() + seconds
    about = f"{storyboard.title} {storyboard.summary}"
    found: list[MathStatement] = []
    for at, beat in enumerate(storyboard.beats, 1):
        for place, statement, judge in _statements(beat):
            judgement = _in_time(judge, end)
            if judgement.verdict is Verdict.WRONG:
                judgement = _unless_explained(judgement, statement, beat, about)
            found.append(
                MathStatement(
                    place=f"beat {at}, {place}",
                    statement=statement,
                    verdict=judgement.verdict,
                    message=judgement.message,
                )
            )
    return MathReport(statements=found)


def _statements(beat: Beat) -> Iterator[tuple[str, str, Callable[[], Judgement]]]:
    """Place and text of each statement of a beat, and how to judge it, in order."""
    derivation = Derivation()
    for place, tex, _ in steps(beat.visual):
        if claims(tex):
            yield place, tex, lambda tex=tex: derivation.judge_line(tex)  # type: ignore[misc]  # mypy#15459
        else:
            derivation.pass_line(tex)
    for place, text in [("title", beat.title), *texts(beat.visual)]:
        for formula in formulas_between_dollars(text):
            if claims(formula):
                yield place, formula, lambda formula=formula: judge_formula(formula)  # type: ignore[misc]
    for drawn in drawn_claims(beat.visual):
        yield drawn.place, drawn.claim, lambda drawn=drawn: drawn.judgement  # type: ignore[misc]


def _in_time(judge: Callable[[], Judgement], end: float) -> Judgement:
    left = min(STATEMENT_SECONDS, end - time.monotonic())
    if left <= 0:
        return unchecked(OUT_OF_TIME)
    try:
        with deadline(left), mpmath.workdps(DIGITS):
            return judge()
    except OutOfTime:
        return unchecked(OUT_OF_TIME)
    except Exception as error:  # whatever a library says of one statement costs the others nothing
        return unchecked(f"it could not be checked: {type(error).__name__}")


def _unless_explained(judgement: Judgement, statement: str, beat: Beat, about: str) -> Judgement:
    """Take `wrong` back where the words around say that it is meant so, or count in another way."""
    notes = " ".join(note for _, _, note in steps(beat.visual))
    words = " ".join([beat.title, beat.narration, notes, *(text for _, text in texts(beat.visual))])
    if match := _MEANT_TO_BE_FALSE.search(words):
        return unchecked(
            f"it does not hold, and seems to be meant so ({match.group()!r}): {judgement.message}"
        )
    if match := _ANOTHER_ARITHMETIC.search(f"{about} {words}"):
        return unchecked(f"it may hold in another arithmetic ({match.group()!r}): {judgement.message}")
    if r"\approx" in statement and (match := _BY_A_METHOD.search(f"{about} {words}")):
        return unchecked(f"a step of an approximation, perhaps ({match.group()!r}): {judgement.message}")
    return judgement
