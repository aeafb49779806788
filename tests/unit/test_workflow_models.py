"""Which models a run is told of, whatever is away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from quantumsketch.assets.store import AssetStore
from quantumsketch.call_book import CoolDown
from quantumsketch.errors import ServiceUnavailable
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.llm.metering import Metered
from quantumsketch.llm.scopes import scope_names
from quantumsketch.llm.types import ModelEntry
from tests.metered_calls import FREE, NOON, OTHER_FREE, Scripted
from workflows.activities.models import ModelActivities


class BookThatIsAway(InMemoryBook):
    async def cooling(self, scopes: Sequence[str], now: datetime) -> CoolDown | None:
        raise ServiceUnavailable("Postgres did not answer")


async def entries(cooling: Collection[str] = ()) -> list[ModelEntry]:
    return sorted([FREE, OTHER_FREE], key=lambda entry: entry.id in cooling)


async def listed(folder: Path, book: InMemoryBook) -> list[str]:
    metered = Metered(Scripted(), book, clock=lambda: NOON)
    activities = ModelActivities(
        entries, metered, offline_allowed=True, embed=lambda texts: [], store=AssetStore(folder)
    )
    return [entry.id for entry in await activities.list_models()]


async def test_a_free_model_that_is_left_alone_comes_after_the_others(tmp_path: Path) -> None:
    book = InMemoryBook()
    await book.cool(scope_names(FREE, {})[0], CoolDown(NOON.replace(hour=13), "it was overloaded"))
    assert await listed(tmp_path, book) == [OTHER_FREE.id, FREE.id, "offline"]


async def test_without_the_book_there_are_the_same_models(tmp_path: Path) -> None:
    assert await listed(tmp_path, BookThatIsAway()) == [FREE.id, OTHER_FREE.id, "offline"]
