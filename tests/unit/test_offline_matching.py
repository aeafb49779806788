"""Which prompts the shelf answers: the real sentence vectors on questions that were labelled by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantumsketch.llm import offline
from quantumsketch.llm.offline.matching import is_question, matching_example
from quantumsketch.llm.offline.shelf import worked_examples
from quantumsketch.memory.embedding import LocalEmbedder

_EMBED = LocalEmbedder().embed
_LABELLED = [
    json.loads(line)
    for line in Path(__file__).with_name("offline_questions.jsonl").read_text(encoding="utf-8").splitlines()
]
_NOTES = """# Calculus, week 3

The derivative is the slope of the tangent. We proved the product rule on Monday.

- homework: exercises 4 to 9
- test on Friday
"""


@pytest.fixture(scope="module")
def answers() -> dict[str, str | None]:
    """The name of the worked example that each labelled question finds."""
    found = {row["asks"]: matching_example(row["asks"], _EMBED) for row in _LABELLED}
    return {asks: example.name if example else None for asks, example in found.items()}


def test_no_near_miss_is_answered_from_the_shelf(answers: dict[str, str | None]) -> None:
    near_misses = [row["asks"] for row in _LABELLED if row["example"] is None]
    assert len(near_misses) >= 200
    assert [asks for asks in near_misses if answers[asks]] == []


def test_questions_of_the_shelf_are_found_and_never_mixed_up(answers: dict[str, str | None]) -> None:
    known = [row for row in _LABELLED if row["example"]]
    assert {row["example"] for row in known} == {example.name for example in worked_examples()}
    right = [row for row in known if answers[row["asks"]] == row["example"]]
    assert len(right) / len(known) >= 0.95
    assert [row for row in known if answers[row["asks"]] not in (row["example"], None)] == []


def test_the_labelled_questions_were_not_copied_from_the_shelf() -> None:
    shelf = {text.casefold() for e in worked_examples() for text in e.asks + e.elsewhere}
    assert sum(row["asks"].casefold() in shelf for row in _LABELLED) / len(_LABELLED) < 0.1


def test_notes_that_touch_a_topic_are_outlined_and_not_replaced() -> None:
    assert not is_question(_NOTES)
    board, by = offline.storyboard(_NOTES, 24, _EMBED)
    assert by == "offline: outline of your text"
    assert "exercises 4 to 9" in board.model_dump_json()


def test_a_long_text_is_material_and_no_question() -> None:
    assert not is_question("The Pythagorean theorem was on the board again. " * 6)


def test_who_answered_is_said_with_what_was_left_out() -> None:
    board, by = offline.storyboard("Explain the Pythagorean theorem", 24, _EMBED)
    assert by == "offline: worked example 'pythagoras'"
    short, short_by = offline.storyboard("Explain the Pythagorean theorem", 4, _EMBED)
    assert short_by == f"offline: worked example 'pythagoras', 4 of {len(board.beats)} beats"
    assert [beat for beat in board.beats if beat in short.beats] == short.beats
    assert short.beats[-1] == board.beats[-1]
