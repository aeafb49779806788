"""Single statements as they stand on screen, and what is said of each: right, wrong, unchecked."""

from __future__ import annotations

import pytest

from quantumsketch.checking import Verdict
from tests.mathematics_lines import said_of, table

RIGHT, WRONG, UNCHECKED = (table("mathematics_statements.txt", verdict) for verdict in Verdict)


@pytest.mark.parametrize("tex", RIGHT)
def test_a_statement_that_holds_is_right(tex: str) -> None:
    assert said_of(tex).verdict is Verdict.RIGHT


@pytest.mark.parametrize("tex", WRONG)
def test_a_statement_that_cannot_hold_is_wrong_and_says_why(tex: str) -> None:
    judgement = said_of(tex)
    assert judgement.verdict is Verdict.WRONG
    assert judgement.message


@pytest.mark.parametrize("tex", UNCHECKED)
def test_a_premise_or_what_is_not_surely_read_is_unchecked_and_says_why(tex: str) -> None:
    judgement = said_of(tex)
    assert judgement.verdict is Verdict.UNCHECKED
    assert judgement.message


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        ("9+16=26", "the left side is 25, the right side 26"),
        (r"180^\circ-90^\circ-35^\circ=65^\circ", "the left side is 55°, the right side 65°"),
        (
            "(a+b)^2=a^2+b^2",
            "the left side is 25, the right side 13; worked out, the left side is a^{2} + 2 a b + b^{2}",
        ),
        ("x+1=x+2", "never true: for x = 0.3125 the left side is 1.3125, the right side 2.3125"),
        (r"\frac{d}{dx}x^3=2x^2", "left side is 12, the right side 8; worked out, the left side is 3 x^{2}"),
    ],
)
def test_the_message_of_a_wrong_statement_gives_the_numbers(tex: str, message: str) -> None:
    assert said_of(tex).message.endswith(message)


def test_a_series_without_a_sum_is_never_wrong_however_long_it_is_thought_about() -> None:
    assert said_of(r"\sum_{n=1}^\infty \sin n=3").verdict is Verdict.UNCHECKED


def test_the_table_is_a_large_one_and_holds_no_entry_twice() -> None:
    entries = [*RIGHT, *WRONG, *UNCHECKED]
    assert len(entries) == len(set(entries)) >= 250
