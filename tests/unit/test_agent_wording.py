"""For whom a video is said and without which words: told to the model, checked, and told if left."""

from __future__ import annotations

import pytest

from quantumsketch.agent.review import words_left
from quantumsketch.agent.storyboarding import write_storyboard
from quantumsketch.storyboard import Storyboard, Wording
from quantumsketch.visuals import Bullet, BulletPoints, CodeWalk, ManimCode, Visual
from tests.fences import outside_the_fences
from tests.scripted_storyboards import Scripted, check, models, offline, storyboard

WORDING = Wording(audience="first-year students", avoid=("utilize", "thought that has"))
LEFT = "beat 1: the narration says 'thought that has', which is to be avoided"


def reworded(board: Storyboard) -> Storyboard:
    beats = [
        beat.model_copy(update={"narration": beat.narration.replace("that has", "with")})
        for beat in board.beats
    ]
    return board.model_copy(update={"beats": beats})


async def test_the_model_is_told_of_audience_and_words_as_data() -> None:
    ask = Scripted(one=[reworded(storyboard("One"))])
    await write_storyboard(
        "One", max_beats=3, models=models("one"), ask=ask, offline=None, check=check, wording=WORDING
    )
    [(_, messages)] = ask.asked
    told = "\n".join(message.content for message in messages)
    for words in ("first-year students", "utilize"):
        assert words in told
        assert words not in outside_the_fences(told)


async def test_a_word_to_be_avoided_goes_back_to_the_model_and_is_mended() -> None:
    said = storyboard("One")
    ask = Scripted(one=[said, reworded(said)])
    drafted = await write_storyboard(
        "One", max_beats=3, models=models("one"), ask=ask, offline=None, check=check, wording=WORDING
    )
    assert drafted.storyboard == reworded(said)
    assert LEFT in ask.asked[1][1][-1].content
    assert not any("to be avoided" in note for note in drafted.notes)


async def test_a_word_that_a_model_does_not_leave_out_is_told() -> None:
    said = storyboard("One")
    drafted = await write_storyboard(
        "One", max_beats=3, models=models("one"), ask=Scripted(one=[said, said]), offline=None, check=check,
        wording=WORDING,
    )  # fmt: skip
    assert drafted.storyboard == said
    assert f"left as it is: {LEFT}" in drafted.notes
    assert words_left(said, WORDING.avoid) == ["thought that has"]


async def test_the_offline_tier_replaces_no_word_and_says_which_are_left() -> None:
    drafted = await write_storyboard(
        "One", max_beats=3, models=[], ask=Scripted(), offline=offline, check=check, wording=WORDING
    )
    assert drafted.by == "offline: a test"
    assert f"left as it is: {LEFT}" in drafted.notes


def test_words_are_whole_words_whatever_their_case_in_titles_and_narrations() -> None:
    board = storyboard("Sound UTILIZED, utilize!")
    assert words_left(board, ["utilize", "utiliz", "Thought", "sound utilized"]) == [
        "utilize", "Thought", "sound utilized",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "visual",
    [
        BulletPoints(items=[Bullet(text="We utilize $x$")]),
        CodeWalk(code="utilize = 1"),
        ManimCode(code="class A(Scene):\n    def construct(self):\n        Text(f'Utilize {1}')"),
    ],
)
async def test_a_word_that_is_only_shown_goes_back_to_the_model_too(visual: Visual) -> None:
    clean = reworded(storyboard("One"))
    shown = clean.model_copy(update={"beats": [clean.beats[0].model_copy(update={"visual": visual})]})
    ask = Scripted(one=[shown, clean])
    drafted = await write_storyboard(
        "One", max_beats=3, models=models("one"), ask=ask, offline=None, check=check, wording=WORDING
    )
    assert drafted.storyboard == clean
    assert "beat 1: the visual shows 'utilize', which is to be avoided" in ask.asked[1][1][-1].content


def test_the_summary_is_said_too_and_what_is_not_shown_is_no_fault() -> None:
    board = reworded(storyboard("One"))
    assert words_left(board.model_copy(update={"summary": "We utilize it."}), ["utilize"]) == ["utilize"]
    unseen = [
        ManimCode(idea="utilize a square"),
        ManimCode(code="# utilize\nutilize = 1"),
        ManimCode(code="'utilize"),
        BulletPoints(items=[Bullet(text="A bar", cue="utilize")]),
    ]
    for visual in unseen:
        beat = board.beats[0].model_copy(update={"visual": visual})
        assert words_left(board.model_copy(update={"beats": [beat]}), ["utilize", "bullets"]) == []
