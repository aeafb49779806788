"""Lines one below the other (in the table separated by ;;), and what is said of the last of them."""

from __future__ import annotations

import pytest

from quantumsketch.checking import Verdict
from tests.mathematics_lines import said_of, table

FOLLOWS, FAILS, MAY_BE_NEW = (table("mathematics_derivations.txt", verdict) for verdict in Verdict)


@pytest.mark.parametrize("lines", FOLLOWS)
def test_a_step_that_follows_is_right(lines: str) -> None:
    assert said_of(*lines.split(" ;; ")).verdict is Verdict.RIGHT


@pytest.mark.parametrize("lines", FAILS)
def test_a_step_that_does_not_follow_is_wrong_and_says_why(lines: str) -> None:
    judgement = said_of(*lines.split(" ;; "))
    assert judgement.verdict is Verdict.WRONG
    assert judgement.message


@pytest.mark.parametrize("lines", [lines for lines in FAILS if " ;; " in lines])
def test_nothing_above_a_step_that_fails_is_wrong(lines: str) -> None:
    assert said_of(*lines.split(" ;; ")[:-1]).verdict is not Verdict.WRONG


@pytest.mark.parametrize("lines", MAY_BE_NEW)
def test_a_line_that_may_be_a_new_premise_is_unchecked(lines: str) -> None:
    assert said_of(*lines.split(" ;; ")).verdict is Verdict.UNCHECKED


def test_a_wrong_solution_is_put_into_the_step_before() -> None:
    message = "x = 4 does not solve the step before: its left side is then 8, its right side 6; x = 3 does"
    assert said_of("2x=6", "x=4").message == message


def test_the_table_is_a_large_one() -> None:
    assert len(FOLLOWS) + len(FAILS) + len(MAY_BE_NEW) >= 90
