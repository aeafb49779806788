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
from quantumsketch.memory.statements import Entity, Provenance
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
       ('moved', 'user', 'of-another-program'),
       ('many', 'user', 'a'), ('many', 'preference', 'a/x'),
       ('many', 'user', 'b'), ('many', 'preference', 'b/x'),
       ('named', 'user', 'you'), ('named', 'user', 'named'), ('named', 'preference', 'named/x'),
       ('own', 'user', 'alice'), ('own', 'note', 'n'),
       ('t', 'user', 't'), ('t', 'preference', 't/theme'), ('t', 'preference', 'you/theme'),
       ('t', 'preference', 't/' || repeat('x', 498)), ('t', 'preference', 't/' || repeat('y', 496));
INSERT INTO nodes (tenant, kind, name, provenance)
VALUES ('chose', 'user', 'chose', '{"run": "preferences"}');
INSERT INTO edges (tenant, source, kind, target)
SELECT person.tenant, person.id, 'prefers', preference.id
  FROM nodes AS person JOIN nodes AS preference USING (tenant)
 WHERE person.kind = 'user' AND preference.kind = 'preference'
   AND starts_with(preference.name, person.name || '/');
INSERT INTO edges (tenant, source, kind, target)
SELECT person.tenant, person.id, 'about', note.id FROM nodes AS person JOIN nodes AS note USING (tenant)
 WHERE person.kind = 'user' AND note.kind = 'note';
"""
_AFTER = {
    ("ada", "model", "ada"),
    ("ada", "preference", "shape"),
    ("ada", "preference", "you/theme"),
    ("ada", "user", "somebody"),
    ("ada", "user", "you"),
    ("chose", "user", "you"),
    ("many", "preference", "a/x"),
    ("many", "preference", "b/x"),
    ("many", "user", "a"),
    ("many", "user", "b"),
    ("moved", "preference", "you/avoid/from/x"),
    ("moved", "user", "of-another-program"),
    ("moved", "user", "you"),
    ("named", "preference", "named/x"),
    ("named", "user", "named"),
    ("named", "user", "you"),
    ("own", "note", "n"),
    ("own", "user", "alice"),
    ("t", "preference", "t/theme"),
    ("t", "preference", "you/theme"),
    ("t", "preference", "t/" + "x" * 498),
    ("t", "preference", "you/" + "y" * 496),
    ("t", "user", "you"),
}
"""Only users are renamed that our preferences speak of, and nothing stops it."""


def test_the_user_of_an_earlier_version_is_called_so_too(another_database: Callable[[], str]) -> None:
    url = another_database()
    before = [step for step in migrations() if step.name < "0022"]
    asyncio.run(migrate(url, tuple(before)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_BEFORE.encode())
        asyncio.run(migrate(url))
        nodes = connection.execute("SELECT tenant, kind, name FROM nodes").fetchall()
        walls = connection.execute(
            "SELECT relforcerowsecurity FROM pg_class WHERE relname IN ('nodes', 'edges')"
        ).fetchall()
    assert len(nodes) == len(_AFTER)
    assert set(nodes) == _AFTER
    assert walls == [(True,), (True,)]


async def test_an_old_memory_that_had_moved_before_brings_its_preferences_too(
    graph: Graph, store: Store, tenant: str, database_url: str
) -> None:
    book = PreferenceBook(store)
    known = await book.change(tenant, SAID)
    exported = _as_of_an_earlier_version(await _exported(graph.database, tenant), "ada")  # of neither tenant
    other = f"{tenant}-2"
    await import_tenant(database_url, other, BytesIO(exported))
    assert held(await book.known(other)) == held(known)


async def test_an_old_memory_is_imported_though_something_in_it_is_called_so_already(
    graph: Graph, store: Store, tenant: str, database_url: str
) -> None:
    book = PreferenceBook(store)
    known = await book.change(tenant, Preferring(theme=Theme.PAPER))
    other_program = Provenance("r", "test", "user")
    await store.upsert(tenant, [Entity("preference", "called-so/theme")], [], other_program, embed=False)
    exported = _as_of_an_earlier_version(await _exported(graph.database, tenant), tenant)
    called_so = exported.replace(b"called-so/", f"{THE_USER}/".encode())
    assert called_so != exported
    other = f"{tenant}-2"
    await import_tenant(database_url, other, BytesIO(called_so))
    assert held(await book.known(other)) == held(known)
