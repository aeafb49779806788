"""A memory that moves to another tenant is still that of its user, from whatever version it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from quantumsketch.memory.database import Database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.preferences import THE_USER, PreferenceBook
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.moving.exporting import export_tenant
from quantumsketch.memory.moving.importing import import_tenant
from quantumsketch.preferences import Preferring, held
from quantumsketch.storyboard import Theme
from tests.cli_runs import qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

SAID = Preferring(theme=Theme.PAPER, audience="children", avoid=("utilize",))


async def _exported(database: Database, tenant: str) -> bytes:
    file = BytesIO()
    await export_tenant(database, tenant, file)
    return file.getvalue()


def _body(exported: bytes) -> bytes:
    """All but the first line, which names the tenant and has a time of its own."""
    return exported.partition(b"\n")[2]


def _as_of_an_earlier_version(exported: bytes, tenant: str) -> bytes:
    """The same file as it was written when the user was called like the tenant."""
    old = exported.replace(f'"name":"{THE_USER}'.encode(), f'"name":"{tenant}'.encode())
    assert old != exported
    return old


async def test_a_file_of_this_or_an_earlier_version_brings_its_preferences_under_another_name(
    graph: Graph, store: Store, tenant: str, database_url: str
) -> None:
    book = PreferenceBook(store)
    known = await book.change(tenant, SAID)
    exported = await _exported(graph.database, tenant)
    files = {"2": exported, "3": _as_of_an_earlier_version(exported, tenant)}
    for number, file in files.items():
        other = f"{tenant}-{number}"
        await import_tenant(database_url, other, BytesIO(file))
        assert held(await book.known(other)) == held(known)
        assert _body(await _exported(graph.database, other)) == _body(exported)
        await book.change(other, Preferring(theme=None, avoid=()))
        assert [one.key for one in held(await book.known(other))] == ["audience"]


def test_preferences_are_listed_and_taken_away_where_a_memory_was_imported(
    database_setting: str, graph: Graph, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_DATABASE_URL", database_setting)
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    file, other = str(tmp_path / "memory.jsonl"), f"{tenant}-2"

    def run(of: str, *words: str) -> str:
        monkeypatch.setenv("QS_TENANT", of)
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), list(words))
        assert said.code == 0, said.stderr
        return said.stdout

    told = run(tenant, "preference", "set", "theme", "paper")
    assert told.startswith("theme")
    run(tenant, "memory", "export", "--tenant", tenant, "-o", file)
    run(tenant, "memory", "import", file, "--tenant", other)
    assert run(other, "preference", "list") == told
    assert run(other, "preference", "unset", "theme") == ""
    assert run(tenant, "preference", "list") == told


_BEFORE = """
SET search_path = quantumsketch, public;
INSERT INTO nodes (tenant, kind, name)
VALUES ('ada', 'user', 'ada'), ('ada', 'preference', 'ada/theme'), ('ada', 'preference', 'shape'),
       ('ada', 'model', 'ada'), ('ada', 'user', 'somebody'),
       ('moved', 'user', 'from'), ('moved', 'preference', 'from/avoid/from/x'),
       ('many', 'user', 'a'), ('many', 'user', 'b');
"""
_AFTER = [
    ("ada", "model", "ada"),
    ("ada", "preference", "shape"),
    ("ada", "preference", "you/theme"),
    ("ada", "user", "somebody"),
    ("ada", "user", "you"),
    ("many", "user", "a"),
    ("many", "user", "b"),
    ("moved", "preference", "you/avoid/from/x"),
    ("moved", "user", "you"),
]


def test_the_user_of_an_earlier_version_is_called_so_too(another_database: Callable[[], str]) -> None:
    url = another_database()
    before = [step for step in migrations() if step.name < "0017"]
    asyncio.run(migrate(url, tuple(before)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_BEFORE.encode())
        asyncio.run(migrate(url))
        nodes = connection.execute("SELECT tenant, kind, name FROM nodes ORDER BY 1, 2, 3").fetchall()
    assert nodes == _AFTER
