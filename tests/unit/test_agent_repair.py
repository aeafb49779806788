"""What becomes of a beat that could not be rendered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.agent.budget import BeatBudget, VideoBudget
from quantumsketch.agent.repair import (
    MODELS_PER_REPAIR,
    Redrawn,
    card,
    repair_beat,
    same_complaint,
    simplified,
)
from quantumsketch.agent.review import Checked
from quantumsketch.checking import MathReport, MathStatement, Verdict
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, CoolingDown, ModelEntry, Question
from quantumsketch.narration import phrase_at
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints, Derivation, ManimCode, TitleCard

BEAT = Beat(title="A circle", narration="Here is a circle. It is round.", visual=ManimCode(code="Circle(("))
CARD = '{"visual": {"kind": "title", "heading": "A circle"}}'
MODELS = [ModelEntry(id=name, litellm_id=name, reachable=True, why="a test") for name in "abc"]


class Saying:
    def __init__(self, *script: str | ModelFailed) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, model: ModelEntry, question: Question) -> Answer:
        assert "ManimCode" not in str(question.answer_schema)
        self.asked.append((model.id, question.messages[-1].content))
        said = self.script.pop(0)
        if isinstance(said, ModelFailed):
            raise said
        return Answer(text=said, model=model.id, cost_usd=0.5)


async def check(board: Storyboard) -> Checked:
    """Holds every derivation for wrong."""
    (beat,) = board.beats
    if not isinstance(beat.visual, Derivation):
        return Checked()
    tex = beat.visual.steps[0].tex
    wrong = MathStatement(place="beat 1, step 1", statement=tex, verdict=Verdict.WRONG, message="no")
    return Checked(mathematics=MathReport(statements=[wrong]))


async def repair(
    ask: Saying,
    models: list[ModelEntry] = MODELS,
    budget: BeatBudget | None = None,
    avoid: Sequence[str] = (),
) -> Redrawn:
    return await repair_beat(
        BEAT,
        "SyntaxError in line 1",
        models=models,
        ask=ask,
        check=check,
        budget=budget or VideoBudget().for_beat(),
        beat_id="b01",
        avoid=avoid,
    )


async def test_a_repair_changes_the_visual_and_nothing_else() -> None:
    ask = Saying('{"visual": {"kind": "title", "heading": "Round"}}')
    repaired = await repair(ask)
    assert repaired.beat == BEAT.model_copy(update={"visual": TitleCard(heading="Round")})
    assert (repaired.by, repaired.notes) == ("a", [])
    assert "SyntaxError in line 1" in ask.asked[0][1]
    assert "Circle((" in ask.asked[0][1]
    (call,) = repaired.calls
    assert (call.purpose, call.beat_id, call.cost_usd) == ("repair", "b01", 0.5)


async def test_a_visual_that_shows_a_word_to_be_avoided_is_no_repair_and_the_model_is_told_before() -> None:
    shown, other = (
        json.dumps({"visual": {"kind": "title", "heading": heading}}) for heading in ("Utilize it", "Use it")
    )
    ask = Saying(shown, other)
    repaired = await repair(ask, avoid=["utilize"])
    assert repaired.beat == BEAT.model_copy(update={"visual": TitleCard(heading="Use it")})
    assert repaired.notes == ["a: the answer shows 'utilize', which is to be avoided"]
    assert "utilize" in ask.asked[0][1]


async def test_a_cue_that_is_nearly_said_is_mended() -> None:
    repaired = await repair(
        Saying('{"visual": {"kind": "bullets", "items": [{"text": "Round", "cue": "look: it is round"}]}}')
    )
    assert repaired.beat is not None
    assert repaired.beat.visual == BulletPoints(items=[Bullet(text="Round", cue="it is round")])


@pytest.mark.parametrize(
    ("useless", "why"),
    [
        (ModelFailed("no"), "no"),
        ("no JSON", "JSON object"),
        ('{"visual": {"kind": "manim", "code": "Circle(("}}', "the visual that failed"),
        ('{"visual": {"kind": "manim", "idea": "a circle"}}', "an animation"),
        ('{"visual": {"kind": "x"}}', "does not fit"),
        ('{"visual": {"kind": "derivation", "steps": [{"tex": "1 = 2"}]}}', "'1 = 2' is wrong"),
    ],
)
async def test_a_useless_answer_is_followed_by_the_next_model_and_noted(
    useless: str | ModelFailed, why: str
) -> None:
    repaired = await repair(Saying(useless, CARD))
    assert repaired.by == "b"
    (note,) = repaired.notes
    assert note.startswith("a: ")
    assert why in note
    assert len(repaired.calls) == 2


async def test_models_that_cannot_be_asked_now_take_no_other_models_place() -> None:
    repaired = await repair(Saying(CoolingDown("it rests"), CoolingDown("it rests"), CARD))
    assert (repaired.by, len(repaired.calls), len(repaired.notes)) == ("c", 1, 2)


async def test_a_repair_is_bounded() -> None:
    ask = Saying(*[ModelFailed("no")] * 3)
    repaired = await repair(ask)
    assert repaired.beat is None
    assert len(ask.asked) == len(repaired.notes) == MODELS_PER_REPAIR


async def test_a_repair_keeps_to_the_budget_of_its_beat_and_of_the_video() -> None:
    video = VideoBudget(calls_left=1)
    ask = Saying(ModelFailed("no"))
    repaired = await repair(ask, budget=video.for_beat())
    assert (repaired.beat, len(ask.asked), video.calls_left) == (None, 1, 0)
    assert "budget" in repaired.notes[-1]


async def test_without_a_model_that_can_be_reached_nobody_is_asked() -> None:
    missing = ModelEntry(id="a", litellm_id="", reachable=False, why="no key")
    assert (await repair(Saying(), [missing])).beat is None


def test_complaints_are_the_same_whatever_their_numbers() -> None:
    assert same_complaint("line 3: 'x' leaves the frame by 0.31", "line 12: 'x' leaves  the frame by 2")
    assert not same_complaint("line 3: 'x' leaves the frame", "line 3: 'y' leaves the frame")


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
