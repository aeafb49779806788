"""An installed package in a real Postgres: read by whoever comes first, for all tenants, and found there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.codebases.installed import InstalledPackage, Piece
from quantumsketch.memory.database import Connection, Database, open_database
from quantumsketch.memory.embedding import LocalEmbedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.lookup import key_of
from quantumsketch.memory.keeping.writing import take_turn
from quantumsketch.memory.keys import Keys, Scope
from quantumsketch.memory.queries import query
from quantumsketch.memory.tenants import SYSTEM_TENANT, Tenants
from quantumsketch.settings import Settings
from tests.codebases import write

pytestmark = pytest.mark.slow
FILES = {
    "__init__.py": "from .tea import Pot, Vessel, boil, heat",
    "tea.py": '''
        class Water:
            """What is in it."""

        class Vessel:
            """Something to put things into."""

            def fill(self, amount=1):
                """Pour water in."""
                return Water()

        class Pot(Vessel):
            """Round and brown."""

            def brew(self, minutes=3):
                """Make a hot drink of leaves."""

            def _crack(self):
                """Break."""

            def fall(self): ...

        def boil(water):
            """Make it bubble.

            .. deprecated:: 1.2
               Use :func:`heat` instead.
            """

        def heat(water):
            """Make it warmer."""
    ''',
}
POT, VESSEL = "{}.tea.Pot", "{}.tea.Vessel"


@pytest.fixture
def folder(tmp_path: Path, tenant: str) -> Path:
    """A package that no other test has."""
    return write(tmp_path / f"shop_{tenant.removeprefix('t-')}", FILES)


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


def package(
    database: Database, folder: Path, embedder: LocalEmbedder, version: str = "1.0"
) -> InstalledPackage:
    return InstalledPackage(database, embedder, folder, version)


def nodes(administrator: psycopg.Connection, folder: Path) -> list[dict[str, object]]:
    """What is in the database of the package, whoever has it."""
    with administrator.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT tenant, kind, name, provenance ->> 'run' AS run, closed_at IS NULL AS is_open,"
            "       (SELECT count(*) FROM chunks WHERE node = nodes.id) AS chunks,"
            "       (SELECT count(*) FROM chunks WHERE node = nodes.id AND embedding IS NOT NULL) AS vectors"
            "  FROM nodes WHERE name = %(name)s OR starts_with(name, %(name)s || '.')",
            {"name": folder.name},
        )
        return cursor.fetchall()


async def test_what_a_package_offers_is_found_by_name_by_words_and_by_meaning(
    database: Database, folder: Path, embedder: LocalEmbedder
) -> None:
    shop = package(database, folder, embedder)
    pot = POT.format(folder.name)
    assert (await shop.find("Pot"))[0].name == pot
    assert (await shop.find("brew"))[0].name == f"{pot}.brew"
    assert (await shop.find("cup of coffee"))[0].name in {pot, f"{pot}.brew"}
    found = await shop.find("bubble")
    assert (found[0].name, found[0].superseded) == (f"{folder.name}.tea.heat", False)
    assert [hit.superseded for hit in found if hit.name == f"{folder.name}.tea.boil"] == [True]


async def test_what_belongs_to_a_piece_of_code_is_told(
    database: Database, folder: Path, embedder: LocalEmbedder
) -> None:
    name = folder.name
    asked = ["Pot", "Pot.fill", f"{name}.Vessel", "boil", "Vessel.brew", "Water", "nothing"]
    around = await package(database, folder, embedder).surroundings(asked)
    assert set(around) == {"Pot", "Pot.fill", f"{name}.Vessel", "boil"}  # Water is not offered
    vessel = Piece(kind="class", name=VESSEL.format(name))
    assert around["Pot"].inherits == [vessel]
    assert around[f"{name}.Vessel"].inherited_by == [Piece(kind="class", name=POT.format(name))]
    assert (around["Pot.fill"].kind, around["Pot.fill"].name) == ("method", f"{vessel.name}.fill")
    assert around["Pot.fill"].uses == [Piece(kind="class", name=f"{name}.tea.Water")]
    assert (around["boil"].deprecated, around["boil"].deprecated_since) == (True, "1.2")
    assert around["boil"].replaced_by == Piece(kind="function", name=f"{name}.tea.heat")
    assert around["Pot"].deprecated is False


async def test_of_several_who_need_it_at_once_one_reads_it_and_the_same_version_is_not_read_again(
    database: Database, folder: Path, embedder: LocalEmbedder, administrator: psycopg.Connection
) -> None:
    await asyncio.gather(*(package(database, folder, embedder).record() for _ in range(3)))
    await package(database, folder, embedder).record()
    found = nodes(administrator, folder)
    assert len({node["run"] for node in found}) == 1
    assert {node["tenant"] for node in found} == {SYSTEM_TENANT}
    assert {node["kind"] for node in found} == {
        "codebase", "module", "class", "method", "function", "parameter"
    }  # fmt: skip


async def test_another_version_is_read_anew_and_what_is_gone_is_closed(
    database: Database, folder: Path, embedder: LocalEmbedder, administrator: psycopg.Connection
) -> None:
    await package(database, folder, embedder).record()
    write(folder, {"tea.py": FILES["tea.py"].replace("brew", "steep")})
    await package(database, folder, embedder).record()  # nobody looks into it: the version is the same
    assert f"{POT.format(folder.name)}.brew" in await open_names(administrator, folder)
    newer = package(database, folder, embedder, version="1.1")
    found = await newer.find("steep")
    assert found[0].name == f"{POT.format(folder.name)}.steep"
    names = await open_names(administrator, folder)
    assert f"{POT.format(folder.name)}.steep" in names
    assert f"{POT.format(folder.name)}.brew" not in names
    assert await newer.surroundings(["Pot.brew"]) == {}


async def open_names(administrator: psycopg.Connection, folder: Path) -> set[object]:
    return {node["name"] for node in nodes(administrator, folder) if node["is_open"]}


async def test_vectors_are_made_of_what_is_offered_and_nothing_else(
    database: Database, folder: Path, embedder: LocalEmbedder, administrator: psycopg.Connection
) -> None:
    shop = package(database, folder, embedder)
    assert not await shop.is_told()
    await shop.record()
    assert (await shop.is_told(), await shop.is_found_by_meaning()) == (True, False)
    await shop.find("tea")
    assert await shop.is_found_by_meaning()
    with_vectors = {node["name"] for node in nodes(administrator, folder) if node["vectors"]}
    offered = ("Pot", "Pot.brew", "Vessel", "Vessel.fill", "boil", "heat")
    assert with_vectors == {f"{folder.name}.tea.{name}" for name in offered}
    bare = [node["chunks"] for node in nodes(administrator, folder) if node["kind"] == "parameter"]
    assert bare == [0] * 4


async def test_as_long_as_somebody_else_makes_the_vectors_names_and_words_answer(
    database: Database, folder: Path, embedder: LocalEmbedder, administrator: psycopg.Connection
) -> None:
    shop = package(database, folder, embedder)
    async with database.transaction(SYSTEM_TENANT, "be somebody else") as connection:
        await connection.execute(query("take_turn"), {"name": f"vectors of {folder.name}"})
        found = await shop.find("hot drink")
        assert found[0].name == f"{POT.format(folder.name)}.brew"
        assert not any("means" in why for why in found[0].why if "not compared" not in why)
        assert sum(map(int, (str(node["vectors"]) for node in nodes(administrator, folder)))) == 0
    (again, *_) = await shop.find("hot drink")
    assert any(why.startswith("means") for why in again.why)


async def test_who_does_not_wait_for_vectors_has_none_made(
    database: Database, folder: Path, embedder: LocalEmbedder, administrator: psycopg.Connection
) -> None:
    shop = package(database, folder, embedder)
    assert (await shop.find("Pot", patience_s=0))[0].name == POT.format(folder.name)
    assert not any(node["vectors"] for node in nodes(administrator, folder))
    await shop.find("Pot")
    assert any(node["vectors"] for node in nodes(administrator, folder))


async def test_a_package_is_read_before_the_turn_to_record_it_is_taken(
    database: Database, tmp_path: Path, tenant: str, embedder: LocalEmbedder
) -> None:
    empty = tmp_path / f"empty_{tenant.removeprefix('t-')}"
    empty.mkdir()
    async with database.transaction(SYSTEM_TENANT, "be somebody else") as connection:
        await take_turn(connection, SYSTEM_TENANT)
        async with asyncio.timeout(20):  # for ever, if it waited for the turn first
            with pytest.raises(BadInput):
                await package(database, empty, embedder).record()


async def test_no_tenant_sees_it(
    database: Database, folder: Path, embedder: LocalEmbedder, tenant: str
) -> None:
    await package(database, folder, embedder).record()
    assert await Search(database, embedder).find(tenant, "round and brown pot") == []
    with pytest.raises(NotFound):
        await key_of(database, tenant, POT.format(folder.name))
    assert await key_of(database, SYSTEM_TENANT, POT.format(folder.name))


async def test_nobody_can_be_the_tenant_that_keeps_it(database: Database, owner: Connection) -> None:
    with pytest.raises(BadInput):
        await Tenants(owner).add(SYSTEM_TENANT)
    with pytest.raises(BadInput):
        await Keys(owner).create(SYSTEM_TENANT, [Scope.WRITE])
    with pytest.raises(BadInput):
        Settings(tenant=SYSTEM_TENANT)
    await owner.execute("SELECT set_config('app.tenant', '_other', false)")
    for statement in (
        b"INSERT INTO tenants (tenant) VALUES ('_system')",
        b"INSERT INTO nodes (tenant, kind, name) VALUES ('_other', 'note', 'x')",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await owner.execute(statement)
    assert SYSTEM_TENANT not in {each.name for each in await Tenants(owner).list()}
