"""A beat that could not be rendered: another visual from a model, else a simpler one from its own words.

Pure and deterministic, as the storyboarding is. `simplified` and `card` need nobody and cannot fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.answers import read_answer
from quantumsketch.agent.budget import BeatBudget, Spent
from quantumsketch.agent.calls import RecordedAsk, ended_by, one_line
from quantumsketch.agent.complaints import sameness
from quantumsketch.agent.cues import with_cues_said
from quantumsketch.agent.hints import with_hints
from quantumsketch.agent.prompts import repair_messages
from quantumsketch.agent.review import Check, checked_only, words_shown
from quantumsketch.agent.schemas import drawn_schema
from quantumsketch.errors import ModelFailed
from quantumsketch.incidents import Hint
from quantumsketch.llm.types import Ask, ModelEntry, Question
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.usage import ModelCall
from quantumsketch.visuals import Bullet, BulletPoints, ManimCode, TitleCard, Visual

MODELS_PER_REPAIR = 2
"""How many models of the chain are asked, one call each; those that cannot be asked now are passed over."""
_MOST_BULLETS = 6
_LONGEST_BULLET = 120
_LONGEST_CUE = 60
_CUE_WORDS = 3
_DOLLAR = "\uff04"
"""A dollar sign that begins no formula."""
_SENTENCES = re.compile(r"(?<=[.!?…。！？؟।])\s+|(?<=[。！？])")


class Redrawn(BaseModel):
    """What came of asking for another visual."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beat: Beat | None
    """With another visual, never the one that failed; None: no model had one."""
    by: str
    """The model's id; empty without a beat."""
    calls: list[ModelCall]
    notes: list[str]
    """Why models that were asked had none, a line each."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    visual: Visual


async def repair_beat(
    beat: Beat,
    complaint: str,
    *,
    models: Sequence[ModelEntry],
    ask: Ask,
    check: Check,
    budget: BeatBudget,
    beat_id: str | None = None,
    hints: Sequence[Hint] = (),
    avoid: Sequence[str] = (),
) -> Redrawn:
    """Ask for another visual, of the kinds that the kit draws; title and narration stay as they are.

    What would put wrong mathematics, a refused formula or a word to `avoid` on screen is no repair.
    """
    recorded = RecordedAsk(ask, "repair", beat_id, budget)
    messages = with_hints(repair_messages(beat, complaint, avoid), hints)
    question = Question(messages=messages, answer_schema=drawn_schema(_Answer))
    notes: list[str] = []
    for model in [entry for entry in models if entry.reachable]:
        if len(recorded.calls) == MODELS_PER_REPAIR:
            break
        try:
            answer = await recorded(model, question)
            redrawn = await _redrawn(beat, answer.text, check, avoid)
        except Spent as spent:
            notes.append(str(spent))
            break
        except ModelFailed as failure:
            notes.append(f"{model.id}: {ended_by(failure)}")
        except ValueError as misfit:
            notes.append(one_line(f"{model.id}: {misfit}"))
        else:
            return Redrawn(beat=redrawn, by=model.id, calls=recorded.calls, notes=notes)
    return Redrawn(beat=None, by="", calls=recorded.calls, notes=notes)


async def _redrawn(beat: Beat, answer: str, check: Check, avoid: Sequence[str]) -> Beat:
    """The beat with the visual that was answered; raises ValueError if that will not do."""
    visual = read_answer(answer, _Answer).visual
    if visual == beat.visual:
        raise ValueError("the answer is the visual that failed")
    if isinstance(visual, ManimCode):
        raise ValueError("the answer is an animation, but a visual of a simpler kind was asked for")
    if left := words_shown(visual, avoid):
        raise ValueError(f"the answer shows {', '.join(map(repr, left))}, which is to be avoided")
    redrawn = beat.model_copy(update={"visual": visual})
    alone = with_cues_said(Storyboard(title=beat.title, summary=beat.title, beats=[redrawn]))
    if faults := (await checked_only(alone, check)).complaints:
        raise ValueError(f"the answer has faults: {faults[0]}")
    return alone.beats[0]


def same_complaint(one: str, other: str) -> bool:
    """Whether two complaints say the same but for their numbers: then another repair would be in vain."""
    return sameness(one) == sameness(other)


def simplified(beat: Beat) -> Beat:
    """The same beat with its narration's own sentences as bullet points; valid for every beat."""
    sentences = [plain for part in _SENTENCES.split(beat.narration) if (plain := _plain(part))]
    chosen = _spread(sentences, _MOST_BULLETS) or [_plain(beat.title) or "…"]
    items = [Bullet(text=_shortened(sentence, _LONGEST_BULLET), cue=_cue(sentence)) for sentence in chosen]
    return beat.model_copy(update={"visual": BulletPoints(items=items)})


def card(beat: Beat) -> Beat:
    """The same beat with nothing but its title on screen; valid for every beat."""
    return beat.model_copy(update={"visual": TitleCard(heading=_plain(beat.title) or "…")})


def _plain(text: str) -> str:
    """Printable words on one line, nothing to be typeset as a formula; an amount keeps its sign."""
    text = re.sub(r"\$(?=\d)", _DOLLAR, text).replace("$", "")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _spread(sentences: list[str], most: int) -> list[str]:
    """At most `most` of the sentences, from the beginning to the end."""
    if len(sentences) <= most:
        return sentences
    return [sentences[round(index * (len(sentences) - 1) / (most - 1))] for index in range(most)]


def _shortened(sentence: str, most: int) -> str:
    if len(sentence) <= most:
        return sentence
    head, space, _ = sentence[: most - 1].rpartition(" ")
    return (head if space and len(head) > most // 2 else sentence[: most - 1]).rstrip(" ,;:") + "…"


def _cue(sentence: str) -> str | None:
    """The first words of the sentence, by which its bullet point appears."""
    return " ".join(sentence.split()[:_CUE_WORDS])[:_LONGEST_CUE].strip() or None
