"""A beat that could not be rendered: another visual from a model, else a simpler one from its own words.

Pure and deterministic, as the storyboarding is. `simplified` and `card` need nobody and cannot fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.answers import read_answer
from quantumsketch.agent.prompts import repair_messages
from quantumsketch.agent.schemas import answer_schema
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Ask, ModelEntry, Question
from quantumsketch.storyboard import Beat
from quantumsketch.visuals import Bullet, BulletPoints, TitleCard, Visual

MODELS_PER_REPAIR = 2
"""How many models of the chain are asked, one call each."""
_MOST_BULLETS = 6
_LONGEST_BULLET = 120
_LONGEST_CUE = 60
_CUE_WORDS = 3
_DOLLAR = "\uff04"
"""A dollar sign that begins no formula."""
_SENTENCES = re.compile(r"(?<=[.!?…。！？؟।])\s+|(?<=[。！？])")


class _Redrawn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    visual: Visual


async def repair_beat(
    beat: Beat, complaint: str, models: Sequence[ModelEntry], ask: Ask
) -> tuple[Beat, str] | None:
    """Ask for another visual; return the mended beat and the model's id, or None if no model has one.

    Title and narration stay as they are, and the visual is never the one that failed.
    """
    question = Question(messages=repair_messages(beat, complaint), answer_schema=answer_schema(_Redrawn))
    for model in [entry for entry in models if entry.reachable][:MODELS_PER_REPAIR]:
        try:
            answer = await ask(model, question)
            visual = read_answer(answer.text, _Redrawn).visual
        except (ModelFailed, ValueError):
            continue
        if visual != beat.visual:
            return beat.model_copy(update={"visual": visual}), model.id
    return None


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
