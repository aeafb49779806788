"""What edits of a plan say about words, and what they do not."""

from __future__ import annotations

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.edits import (
    Choices,
    Plan,
    Script,
    ScriptBeat,
    chosen_again,
    origin,
    taken_out_again,
    with_choices,
    words_taken_out,
)
from quantumsketch.intake import look_of
from quantumsketch.preferences import About
from quantumsketch.storyboard import MOST_BEATS

TEXTS = st.text(st.sampled_from("abcde ßé$12'"), max_size=40)
SCRIPTS = st.builds(
    Script, title=TEXTS, beats=st.lists(st.builds(ScriptBeat, title=TEXTS, narration=TEXTS), max_size=4)
)


def script(*narrations: str, title: str = "Levers") -> Script:
    beats = [ScriptBeat(title=f"Beat {n}", narration=narration) for n, narration in enumerate(narrations)]
    return Script(title=title, beats=beats)


def test_a_word_that_was_replaced_wherever_it_stood_was_taken_out() -> None:
    plan = script("We utilize a long bar to lift the stone.", "Then we Utilize a shorter bar for the box.")
    edited = script("We use a long bar to lift the stone.", "Then we use a shorter bar for the box.")
    assert words_taken_out(plan, edited) == ["utilize"]


def test_a_word_that_is_still_said_somewhere_was_not_taken_out() -> None:
    plan = script("We utilize a long bar to lift the stone.", "Then we utilize a shorter bar for the box.")
    edited = script("We use a long bar to lift the stone.", "Then we utilize a shorter bar for the box.")
    assert words_taken_out(plan, edited) == []


def test_words_that_went_with_their_beat_tell_nothing() -> None:
    plan = script("A long bar lifts the stone with ease.", "Archimedes utilized pulleys against every ship.")
    assert words_taken_out(plan, script("A long bar lifts the stone with ease.")) == []


def test_words_that_went_with_a_text_written_anew_tell_nothing() -> None:
    plan = script("A long bar lifts the stone with ease.")
    assert words_taken_out(plan, script("Whoever presses down here raises something heavy there.")) == []


def test_words_of_a_sentence_that_was_shortened_or_left_out_tell_nothing() -> None:
    plan = script(
        "We utilize a long bar to lift the stone. Archimedes knew that. The lever is long and thin."
    )
    assert words_taken_out(plan, script("We utilize a bar to lift the stone. The lever is thin.")) == []
    assert words_taken_out(plan, script("We a long bar to lift the stone. The lever is long and thin.")) == []


def test_a_word_that_went_with_a_beat_elsewhere_was_not_replaced_wherever_it_stood() -> None:
    plan = script(
        "We utilize a long bar to lift the stone.", "Nobody utilizes pulleys. They utilize the ramp."
    )
    assert words_taken_out(plan, script("We use a long bar to lift the stone.")) == []


def test_a_sentence_of_which_more_than_three_words_on_end_were_replaced_tells_nothing() -> None:
    plan = script("We utilize enormously long iron bars to lift the stone, and that is all of it.")
    edited = script("We use short light wooden poles to lift the stone, and that is all of it.")
    assert words_taken_out(plan, edited) == []
    less = script("We use enormously long iron bars to lift the stone, and that is all of it.")
    assert words_taken_out(plan, less) == ["utilize"]


def test_what_is_not_plainly_english_tells_nothing() -> None:
    german = script("Wir verwenden dabei einen langen Stab, weil er den Stein hebt.")
    assert (
        words_taken_out(german, script("Wir nehmen dabei einen langen Stab, weil er den Stein hebt.")) == []
    )
    french = script("Nous utilisons alors une longue barre pour soulever la pierre.")
    assert (
        words_taken_out(french, script("Nous prenons alors une longue barre pour soulever la pierre.")) == []
    )


def test_the_origin_among_the_most_plans_of_the_longest_texts_is_found_quickly() -> None:
    def longest(seed: int) -> Script:
        draw = random.Random(seed)
        texts = (" ".join(f"word{draw.randrange(400)}" for _ in range(110)) for _ in range(MOST_BEATS))
        return script(*texts, title=f"Plan {seed}")

    plans = [longest(seed) for seed in range(30)]
    edited = plans[29].model_copy(update={"title": "Another"})
    began = time.process_time()
    assert origin(edited, plans) == 29
    assert time.process_time() - began < 3, "it was a tenth of a second"


def test_numbers_formulas_and_words_that_no_text_is_without_are_never_taken_out() -> None:
    plan = script("There are 12 bars and x2y and $torque$, which lift the whole stone with plain ease.")
    edited = script("There are some bars and some and some, which lift the whole stone with plain ease.")
    assert words_taken_out(plan, edited) == []


def test_what_is_too_long_to_be_avoided_is_no_word() -> None:
    for word, taken in (("x" * 61, []), ("x" * 60, ["x" * 60])):
        plan = script(f"A long bar lifts {word} with plain ease.")
        assert words_taken_out(plan, script("A long bar lifts something with plain ease.")) == taken


def test_a_word_taken_out_of_a_title_counts_if_a_beat_said_it() -> None:
    plan = Script(title="Levers", beats=[ScriptBeat(title="Utilize it", narration="A long bar lifts it.")])
    edited = Script(title="Levers", beats=[ScriptBeat(title="Use it", narration="A long bar lifts it.")])
    assert words_taken_out(plan, edited) == ["utilize"]


def test_an_edited_storyboard_is_found_by_its_title_and_its_beats() -> None:
    tea, levers = script("Tea is hot.", "Tea cools.", title="Tea"), script("A bar.", "A stone.")
    renamed = Script(title="Bars", beats=levers.beats[:1])
    assert origin(script("A bar.", "A pebble."), [tea, levers]) == 1
    assert origin(renamed, [Script(title="Tea", beats=[]), levers]) == 1
    stranger = Script(title="Levers", beats=[ScriptBeat(title="Other", narration="Nothing of it.")])
    assert origin(stranger, [tea, levers]) is None
    assert origin(levers, []) is None


def test_of_two_plans_of_one_subject_the_one_with_the_same_words_is_the_origin() -> None:
    first, second = script("A long bar lifts the stone."), script("A long bar lifts the heavy stone.")
    assert origin(second, [first, second]) == 1
    assert origin(first, [second, first]) == 1


def test_of_equal_plans_the_newest_is_the_origin() -> None:
    plan = script("A bar.", "A stone.")
    assert origin(plan, [plan, plan]) == 0


def test_a_word_counts_once_it_was_taken_out_of_two_storyboards() -> None:
    plans = [
        Plan(script=script(title="Tea"), without=["utilize", "leverage"]),
        Plan(script=script(title="Coffee"), without=["utilize"]),
        Plan(script=script(title="Milk")),
    ]
    assert taken_out_again(plans) == {"utilize": ["Tea", "Coffee"]}


def test_a_quality_is_never_taken_from_what_was_asked_for() -> None:
    choices: Choices = {}
    for number in range(3):
        choices = with_choices(choices, f"v{number}", look_of(quality="draft", theme="paper"))
    assert list(chosen_again(choices)) == [About.THEME]


def test_a_look_counts_once_it_was_given_in_three_videos_on_end() -> None:
    choices: Choices = {}
    for number, aspect in enumerate(("1:1", "9:16", "9:16", None, "9:16", "9:16", "9:16", "9:16")):
        assert chosen_again(choices) == {} or number == 7
        choices = with_choices(choices, f"v{number}", look_of(aspect=aspect))
    [(about, made)] = chosen_again(choices).items()
    assert (about, made[0].value) == (About.ASPECT, "9:16")
    assert [choice.video for choice in made] == ["v5", "v6", "v7"]


@given(plan=SCRIPTS, edited=SCRIPTS)
def test_what_was_taken_out_was_said_before_and_is_said_no_more(plan: Script, edited: Script) -> None:
    for word in words_taken_out(plan, edited):
        assert any(word in f"{beat.title} {beat.narration}".casefold() for beat in plan.beats)
        assert all(word not in f"{beat.title} {beat.narration}".casefold().split() for beat in edited.beats)


@given(plan=SCRIPTS)
def test_nothing_is_taken_out_of_what_comes_back_as_it_was(plan: Script) -> None:
    assert words_taken_out(plan, plan) == []
