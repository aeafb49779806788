"""The call book of one process: forgotten with it. For somebody else's product, and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quantumsketch.call_book import (
    LONGEST_CALL,
    NEVER_ENDED,
    CallEnding,
    CoolDown,
    FreeLimits,
    Grant,
    Limits,
    PlannedCall,
    Spent,
    Wish,
    free_calls_used_up,
    month_of,
)
from quantumsketch.usage import ModelCall


@dataclass
class _Entry:
    call: PlannedCall
    reserved_usd: float
    ending: CallEnding | None = None

    @property
    def usd(self) -> float:
        known = self.ending.cost_usd if self.ending else None
        return self.reserved_usd if known is None else known

    def is_under_way(self, now: datetime) -> bool:
        return self.ending is None and self.call.at > now - LONGEST_CALL


class InMemoryBook:
    """A CallBook without a disk. Exact because no method gives way to another task."""

    def __init__(self) -> None:
        self._cool_downs: dict[str, CoolDown] = {}
        self._calls: dict[tuple[str, str], _Entry] = {}
        self._free_calls: dict[str, dict[str, datetime]] = {}

    async def cooling(self, scopes: Sequence[str], now: datetime) -> CoolDown | None:
        found = (self._cool_downs[scope] for scope in scopes if scope in self._cool_downs)
        lasting = (cool_down for cool_down in found if cool_down.until > now)
        return max(lasting, key=lambda cool_down: cool_down.until, default=None)

    async def cool(self, scope: str, cool_down: CoolDown) -> None:
        known = self._cool_downs.get(scope)
        if known is None or known.until < cool_down.until:
            self._cool_downs[scope] = cool_down

    async def spent(self, tenant: str, video_id: str, now: datetime) -> Spent:
        own = [entry for entry in self._calls.values() if entry.call.tenant == tenant]
        of_video = [entry for entry in own if entry.call.video_id == video_id]
        of_month = [entry for entry in own if entry.call.at >= month_of(now)]
        return Spent(
            video_usd=sum(entry.usd for entry in of_video),
            month_usd=sum(entry.usd for entry in of_month),
            video_held_usd=sum(entry.usd for entry in of_video if entry.is_under_way(now)),
            month_held_usd=sum(entry.usd for entry in of_month if entry.is_under_way(now)),
        )

    async def reserve(self, call: PlannedCall, wish: Wish, limits: Limits) -> Grant:
        spent = await self.spent(call.tenant, call.video_id, call.at)
        if known := self._calls.get((call.tenant, call.call_id)):
            return Grant(known.reserved_usd, spent)
        usd = wish.granted(limits, spent)
        if usd is not None:
            self._calls[call.tenant, call.call_id] = _Entry(call, usd)
        return Grant(usd, spent)

    async def settle(self, tenant: str, call_id: str, ending: CallEnding) -> None:
        entry = self._calls.get((tenant, call_id))
        if entry and entry.ending is None:
            entry.ending = ending

    async def calls(self, tenant: str, video_id: str) -> list[ModelCall]:
        own = [e for e in self._calls.values() if (e.call.tenant, e.call.video_id) == (tenant, video_id)]
        return [_told(entry) for entry in sorted(own, key=lambda entry: entry.call.at)]

    async def take_free_call(
        self, account: str, call_id: str, limits: FreeLimits, now: datetime
    ) -> CoolDown | None:
        made = self._free_calls.setdefault(account, {})
        if call_id in made:
            return None
        used_up = free_calls_used_up(list(made.values()), limits, now)
        if used_up is None:
            made[call_id] = now
        return used_up


def _told(entry: _Entry) -> ModelCall:
    ending = entry.ending or CallEnding(NEVER_ENDED, None)
    return ModelCall(
        model=entry.call.model,
        purpose=entry.call.purpose,
        beat_id=entry.call.beat_id,
        ended=ending.ended,
        input_tokens=ending.input_tokens,
        output_tokens=ending.output_tokens,
        cost_usd=ending.cost_usd,
    )
