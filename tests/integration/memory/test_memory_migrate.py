"""The schema comes into being once, whole, and whoever asks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import Migration, migrate, migrations
from quantumsketch.memory.statements import Entity, Provenance
from tests.embedders import SameForAll

NewDatabase = Callable[[], str]
_MIGRATE = """
import asyncio, sys
from quantumsketch.memory.migrate import migrate
asyncio.run(migrate(sys.argv[1]))
"""


def _ask(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(question.encode()).fetchall()


def _applied(url: str) -> list[tuple[object, ...]]:
    return _ask(url, "SELECT number, name, sha256 FROM quantumsketch.migrations ORDER BY number")


def _all_steps() -> list[tuple[object, ...]]:
    return [(step.number, step.name, step.sha256) for step in migrations()]


async def test_many_who_start_at_once_on_several_databases_apply_each_step_once(
    another_database: NewDatabase,
) -> None:
    urls = [another_database(), another_database()]
    await asyncio.gather(*(migrate(url) for url in urls * 4))
    assert [_applied(url) for url in urls] == [_all_steps(), _all_steps()]


def test_two_processes_that_start_at_once_both_find_the_schema(another_database: NewDatabase) -> None:
    url = another_database()
    processes = [subprocess.Popen([sys.executable, "-c", _MIGRATE, url]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert _applied(url) == _all_steps()


async def test_a_step_that_fails_leaves_the_database_as_it_was(another_database: NewDatabase) -> None:
    url = another_database()
    broken = Migration(len(migrations()) + 1, "broken.sql", b"CREATE TABLE new (); SELECT 1/0")
    with pytest.raises(QuantumSketchError, match="division by zero"):
        await migrate(url, (*migrations(), broken))
    assert _ask(url, "SELECT to_regnamespace('quantumsketch') IS NULL") == [(True,)]
    await migrate(url)
    with pytest.raises(QuantumSketchError, match="division by zero"):
        await migrate(url, (*migrations(), broken))
    assert _applied(url) == _all_steps()
    assert _ask(url, "SELECT to_regclass('quantumsketch.new') IS NULL") == [(True,)]


_OLD_DATA = """
SET search_path = quantumsketch, public;
INSERT INTO nodes (tenant, kind, name, properties, recorded_at)
VALUES ('a', 'video', 'v1', '{"title": "T"}', '2020-01-01Z'), ('a', 'model', 'm', '{}', '2020-01-01Z'),
       ('b', 'model', 'm', '{}', '2020-01-01Z');
INSERT INTO edges (tenant, source, kind, target, recorded_at, valid_from)
SELECT 'a', video.id, 'planned_by', model.id, '2020-01-01Z', '2020-01-01Z'
  FROM nodes AS video, nodes AS model
 WHERE (video.tenant, video.kind) = ('a', 'video') AND (model.tenant, model.kind) = ('a', 'model');
"""


async def test_a_database_of_the_version_before_keeps_its_data_also_if_an_ordinary_login_owns_it(
    ordinary_login: str, another_database: NewDatabase
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute("CREATE EXTENSION vector")
        administrator.execute(
            f"GRANT CREATE ON DATABASE {administrator.info.dbname} TO {ordinary_login}".encode()
        )
        administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
        own_url = make_conninfo(url, user=ordinary_login)
        await migrate(own_url, migrations()[:2])
        administrator.execute(_OLD_DATA.encode())
    await asyncio.gather(*(migrate(own_url) for _ in range(3)))
    assert _applied(url) == _all_steps()
    assert _ask(
        url,
        "SELECT tenant, name, changed_at = recorded_at AND recorded_at < '2021-01-01', description, "
        "provenance::text FROM quantumsketch.nodes ORDER BY 1, 2",
    ) == [
        ("a", "m", True, "", "{}"), ("a", "v1", True, "", "{}"), ("b", "m", True, "", "{}"),
    ]  # fmt: skip
    assert _ask(url, "SELECT kind, provenance::text, valid_to FROM quantumsketch.edges") == [
        ("planned_by", "{}", None)
    ]
    async with open_database(own_url) as database:
        store = Store(database, SameForAll())
        (found,) = (await store.entities("b")).entities
        assert found.name == "m"
        written = await store.upsert("b", [Entity("model", "m", "A model")], [], Provenance("r", "a", "user"))
        assert written.changed == 1
        before = written.at - timedelta(microseconds=1)
        assert (await store.entity("b", ("model", "m"), as_of=before)).description == ""
    assert _ask(url, "SELECT tenant FROM quantumsketch.node_versions") == [("b",)]


_DATA_OF_EACH_VERSION = {
    1: """
INSERT INTO nodes (tenant, kind, name, document, embedding, embedding_model)
VALUES ('a', 'video', 'v1', '{"x":  1}', %(vector)s, 'm'), ('a', 'model', 'm', NULL, NULL, NULL),
       ('b', 'model', 'm', NULL, NULL, NULL);
INSERT INTO edges (tenant, source, kind, target)
SELECT 'a', video.id, 'planned_by', model.id FROM nodes AS video JOIN nodes AS model USING (tenant)
 WHERE video.kind = 'video' AND model.kind = 'model';
""",
    2: """
INSERT INTO model_calls (tenant, call_id, video_id, model, purpose, at, reserved_usd, cost_usd)
VALUES ('a', 'c', 'v1', 'm', 'plan', now(), 1, 0.5);
""",
    3: """
UPDATE nodes SET description = 'changed', changed_at = clock_timestamp() WHERE kind = 'model';
UPDATE edges SET properties = '{"q": 1}', recorded_at = clock_timestamp();
INSERT INTO chunks (tenant, node, place, text, embedding, embedding_model)
SELECT tenant, id, 0, 'text', %(vector)s, 'm' FROM nodes;
""",
    5: """
INSERT INTO tenants (tenant) VALUES ('c');
INSERT INTO api_keys (id, tenant, sha256, scopes) VALUES ('qsk_12345678', 'c', sha256('x'), ARRAY['read']);
""",
}
"""What could be written from each version on."""
_COUNTED = {
    "nodes": 1, "edges": 1, "model_calls": 2, "node_versions": 3, "edge_versions": 3, "chunks": 3,
    "tenants": 5, "api_keys": 5,
}  # fmt: skip
"""Tables, and the version that began them."""


def _rows(url: str, tables: Collection[str]) -> dict[str, int]:
    counts = [_ask(url, f"SELECT count(*) FROM quantumsketch.{table}") for table in tables]
    return {table: int(str(count)) for table, [(count,)] in zip(tables, counts, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("version", range(1, len(migrations())))
async def test_a_database_of_any_earlier_version_keeps_its_data_and_its_walls(
    another_database: NewDatabase, version: int
) -> None:
    url = another_database()
    await migrate(url, migrations()[:version])
    with psycopg.connect(url, autocommit=True) as old:
        old.execute("SET search_path = quantumsketch, public")
        for since, statements in _DATA_OF_EACH_VERSION.items():
            for statement in statements.split(";")[:-1] if since <= version else []:
                vector = {"vector": str([0.05] * 384)} if "%(" in statement else None
                old.execute(statement.encode(), vector)
    tables = [table for table, since in _COUNTED.items() if since <= version]
    before = _rows(url, tables)
    assert all(before.values()), before
    await migrate(url)
    assert _applied(url) == _all_steps()
    assert _rows(url, tables) == before
    assert _ask(
        url, "SELECT document::text, vector_dims(embedding) FROM quantumsketch.nodes WHERE name = 'v1'"
    ) == [('{"x":  1}', 384)]
    walled = "FROM pg_class WHERE relnamespace = 'quantumsketch'::regnamespace AND relrowsecurity"
    unforced = _ask(url, f"SELECT relname {walled} AND NOT relforcerowsecurity")
    assert {name for (name,) in unforced} == {
        "tenants",
        "api_keys",
        "request_windows",
    }  # which the owner keeps, of all


async def test_a_cost_that_is_no_number_is_made_one_that_is_not_known_and_none_is_taken_any_more(
    another_database: NewDatabase,
) -> None:
    url = another_database()
    await migrate(url, migrations()[:17])
    insert = (
        "INSERT INTO model_calls (tenant, call_id, video_id, model, purpose, at, reserved_usd, cost_usd) "
        "VALUES ('a', %s, 'v', 'm', 'p', now(), %s, %s)"
    )
    wrong = [("NaN", "NaN"), ("Infinity", 1.0), (1.0, "Infinity")]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        for number, costs in enumerate([*wrong, (1.0, 0.5)]):
            connection.execute(insert, [str(number), *costs])
        await migrate(url)
        found = connection.execute("SELECT reserved_usd, cost_usd FROM model_calls ORDER BY call_id")
        assert found.fetchall() == [(0, None), (0, 1), (1, None), (1, 0.5)]
        for costs in wrong:
            with pytest.raises(psycopg.errors.CheckViolation, match="is_finite"):
                connection.execute(insert, ["new", *costs])


async def test_a_later_step_is_added_to_those_that_were_applied(another_database: NewDatabase) -> None:
    url = another_database()
    await migrate(url)
    later = Migration(
        len(migrations()) + 1, "later.sql", b"CREATE TABLE later (); CREATE TABLE later_still ()"
    )
    await migrate(url, (*migrations(), later))
    assert len(_applied(url)) == len(migrations()) + 1
    assert _ask(url, "SELECT count(*) FROM quantumsketch.later_still") == [(0,)]
    with pytest.raises(QuantumSketchError, match=rf"migration {later.number:04}.*does not know"):
        await migrate(url)


async def test_a_step_that_was_changed_after_its_release_is_noticed(another_database: NewDatabase) -> None:
    url = another_database()
    await migrate(url)
    first, *rest = migrations()
    changed = replace(first, statements=first.statements + b"-- changed")
    with pytest.raises(QuantumSketchError, match=r"0001_graph\.sql.*Restore the file"):
        await migrate(url, (changed, *rest))


async def test_a_login_without_the_rights_is_told_what_an_administrator_has_to_run(
    ordinary_login: str, another_database: NewDatabase
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(
            f"GRANT CREATE ON DATABASE {administrator.info.dbname} TO {ordinary_login}".encode()
        )
        for by_hand in ("CREATE EXTENSION vector;", f"GRANT quantumsketch_app TO {ordinary_login};"):
            with pytest.raises(QuantumSketchError) as caught:
                await migrate(make_conninfo(url, user=ordinary_login))
            assert str(caught.value).endswith(by_hand)
            administrator.execute(by_hand.encode())
    await migrate(make_conninfo(url, user=ordinary_login))
    assert _applied(url) == _all_steps()


async def test_a_login_that_owns_nothing_may_use_what_another_has_migrated(
    ordinary_login: str, another_database: NewDatabase
) -> None:
    url = another_database()
    await migrate(url)
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
    await migrate(make_conninfo(url, user=ordinary_login))


async def test_behind_the_role_of_such_a_login_there_is_nothing_more_than_before_it(
    ordinary_login: str, another_database: NewDatabase
) -> None:
    """Statements could take the role back: of a login that owns the tables, keys could then be read."""
    url = another_database()
    await migrate(url)
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
        administrator.execute("INSERT INTO quantumsketch.tenants (tenant) VALUES ('a')")
    provenance = Provenance("run", "test", "user")
    async with open_database(make_conninfo(url, user=ordinary_login)) as database:
        store = Store(database, SameForAll())
        for tenant in ("a", "b"):
            await store.upsert(tenant, [Entity("note", tenant)], [], provenance)
        for statement in ("SELECT FROM api_keys", "ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY"):
            async with database.transaction("a", "look behind") as connection:
                await connection.execute("SET ROLE NONE")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await connection.execute(statement.encode())
        async with database.transaction("a", "look behind") as connection:
            await connection.execute("SET ROLE NONE")
            rows = await (await connection.execute("SELECT tenant FROM nodes")).fetchall()
        assert rows == [{"tenant": "a"}]
        assert await store.erase_tenant("a") == 2 + 2
    async with open_database(url) as database, database.transaction("a", "look behind") as connection:
        await connection.execute("SET ROLE NONE")
        assert await (await connection.execute("SELECT FROM api_keys")).fetchall() == []
