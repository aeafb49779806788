"""A storyboard mended beat by beat."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from quantumsketch.agent.prompts import as_json
from quantumsketch.agent.revision import revised
from quantumsketch.agent.schemas import revision_schema
from quantumsketch.agent.worked_beats import ANIMATION, PICTURE
from quantumsketch.storyboard import Storyboard

BOARD = Storyboard(title="Two", summary="Two beats.", beats=[PICTURE, ANIMATION])
NEW = ANIMATION.model_copy(update={"title": "Another"})


def answer(*changes: tuple[int, Any]) -> str:
    return json.dumps({"beats": [{"number": number, "beat": beat} for number, beat in changes]})


def test_only_the_beats_that_are_answered_change() -> None:
    mended = revised(BOARD, f"Here:\n```json\n{answer((2, NEW.model_dump(mode='json')))}\n```")
    assert mended == BOARD.model_copy(update={"beats": [PICTURE, NEW]})


def test_a_beat_can_be_left_out_and_numbers_count_as_before() -> None:
    assert revised(BOARD, answer((1, None), (2, json.loads(as_json(NEW))))).beats == [NEW]


def test_title_and_summary_of_the_video_can_change_with_or_without_beats() -> None:
    assert revised(BOARD, '{"title": "Both"}') == BOARD.model_copy(update={"title": "Both"})
    both = revised(BOARD, json.dumps({"summary": "Of two.", "beats": [{"number": 1, "beat": None}]}))
    assert both == Storyboard(title="Two", summary="Of two.", beats=[ANIMATION])


def test_a_whole_storyboard_is_taken_as_well() -> None:
    other = BOARD.model_copy(update={"title": "Other"})
    assert revised(BOARD, other.model_dump_json()) == other


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (answer((3, None)), "there is no beat 3: the storyboard has 2"),
        (answer((1, None), (2, None)), "no beat would be left"),
        (answer((0, None)), "greater than or equal to 1"),
        (answer((1, {"title": "x"})), "beats.0.beat.narration"),
        ('{"beats": []}', "nothing would change"),
        ("no", "JSON object"),
    ],
)
def test_what_does_not_fit_is_told(words: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        revised(BOARD, words)


def test_the_schema_that_is_sent_admits_what_is_asked_for_and_no_code() -> None:
    asked = json.loads(answer((1, None), (2, json.loads(as_json(NEW)))))
    jsonschema.validate(asked, revision_schema())
    asked["beats"][1]["beat"]["visual"]["code"] = "class Beat(Scene): ..."
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(asked, revision_schema())
