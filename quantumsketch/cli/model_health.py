"""How the models of the chain did for this tenant lately, and until when they are left alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from quantumsketch.call_book import CoolDown
from quantumsketch.cli.database import database_address
from quantumsketch.llm.chain import Chain
from quantumsketch.llm.scopes import key_marks, scope_names
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.track_record import ModelHealth, model_health
from quantumsketch.memory.model_calls import PostgresBook

if TYPE_CHECKING:
    from quantumsketch.llm.types import ModelEntry

LATELY = timedelta(days=30)


class Health(BaseModel):
    """What is known of a chain's models; of those that are cooling down, until when and why."""

    tenant: str
    since: datetime
    models: list[ModelHealth]
    cooling: dict[str, CoolDown]


async def health_of(chain: Chain, entries: Sequence[ModelEntry], tenant: str) -> Health:
    """Look up how the tenant's calls ended; opens the database."""
    now, marks = datetime.now(UTC), key_marks(chain.keys)
    async with database_address() as address, Graph.open(address) as graph:
        models = await model_health(graph.database, tenant, now - LATELY)
        book = PostgresBook(graph.database)
        found = {entry.id: await book.cooling(scope_names(entry, marks), now) for entry in entries}
    cooling = {name: cool_down for name, cool_down in found.items() if cool_down}
    return Health(tenant=tenant, since=now - LATELY, models=models, cooling=cooling)


def health_lines(health: Health, width: int) -> Iterator[str]:
    """One paragraph a model, for a person."""
    yield f"Calls for the tenant {health.tenant!r} in the last {LATELY.days} days:"
    known = {model.model: model for model in health.models}
    if not known and not health.cooling:
        yield "    none"
    for name in [*known, *(cooling for cooling in health.cooling if cooling not in known)]:
        parts = [_counted(known[name])] if name in known else []
        if cool_down := health.cooling.get(name):
            parts.append(f"left alone until {cool_down.until:%Y-%m-%d %H:%M} UTC: {cool_down.why}")
        line = f"{name}: {'; '.join(parts)}"
        yield textwrap.fill(line, width, initial_indent=" " * 4, subsequent_indent=" " * 8)


def _counted(model: ModelHealth) -> str:
    failed = sum(failure.times for failure in model.failures)
    if not failed:
        return f"answered {model.answered}"
    kinds = ", ".join(f"{failure.kind} {failure.times}" for failure in model.failures)
    last = max(failure.last_at for failure in model.failures).astimezone(UTC)
    return f"answered {model.answered}, failed {failed} ({kinds}; last {last:%Y-%m-%d %H:%M} UTC)"
