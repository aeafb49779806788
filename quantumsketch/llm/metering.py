"""Asks a model only if that makes sense now and is paid for: cool-downs, budgets, the free tier's limits.

Knows no provider and no database: both are given. Whoever asks decides what comes after a failure; the same
table of reactions says here for how long the model is left alone, for all workers together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from quantumsketch.call_book import (
    CallBook,
    CallEnding,
    CoolDown,
    FreeLimits,
    Limits,
    PlannedCall,
    Spent,
    Wish,
)
from quantumsketch.errors import ModelFailed, QuantumSketchError
from quantumsketch.llm.budget import affordable_tokens, wish
from quantumsketch.llm.reactions import reaction_to
from quantumsketch.llm.scopes import account, scope_name, scope_names
from quantumsketch.llm.types import (
    Answer,
    BudgetHeld,
    BudgetSpent,
    CoolingDown,
    FreeTierSpent,
    ModelEntry,
    Price,
    PriceUnknown,
    Question,
    UnusableAnswer,
    cost_of,
)

_LOG = logging.getLogger(__name__)
_NO_MARKS: Mapping[str, str] = MappingProxyType({})
_LIMITS_ARE_KEPT = timedelta(minutes=10)
_COSTS_NOTHING = Price(input_usd=0.0, output_usd=0.0)


AskFreeLimits = Callable[[], Awaitable[FreeLimits]]
"""How many free calls the account may make; it need not be quick, and does not fail."""


class AskBounded(Protocol):
    """One call to one model, whose answer has at most so many tokens; raises ModelFailed."""

    async def __call__(self, entry: ModelEntry, question: Question, /, *, most_tokens: int) -> Answer: ...


@dataclass(frozen=True)
class CallContext:
    """What a call is made for. Each attempt has a `call_id` of its own."""

    tenant: str
    video_id: str
    call_id: str
    purpose: str
    beat_id: str | None = None
    max_cost_usd: float | None = None
    """Of the video; None: no limit of its own."""
    attempt: int = 1
    """From 1."""
    last_attempt: bool = False
    """The model is given up after it, whatever the reaction."""
    last_resort: bool = False
    """No model is left to be asked after this one."""


async def usual_free_limits() -> FreeLimits:
    return FreeLimits()


class _KeptLimits:
    """The free tier's limits, which may have to be fetched: not before they are needed, and not each time."""

    def __init__(self, ask: AskFreeLimits) -> None:
        self._ask = ask
        self._asking = asyncio.Lock()
        self._kept: tuple[datetime, FreeLimits] | None = None

    async def at(self, now: datetime) -> FreeLimits:
        async with self._asking:
            if self._kept is None or now >= self._kept[0] + _LIMITS_ARE_KEPT:
                self._kept = now, await self._ask()
            return self._kept[1]


class Metered:
    """A provider that is asked within limits; `tenant_budget_usd` is for each tenant and month (UTC)."""

    def __init__(
        self,
        ask: AskBounded,
        book: CallBook,
        *,
        tenant_budget_usd: float | None = None,
        free_limits: AskFreeLimits = usual_free_limits,
        key_marks: Mapping[str, str] = _NO_MARKS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ask = ask
        self._book = book
        self._tenant_budget_usd = tenant_budget_usd
        self._free_limits = _KeptLimits(free_limits)
        self._key_marks = key_marks
        self._clock = clock

    async def ask(self, entry: ModelEntry, question: Question, *, context: CallContext) -> Answer:
        """Ask `entry`, if it is not cooling down and the budgets and the free tier allow it.

        Raises NotAsked where no call was made, else the call's own ModelFailed.
        """
        if cool_down := await self.cooling(entry):
            raise CoolingDown(
                f"{entry.id} is left alone until {_at(cool_down.until)}: {cool_down.why}",
                retry_after_s=(cool_down.until - self._clock()).total_seconds(),
            )
        await self._take_free_call(entry, context)
        most_tokens = await self._reserve(entry, question, context)
        try:
            answer = await self._ask(entry, question, most_tokens=most_tokens)
        except ModelFailed as failure:
            await self._settle(context, _ending(failure))
            await self._cool(entry, failure, context)
            raise
        except asyncio.CancelledError:
            # it may have been billed; and nobody is to wait for a call that is over to give something back
            await self._settle(context, CallEnding("cancelled", None))
            raise
        ending = CallEnding("answered", answer.cost_usd, answer.input_tokens, answer.output_tokens)
        await self._settle(context, ending)
        return answer

    async def cooling(self, entry: ModelEntry) -> CoolDown | None:
        """Return until when and why `entry` is not asked; None if it may be."""
        return await self._book.cooling(scope_names(entry, self._key_marks), self._clock())

    async def _take_free_call(self, entry: ModelEntry, context: CallContext) -> None:
        if not entry.free:
            return
        limits = await self._free_limits.at(self._clock())
        now, name = self._clock(), account(entry, self._key_marks)
        used_up = await self._book.take_free_call(name, f"{context.tenant}/{context.call_id}", limits, now)
        if used_up:
            raise FreeTierSpent(
                f"{entry.id} is not asked before {_at(used_up.until)}: {used_up.why}",
                mend="They are counted for the whole account: add credit, or a model that is paid or local",
                retry_after_s=(used_up.until - now).total_seconds(),
            )

    async def _reserve(self, entry: ModelEntry, question: Question, context: CallContext) -> int:
        """Write the call down; return how many tokens its answer may have."""
        limits = Limits(video_usd=context.max_cost_usd, month_usd=self._tenant_budget_usd)
        if entry.price is None and limits.are_set and not entry.free:
            raise _price_unknown(entry)
        # without a limit as well: should the call be lost, it counts once there is one
        price = _COSTS_NOTHING if entry.free or entry.price is None else entry.price
        wanted = wish(price, question)
        grant = await self._book.reserve(self._planned(entry, context), wanted, limits)
        if grant.usd is None:
            raise _too_expensive(entry, wanted, limits, grant.spent)
        return affordable_tokens(price, question, grant.usd)

    def _planned(self, entry: ModelEntry, context: CallContext) -> PlannedCall:
        return PlannedCall(
            tenant=context.tenant,
            video_id=context.video_id,
            call_id=context.call_id,
            model=entry.id,
            purpose=context.purpose,
            beat_id=context.beat_id,
            at=self._clock(),
        )

    async def _settle(self, context: CallContext, ending: CallEnding) -> None:
        try:
            await self._book.settle(context.tenant, context.call_id, ending)
        except QuantumSketchError as error:
            # an answer that is paid for is not thrown away: what was reserved for it goes on to count
            _LOG.warning("the call %r could not be settled: %s", context.call_id, error)

    async def _cool(self, entry: ModelEntry, failure: ModelFailed, context: CallContext) -> None:
        reaction = reaction_to(
            failure, attempt=context.attempt, free=entry.free, last_resort=context.last_resort
        )
        if reaction.retry_in_s is not None and not context.last_attempt:
            return
        if not (cool_down := reaction.cool_down(self._clock())):
            return
        try:
            await self._book.cool(scope_name(reaction.scope, entry, self._key_marks), cool_down)
        except QuantumSketchError as error:
            # what the caller has to hear is the failure of the call
            _LOG.warning("the cool-down of %s could not be written down: %s", entry.id, error)


def _ending(failure: ModelFailed) -> CallEnding:
    ended, cost_usd = type(failure).__name__, cost_of(failure)
    if isinstance(failure, UnusableAnswer):
        return CallEnding(ended, cost_usd, failure.input_tokens, failure.output_tokens)
    return CallEnding(ended, cost_usd)


def _price_unknown(entry: ModelEntry) -> PriceUnknown:
    return PriceUnknown(
        f"{entry.id} is not asked: there is a limit, and what it costs is not known",
        mend="Give its price in the chain file, or set no limit",
    )


def _too_expensive(entry: ModelEntry, wanted: Wish, limits: Limits, spent: Spent) -> BudgetSpent:
    """The failure that names the budget that is too small."""
    if limits.video_usd is not None and wanted.least_usd > limits.video_usd - spent.video_usd:
        budget = f"--max-cost of the video, {limits.video_usd:g} USD, {spent.video_usd:.4f}"
        mend = "Raise --max-cost, or use a cheaper model"
    else:
        budget = f"the tenant's budget of the month, {limits.month_usd:g} USD, {spent.month_usd:.4f}"
        mend = "Raise the tenant's budget, wait for the next month, or use a cheaper model"
    what = (
        f"{entry.id} is not asked: its shortest useful answer may cost {wanted.least_usd:.4f} USD, "
        f"and of {budget} are spent or reserved"
    )
    waiting_helps = wanted.least_usd <= limits.left(spent.without_held())
    return BudgetHeld(what, mend=mend) if waiting_helps else BudgetSpent(what, mend=mend)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
