"""The check of mathematics as it runs: in the sandbox, called through the toolbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.checking import MathReport, Verdict
from quantumsketch.mathematics.tools import CHECK_MATHEMATICS
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.tools.tool import Ended, Reply
from quantumsketch.visuals import Derivation, Step
from tests.sandbox_calls import toolbox


async def checked(folder: Path, *beats: list[str]) -> Reply[MathReport]:
    board = Storyboard(
        title="Sums",
        summary="About sums.",
        beats=[
            Beat(
                title="Sums", narration="We add.", visual=Derivation(steps=[Step(tex=line) for line in lines])
            )
            for lines in beats
        ],
    )
    tools = toolbox(folder / "scratch", CHECK_MATHEMATICS)
    return await tools.call(CHECK_MATHEMATICS, board, keep=folder / "keep")


async def test_a_wrong_step_comes_out_of_the_sandbox_with_its_place(tmp_path: Path) -> None:
    reply = await checked(tmp_path, ["2x+3=11", "2x=8", "x=5"], [r"\int_0^1 x^2\,dx=\frac13"])
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.result is not None
    (wrong,) = reply.result.of(Verdict.WRONG)
    assert (wrong.place, wrong.statement) == ("beat 1, step 3", "x=5")
    assert [each.place for each in reply.result.of(Verdict.RIGHT)] == ["beat 1, step 2", "beat 2, step 1"]


@pytest.mark.slow
async def test_a_storyboard_full_of_hostile_formulas_still_gets_its_report(tmp_path: Path) -> None:
    hopeless = [r"\sum_{n=1}^\infty \sin n=3", r"\sum_{i=1}^{2000}\sum_{j=1}^{2000}ij=1", "9^{9^{9^9}}=1"]
    reply = await checked(tmp_path, *[hopeless] * 12, ["1+1=3"])
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.result is not None
    assert len(reply.result.statements) == 37
    assert {each.verdict for each in reply.result.statements[:36]} == {Verdict.UNCHECKED}
    assert reply.ending.wall_s < 27
