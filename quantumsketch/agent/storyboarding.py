"""From a prompt to a storyboard: the models are asked in order, and last the tier that needs none.

Pure: asking is injected, so the same loop runs in a workflow, in a test and in another product.
Deterministic, and of asyncio it uses only `await`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.answers import read_answer
from quantumsketch.agent.prompts import complaint_messages, storyboard_messages
from quantumsketch.agent.schemas import storyboard_schema
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Ask, ModelEntry, Question, cost_of
from quantumsketch.storyboard import Storyboard

CALLS_PER_MODEL = 2
"""An answer that does not fit is sent back once."""
_LONGEST_ENDING = 400


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attempt(_Noun):
    """One call, or one entry that was passed over, and what became of it."""

    model: str
    succeeded: bool
    ended: str
    cost_usd: float | None


class Drafted(_Noun):
    """A storyboard, who wrote it, and what was tried on the way."""

    storyboard: Storyboard
    by: str
    attempts: list[Attempt]
    cost_usd: float | None
    """Of all attempts together; None if the cost of any is not known."""


class Offline(Protocol):
    """The tier that needs no model; returns the storyboard and a name for where it comes from."""

    async def __call__(self, prompt: str, max_beats: int) -> tuple[Storyboard, str]: ...


async def write_storyboard(
    prompt: str, *, max_beats: int, models: Sequence[ModelEntry], ask: Ask, offline: Offline
) -> Drafted:
    """Ask each model in turn until one delivers a storyboard that fits, else take the offline tier's."""
    attempts: list[Attempt] = []
    for model in models:
        if not model.reachable:
            attempts.append(_attempt(model, f"skipped: {model.why}", 0.0))
        elif storyboard := await _written_by(model, prompt, max_beats, ask, attempts):
            return _drafted(storyboard, model.id, attempts)
    storyboard, by = await offline(prompt, max_beats)
    return _drafted(storyboard, by, attempts)


async def _written_by(
    model: ModelEntry, prompt: str, max_beats: int, ask: Ask, attempts: list[Attempt]
) -> Storyboard | None:
    messages = storyboard_messages(prompt, max_beats)
    for _ in range(CALLS_PER_MODEL):
        try:
            question = Question(messages=messages, answer_schema=storyboard_schema(max_beats))
            answer = await ask(model, question)
        except ModelFailed as failure:
            attempts.append(_attempt(model, f"{type(failure).__name__}: {failure.what}", cost_of(failure)))
            return None
        try:
            storyboard = _read(answer.text, max_beats)
        except ValueError as complaint:
            attempts.append(_attempt(model, f"the answer does not fit: {complaint}", answer.cost_usd))
            messages = [*messages, *complaint_messages(answer.text, str(complaint))]
        else:
            attempts.append(
                Attempt(model=model.id, succeeded=True, ended="answered", cost_usd=answer.cost_usd)
            )
            return storyboard
    return None


def _read(text: str, max_beats: int) -> Storyboard:
    storyboard = read_answer(text, Storyboard)
    if len(storyboard.beats) > max_beats:
        raise ValueError(f"There are {len(storyboard.beats)} beats, but at most {max_beats} were asked for")
    return storyboard


def _attempt(model: ModelEntry, ended: str, cost_usd: float | None) -> Attempt:
    line = " ".join(ended.split())[:_LONGEST_ENDING]
    return Attempt(model=model.id, succeeded=False, ended=line, cost_usd=cost_usd)


def _drafted(storyboard: Storyboard, by: str, attempts: list[Attempt]) -> Drafted:
    costs = [attempt.cost_usd for attempt in attempts]
    known = [cost for cost in costs if cost is not None]
    total = sum(known, 0.0) if len(known) == len(costs) else None
    return Drafted(storyboard=storyboard, by=by, attempts=attempts, cost_usd=total)
