"""Every formula of a storyboard is set by the real TeX, and what it refuses is told with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from quantumsketch.checking import FormulaReport
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints, Derivation, ManimCode, Step, Table, TitleCard, Visual
from renderers.manim.checking.formulas_inside import check_formulas
from renderers.manim.tools import CHECK_FORMULAS
from renderers.manim.writing.formulas import Formula, TexSource, formula, prepare, refusal
from tests.sandbox_calls import toolbox


def board(*visuals: Visual, title: str = "A title") -> Storyboard:
    beats = [Beat(title=title, narration="Something is said.", visual=visual) for visual in visuals]
    return Storyboard(title="A film", summary="About formulas.", beats=beats)


FAULTY = board(
    TitleCard(heading="All is well: $x^2$", subtitle=r"$\frac{a}{b}$"),
    Derivation(steps=[
        Step(tex="a = b"),
        Step(tex=r"a^2 = \nonsense{b}", note="since $a_{$"),
        Step(tex=r"\frac{1}{2", highlight=["1"]),
    ]),
    BulletPoints(items=[Bullet(text="from $5 to $10"), Bullet(text=r"so $\left( x$ holds")]),
    Table(rows=[["a", "$b$"], [r"$\no$", "d"]]),
    ManimCode(code="class A(Scene): ..."),
)  # fmt: skip
REFUSED = {
    "beat 2, step 2": r"Undefined control sequence: \nonsense",
    "beat 2, step 2, note": "the brace that opens at '{' is not closed",
    "beat 2, step 3": "the brace that opens at '{2' is not closed",
    "beat 3, item 2, text": r"Missing \right",
    "beat 4, row 2, cell 1": r"\no",
}


def judge(report: FormulaReport) -> None:
    assert {one.place: one.message for one in report.refused}.keys() == REFUSED.keys()
    for one in report.refused:
        assert REFUSED[one.place] in one.message


def test_refused_formulas_are_told_with_their_place_and_texs_own_complaint() -> None:
    report = check_formulas(FAULTY)
    judge(report)
    assert [one.tex for one in report.refused][:2] == [r"a^2 = \nonsense{b}", "a_{"]


def test_the_title_of_a_beat_is_read_where_it_is_shown() -> None:
    report = check_formulas(board(BulletPoints(items=[Bullet(text="a")]), title=r"About $\unknown$"))
    assert [one.place for one in report.refused] == ["beat 1, title"]


@pytest.mark.slow
async def test_the_tool_says_the_same_from_inside_the_sandbox(tmp_path: Path) -> None:
    tools = toolbox(tmp_path / "scratch", CHECK_FORMULAS)
    reply = await tools.call(CHECK_FORMULAS, FAULTY, keep=tmp_path / "keep")
    assert reply.result is not None
    judge(reply.result)


SPOILING = [
    r"\frac{a}{", "a}b", r"\hbox{", r"\begin{matrix} a & b", r"\end{matrix}", r"\left", r"\left( x", r"\\[",
    r"\sqrt[3", "#", r"\text{a_b}", r"\end{document}", r"\begingroup", r"\mathchoice", r"}\par{",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("bad", SPOILING)
def test_a_formula_that_tex_refuses_spoils_no_other_one_of_its_run(bad: str) -> None:
    def source(tex: str) -> TexSource:
        return TexSource(tex, line_width=100.0 + SPOILING.index(bad))  # set anew for each

    before, after, last = source("x + y"), source(r"\frac{p}{q}"), source("z^2")
    prepare([before, source(bad), after, last])
    assert refusal(source(bad))
    for one in (before, after, last):
        assert refusal(one) is None
        assert same_outlines(formula(one), formula(TexSource(one.tex, line_width=99.0)))


def same_outlines(a: Formula | None, b: Formula | None) -> bool:
    assert a is not None
    assert b is not None
    return len(a.outlines) == len(b.outlines) and all(
        one.curves.shape == other.curves.shape and np.ptp(one.curves - other.curves, axis=0).max() < 0.01
        for one, other in zip(a.outlines, b.outlines, strict=True)
    )
