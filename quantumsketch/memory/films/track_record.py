"""How the calls to models ended, and what beats took to render: counted whenever it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field

from quantumsketch.call_book import LONGEST_CALL, NEVER_ENDED
from quantumsketch.memory.database import Database
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.usage import ANSWERED

_VIDEOS_TIMED = 200
_CANCELLED = "cancelled"
"""By whoever asked: no failure of the model's."""


class FailureCount(Record):
    """One way in which a model failed."""

    kind: str = Field(description="such as RateLimited")
    times: int
    last_at: datetime


class ModelHealth(Record):
    """How the calls to one model ended."""

    model: str
    answered: int
    failures: list[FailureCount]


class RenderTime(Record):
    """What the beats with one kind of visual took to render; medians."""

    kind: str
    quality: str
    beats: int
    median_s: float = Field(description="wall seconds a beat")
    s_per_film_s: float = Field(description="wall seconds for a second of film")


async def model_health(database: Database, tenant: str, since: datetime) -> list[ModelHealth]:
    """Return how the tenant's calls to each model ended since then."""
    parameters = {"since": since, "begun_after": datetime.now(UTC) - LONGEST_CALL}
    async with database.transaction(tenant, "look up how calls ended") as connection:
        rows = await (await connection.execute(query("model_endings"), parameters)).fetchall()
    answered: dict[str, int] = {}
    failures: dict[str, list[FailureCount]] = {}
    for row in rows:
        model, kind = row["model"], row["ended"] or NEVER_ENDED
        answered.setdefault(model, 0)
        if kind == ANSWERED:
            answered[model] = row["times"]
        elif kind != _CANCELLED:
            count = FailureCount(kind=kind, times=row["times"], last_at=row["last_at"])
            failures.setdefault(model, []).append(count)
    return [
        ModelHealth(model=model, answered=times, failures=failures.get(model, []))
        for model, times in answered.items()
    ]


async def render_times(database: Database, tenant: str) -> list[RenderTime]:
    """Return what the beats of the newest videos took to render, by kind of visual and quality."""
    async with database.transaction(tenant, "look up render times") as connection:
        rows = await connection.execute(query("render_times"), {"videos": _VIDEOS_TIMED})
        return [RenderTime.model_validate(row) for row in await rows.fetchall()]
