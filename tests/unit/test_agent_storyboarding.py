"""The loop that walks the chain: who is asked, what is asked again, what is noted, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from quantumsketch.agent.calls import ChainExhausted
from quantumsketch.agent.storyboarding import COMPLAINTS_PER_MODEL, Drafted, Offline, write_storyboard
from quantumsketch.checking import Verdict
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import (
    CoolingDown,
    EmptyAnswer,
    ModelEntry,
    ProviderTimeout,
    RateLimited,
)
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints, Derivation, TitleCard
from tests.scripted_storyboards import Scripted, beat, check, models, offline, storyboard


async def draft(
    ask: Scripted,
    *names: str,
    max_beats: int = 3,
    last: Offline | None = offline,
    examples: Sequence[Storyboard] = (),
) -> Drafted:
    return await write_storyboard(
        "Explain one",
        max_beats=max_beats,
        models=models(*names),
        ask=ask,
        offline=last,
        check=check,
        examples=examples,
    )


GOOD = storyboard("Good")
WRONG = storyboard("Wrong", "1 = 2")
WORSE = storyboard("Worse", "1 = 2", "2 = 1")
UGLY = storyboard("Ugly", r"\frac")


async def test_the_first_model_that_delivers_is_the_author() -> None:
    drafted = await draft(ask := Scripted(a=[GOOD], b=[GOOD]), "a", "b")
    assert (drafted.storyboard.title, drafted.by, drafted.cost_usd) == ("Good", "a", 0.25)
    assert ask.names == ["a"]
    assert [(attempt.model, attempt.succeeded, attempt.ended) for attempt in drafted.attempts] == [
        ("a", True, "answered")
    ]
    (call,) = drafted.calls
    assert (call.purpose, call.beat_id, call.ended, call.input_tokens) == (
        "storyboard",
        None,
        "answered",
        100,
    )


async def test_a_failing_model_is_followed_by_the_next_at_once() -> None:
    ask = Scripted(a=[RateLimited("a is tired")], b=[GOOD])
    drafted = await draft(ask, "a", "b")
    assert drafted.by == "b"
    assert drafted.attempts[0].ended == "RateLimited: a is tired"
    assert drafted.cost_usd == 0.25, "a call that was turned away costs nothing"


async def test_a_model_that_was_not_asked_is_an_attempt_but_no_call() -> None:
    drafted = await draft(Scripted(a=[CoolingDown("a rests")], b=[GOOD]), "a", "b")
    assert [attempt.ended for attempt in drafted.attempts] == ["CoolingDown: a rests", "answered"]
    assert [call.model for call in drafted.calls] == ["b"]


async def test_an_answer_that_does_not_fit_is_sent_back_once_with_the_complaint() -> None:
    bad = '{"title": "", "summary": "s", "beats": []}'
    drafted = await draft(ask := Scripted(a=[bad, GOOD]), "a")
    assert drafted.by == "a"
    assert drafted.cost_usd == 0.5
    again = ask.asked[1][1]
    assert [message.role for message in again] == ["system", "user", "assistant", "user"]
    assert again[2].content == bad
    assert "title" in again[3].content
    assert "beats" in again[3].content


async def test_the_second_misfit_ends_a_models_turn() -> None:
    drafted = await draft(ask := Scripted(a=["no", "still no", GOOD], b=[GOOD]), "a", "b")
    assert drafted.by == "b"
    assert ask.names == ["a", "a", "b"]


async def test_more_beats_than_asked_for_do_not_fit() -> None:
    long = storyboard("Long", "1=1", "3=3", "4=4", "5=5")
    drafted = await draft(ask := Scripted(a=[long, GOOD]), "a")
    assert drafted.storyboard.title == "Good"
    assert "at most 3" in ask.asked[1][1][-1].content


async def test_wrong_mathematics_is_sent_back_with_what_is_wrong_and_then_right() -> None:
    drafted = await draft(ask := Scripted(a=[WRONG, GOOD]), "a")
    assert (drafted.storyboard.title, drafted.by) == ("Good", "a")
    told = ask.asked[1][1][-1].content
    assert "beat 1, step 1" in told
    assert "the right side should be 1" in told
    assert [attempt.succeeded for attempt in drafted.attempts] == [False, True]
    assert "WRONG" not in " ".join(drafted.notes)


async def test_what_is_sent_back_is_answered_with_the_beats_that_change() -> None:
    two = storyboard("Two", "1 = 1", "1 = 2")
    change = f'{{"beats": [{{"number": 2, "beat": {beat(2, "3 = 3").model_dump_json()}}}]}}'
    drafted = await draft(ask := Scripted(a=[two, change]), "a")
    assert drafted.storyboard == storyboard("Two", "1 = 1", "3 = 3")
    again = ask.asked[1][1]
    assert [message.role for message in again] == ["system", "user", "assistant", "user"]
    assert "1 = 2" in again[2].content


async def test_a_change_that_does_not_fit_is_asked_for_again_and_else_leaves_what_was_there() -> None:
    drafted = await draft(ask := Scripted(a=[UGLY, "no", "no"], b=[GOOD]), "a", "b")
    assert (drafted.storyboard.title, ask.names) == ("Ugly", ["a", "a", "a"])
    again = ask.asked[2][1]
    assert [message.role for message in again] == ["system", "user", *["assistant", "user"] * 2]


async def test_wrong_mathematics_to_the_end_makes_room_for_the_next_model() -> None:
    answers: list[Storyboard | str | ModelFailed] = [WORSE, WRONG, WORSE, GOOD]
    drafted = await draft(ask := Scripted(a=answers, b=[GOOD]), "a", "b")
    assert drafted.by == "b"
    assert ask.names == ["a"] * (1 + COMPLAINTS_PER_MODEL) + ["b"]


async def test_faults_that_are_mended_are_told_apart_from_those_that_stay() -> None:
    drafted = await draft(Scripted(a=[WRONG, GOOD]), "a")
    assert drafted.attempts[0].ended.startswith("was asked to mend: ")
    drafted = await draft(Scripted(a=[WRONG, WRONG]), "a")
    assert drafted.attempts[-1].ended.startswith("answered, with faults: ")


async def test_the_same_complaint_twice_ends_a_models_turn() -> None:
    drafted = await draft(ask := Scripted(a=[WRONG, WRONG], b=[GOOD]), "a", "b")
    assert drafted.by == "b"
    assert ask.names == ["a", "a", "b"]


async def test_if_every_model_ends_wrong_the_least_wrong_is_taken_and_it_is_said_loudly() -> None:
    drafted = await draft(Scripted(a=[WORSE, WORSE], b=[WRONG, RateLimited("tired")]), "a", "b")
    assert (drafted.storyboard.title, drafted.by) == ("Wrong", "b")
    loud = [note for note in drafted.notes if note.startswith("WRONG mathematics")]
    assert len(loud) == 1
    assert "1 = 2" in loud[0]
    assert len(drafted.mathematics.of(Verdict.WRONG)) == 1


async def test_what_is_only_ugly_is_kept_with_a_note_when_the_model_cannot_mend_it() -> None:
    drafted = await draft(ask := Scripted(a=[UGLY, UGLY], b=[GOOD]), "a", "b")
    assert (drafted.storyboard.title, drafted.by) == ("Ugly", "a")
    assert ask.names == ["a", "a"]
    assert any("TeX does not take" in note for note in drafted.notes)


async def test_a_model_that_fails_when_it_should_mend_leaves_what_it_wrote_before() -> None:
    drafted = await draft(ask := Scripted(a=[UGLY, ProviderTimeout("late")], b=[GOOD]), "a", "b")
    assert (drafted.storyboard.title, drafted.by) == ("Ugly", "a")
    assert ask.names == ["a", "a"]
    assert drafted.cost_usd is None, "nobody knows what the late one cost"


async def test_a_worse_second_version_does_not_replace_the_first() -> None:
    drafted = await draft(Scripted(a=[UGLY, WRONG, WORSE]), "a")
    assert drafted.storyboard.title == "Ugly"


async def test_what_was_not_checked_is_carried_along() -> None:
    drafted = await draft(Scripted(a=[storyboard("Open", "x = 1")]), "a")
    assert [statement.place for statement in drafted.mathematics.of(Verdict.UNCHECKED)] == ["beat 1, step 1"]
    assert drafted.notes == ["slow"]


async def test_the_last_tier_needs_no_model_and_is_checked_as_well() -> None:
    drafted = await draft(Scripted(a=[RateLimited("no")], b=["no", "no"]), "a", "b")
    assert drafted.by == "offline: a test"
    assert [attempt.succeeded for attempt in drafted.attempts] == [False] * 3
    assert drafted.cost_usd == 0.5, "answers that were of no use have been paid for"
    assert drafted.mathematics.statements


async def test_without_models_a_storyboard_is_free() -> None:
    drafted = await draft(Scripted())
    assert (drafted.by, drafted.cost_usd, drafted.attempts) == ("offline: a test", 0.0, [])


async def test_a_chain_that_is_used_up_tells_every_attempt_and_its_cause_on_a_line() -> None:
    with pytest.raises(ChainExhausted) as raised:
        await draft(Scripted(a=[RateLimited("tired")], b=["no", "no"]), "a", "b", last=None)
    error = raised.value
    assert error.attempts[0] == "a: RateLimited: tired"
    assert len(error.attempts) == 3
    assert [line[2:] for line in str(error).splitlines() if line.startswith("- ")] == error.attempts
    again = ChainExhausted(**vars(error))
    assert (str(again), again.attempts) == (str(error), error.attempts)


async def test_an_entry_that_cannot_be_reached_is_passed_over_with_its_reason() -> None:
    missing = ModelEntry(id="a", litellm_id="", reachable=False, why="A_KEY is not set")
    drafted = await write_storyboard(
        "x", max_beats=1, models=[missing, *models("b")], ask=Scripted(b=[GOOD]), offline=offline, check=check
    )
    assert drafted.attempts[0].ended == "skipped: A_KEY is not set"
    assert len(drafted.calls) == 1


@pytest.mark.parametrize(
    ("failure", "total"),
    [
        (ProviderTimeout("late"), None),
        (ModelFailed("nobody knows how"), None),
        (EmptyAnswer("no words", cost_usd=0.1), pytest.approx(0.35)),
        (EmptyAnswer("no words"), None),
    ],
)
async def test_one_unknown_cost_makes_the_sum_unknown(failure: ModelFailed, total: float | None) -> None:
    assert (await draft(Scripted(a=[failure], b=[GOOD]), "a", "b")).cost_usd == total


async def test_an_error_that_is_no_models_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        await draft(Scripted(), "a")


async def test_code_in_an_answer_is_taken_though_only_an_idea_was_asked_for() -> None:
    raw = GOOD.model_dump(mode="json")
    raw["beats"][0]["visual"] = {"kind": "manim", "code": "class Beat(Scene): ..."}
    drafted = await draft(Scripted(a=[Storyboard.model_validate(raw)]), "a")
    assert drafted.storyboard.beats[0].visual.model_dump()["code"] == "class Beat(Scene): ..."


async def test_a_cue_that_is_nearly_said_is_mended_without_a_call() -> None:
    nearly = GOOD.model_copy(update={"beats": [beat(1, cue="behold: the thought that counts")]})
    drafted = await draft(ask := Scripted(a=[nearly]), "a")
    visual = drafted.storyboard.beats[0].visual
    assert isinstance(visual, Derivation)
    assert visual.steps[0].cue == "the thought that"
    assert len(ask.asked) == 1


async def test_a_check_that_is_not_there_is_said() -> None:
    visual = BulletPoints(items=[Bullet(text="One")])
    plain = GOOD.model_copy(update={"beats": [beat(1).model_copy(update={"visual": visual})]})
    drafted = await write_storyboard(
        "x", max_beats=1, models=models("a"), ask=Scripted(a=[plain]), offline=None
    )
    assert drafted.storyboard == plain
    assert any("not checked" in note for note in drafted.notes)


async def test_a_card_may_say_little() -> None:
    card = Beat(title="One", narration="It is one.", visual=TitleCard(heading="One"))
    drafted = await draft(ask := Scripted(a=[GOOD.model_copy(update={"beats": [card]})]), "a")
    assert len(ask.asked) == 1
    assert drafted.notes == ["slow"]
