"""No tenant reads, changes or learns anything of another: by no way of the store, by no SQL of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from quantumsketch.errors import NotFound, QuantumSketchError
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import EntityRecord
from quantumsketch.memory.statements import Entity, Fact, Provenance

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "tool")
ADA, ENGINE, NICK = ("person", "Ada"), ("project", "Engine"), ("person", "Nick")
TABLES = ("nodes", "edges", "node_versions", "edge_versions", "chunks")


async def _live(store: Store, tenant: str) -> EntityRecord:
    """Give `tenant` a row in every table; return Ada."""
    said = [Entity(*ADA, f"of {tenant}", "A body."), Entity(*ENGINE), Entity(*NICK)]
    works = Fact(NICK, "works_on", ENGINE)
    await store.upsert(tenant, said, [works, Fact(ENGINE, "owned_by", ADA)], BY_TEST)
    await store.upsert(tenant, [Entity(*ADA, f"of {tenant} again")], [], BY_TEST)
    await store.merge(tenant, NICK, ADA, BY_TEST)
    return await store.entity(tenant, ADA)


@pytest.fixture
async def neighbours(store: Store, tenant: str) -> tuple[str, str, EntityRecord]:
    """Two tenants who said the same, and the second one's Ada."""
    await _live(store, tenant)
    return tenant, f"{tenant}-2", await _live(store, f"{tenant}-2")


@contextmanager
def _as_product(database_url: str, tenant: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": tenant})
        yield connection
        connection.rollback()


async def test_no_way_of_the_store_leads_to_another_tenant(
    store: Store, neighbours: tuple[str, str, EntityRecord]
) -> None:
    one, other, foreign = neighbours
    now = datetime.now(UTC)
    assert (await store.entity(one, ADA)).description == f"of {one} again"
    assert {entity.name for entity in (await store.entities(one)).entities} == {"Ada", "Engine"}
    for as_of in (None, now):
        with pytest.raises(NotFound):
            await store.entity(one, foreign.id, as_of)
        for known_at in (None, now):
            assert await store.facts(one, foreign.id, None, "both", as_of, known_at) == []
            assert len(await store.facts(other, foreign.id, None, "both", as_of, known_at)) == 2
    for attempt in (
        store.close(one, foreign.id, BY_TEST), store.erase(one, foreign.id),
        store.merge(one, foreign.id, ADA, BY_TEST), store.merge(one, ADA, foreign.id, BY_TEST),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt
    await store.upsert(one, [Entity(*ADA, "changed")], [Fact(ENGINE, "owned_by", NICK)], BY_TEST)
    await store.close(one, ADA, BY_TEST)
    await store.erase_tenant(one)
    assert await store.entity(other, ADA) == foreign
    assert len(await store.facts(other, foreign.id, None, "both")) == 2


async def test_sql_without_a_condition_sees_the_own_rows_of_every_table_and_none_without_a_tenant(
    database_url: str, neighbours: tuple[str, str, EntityRecord]
) -> None:
    one, _, _ = neighbours
    for table in TABLES:
        with _as_product(database_url, one) as connection:
            seen = connection.execute(f"SELECT DISTINCT tenant FROM {table}".encode()).fetchall()
            assert seen == [(one,)], table
        with _as_product(database_url, "") as connection:
            assert connection.execute(f"SELECT FROM {table}".encode()).fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM node_versions", "DELETE FROM edge_versions", "UPDATE node_versions SET body = ''",
        "UPDATE edge_versions SET properties = '{}'", "DELETE FROM nodes", "DELETE FROM edges",
        "INSERT INTO node_versions SELECT * FROM node_versions", "TRUNCATE chunks",
        "ALTER TABLE nodes DISABLE TRIGGER keep_version", "SELECT erasing_tenant()",
        "UPDATE chunks SET tenant = 'another'",
        "INSERT INTO chunks SELECT 'another', node, 99, '' FROM chunks",
    ],
)  # fmt: skip
def test_what_was_cannot_be_changed_nor_anything_given_to_another(
    database_url: str, neighbours: tuple[str, str, EntityRecord], statement: str
) -> None:
    with (
        _as_product(database_url, neighbours[0]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_a_chunk_cannot_be_of_another_tenants_node(
    database_url: str, neighbours: tuple[str, str, EntityRecord]
) -> None:
    one, _, foreign = neighbours
    with _as_product(database_url, one) as connection, pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute(
            "INSERT INTO chunks (tenant, node, place, text) VALUES (%s, %s, 99, '')", [one, foreign.id]
        )


async def test_a_connection_that_is_used_again_after_an_error_is_of_nobody(
    database_url: str, embedder: Embedder, neighbours: tuple[str, str, EntityRecord]
) -> None:
    one, other, _ = neighbours
    async with open_database(database_url) as database:
        store = Store(database, embedder)
        for wrong in ("SELECT 1/0", "SELECT pg_terminate_backend(pg_backend_pid())", "nonsense"):
            with pytest.raises(QuantumSketchError):
                await _run(database, one, wrong)
            assert (await store.entity(other, ADA)).description == f"of {other} again"
            with pytest.raises(NotFound):
                await store.entity("nobody", ADA)
            async with database.shared("look") as connection:
                rows = await connection.execute("SELECT FROM nodes")
                assert await rows.fetchall() == []


async def _run(database: Database, tenant: str, statement: str) -> None:
    async with database.transaction(tenant, "try") as connection:
        await connection.execute("SELECT FROM nodes")
        await connection.execute(statement.encode())
