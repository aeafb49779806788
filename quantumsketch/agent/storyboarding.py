"""From a prompt to a storyboard: the models are asked in order, and last the tier that needs none.

Pure: asking and checking are injected, so the same loop runs in a workflow, in a test and in another product.
Deterministic, and of asyncio it uses only `await`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.answers import read_answer
from quantumsketch.agent.calls import Attempt, RecordedAsk, ended_by, exhausted, one_line
from quantumsketch.agent.cues import with_cues_said
from quantumsketch.agent.prompts import misfit_messages, revision_messages, storyboard_messages
from quantumsketch.agent.review import Check, Review, checked_only, review, unchecked
from quantumsketch.agent.revision import revised
from quantumsketch.agent.schemas import revision_schema, storyboard_schema
from quantumsketch.checking import MathReport
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, Ask, ModelEntry, Question
from quantumsketch.storyboard import USUAL_WORDING, Storyboard, Wording
from quantumsketch.usage import ModelCall, total

MISFITS_PER_MODEL = 1
"""An answer that does not fit the schema is sent back once."""
LEAST_TOKENS_PER_BEAT = 600
"""Of an answer: half of what a beat with a rich picture takes, its narration included."""
USUAL_BEATS = 6
COMPLAINTS_PER_MODEL = 2
"""A storyboard with faults of content is sent back twice."""


class Drafted(BaseModel):
    """A storyboard, who wrote it, what was tried on the way, and what is left to say about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    storyboard: Storyboard
    by: str
    attempts: list[Attempt]
    mathematics: MathReport = MathReport()
    notes: list[str] = []

    @property
    def calls(self) -> list[ModelCall]:
        """Every call that was made, in order."""
        return [attempt.call for attempt in self.attempts if attempt.call]

    @property
    def cost_usd(self) -> float | None:
        """USD of all calls together; None if the cost of any is not known."""
        return total(self.calls).cost_usd


class Offline(Protocol):
    """The tier that needs no model; returns the storyboard and a name for where it comes from."""

    async def __call__(self, prompt: str, max_beats: int) -> tuple[Storyboard, str]: ...


async def write_storyboard(
    prompt: str,
    *,
    max_beats: int,
    models: Sequence[ModelEntry],
    ask: Ask,
    offline: Offline | None,
    check: Check = unchecked,
    examples: Sequence[Storyboard] = (),
    wording: Wording = USUAL_WORDING,
) -> Drafted:
    """Ask each model in turn until one delivers a storyboard that holds, else take the offline tier's.

    Raises ChainExhausted if no model delivers one and there is no offline tier.
    """
    attempts: list[Attempt] = []
    with_mistakes: list[_Version] = []
    for model in models:
        if not model.reachable:
            attempts.append(Attempt(model=model.id, succeeded=False, ended=f"skipped: {model.why}"))
            continue
        recorded = RecordedAsk(ask, "storyboard")
        writing = _Writing(model, prompt, max_beats, examples, wording, recorded, check, attempts)
        if (version := await writing.best()) is None:
            continue
        if not version.review.wrong:
            return _drafted(version, attempts)
        with_mistakes.append(version)
    if with_mistakes:
        return _drafted(min(with_mistakes, key=lambda version: version.review.weight), attempts)
    if offline is None:
        raise exhausted(attempts)
    storyboard, by = await offline(prompt, max_beats)
    checked = await checked_only(storyboard, check, wording.avoid)
    return _drafted(_Version(storyboard, by, checked), attempts)


@dataclass(frozen=True)
class _Version:
    """One storyboard as a model answered it, and what is wrong with it."""

    storyboard: Storyboard
    by: str
    review: Review


@dataclass
class _Writing:
    """One model's turn."""

    model: ModelEntry
    prompt: str
    max_beats: int
    examples: Sequence[Storyboard]
    wording: Wording
    ask: RecordedAsk
    check: Check
    attempts: list[Attempt]
    versions: list[_Version] = field(default_factory=list)

    async def best(self) -> _Version | None:
        """The best storyboard that the model writes, None if none of its answers is one."""
        misfit: tuple[str, str] | None = None
        misfits = 0
        while len(self.versions) <= COMPLAINTS_PER_MODEL and misfits <= MISFITS_PER_MODEL:
            if (answer := await self._answer(self._question(misfit))) is None:
                break
            try:
                storyboard = self._read(answer.text)
            except ValueError as complaint:
                misfit, misfits = (answer.text, str(complaint)), misfits + 1
                self._note(f"the answer does not fit: {complaint}", succeeded=False)
                continue
            misfit = None
            if not await self._is_to_be_mended(storyboard):
                break
        return min(self.versions, key=lambda version: version.review.weight, default=None)

    def _question(self, misfit: tuple[str, str] | None) -> Question:
        """For a storyboard, or for what changes in the last one: older answers are not shown again."""
        messages = storyboard_messages(self.prompt, self.max_beats, self.examples, self.wording)
        schema = storyboard_schema(self.max_beats)
        least_tokens = LEAST_TOKENS_PER_BEAT * min(self.max_beats, USUAL_BEATS)
        if self.versions:
            last = self.versions[-1]
            messages += revision_messages(last.storyboard, last.review.complaints)
            schema, least_tokens = revision_schema(), LEAST_TOKENS_PER_BEAT
        messages += misfit_messages(*misfit) if misfit else []
        return Question(messages=messages, answer_schema=schema, least_tokens=least_tokens)

    async def _answer(self, question: Question) -> Answer | None:
        """One call; None if it failed, which is noted."""
        try:
            return await self.ask(self.model, question)
        except ModelFailed as failure:
            self._note(ended_by(failure), succeeded=False)
            return None

    def _read(self, text: str) -> Storyboard:
        if self.versions:
            storyboard = revised(self.versions[-1].storyboard, text)
        else:
            storyboard = read_answer(text, Storyboard)
        if (count := len(storyboard.beats)) > self.max_beats:
            raise ValueError(f"There are {count} beats, but at most {self.max_beats} were asked for")
        return with_cues_said(storyboard)

    async def _is_to_be_mended(self, storyboard: Storyboard) -> bool:
        """Keep a version; False if nothing is wrong with it, or just the same as before."""
        reviewed = await review(storyboard, self.check, self.wording.avoid)
        version = _Version(storyboard, self.model.id, reviewed)
        told = version.review.complaints
        before = self.versions[-1].review.complaints if self.versions else []
        self.versions.append(version)
        to_be_mended = bool(told) and told != before and len(self.versions) <= COMPLAINTS_PER_MODEL
        how = "was asked to mend" if to_be_mended else "answered, with faults"
        self._note(f"{how}: {told[0]}" if told else "answered", not version.review.wrong)
        return to_be_mended

    def _note(self, ended: str, succeeded: bool) -> None:
        attempt = Attempt(model=self.model.id, succeeded=succeeded, ended=one_line(ended), call=self.ask.last)
        self.attempts.append(attempt)


def _drafted(version: _Version, attempts: list[Attempt]) -> Drafted:
    wrong = [f"WRONG mathematics is left on screen: {line}" for line in version.review.wrong]
    soft = [f"left as it is: {line}" for line in version.review.soft]
    checked = version.review.checked
    return Drafted(
        storyboard=version.storyboard,
        by=version.by,
        attempts=attempts,
        mathematics=checked.mathematics,
        notes=[*wrong, *soft, *checked.notes],
    )
