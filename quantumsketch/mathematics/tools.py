"""The check of mathematics, as the toolbox takes it. Computes nothing: that happens inside the sandbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from quantumsketch.checking import MathReport
from quantumsketch.storyboard import Storyboard
from quantumsketch.tools.tool import Ending, Limits, Policy, Tool

REPORT = "report.json"
_LARGEST_REPORT = 4 * 2**20
_MEMORY_BYTES = 2**30


def _reported(_ending: Ending, files: Mapping[str, Path]) -> MathReport:
    if REPORT not in files:
        raise ValueError("the check of the mathematics ended well but left no report")
    return MathReport.model_validate_json(files[REPORT].read_text(encoding="utf-8"))


CHECK_MATHEMATICS: Tool[Storyboard, MathReport] = Tool(
    name="check-mathematics",
    description="Check every step, formula and labelled number that a storyboard puts on screen.",
    request=Storyboard,
    policy=Policy(python=True, limits=Limits(memory_bytes=_MEMORY_BYTES)),
    command=lambda _: [sys.executable, "-m", "quantumsketch.mathematics.inside"],
    answer=_reported,
    outputs={REPORT: _LARGEST_REPORT},
)
