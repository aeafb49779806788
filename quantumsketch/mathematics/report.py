"""Checks all that a storyboard claims on screen, each statement and all together within their time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import mpmath

from quantumsketch.checking import MathReport, MathStatement, Verdict
from quantumsketch.mathematics.claims import Judgement, unchecked
from quantumsketch.mathematics.derivation import Derivation, judge_formula
from quantumsketch.mathematics.evaluation import DIGITS
from quantumsketch.mathematics.excuses import Words, excused
from quantumsketch.mathematics.pictures import drawn_claims
from quantumsketch.mathematics.places import Text, formulas_between_dollars, steps, texts
from quantumsketch.mathematics.tokens import claims
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.time_limit import PROCESSOR, TimeIsUp, at_most

SECONDS = 20.0
"""For a whole storyboard."""
STATEMENT_SECONDS = 1.5
OUT_OF_TIME = "out of time"


def check(storyboard: Storyboard, seconds: float = SECONDS) -> MathReport:
    """Judge every statement that the storyboard puts on screen. Call it in the main thread."""
    end = time.monotonic() + seconds
    found: list[MathStatement] = []
    for at, beat in enumerate(storyboard.beats, 1):
        said = f"{beat.title} {beat.narration}"
        for claim in _claims(beat):
            judgement = _in_time(claim.judge, end)
            if judgement.verdict is Verdict.WRONG:
                words = Words(claim.near, said, f"{storyboard.title} {storyboard.summary}")
                judgement = excused(judgement, claim.statement, words)
            found.append(_told(f"beat {at}, {claim.place}", claim.statement, judgement))
    return MathReport(statements=found)


def _told(place: str, statement: str, judgement: Judgement) -> MathStatement:
    return MathStatement(
        place=place, statement=statement, verdict=judgement.verdict, message=judgement.message
    )


@dataclass(frozen=True)
class _Claim:
    """A statement of a beat, where in it, how to judge it, and the words that stand right about it."""

    place: str
    statement: str
    judge: Callable[[], Judgement]
    near: str = ""


def _claims(beat: Beat) -> Iterator[_Claim]:
    """The statements of a beat in order; each has to be judged before the next is taken."""
    derivation = Derivation()
    for place, tex, note in steps(beat.visual):
        if claims(tex):
            yield _Claim(place, tex, partial(derivation.judge_line, tex), note)
        else:
            derivation.pass_line(tex)
    for text in [Text("title", beat.title), *texts(beat.visual)]:
        for formula in formulas_between_dollars(text.text):
            if claims(formula):
                near = f"{text.text} {text.above}"
                yield _Claim(text.place, formula, partial(judge_formula, formula), near)
    for drawn in drawn_claims(beat.visual):
        yield _Claim(drawn.place, drawn.claim, partial(_as_drawn, drawn.judgement))


def _as_drawn(judgement: Judgement) -> Judgement:
    return judgement


def _in_time(judge: Callable[[], Judgement], end: float) -> Judgement:
    left = min(STATEMENT_SECONDS, end - time.monotonic())
    if left <= 0:
        return unchecked(OUT_OF_TIME)
    try:
        with at_most(left, PROCESSOR), mpmath.workdps(DIGITS):
            return judge()
    except TimeIsUp:
        return unchecked(OUT_OF_TIME)
    except Exception as error:  # whatever a library says of one statement costs the others nothing
        return unchecked(f"it could not be checked: {type(error).__name__}")
