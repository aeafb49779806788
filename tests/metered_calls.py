"""A meter with all its parts at hand: a scripted provider, a book in memory, a clock that is set by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from quantumsketch.call_book import FreeLimits, PlannedCall, Spent
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.types import Answer, Message, ModelEntry, Price, Question

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUESTION = Question(messages=[Message(role="user", content="Explain primes")])
SONNET = ModelEntry(
    id="anthropic/sonnet", litellm_id="anthropic/sonnet", reachable=True, why="",
    key_name="ANTHROPIC_API_KEY", price=Price(input_usd=3e-6, output_usd=15e-6),
)  # fmt: skip
HAIKU = SONNET.model_copy(update={"id": "anthropic/haiku", "litellm_id": "anthropic/haiku"})
FREE = ModelEntry(
    id="a/b:free", litellm_id="openrouter/a/b:free", reachable=True, why="", key_name="OPENROUTER_API_KEY",
    free=True,
)  # fmt: skip
OTHER_FREE = FREE.model_copy(update={"id": "c/d:free", "litellm_id": "openrouter/c/d:free"})
PAID_ROUTE = FREE.model_copy(update={"litellm_id": "openrouter/a/b", "free": False})
LOCAL = ModelEntry(
    id="ollama/x", litellm_id="ollama/x", reachable=True, why="", price=Price(input_usd=0, output_usd=0)
)
UNPRICED = SONNET.model_copy(update={"id": "new/model", "litellm_id": "new/model", "price": None})


def planned(tenant: str, call_id: str = "c1", *, video_id: str = "v1", at: datetime = NOON) -> PlannedCall:
    return PlannedCall(tenant, video_id, call_id, "a/model", "storyboard", None, at)


def said(cost_usd: float | None = 0.01) -> Answer:
    return Answer(text="{}", model="m", input_tokens=100, output_tokens=200, cost_usd=cost_usd)


@dataclass
class Scripted:
    """A provider that gives one answer or failure after the other, then a cheap answer for ever."""

    script: list[Answer | ModelFailed] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, entry: ModelEntry, question: Question, /, *, most_tokens: int) -> Answer:
        self.asked.append((entry.id, most_tokens))
        await asyncio.sleep(0)
        outcome = self.script.pop(0) if self.script else said()
        if isinstance(outcome, ModelFailed):
            raise outcome
        return outcome


@dataclass
class Meter:
    """A metered provider with its parts at hand, at a time of its own."""

    provider: Scripted
    book: InMemoryBook
    metered: Metered
    now: datetime = NOON
    calls: int = 0

    async def ask(
        self,
        entry: ModelEntry,
        *,
        max_cost_usd: float | None = None,
        attempt: int = 1,
        last_attempt: bool = False,
        tenant: str = "t",
    ) -> Answer:
        self.calls += 1
        context = CallContext(
            tenant, "v1", f"c{self.calls}", "storyboard", None, max_cost_usd, attempt, last_attempt
        )
        return await self.metered.ask(entry, QUESTION, context=context)

    async def spent(self) -> Spent:
        return await self.book.spent("t", "v1", self.now)


def meter(
    *script: Answer | ModelFailed,
    tenant_budget_usd: float | None = None,
    free_limits: FreeLimits | None = None,
) -> Meter:
    provider, book = Scripted(list(script)), InMemoryBook()

    async def limits() -> FreeLimits:
        return free_limits or FreeLimits()

    metered = Metered(
        provider,
        book,
        tenant_budget_usd=tenant_budget_usd,
        free_limits=limits,
        clock=lambda: made.now,
    )
    made = Meter(provider, book, metered)
    return made
