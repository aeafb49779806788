"""The check of mathematics, as the toolbox takes it. Computes nothing: that happens inside the sandbox."""

from __future__ import annotations

import sys

from quantumsketch.checking import MathReport
from quantumsketch.storyboard import Storyboard
from quantumsketch.tools.tool import Limits, Policy, Tool, answer_in

REPORT = "report.json"
_LARGEST_REPORT = 4 * 2**20
_MEMORY_BYTES = 2**30


CHECK_MATHEMATICS: Tool[Storyboard, MathReport] = Tool(
    name="check-mathematics",
    description="Check every step, formula and labelled number that a storyboard puts on screen.",
    request=Storyboard,
    result=MathReport,
    policy=Policy(python=True, limits=Limits(memory_bytes=_MEMORY_BYTES)),
    command=lambda _: [sys.executable, "-m", "quantumsketch.mathematics.inside"],
    answer=answer_in(
        REPORT, MathReport, missing="the check of the mathematics ended well but left no report"
    ),
    outputs={REPORT: _LARGEST_REPORT},
)
