"""Models that read what is put before them and answer by a script, and the answers that ask them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from quantumsketch.answered import Answered
from quantumsketch.llm.metering import Metered
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import ModelEntry, Price
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.model_calls import PostgresBook
from tests.provider_calls import CLAUDE, GEMINI, entry, provider
from tests.provider_emulator import Asked, ProviderEmulator, Scripted, error, said
from workflows.answering import MOST_USD, Answers, Models

Turn = Callable[[str], str]
"""What a model answers to the words that it is asked."""


@dataclass
class World:
    """Two models of two providers, who share a script, and the answers that ask them."""

    answers: Answers
    emulator: ProviderEmulator
    turns: list[Turn | Scripted] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Scripted:
        turn = self.turns.pop(0) if self.turns else error(400, "the script is over")
        return turn if isinstance(turn, Scripted) else said(asked, turn(asked.words))

    @property
    def asked(self) -> list[str]:
        """The words of every question, in order."""
        return [asked.words for asked in self.emulator.asked]


@asynccontextmanager
async def answering_world(
    database_url: str,
    embedder: Embedder,
    *,
    budget_usd: float | None = None,
    patience_s: float = 60.0,
    most_usd: float = MOST_USD,
) -> AsyncIterator[World]:
    """Yield models that have nothing to say yet, on a database that is migrated."""

    async def entries(cooling: Collection[str] = ()) -> list[ModelEntry]:
        price = {"price": Price(input_usd=1e-6, output_usd=1e-6)}
        return [entry(emulator, model).model_copy(update=price) for model in (CLAUDE, GEMINI)]

    async with open_database(database_url) as database:
        # with marks of their own: what fails in one test does not cool down in the next
        marks = {name: secrets.token_hex(4) for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY")}
        book = PostgresBook(database)
        metered = Metered(provider().ask, book, tenant_budget_usd=budget_usd, key_marks=marks)
        search, models = Search(database, embedder), Models(entries, metered)
        answers = Answers(
            database, search, Walker(database), models, patience_s=patience_s, most_usd=most_usd
        )
        async with ProviderEmulator(respond=lambda asked: world(asked)) as emulator:
            world = World(answers, emulator)
            yield world
        await close_connections()


def entries_in(words: str) -> list[dict[str, Any]]:
    """What was put before a model, as one reads who knows the form."""
    return [json.loads(line) for line in words.splitlines() if line.startswith('{"source"')]


def entry_of(words: str, name: str) -> dict[str, Any]:
    """What was put before a model of the entity called so."""
    (found,) = [each for each in entries_in(words) if each["name"] == name]
    return found


def reply(answer: str, *, known: bool = True, missing: Sequence[str] = ()) -> str:
    """An answer in the form that is asked for."""
    return json.dumps({"answer": answer, "cites": [], "known": known, "missing": list(missing)})


def citing(text: str, *names: str, known: bool = True, missing: Sequence[str] = ()) -> Turn:
    """A model that says this and, in place of each {}, cites what is called so."""

    def turn(words: str) -> str:
        numbers = [f"[{entry_of(words, name)['source']}]" for name in names]
        return reply(text.format(*numbers), known=known, missing=missing)

    return turn


def cited(answered: Answered) -> list[str]:
    """The names of what an answer cites, in order."""
    numbers = re.findall(r"\[(\d+)\]", answered.answer or "")
    return [answered.sources[int(number) - 1].name for number in numbers]
