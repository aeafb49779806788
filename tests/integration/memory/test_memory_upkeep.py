"""What writing left to be done is done in the background, and what fails then is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import psycopg
import pytest

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.keeping.chunking import chunks_of
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import AT_A_TIME, Upkeep
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.promotion import index_name
from quantumsketch.memory.statements import Entity, Provenance
from tests.embedders import Fails, SameForAll

BY_USER = Provenance("run", "test", "user")
Administrator = psycopg.Connection


async def _written(database: Database, tenant: str, names: Sequence[str]) -> list[UUID]:
    entities = [Entity("note", name, name) for name in names]
    written = await Store(database, SameForAll()).upsert(tenant, entities, [], BY_USER, embed=False)
    return list(written.ids.values())


def _done(administrator: Administrator, tenant: str) -> tuple[int, bool]:
    """How many chunks have vectors, and whether there is an index of them."""
    name = index_name(tenant, SameForAll().model, SameForAll().dimensions)
    row = administrator.execute(
        "SELECT count(embedding), to_regclass(%s) IS NOT NULL FROM chunks WHERE tenant = %s",
        [name, tenant],
    ).fetchone()
    assert row
    return row


async def _until(administrator: Administrator, tenant: str, wanted: tuple[int, bool]) -> None:
    async with asyncio.timeout(30):
        while _done(administrator, tenant) != wanted:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.05)


async def test_a_tenant_that_wrote_much_gets_its_vectors_and_its_index_in_the_background(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        nodes = await _written(database, tenant, ["a", "b", "c"])
        await _written(database, tenant, ["written to be found by words"])
        upkeep = Upkeep(database, SameForAll(), large=3)
        upkeep.wanted(tenant, nodes)
        assert _done(administrator, tenant) == (0, False)
        async with upkeep.running(database_url):
            await _until(administrator, tenant, (3, True))  # and nobody asked for the fourth


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), RuntimeError("out of memory")])
async def test_what_an_embedder_that_was_away_or_raised_anything_left_is_tried_again(
    database_url: str, administrator: Administrator, tenant: str, error: Exception
) -> None:
    async with open_database(database_url) as database:
        nodes = await _written(database, tenant, ["a"])
        embedder = Fails(error, times=2)
        upkeep = Upkeep(database, embedder)
        async with upkeep.running(database_url, pause_s=0.05):
            upkeep.wanted(tenant, nodes)
            await _until(administrator, tenant, (1, False))
    assert embedder.failed == 2


async def test_a_tenant_that_has_to_be_tried_again_keeps_no_other_one_waiting(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        upkeep = Upkeep(database, Fails(ServiceUnavailable("away"), times=1))
        upkeep.wanted(tenant, await _written(database, tenant, ["a"]))
        upkeep.wanted(f"{tenant}-2", await _written(database, f"{tenant}-2", ["a"]))
        async with upkeep.running(database_url, pause_s=0.05):
            await _until(administrator, f"{tenant}-2", (1, False))
            await _until(administrator, tenant, (1, False))


async def test_the_pause_of_one_tenant_is_nobody_elses(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        upkeep = Upkeep(database, Fails(ServiceUnavailable("away"), times=1))
        upkeep.wanted(tenant, await _written(database, tenant, ["a"]))
        upkeep.wanted(f"{tenant}-2", await _written(database, f"{tenant}-2", ["a"]))
        async with upkeep.running(database_url, pause_s=3_600):
            await _until(administrator, f"{tenant}-2", (1, False))
            upkeep.wanted(f"{tenant}-3", await _written(database, f"{tenant}-3", ["a"]))
            await _until(administrator, f"{tenant}-3", (1, False))
    assert _done(administrator, tenant) == (0, False)


class Remembers(SameForAll):
    """Remembers the first word of each text, which is the name of its entity."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.names += [text.split()[0] for text in texts]
        return super().embed(texts)


async def test_who_wrote_very_much_lets_the_others_in_between(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        body = "A sentence of six words. " * 12_000
        much = [Entity("note", "long", body=body)]
        written = await Store(database, SameForAll()).upsert(tenant, much, [], BY_USER, embed=False)
        embedder = Remembers()
        upkeep = Upkeep(database, embedder)
        upkeep.wanted(tenant, list(written.ids.values()))
        upkeep.wanted(f"{tenant}-2", await _written(database, f"{tenant}-2", ["short"]))
        async with upkeep.running(database_url):
            await _until(administrator, f"{tenant}-2", (1, False))
            await _until(administrator, tenant, (1 + len(chunks_of(body)), False))
    assert embedder.names.index("short") == AT_A_TIME < len(embedder.names) - 1


async def test_whatever_goes_wrong_is_logged_and_the_next_tenant_looked_after(
    database_url: str, administrator: Administrator, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_database(database_url) as database:
        upkeep = Upkeep(database, SameForAll())
        upkeep.wanted(tenant, [UUID(int=0), "odd"])  # type: ignore[list-item]  # which is not foreseen
        upkeep.wanted(f"{tenant}-2", await _written(database, f"{tenant}-2", ["a"]))
        async with upkeep.running(database_url):
            await _until(administrator, f"{tenant}-2", (1, False))
    assert f"the memory of {tenant} cannot be looked after" in caplog.text


async def test_what_fails_for_good_does_not_end_it(
    database_url: str, administrator: Administrator, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_database(database_url) as database:
        first, second = await _written(database, tenant, ["a"]), await _written(database, tenant, ["b"])
        upkeep = Upkeep(database, SameForAll(), large=1)
        administrator.execute("ALTER TABLE chunks RENAME TO elsewhere")
        async with upkeep.running(database_url):
            upkeep.wanted(tenant, first)
            async with asyncio.timeout(30):
                while f"the memory of {tenant} cannot be looked after" not in caplog.text:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            administrator.execute("ALTER TABLE elsewhere RENAME TO chunks")
            upkeep.wanted(tenant, second)
            await _until(administrator, tenant, (1, True))


async def test_what_a_process_left_without_vectors_when_it_ended_the_next_one_makes(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        body = "A sentence of six words. " * 200
        store = Store(database, SameForAll())
        entities = [Entity("note", "long", body=body), Entity("function", "shop.found_by_its_words")]
        written = await store.upsert(tenant, entities, [], BY_USER, embed=False)
        await store.upsert(f"{tenant}-2", [Entity("function", "shop.only_code")], [], BY_USER, embed=False)
        some = await Vectors(database, SameForAll()).embed_missing(tenant, [written.ids["note", "long"]], 3)
        pieces = 1 + len(chunks_of(body))
        assert some == 3 < pieces
        async with Upkeep(database, SameForAll()).running(database_url, since_before=True):
            await _until(administrator, tenant, (pieces, False))
        assert _done(administrator, f"{tenant}-2") == (0, False)


async def test_of_more_that_wait_than_are_remembered_none_is_forgotten(
    database_url: str, administrator: Administrator, tenant: str
) -> None:
    async with open_database(database_url) as database:
        nodes = await _written(database, tenant, [f"note {n}" for n in range(25)])
        upkeep = Upkeep(database, SameForAll(), most_waiting=10)
        upkeep.wanted(tenant, nodes)
        async with upkeep.running(database_url):
            await _until(administrator, tenant, (25, False))
