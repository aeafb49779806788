"""Scripted verbs for the loop that answers questions: a graph of a few entries, models that say as told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quantumsketch.agent.answering import AnsweringVerbs, answer_question
from quantumsketch.agent.passages import LONGEST_TEXT, Passage, Relation
from quantumsketch.answered import Answered, Mode, Source
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, Message, ModelEntry, Question

Said = str | ModelFailed | Callable[[list[Message]], str]


def passage(
    name: str, text: str = "", *, superseded: bool = False, relations: Sequence[Relation] = ()
) -> Passage:
    source = Source(
        id=f"id of {name}", kind="note", name=name, text=text or f"All about {name}.", similarity=0.5,
        why="a test", superseded=superseded,
    )  # fmt: skip
    status = "since 2026-03-01" if superseded else ""
    return Passage(source, status=status, relations=tuple(relations))


def reply(answer: str, *, cites: Sequence[int] = (), known: bool = True, missing: Sequence[str] = ()) -> str:
    return json.dumps({"answer": answer, "cites": cites, "known": known, "missing": missing})


def summaries(count: int) -> list[Passage]:
    """Passages as long as they may be, which tell one from another."""
    return [passage(f"Group {n}", f"{n} " * (LONGEST_TEXT // len(f"{n} "))) for n in range(1, count + 1)]


def models(*names: str) -> list[ModelEntry]:
    return [ModelEntry(id=name, litellm_id=name, reachable=True, why="a test") for name in names]


@dataclass
class Library:
    """What can be found, by what is searched for, and models with a script each."""

    found: dict[str, list[Passage]]
    script: Mapping[str, Sequence[Said]]
    near: list[Passage] = field(default_factory=list)
    summaries: list[Passage] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    asked: list[tuple[str, list[Message]]] = field(default_factory=list)

    async def ask(self, model: ModelEntry, question: Question) -> Answer:
        assert question.answer_schema is not None
        assert not question.tools
        self.asked.append((model.id, question.messages))
        turns = self.script[model.id]
        turn = sum(name == model.id for name, _ in self.asked) - 1
        said = turns[turn] if turn < len(turns) else ModelFailed("the script is over")
        if isinstance(said, ModelFailed):
            raise said
        return Answer(text=said if isinstance(said, str) else said(question.messages), model=model.id)

    async def find(self, phrase: str) -> list[Passage]:
        self.searched.append(phrase)
        return self.found.get(phrase, [])

    async def follow(self, passages: Sequence[Passage]) -> list[Passage]:
        return self.near

    async def survey(self) -> list[Passage]:
        return self.summaries

    async def answer(self, query: str = "q", mode: Mode = "fast", **more: Any) -> Answered:
        verbs = AnsweringVerbs(self.ask, self.find, self.follow, self.survey)
        given = {"moment": "2026-11-22", "models": models(*self.script), **more}
        return await answer_question(query, mode=mode, verbs=verbs, **given)

    @property
    def names(self) -> list[str]:
        """The models that were asked, in order."""
        return [name for name, _ in self.asked]

    def words(self, at: int = -1) -> str:
        """What a model was asked by the user's turns."""
        return "\n".join(message.content for message in self.asked[at][1] if message.role == "user")
