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


def beats(visual: Visual) -> list[Beat]:
    return [PLANNED.storyboard.beats[0].model_copy(update={"visual": visual})]


def test_a_film_as_it_was_planned_keeps_to_what_the_plan_kept_to() -> None:
    assert kept_in_the_end(PLANNED, WORDING, PLANNED.storyboard.beats) == (PLANNED.because, [])


def test_a_word_that_a_repaired_visual_or_the_code_of_a_scene_shows_is_not_said_to_be_avoided() -> None:
    code = "class A(Scene):\n    def construct(self):\n        self.add(Text('We utilize it'))\n"
    for visual in (TitleCard(heading="We utilize it"), ManimCode(code=code)):
        because, notes = kept_in_the_end(PLANNED, WORDING, beats(visual))
        assert because == ["9:16 because you set that", SAID["leverage"]]
        assert notes == ["'utilize' is to be avoided, and is shown by what was made after the plan"]


def test_what_the_plan_did_not_keep_to_is_not_noted_twice() -> None:
    planned = PLANNED.model_copy(update={"because": [SAID["leverage"]]})
    assert kept_in_the_end(planned, WORDING, beats(TitleCard(heading="Utilize"))) == ([SAID["leverage"]], [])
