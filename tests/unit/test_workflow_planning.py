"""What a film is said to keep to, once it is known what it shows."""

from __future__ import annotations

from quantumsketch.storyboard import Beat, Planned, Wording
from quantumsketch.visuals import ManimCode, TitleCard, Visual
from tests.scripted_storyboards import storyboard
from workflows.planning import kept_in_the_end

SAID = {
    "utilize": "without 'utilize' because you said so",
    "leverage": "without 'leverage' because you said so",
}
WORDING = Wording(avoid=("utilize", "leverage"), because=SAID)
PLANNED = Planned(
    storyboard=storyboard("One"),
    storyboard_by="a model",
    cost_usd=None,
    because=["9:16 because you set that", *SAID.values()],
)
LEFT = "left as it is: beat 1: the visual shows 'utilize', which is to be avoided"


def beats(visual: Visual) -> list[Beat]:
    return [PLANNED.storyboard.beats[0].model_copy(update={"visual": visual})]


def test_a_film_as_it_was_planned_keeps_to_what_the_plan_kept_to() -> None:
    assert kept_in_the_end(PLANNED, WORDING, PLANNED.storyboard.beats) == (PLANNED.because, [])


def test_a_word_that_a_repaired_visual_or_the_code_of_a_scene_shows_is_not_said_to_be_avoided() -> None:
    code = "class A(Scene):\n    def construct(self):\n        self.add(Text('We utilize it'))\n"
    for visual in (TitleCard(heading="We utilize it"), ManimCode(code=code)):
        because, notes = kept_in_the_end(PLANNED, WORDING, beats(visual))
        assert because == ["9:16 because you set that", SAID["leverage"]]
        assert notes == [LEFT]


def test_a_word_that_only_the_film_shows_is_noted_whatever_the_plan_was_said_to_keep_to() -> None:
    planned = PLANNED.model_copy(update={"because": []})
    for wording in (WORDING, Wording(avoid=("utilize",))):
        assert kept_in_the_end(planned, wording, beats(TitleCard(heading="Utilize"))) == ([], [LEFT])


def test_what_the_plan_itself_says_is_not_noted_twice() -> None:
    shown = beats(TitleCard(heading="Utilize"))
    board = PLANNED.storyboard.model_copy(update={"beats": shown, "summary": "Leverage."})
    planned = PLANNED.model_copy(update={"storyboard": board, "because": []})
    assert kept_in_the_end(planned, WORDING, shown) == ([], [])
    both = beats(TitleCard(heading="Utilize leverage"))
    [note] = kept_in_the_end(planned, WORDING, both)[1]
    assert note.endswith("the visual shows 'utilize', 'leverage', which is to be avoided")
