"""The whole check of a storyboard: what is looked at and where, what is excused, what it may cost."""

from __future__ import annotations

import signal
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.checking import Verdict
from quantumsketch.llm.offline.shelf import WorkedExample, worked_examples
from quantumsketch.mathematics.report import OUT_OF_TIME, check
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import (
    Bullet,
    BulletPoints,
    CodeWalk,
    Column,
    Comparison,
    Derivation,
    FunctionPlot,
    ManimCode,
    Step,
    Table,
    TitleCard,
    Visual,
)
from tests.storyboards import formulas, texts


def storyboard(*visuals: Visual, narration: str = "We look at it.", summary: str = "About it.") -> Storyboard:
    beats = [Beat(title="A beat", narration=narration, visual=visual) for visual in visuals]
    return Storyboard(title="A video", summary=summary, beats=beats)


def derivation(*lines: str) -> Derivation:
    return Derivation(steps=[Step(tex=line) for line in lines])


def wrong_places(board: Storyboard) -> list[str]:
    return [statement.place for statement in check(board).of(Verdict.WRONG)]


def test_a_wrong_step_is_named_with_its_place_and_as_it_is_written() -> None:
    report = check(storyboard(TitleCard(heading="Sums"), derivation("1+1=2", "2+2=5")))
    (wrong,) = report.of(Verdict.WRONG)
    assert (wrong.place, wrong.statement) == ("beat 2, step 2", "2+2=5")
    assert wrong.message == "the left side is 4, the right side 5"
    assert [each.place for each in report.of(Verdict.RIGHT)] == ["beat 2, step 1"]


def test_formulas_are_found_in_every_text_on_screen() -> None:
    f = "$2+2=5$"
    visuals: list[Visual] = [
        TitleCard(heading=f, subtitle=f),
        BulletPoints(items=[Bullet(text="one"), Bullet(text=f"and {f}")]),
        Comparison(
            left=Column(heading="a", items=[Bullet(text=f)]),
            right=Column(heading=f, items=[Bullet(text="b")]),
        ),
        Table(header=["x", f], rows=[["1", "2"], [f, "3"]]),
        CodeWalk.model_validate({"code": "x = 1", "steps": [{"first": 1, "last": 1, "note": f}]}),
        Derivation(steps=[Step(tex="x", note=f)]),
    ]
    assert wrong_places(storyboard(*visuals)) == [
        "beat 1, heading", "beat 1, subtitle", "beat 2, item 2", "beat 3, left, item 1",
        "beat 3, right, heading", "beat 4, heading 2", "beat 4, row 2, column 1", "beat 5, note 1",
        "beat 6, step 1, note",
    ]  # fmt: skip


def test_code_and_sums_of_money_are_no_formulas() -> None:
    visuals: list[Visual] = [
        CodeWalk(code="s = '$1=2$'"),
        ManimCode(code="MathTex('$1=2$')", idea="shows $1=2$"),
        BulletPoints(items=[Bullet(text="from $5 = a to $10 = b")]),
    ]
    assert check(storyboard(*visuals)).statements == []


def test_points_beside_a_curve_are_told_with_the_beat() -> None:
    plot = FunctionPlot.model_validate(
        {"curves": [{"expression": "x**2"}], "x_range": [0, 3], "points": [{"x": 2, "y": 3.5, "label": "B"}]}
    )
    assert wrong_places(storyboard(plot)) == ["beat 1, point 1"]
    assert wrong_places(storyboard(plot, narration="The function has a hole here.")) == []


@pytest.mark.parametrize("narration", ["This is a contradiction.", "So there is no solution."])
def test_a_contradiction_that_is_spoken_of_is_not_called_wrong(narration: str) -> None:
    report = check(storyboard(derivation("2x=2x+4", "0=4"), narration=narration))
    assert report.of(Verdict.WRONG) == []
    assert "seems to be meant so" in report.statements[1].message


@pytest.mark.parametrize(
    "narration", ["This is a contradiction.", "Nothing can go wrong.", "A common mistake."]
)
def test_words_of_the_narration_excuse_no_wrong_step(narration: str) -> None:
    board = storyboard(derivation("2x=6", "x=4"), derivation("3^2+4^2=26"), narration=narration)
    assert wrong_places(board) == ["beat 1, step 2", "beat 2, step 1"]


def test_the_note_of_a_step_excuses_that_step_alone() -> None:
    steps = [Step(tex="(a+b)^2=a^2+b^2", note="a common mistake"), Step(tex="3^2+4^2=26", note="add")]
    assert wrong_places(storyboard(Derivation(steps=steps))) == ["beat 1, step 2"]


def test_a_heading_excuses_its_column_and_a_row_its_cells() -> None:
    f = "$(a+b)^2=a^2+b^2$"
    comparison = Comparison(
        left=Column(heading="Wrong", items=[Bullet(text=f)]),
        right=Column(heading="Right", items=[Bullet(text=f)]),
    )
    table = Table(header=["claim", "is it so?"], rows=[["$1+1=3$", "false"], ["$1+1=3$", "true"]])
    bullets = BulletPoints(items=[Bullet(text="It is a mistake to write $1+1=3$"), Bullet(text="$1+1=3$")])
    assert wrong_places(storyboard(comparison, table, bullets)) == [
        "beat 1, right, item 1", "beat 2, row 2, column 1", "beat 3, item 2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "summary", ["Arithmetic modulo 12.", "How a clock adds.", "Boolean algebra.", "Counting in binary."]
)
def test_another_arithmetic_is_not_called_wrong(summary: str) -> None:
    report = check(storyboard(derivation("9+5=2"), summary=summary))
    assert report.of(Verdict.WRONG) == []
    assert "another arithmetic" in report.statements[0].message


def test_sizes_of_matrices_are_no_products() -> None:
    line = derivation(r"(2\times3)(3\times4)=2\times4")
    assert wrong_places(storyboard(line, narration="The sizes of the matrices fit.")) == []
    assert wrong_places(storyboard(line)) == ["beat 1, step 1"]


def test_a_step_of_an_approximation_is_not_called_wrong() -> None:
    board = storyboard(
        derivation(r"\pi\approx2.667", r"\pi\approx3.47"), narration="Its Taylor series comes near."
    )
    assert wrong_places(board) == []
    assert wrong_places(storyboard(derivation(r"\pi\approx2.667"))) == ["beat 1, step 1"]


def test_the_same_statement_without_such_words_is_wrong() -> None:
    assert wrong_places(storyboard(derivation("9+5=2"))) == ["beat 1, step 1"]


@pytest.mark.parametrize("example", worked_examples(), ids=lambda example: example.name)
def test_no_worked_example_of_the_shelf_holds_anything_wrong(example: WorkedExample) -> None:
    assert check(example.storyboard).of(Verdict.WRONG) == []


def test_the_shelf_holds_enough_that_is_found_right() -> None:
    right = [each for example in worked_examples() for each in check(example.storyboard).of(Verdict.RIGHT)]
    assert len(right) >= 50


HOSTILE = [
    "9^{9^{9^9}}=1",
    "99999999!=1",
    r"\binom{99999999}{5000000}=1",
    r"\sum_{k=1}^{10^{12}}k=3",
    r"\sum_{i=1}^{2000}\sum_{j=1}^{2000}ij=1",
    r"\sum_{n=1}^\infty \sin n=3",
    "(" * 60 + "1" + ")" * 60 + "=1",
    "2^{" * 30 + "2" + "}" * 30 + "=1",
    "1" * 150 + "=1",
    r"\frac" * 30 + "=1",
    "{" * 150 + "=1",
    "e^{e^{e^{e^{10}}}}=1",
    r"\int_0^{10^9}\sin(x^2)\,dx=1",
]


def test_hostile_formulas_end_as_unchecked_within_their_time() -> None:
    boards = storyboard(*(derivation(*HOSTILE[at : at + 6]) for at in range(0, len(HOSTILE), 6)))
    before = time.monotonic()
    report = check(boards)
    assert time.monotonic() - before < 15
    assert len(report.statements) == len(HOSTILE)
    assert {each.verdict for each in report.statements} == {Verdict.UNCHECKED}


def test_a_number_of_a_million_digits_costs_nothing() -> None:
    long = Step.model_construct(tex="9" * 10**6 + "=1", note=None, highlight=[], cue=None)
    board = storyboard(Derivation.model_construct(kind="derivation", steps=[long]))
    assert [each.verdict for each in check(board).statements] == [Verdict.UNCHECKED]


def test_a_hopeless_statement_costs_the_others_nothing() -> None:
    report = check(storyboard(derivation(r"\sum_{i=1}^{2000}\sum_{j=1}^{2000}ij=1", "1+1=2", "1+1=3")))
    assert [each.verdict for each in report.statements] == [
        Verdict.UNCHECKED, Verdict.RIGHT, Verdict.WRONG,
    ]  # fmt: skip
    assert report.statements[0].message == OUT_OF_TIME


def test_what_is_not_reached_is_unchecked_and_says_so() -> None:
    report = check(storyboard(derivation("1+1=2", "1+1=3")), seconds=0)
    assert {each.message for each in report.statements} == {OUT_OF_TIME}
    assert {each.verdict for each in report.statements} == {Verdict.UNCHECKED}


def test_no_clock_runs_on_after_a_check() -> None:
    check(storyboard(derivation("1+1=2")))
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(formulas(), min_size=1, max_size=6), texts(120))
def test_any_storyboard_gets_a_report(lines: list[str], text: str) -> None:
    board = storyboard(derivation(*lines), BulletPoints(items=[Bullet(text=text)]))
    assert len(check(board, seconds=2).statements) <= len(lines) + text.count("$")


@settings(max_examples=150, deadline=None)
@given(st.text(r"0123456789xyabef+-*/^_=<>(){}[]|!.,'\\ $&", max_size=40))
def test_any_text_at_all_gets_a_report(tex: str) -> None:
    step = Step.model_construct(tex=tex + "=1", note=None, highlight=[], cue=None)
    board = storyboard(Derivation.model_construct(kind="derivation", steps=[step]))
    (statement,) = check(board, seconds=1).statements
    assert "could not be checked" not in statement.message
