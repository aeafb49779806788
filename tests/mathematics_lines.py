"""Lines of TeX as a derivation would hold them, and what the check of mathematics says of the last one."""

from __future__ import annotations

from pathlib import Path

import mpmath

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.claims import Judgement
from quantumsketch.mathematics.derivation import Derivation
from quantumsketch.mathematics.evaluation import DIGITS


def said_of(*lines: str) -> Judgement:
    """Judge the lines in order, and give what is said of the last."""
    derivation = Derivation()
    with mpmath.workdps(DIGITS):
        return [derivation.judge_line(line) for line in lines][-1]


def table(name: str, verdict: Verdict) -> list[str]:
    """The entries of a table beside the unit tests that are to have this verdict."""
    stored = (Path(__file__).parent / "unit" / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split(maxsplit=1) for line in stored]
    return [entry for word, entry in pairs if word == verdict]
