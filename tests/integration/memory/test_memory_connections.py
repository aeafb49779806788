"""Who waits for whom: one tenant's readers and writers leave connections to the others."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.call_book import FreeLimits, Limits, Wish
from quantumsketch.errors import TookTooLong
from quantumsketch.memory.codebases.ingesting import record
from quantumsketch.memory.codebases.installed import InstalledPackage
from quantumsketch.memory.codebases.reading import read_codebase
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.memory.tenants import SYSTEM_TENANT
from tests.codebases import write
from tests.metered_calls import NOON, planned
from tests.sample_videos import video

BY_USER = Provenance("run-1", "write", "user")
PATIENCE_S = 8.0
"""Shorter than a pool lets anybody wait for a connection."""


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def _blocked(database_url: str, *turns: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """Take these turns, as somebody of another process does, until it is closed."""
    other = await psycopg.AsyncConnection.connect(database_url)
    for turn in turns:
        await other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [turn])
    return other


async def _write(store: Store, tenant: str, name: str) -> None:
    await store.upsert(tenant, [Entity("note", name)], [], BY_USER, embed=False)


async def _somebody_waits(other: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    """Return when somebody has waited for a turn for a moment, in which all others could have come."""
    database = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = f"SELECT FROM pg_locks WHERE NOT granted AND database = {database}"
    async with asyncio.timeout(60):
        while not (await other.execute(waiting.encode())).rowcount:  # noqa: ASYNC110 - Postgres calls nobody
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize("busy", [1, 6], ids=["one tenant", "six tenants"])
async def test_writers_that_wait_for_their_turn_keep_no_reader_out(
    database_url: str, database: Database, embedder: Embedder, tenant: str, busy: int
) -> None:
    store = Store(database, embedder)
    await _write(store, tenant, "there")
    tenants = [f"t-{secrets.token_hex(6)}" for _ in range(busy)]
    other = await _blocked(database_url, *(f"memory of {each}" for each in tenants))
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
    other = await _blocked(database_url, f"memory of {tenant}")
    first, second = (asyncio.ensure_future(_write(store, tenant, name)) for name in "ab")
    await asyncio.sleep(0.3)
    first.cancel()
    await asyncio.wait([first])
    await other.close()
    async with asyncio.timeout(60):
        await second
    assert [each.name for each in (await store.entities(tenant)).entities] == ["b"]


Waiting = Callable[[Database, Embedder, str, Path], Awaitable[object]]


def _installed(database: Database, embedder: Embedder, folder: Path) -> Awaitable[None]:
    return InstalledPackage(database, embedder, folder, "1.0").record()


WAITING: dict[str, tuple[str, Waiting]] = {
    "upsert": ("memory of", lambda db, by, busy, _: _write(Store(db, by), busy, "n")),
    "erase": ("memory of", lambda db, by, busy, _: Store(db, by).erase_tenant(busy)),
    "vectors": ("memory of", lambda db, by, busy, _: Vectors(db, by).embed_chunks(busy, [])),
    "video": ("memory of", lambda db, by, busy, _: Graph(db, by).record_video(video("v", tenant=busy))),
    "codebase": ("memory of", lambda db, _, busy, at: record(db, busy, read_codebase(at), run="r")),
    "installed": (f"memory of {SYSTEM_TENANT}", lambda db, by, _, at: _installed(db, by, at)),
    "budget": (
        "budget of",
        lambda db, _, busy, __: PostgresBook(db).reserve(planned(busy), Wish(0.1, 0.1), Limits()),
    ),
    "free call": (
        "free calls of",
        lambda db, _, busy, __: PostgresBook(db).take_free_call(busy, "c", FreeLimits(), NOON),
    ),
}


@pytest.mark.parametrize("what", WAITING)
async def test_whoever_waits_for_a_turn_keeps_no_reader_out(
    database_url: str, database: Database, embedder: Embedder, tenant: str, tmp_path: Path, what: str
) -> None:
    store, busy = Store(database, embedder), f"t-{secrets.token_hex(6)}"
    await _write(store, tenant, "there")
    folder = write(tmp_path / f"shop_{secrets.token_hex(4)}", {"__init__.py": "", "tea.py": "class Pot: ..."})
    turn, wait = WAITING[what]
    other = await _blocked(database_url, turn if SYSTEM_TENANT in turn else f"{turn} {busy}")
    waiting = [asyncio.ensure_future(wait(database, embedder, busy, folder)) for _ in range(6)]
    await _somebody_waits(other)
    try:
        assert not any(each.done() for each in waiting), "or nothing waits here"
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(store.entity(tenant, ("note", "there")) for _ in range(8)))
    finally:
        await other.close()
        await asyncio.gather(*waiting)


async def test_writers_that_wait_keep_no_budget_from_being_reserved(
    database_url: str, database: Database, embedder: Embedder, tenant: str
) -> None:
    store, tenants = Store(database, embedder), [f"t-{secrets.token_hex(6)}" for _ in range(3)]
    other = await _blocked(database_url, *(f"memory of {each}" for each in tenants))
    writers = [asyncio.ensure_future(_write(store, each, "n")) for each in tenants]
    await _somebody_waits(other)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await PostgresBook(database).reserve(planned(tenant), Wish(0.1, 0.1), Limits())
    finally:
        await other.close()
        await asyncio.gather(*writers)


async def test_one_tenants_readers_leave_connections_to_the_others_and_all_come_to_their_end(
    database: Database, embedder: Embedder, tenant: str
) -> None:
    store, busy = Store(database, embedder), f"t-{secrets.token_hex(6)}"
    await _write(store, tenant, "there")
    done, reading = asyncio.Event(), 0

    async def read_long() -> None:
        nonlocal reading
        async with database.transaction(busy, "read for long"):
            reading += 1
            await done.wait()

    readers = [asyncio.ensure_future(read_long()) for _ in range(12)]
    await asyncio.sleep(0.5)
    try:
        assert reading == 2, "half of the connections"
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(store.entity(tenant, ("note", "there")) for _ in range(8)))
            await _write(store, busy, "the readers are in no writer's way")
    finally:
        done.set()
        await asyncio.gather(*readers)
    assert reading == 12


async def test_what_takes_too_long_is_ended_and_nothing_of_it_stays(
    database_url: str, graph: Graph, embedder: Embedder, tenant: str
) -> None:
    other = await _blocked(database_url, f"memory of {tenant}")
    async with open_database(database_url, connections=1, longest_statement_s=1) as bounded:
        store = Store(bounded, embedder)
        with pytest.raises(TookTooLong, match=r"write down facts: canceling statement due to .*timeout"):
            await _write(store, tenant, "too late")
        await other.close()
        await _write(store, tenant, "in time")
        assert [each.name for each in (await store.entities(tenant)).entities] == ["in time"]
        with pytest.raises(TookTooLong):
            async with bounded.transaction(tenant, "sleep") as connection:
                await connection.execute("SELECT pg_sleep(60)")
    async with graph.database.transaction(tenant, "sleep") as connection:  # no door's
        await connection.execute("SELECT pg_sleep(1.5)")


async def test_however_many_of_a_tenant_read_and_wait_for_turns_somebody_else_can_read(
    database_url: str, database: Database, embedder: Embedder, tenant: str
) -> None:
    store, busy, done = Store(database, embedder), f"t-{secrets.token_hex(6)}", asyncio.Event()
    await _write(store, tenant, "there")

    async def read_long() -> None:
        async with database.transaction(busy, "read for long"):
            await done.wait()

    other = await _blocked(database_url, f"memory of {busy}", f"budget of {busy}")
    reserve = PostgresBook(database).reserve(planned(busy), Wish(0.1, 0.1), Limits())
    held = [
        asyncio.ensure_future(each) for each in (read_long(), read_long(), _write(store, busy, "n"), reserve)
    ]
    await _somebody_waits(other)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(store.entity(tenant, ("note", "there")) for _ in range(8)))
    finally:
        done.set()
        await other.close()
        await asyncio.gather(*held)


async def test_a_writer_waits_for_those_before_it_no_longer_than_for_the_database(
    database_url: str, graph: Graph, embedder: Embedder, tenant: str
) -> None:
    other = await _blocked(database_url, f"memory of {tenant}")
    async with open_database(database_url, connections=1, longest_statement_s=1) as bounded:
        writers = [
            asyncio.ensure_future(_write(Store(bounded, embedder), tenant, f"n{n}")) for n in range(12)
        ]
        done, _ = await asyncio.wait(writers, timeout=10)
        assert len(done) == 12
        assert all(isinstance(writer.exception(), TookTooLong) for writer in done)
    await other.close()
