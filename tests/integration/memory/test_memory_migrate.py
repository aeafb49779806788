"""The schema comes into being once, whole, and whoever asks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.migrate import Migration, migrate, migrations

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
