"""Sets every formula of a storyboard and tells which ones TeX refuses. Imports no Manim.

Runs inside the sandbox: `python -m renderers.manim.checking.formulas_inside`. Reads request.json from the
working folder; leaves formulas.json in it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from quantumsketch.checking import FormulaReport, RefusedFormula
from quantumsketch.storyboard import Storyboard
from renderers.manim.checking.answers import FORMULAS
from renderers.manim.writing.formulas import prepare
from renderers.manim.writing.inline import placed_formulas, refused_formulas


def check_formulas(storyboard: Storyboard) -> FormulaReport:
    """Every formula of the storyboard that TeX does not take; all are set in as few runs as possible."""
    prepare(formula.source for beat in storyboard.beats for formula in placed_formulas(beat))
    return FormulaReport(refused=[
        RefusedFormula(place=f"beat {number}, {formula.place}", tex=formula.source.tex, message=why)
        for number, beat in enumerate(storyboard.beats, 1)
        for formula, why in refused_formulas(beat)
    ])  # fmt: skip


def main() -> int:
    """Check the storyboard in request.json; returns the exit code."""
    storyboard = Storyboard.model_validate_json(Path("request.json").read_text(encoding="utf-8"))
    Path(FORMULAS).write_text(check_formulas(storyboard).model_dump_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
