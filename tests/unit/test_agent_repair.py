"""What becomes of a beat that could not be rendered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.agent.repair import MODELS_PER_REPAIR, card, repair_beat, simplified
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, ModelEntry, Question
from quantumsketch.narration import phrase_at
from quantumsketch.storyboard import Beat
from quantumsketch.visuals import BulletPoints, ManimCode, TitleCard

BEAT = Beat(title="A circle", narration="Here is a circle. It is round.", visual=ManimCode(code="Circle(("))
CARD = '{"visual": {"kind": "title", "heading": "A circle"}}'
MODELS = [ModelEntry(id=name, litellm_id=name, reachable=True, why="a test") for name in "abc"]


class Saying:
    def __init__(self, *script: str | ModelFailed) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, model: ModelEntry, question: Question) -> Answer:
        self.asked.append((model.id, question.messages[-1].content))
        said = self.script.pop(0)
        if isinstance(said, ModelFailed):
            raise said
        return Answer(text=said, model=model.id)


async def test_a_repair_changes_the_visual_and_nothing_else() -> None:
    ask = Saying('{"visual": {"kind": "title", "heading": "Round"}}')
    repaired = await repair_beat(BEAT, "SyntaxError in line 1", MODELS, ask)
    assert repaired == (BEAT.model_copy(update={"visual": TitleCard(heading="Round")}), "a")
    assert "SyntaxError in line 1" in ask.asked[0][1]
    assert "Circle((" in ask.asked[0][1]


@pytest.mark.parametrize(
    "useless",
    [
        ModelFailed("no"),
        "no JSON",
        '{"visual": {"kind": "manim", "code": "Circle(("}}',
        '{"visual": {"kind": "x"}}',
    ],
)
async def test_a_useless_answer_is_followed_by_the_next_model(useless: str | ModelFailed) -> None:
    ask = Saying(useless, CARD)
    repaired = await repair_beat(BEAT, "broken", MODELS, ask)
    assert repaired is not None
    assert repaired[1] == "b"


async def test_a_repair_is_bounded() -> None:
    ask = Saying(*[ModelFailed("no")] * 3)
    assert await repair_beat(BEAT, "broken", MODELS, ask) is None
    assert len(ask.asked) == MODELS_PER_REPAIR


async def test_without_a_model_that_can_be_reached_nobody_is_asked() -> None:
    missing = ModelEntry(id="a", litellm_id="", reachable=False, why="no key")
    assert await repair_beat(BEAT, "broken", [missing], Saying()) is None


def bullets(narration: str) -> list[str]:
    visual = simplified(BEAT.model_copy(update={"narration": narration})).visual
    assert isinstance(visual, BulletPoints)
    return [item.text for item in visual.items]


def test_a_simplified_beat_shows_its_own_sentences_as_they_are_spoken() -> None:
    beat = simplified(BEAT)
    assert isinstance(beat.visual, BulletPoints)
    assert [item.text for item in beat.visual.items] == ["Here is a circle.", "It is round."]
    cues = [phrase_at(beat.narration, item.cue or "") for item in beat.visual.items]
    assert cues[0] is not None
    assert cues[1] is not None
    assert cues[0] < cues[1]


def test_many_sentences_are_thinned_out_evenly_and_long_ones_shortened() -> None:
    assert bullets(" ".join(f"Sentence {n}." for n in range(11))) == [
        f"Sentence {n}." for n in range(0, 11, 2)
    ]
    (long,) = bullets("word " * 100)
    assert len(long) <= 120
    assert long.endswith("word…")


def test_no_formula_is_typeset_and_an_amount_keeps_its_sign() -> None:
    assert bullets("From $5 to $10 for $x^2$ pieces.") == ["From ＄5 to ＄10 for x^2 pieces."]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300) | st.text(
    "ab $.!?。\n\t\x00\u200b5", min_size=1, max_size=300
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(texts.filter(lambda text: 0 < len(text.strip()) <= 80), texts.filter(str.strip))
def test_simplified_and_card_are_valid_for_any_beat(title: str, narration: str) -> None:
    fields: dict[str, Any] = {"title": title, "narration": narration, "visual": BEAT.visual}
    beat = Beat(**fields)
    for other in (simplified(beat), card(beat)):
        assert Beat.model_validate_json(other.model_dump_json()) == other
        assert (other.title, other.narration) == (beat.title, beat.narration)
        assert other.visual != beat.visual
