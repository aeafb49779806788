"""From a question to an answer that cites the graph, or to the word that the graph does not know.

Pure: looking and asking are injected, so the same loop runs in a server, in a test and in another product.
Deterministic, and of asyncio it uses only `await`. The models have no tools here: they read and answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from quantumsketch.agent.answer_checks import NOT_KNOWN, Checked, NotToBeGiven, Reply, checked, ordered
from quantumsketch.agent.answering_prompts import (
    MOST_SEARCHES,
    answer_messages,
    combining_messages,
    survey_messages,
)
from quantumsketch.agent.answers import read_answer
from quantumsketch.agent.calls import one_line
from quantumsketch.agent.passages import MOST_CHARACTERS, Numbered, Passage, fitting, numbered, together
from quantumsketch.agent.prompts import misfit_messages
from quantumsketch.answered import Answered, Mode
from quantumsketch.errors import ModelFailed
from quantumsketch.json_schema import NO_CONSTRAINTS, without
from quantumsketch.llm.types import Ask, Message, ModelEntry, NotAsked, Question

COMPLAINTS_PER_MODEL = 1
"""An answer that cannot be given is sent back once."""
MOST_PARTS = 3
"""Calls that read neighbourhoods; one more makes a single answer of theirs."""
_CHARACTERS_OF_A_PART = MOST_CHARACTERS // MOST_PARTS
_SPARED = MOST_CHARACTERS // 8
"""For what relations lead to, and as much for what is searched for afterwards."""
_LEAST_TOKENS = 800
_SCHEMA = without(NO_CONSTRAINTS, Reply.model_json_schema())
_NO_MODEL = "no model is in the chain of this process: the sources stand alone"
_NOTHING_FOUND = f"{NOT_KNOWN} Nothing in it has to do with the question."


@dataclass(frozen=True)
class AnsweringVerbs:
    """What answering can do; each is one step of whoever injects it. No passage comes twice in one list."""

    ask: Ask
    find: Callable[[str], Awaitable[list[Passage]]]
    """The best hits of one search."""
    follow: Callable[[Sequence[Passage]], Awaitable[list[Passage]]]
    """What relations lead to from these, as far as it is near the question."""
    survey: Callable[[], Awaitable[list[Passage]]]
    """Summaries of neighbourhoods that are near the question."""


async def answer_question(
    query: str,
    *,
    mode: Mode,
    moment: str,
    models: Sequence[ModelEntry],
    verbs: AnsweringVerbs,
    retrieve_only: bool = False,
) -> Answered:
    """Look as far as `mode` says, and answer from what was found; `moment` is the date that is now.

    Without a model that answers, the sources stand alone, and the notes tell why.
    """
    answering = _Answering(query, moment, [model for model in models if model.reachable], verbs)
    await answering.look(mode)
    if retrieve_only:
        return answering.result(mode, None, ["only looked up: no model was asked, as was wished"])
    if not answering.passages:
        return answering.result(mode, Checked(_NOTHING_FOUND, (), known=False, missing=()), [])
    found = await answering.answer(mode)
    unreachable = [f"{model.id}: not asked: it is not set up" for model in models if not model.reachable]
    return answering.result(mode, found, [] if found else unreachable or ([] if models else [_NO_MODEL]))


@dataclass
class _Answering:
    """One question."""

    query: str
    moment: str
    models: list[ModelEntry]
    """Those that may still be asked, in order."""
    verbs: AnsweringVerbs
    passages: list[Passage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    by: str | None = None

    async def look(self, mode: Mode) -> None:
        """Gather passages without a model."""
        if mode == "global":
            self._keep(await self.verbs.survey())
            return
        deep = mode == "deep"
        self._keep(await self.verbs.find(self.query), MOST_CHARACTERS - (2 * _SPARED if deep else 0))
        if deep and self.passages:
            self._keep(await self.verbs.follow(self.passages), MOST_CHARACTERS - _SPARED)

    async def answer(self, mode: Mode) -> Checked | None:
        """Ask the models; None if none of them gives an answer."""
        if mode == "global":
            return await self._from_parts()
        given = numbered(self.passages)
        first = await self._reply(answer_messages(self.query, given, self.moment, searchable=mode == "deep"))
        if first is None or mode != "deep" or not await self._search(first.missing):
            return first
        given = numbered(self.passages)
        return await self._reply(answer_messages(self.query, given, self.moment)) or first

    def result(self, mode: Mode, found: Checked | None, notes: list[str]) -> Answered:
        """Tell what came out, with every note."""
        missing = [f"missing in the graph: {each}" for each in found.missing] if found else []
        return Answered(
            answer=found.answer if found else None,
            known=found.known if found else None,
            sources=[passage.source for passage in self.passages],
            notes=[*self.notes, *notes, *self._warnings(found), *missing],
            mode=mode,
            by=self.by if found else None,
        )

    async def _search(self, phrases: Sequence[str]) -> bool:
        """Search for what a model misses; whether anything came of it."""
        before = self.passages
        for phrase in phrases[:MOST_SEARCHES]:
            self._keep(await self.verbs.find(phrase))
            self.notes.append(f"searched again, for {phrase!r}")
        return self.passages != before

    def _keep(self, found: Sequence[Passage], most: int = MOST_CHARACTERS) -> None:
        """Add what is new, other pieces of a known text too; the numbers of what is there stay."""
        self.passages, left_out = together(self.passages, found, most)
        if left_out:
            self.notes.append(f"{left_out} more were found than one question can hold")

    async def _from_parts(self) -> Checked | None:
        """One answer from all neighbourhoods: at once if they fit into one call, else part by part."""
        parts = _parts(numbered(self.passages))
        replies: list[Checked] = []
        for part in parts:
            messages = survey_messages(self.query, part, self.moment, part=len(parts) > 1)
            if (reply := await self._reply(messages, part)) is not None:
                replies.append(reply)
        if replies and (unread := len(parts) - len(replies)):
            self.notes.append(f"{unread} of {len(parts)} parts of what was found were not read by a model")
        telling = [reply for reply in replies if reply.known]
        if len(telling) < 2:
            return next(iter([*telling, *replies]), None)
        messages = combining_messages(self.query, [reply.answer for reply in telling], self.moment)
        cited = {number: self.passages[number - 1] for reply in telling for number in reply.cites}
        return await self._reply(messages, cited) or _side_by_side(telling)

    async def _reply(self, messages: list[Message], given: Numbered | None = None) -> Checked | None:
        """The first answer of the chain that may be given; a model that has none is not asked again."""
        while self.models:
            model = self.models[0]
            if (reply := await self._of(model, messages, given or numbered(self.passages))) is not None:
                self.by = model.id
                return reply
        return None

    async def _of(self, model: ModelEntry, messages: list[Message], given: Numbered) -> Checked | None:
        """One model's answer, sent back once if it cannot be given; None, which is noted, if it has none."""
        why = ""
        for _ in range(1 + COMPLAINTS_PER_MODEL):
            question = Question(messages=messages, answer_schema=_SCHEMA, least_tokens=_LEAST_TOKENS)
            try:
                said = await self.verbs.ask(model, question)
            except ModelFailed as failure:
                self._give_up(model, _told(failure))
                return None
            try:
                return checked(read_answer(said.text, Reply), given, self.query)
            except ValueError as misfit:
                messages = [*messages, *misfit_messages(said.text, str(misfit))]
                why = (
                    misfit.args[0] if isinstance(misfit, NotToBeGiven) else "it is not in the form asked for"
                )
        self._give_up(model, f"its answer was not given: {why}")
        return None

    def _give_up(self, model: ModelEntry, why: str) -> None:
        self.models.remove(model)
        self.notes.append(one_line(f"{model.id}: {why}"))

    def _warnings(self, found: Checked | None) -> list[str]:
        """What whoever reads the answer should know of its sources."""
        told = list(found.notes) if found else []
        ordering = [number for number, each in numbered(self.passages).items() if ordered({number: each})]
        told += [f"[{n}] tells its reader what to say: it was taken as data" for n in ordering]
        cites = found.cites if found else ()
        if cites and all(self.passages[number - 1].source.superseded for number in cites):
            told.append("all that is cited is superseded: it may not hold any more")
        if cites and set(cites) <= set(ordering):
            told.append("all that is cited tells its reader what to say: it may be made up")
        return told


def _told(failure: ModelFailed) -> str:
    """Which failure it was: what it says is of the installation, and nobody's who asks."""
    came = "was not asked" if isinstance(failure, NotAsked) else "gave no answer"
    return f"{type(failure).__name__}: it {came}"


def _parts(passages: Numbered) -> list[dict[int, Passage]]:
    """The passages in at most a few parts, each small enough to be read at once."""
    parts: list[dict[int, Passage]] = []
    left = dict(passages)
    while left:
        part = list(left)[: len(fitting(list(left.values()), _CHARACTERS_OF_A_PART))]
        if len(parts) == MOST_PARTS - 1:
            part = list(left)
        parts.append({number: left.pop(number) for number in part})
    return parts


def _side_by_side(answers: Sequence[Checked]) -> Checked:
    cites = tuple(dict.fromkeys(number for answer in answers for number in answer.cites))
    return Checked("\n\n".join(answer.answer for answer in answers), cites, known=True, missing=())
