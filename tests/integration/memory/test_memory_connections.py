"""Who waits for whom: a tenant's writers take nobody else's connections."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance

BY_USER = Provenance("run-1", "write", "user")
PATIENCE_S = 8.0
"""Shorter than a pool lets anybody wait for a connection."""


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def _blocked(database_url: str, *tenants: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """Take the turns of these tenants, as a writer of another process does, until it is closed."""
    other = await psycopg.AsyncConnection.connect(database_url)
    for tenant in tenants:
        await other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"memory of {tenant}"])
    return other


async def _write(store: Store, tenant: str, name: str) -> None:
    await store.upsert(tenant, [Entity("note", name)], [], BY_USER, embed=False)


@pytest.mark.parametrize("busy", [1, 6], ids=["one tenant", "six tenants"])
async def test_writers_that_wait_for_their_turn_keep_no_reader_out(
    database_url: str, database: Database, embedder: Embedder, tenant: str, busy: int
) -> None:
    store = Store(database, embedder)
    await _write(store, tenant, "there")
    tenants = [f"t-{secrets.token_hex(6)}" for _ in range(busy)]
    other = await _blocked(database_url, *tenants)
    writers = [asyncio.ensure_future(_write(store, each, f"n{n}")) for each in tenants for n in range(12)]
    await asyncio.sleep(0.3)
    try:
        assert not any(writer.done() for writer in writers), "or nothing waits here"
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(store.entity(tenant, ("note", "there")) for _ in range(8)))
            if busy == 1:
                await _write(store, tenant, "written meanwhile")
    finally:
        await other.close()
    await asyncio.gather(*writers)
    for each in tenants:
        assert len((await store.entities(each)).entities) == 12


async def test_a_writer_that_gives_up_lets_the_next_one_go_on(
    database_url: str, database: Database, embedder: Embedder, tenant: str
) -> None:
    store = Store(database, embedder)
    other = await _blocked(database_url, tenant)
    first, second = (asyncio.ensure_future(_write(store, tenant, name)) for name in "ab")
    await asyncio.sleep(0.3)
    first.cancel()
    await asyncio.wait([first])
    await other.close()
    async with asyncio.timeout(60):
        await second
    assert [each.name for each in (await store.entities(tenant)).entities] == ["b"]
