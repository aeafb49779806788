"""The one clock of picture and captions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.narration import (
    LEAD_S,
    SHORTEST_BEAT_S,
    TAIL_S,
    beat_seconds,
    cue_times,
    phrase_at,
    speech_seconds,
    words,
)

NARRATION = "First we draw a circle, then a square, and at last the line."


def test_a_hundred_and_fifty_words_take_a_minute() -> None:
    assert speech_seconds("word " * 150) == pytest.approx(60.0)


def test_a_beat_has_room_before_and_after_its_words() -> None:
    assert beat_seconds("word " * 25) == pytest.approx(LEAD_S + 10.0 + TAIL_S)
    assert beat_seconds("Hi.") == SHORTEST_BEAT_S


def test_a_script_without_spaces_takes_time_too() -> None:
    assert len(words("直角三角形の斜辺")) == 4


def test_a_phrase_is_found_whatever_its_punctuation_and_case() -> None:
    assert phrase_at(NARRATION, "Circle") == pytest.approx(LEAD_S + 4 * 0.4)
    assert phrase_at(NARRATION, "a square and") == pytest.approx(LEAD_S + 6 * 0.4)
    assert phrase_at(NARRATION, "triangle") is None


CHINESE = "两条直角边的平方和等于斜边的平方。三的平方加四的平方，等于五的平方。"


@given(st.integers(0, len(CHINESE) - 2), st.integers(2, 12))
def test_a_phrase_of_a_script_without_spaces_is_found_wherever_it_begins(start: int, length: int) -> None:
    at = phrase_at(CHINESE, CHINESE[start : start + length])
    assert at is not None
    assert at <= LEAD_S + (start + 1) // 2 * 0.4 + 1e-9


def test_a_phrase_of_a_script_without_spaces_is_told_its_own_time() -> None:
    assert phrase_at(CHINESE, "三的平方") == pytest.approx(LEAD_S + 8 * 0.4)
    assert phrase_at(CHINESE, "七的平方") is None
    assert phrase_at("画sin函数，再画cos函数。", "cos") == pytest.approx(LEAD_S + 4 * 0.4)


def test_parts_appear_as_they_are_spoken_of() -> None:
    assert cue_times(NARRATION, ["circle", "square", "the line"]) == pytest.approx(
        [LEAD_S + 4 * 0.4, LEAD_S + 7 * 0.4, LEAD_S + 11 * 0.4]
    )


def test_parts_without_a_cue_share_the_time_between_their_neighbours() -> None:
    first, middle, last = cue_times(NARRATION, ["circle", None, "the line"])
    assert first < middle < last


@given(st.text(max_size=200), st.lists(st.none() | st.text(max_size=20), max_size=8))
def test_parts_never_appear_in_another_order_nor_after_the_beat(
    narration: str, cues: list[str | None]
) -> None:
    times = cue_times(narration, cues)
    assert len(times) == len(cues)
    assert times == sorted(times)
    assert all(LEAD_S <= time <= beat_seconds(narration) for time in times)
