"""What all workers know of the calls to models: what they cost, and what is not to be asked for a while.

The seam between whoever meters calls and whoever keeps the book. No I/O, no clock: whoever asks says what
time it is. `video_id`s and `call_id`s belong to a tenant; cool-downs and free calls belong to all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from quantumsketch.usage import ModelCall

NEVER_ENDED = "its worker ended before it"
"""How a call ended of which nothing was heard again."""
LONGEST_CALL = timedelta(minutes=5)
"""A call that began longer ago and never ended was killed: it may have been billed, and counts as spent."""


@dataclass(frozen=True)
class CoolDown:
    """Something that is not to be asked before `until`; `why` is of our words and names no tenant."""

    until: datetime
    why: str


@dataclass(frozen=True)
class PlannedCall:
    """A call that is about to be made; each attempt has an id of its own."""

    tenant: str
    video_id: str
    call_id: str
    model: str
    purpose: str
    beat_id: str | None
    at: datetime


@dataclass(frozen=True)
class Spent:
    """USD that calls have cost, or may have: a call whose cost is not known counts with what it reserved."""

    video_usd: float = 0.0
    month_usd: float = 0.0
    """Of the tenant, in the calendar month (UTC)."""
    video_held_usd: float = 0.0
    """The part that calls under way hold, most of which they give back."""
    month_held_usd: float = 0.0

    def without_held(self) -> Spent:
        """What would be spent if the calls under way turned out to cost nothing."""
        return Spent(self.video_usd - self.video_held_usd, self.month_usd - self.month_held_usd)


@dataclass(frozen=True)
class Limits:
    """USD that calls may cost; None: as much as they do."""

    video_usd: float | None = None
    month_usd: float | None = None

    @property
    def are_set(self) -> bool:
        return self != Limits()

    def left(self, spent: Spent) -> float:
        """USD that the next call may cost, infinite without a limit; never below 0."""
        pairs = ((self.video_usd, spent.video_usd), (self.month_usd, spent.month_usd))
        return max(0.0, min((limit - gone for limit, gone in pairs if limit is not None), default=math.inf))


@dataclass(frozen=True)
class Wish:
    """USD that a call needs at least to be worth making, and costs at most if nothing bounds it."""

    least_usd: float
    most_usd: float

    def granted(self, limits: Limits, spent: Spent) -> float | None:
        """USD that it may cost; None if the least is more than is left."""
        left = limits.left(spent)
        return min(self.most_usd, left) if self.least_usd <= left else None


@dataclass(frozen=True)
class Grant:
    """USD that are reserved for a call, None if it may not be made; and what was spent before it."""

    usd: float | None
    spent: Spent


@dataclass(frozen=True)
class CallEnding:
    """How a call came out; a cost of None is not known, and what was reserved stays so."""

    ended: str
    cost_usd: float | None
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True)
class FreeLimits:
    """Free calls that one account may make. OpenRouter counts those that fail too, and days in UTC."""

    per_day: int = 50
    per_minute: int = 20
    """At least 1."""


class CallBook(Protocol):
    """What is kept when a process ends. Every method may be called by many at once, and is exact."""

    async def cooling(self, scopes: Sequence[str], now: datetime) -> CoolDown | None:
        """Return the cool-down of these scopes that lasts longest beyond `now`, if any does."""

    async def cool(self, scope: str, cool_down: CoolDown) -> None:
        """Begin a cool-down; one that lasts longer stays as it is."""

    async def spent(self, tenant: str, video_id: str, now: datetime) -> Spent:
        """Return what the tenant's calls have cost so far."""

    async def reserve(self, call: PlannedCall, wish: Wish, limits: Limits) -> Grant:
        """Write down a call that is about to be made, if what is left of the limits allows it.

        A call that is known already is granted what it was granted before.
        """

    async def settle(self, tenant: str, call_id: str, ending: CallEnding) -> None:
        """Write down how a call came out; only the first time counts."""

    async def calls(self, tenant: str, video_id: str) -> list[ModelCall]:
        """Return every call of a video in the order of their beginnings, those that nobody answered too."""

    async def take_free_call(
        self, account: str, call_id: str, limits: FreeLimits, now: datetime
    ) -> CoolDown | None:
        """Count a free call of `account`, once, unless a limit is reached: then say until when and which."""


def month_of(moment: datetime) -> datetime:
    """When the calendar month began, in the time zone of `moment`."""
    return day_of(moment).replace(day=1)


def day_of(moment: datetime) -> datetime:
    """When the day began, in the time zone of `moment`."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def free_calls_used_up(made: Sequence[datetime], limits: FreeLimits, now: datetime) -> CoolDown | None:
    """Say which limit the free calls `made` so far have reached, if any; times are in UTC."""
    minute, day = timedelta(minutes=1), timedelta(days=1)
    today = [at for at in made if at >= day_of(now)]
    lately = sorted(at for at in made if at > now - minute)
    if len(today) >= limits.per_day:
        return CoolDown(day_of(now) + day, f"the {limits.per_day} free calls of the day are made")
    if len(lately) >= limits.per_minute:
        oldest_that_counts = lately[-limits.per_minute]
        return CoolDown(
            oldest_that_counts + minute, f"the {limits.per_minute} free calls of the minute are made"
        )
    return None
