"""The call book in Postgres: shared by all workers, and there after all of them have ended.

Whoever wants to spend takes a turn: one at a time for each tenant, so that no two see the same money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

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
    day_of,
    free_calls_used_up,
    month_of,
)
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.queries import query
from quantumsketch.usage import ModelCall


class PostgresBook:
    """A CallBook in a database that is migrated. Its methods raise ServiceUnavailable if nobody answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cooling(self, scopes: Sequence[str], now: datetime) -> CoolDown | None:
        async with self._database.shared("look up cool-downs") as connection:
            rows = await connection.execute(query("cooling"), {"scopes": list(scopes), "now": now})
            row = await rows.fetchone()
        return CoolDown(row["until"], row["why"]) if row else None

    async def cool(self, scope: str, cool_down: CoolDown) -> None:
        async with self._database.shared("write down a cool-down") as connection:
            await connection.execute(query("cool"), {"scope": scope, **asdict(cool_down)})

    async def spent(self, tenant: str, video_id: str, now: datetime) -> Spent:
        async with self._database.transaction(tenant, "add up what calls cost") as connection:
            return await _spent(connection, video_id, now)

    async def reserve(self, call: PlannedCall, wish: Wish, limits: Limits) -> Grant:
        turn = f"budget of {call.tenant}"
        async with self._database.writing(call.tenant, "reserve what a call may cost", turn) as connection:
            await connection.execute(query("take_turn"), {"name": turn})
            spent = await _spent(connection, call.video_id, call.at)
            rows = await connection.execute(query("reserved"), {"call_id": call.call_id})
            if known := await rows.fetchone():
                return Grant(known["reserved_usd"], spent)
            usd = wish.granted(limits, spent)
            if usd is not None:
                await connection.execute(query("plan_call"), {**asdict(call), "reserved_usd": usd})
            return Grant(usd, spent)

    async def settle(self, tenant: str, call_id: str, ending: CallEnding) -> None:
        async with self._database.transaction(tenant, "write down what a call cost") as connection:
            await connection.execute(query("settle_call"), {"call_id": call_id, **asdict(ending)})

    async def calls(self, tenant: str, video_id: str) -> list[ModelCall]:
        async with self._database.transaction(tenant, "list what the models were asked") as connection:
            rows = await connection.execute(query("video_calls"), {"video_id": video_id})
            found = await rows.fetchall()
        return [ModelCall(**{**row, "ended": row["ended"] or NEVER_ENDED}) for row in found]

    async def take_free_call(
        self, account: str, call_id: str, limits: FreeLimits, now: datetime
    ) -> CoolDown | None:
        of_account, turn = {"account": account}, f"free calls of {account}"
        async with self._database.writing("", "count a free call", turn) as connection:
            await connection.execute(query("take_turn"), {"name": turn})
            rows = await connection.execute(query("free_calls_made"), of_account)
            made = {row["call_id"]: row["at"] for row in await rows.fetchall()}
            if call_id in made:
                return None
            used_up = free_calls_used_up(list(made.values()), limits, now)
            if used_up is None:
                before = min(day_of(now), now - timedelta(minutes=1))
                await connection.execute(query("forget_free_calls"), {**of_account, "before": before})
                await connection.execute(
                    query("count_free_call"), {**of_account, "call_id": call_id, "at": now}
                )
            return used_up


async def _spent(connection: Connection, video_id: str, now: datetime) -> Spent:
    parameters = {"video_id": video_id, "month": month_of(now), "begun_after": now - LONGEST_CALL}
    row = await (await connection.execute(query("spent"), parameters)).fetchone()
    return Spent(**row) if row else Spent()
