"""A tenant's memory as a file and back: complete, exact, all or nothing, and nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import psycopg
import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import AlreadyThere, BadInput, NotFound, QuantumSketchError
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.moving.exporting import export_tenant
from quantumsketch.memory.moving.importing import import_tenant
from quantumsketch.memory.moving.portable import Counts
from quantumsketch.memory.records import Record
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.embedders import SameForAll
from tests.sample_videos import video

pytestmark = pytest.mark.slow
BY_USER = Provenance("run", "test", "user:Ada")
ODD = 'Ünï\u2028cod\u0085e \\u0000 "quoted" \U0001f600\n\ttail\\'
Administrator = psycopg.Connection
ADA, BOB, X, Y = ("person", "Ada"), ("person", "Bob"), ("project", "X"), ("project", "Y")


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest_asyncio.fixture
async def full(database: Database, tenant: str, administrator: Administrator) -> str:
    """A tenant with something in every table, some of it odd, and a neighbour beside it."""
    store = Store(database, SameForAll())
    for each in (f"{tenant}-neighbour", tenant):
        await Graph(database, SameForAll()).record_video(
            video("a video", tenant=each, prompt=f"Why?\x00 {ODD}")
        )
        notes = [Entity("note", ODD, ODD, ODD, {"odd": [ODD, None, 1e300, 0.1], "n": 10**30})]
        people = [Entity(*key) for key in (ADA, BOB, X, Y)]
        await store.upsert(
            each, notes + people, [Fact(X, "owned_by", ADA), Fact(Y, "owned_by", BOB)], BY_USER
        )
        await store.upsert(each, [Entity(*X, "changed")], [Fact(X, "owned_by", BOB)], BY_USER)
        await store.close(each, Y, BY_USER)
        await store.merge(each, ADA, BOB, BY_USER)
        administrator.execute(
            "INSERT INTO model_calls (tenant, call_id, video_id, model, purpose, at, reserved_usd, cost_usd) "
            "VALUES (%s, 'c', 'a video', 'm', 'plan', now(), 0.1, 1e-7)",
            [each],
        )
    return tenant


async def _exported(database: Database, tenant: str) -> bytes:
    file = BytesIO()
    await export_tenant(database, tenant, file)
    return file.getvalue()


def _body(exported: bytes) -> bytes:
    """All but the first line, which has a time of its own."""
    return exported.partition(b"\n")[2]


async def _import(database_url: str, tenant: str, exported: bytes) -> Counts:
    return await import_tenant(database_url, tenant, BytesIO(exported))


async def test_what_is_exported_and_imported_is_exported_again_byte_for_byte(
    database: Database, database_url: str, full: str
) -> None:
    exported = await _exported(database, full)
    counts = await _import(database_url, f"{full}-2", exported)
    assert all(count > 0 for count in counts.model_dump().values()), counts
    assert _body(await _exported(database, f"{full}-2")) == _body(exported)
    assert exported.count(b"\n") == sum(counts.model_dump().values()) + 2
    assert f"{full}-neighbour".encode() not in exported


async def test_the_imported_memory_answers_as_the_first_one_did(
    database: Database, database_url: str, full: str
) -> None:
    twin, store = f"{full}-2", Store(database, SameForAll())
    await _import(database_url, twin, await _exported(database, full))
    graph = Graph(database, SameForAll())
    assert await graph.video(twin, "a video") == await graph.video(full, "a video")
    for key in (ADA, BOB, X, Y, ("note", ODD)):
        assert await store.entity(twin, key) == await store.entity(full, key)
    project = (await store.entity(full, X)).id
    then = (await store.entity(full, X)).recorded_at

    async def told(tenant: str) -> list[Record]:
        return [
            await store.entity(tenant, X, as_of=then),
            *await store.facts(tenant, project),
            *await store.facts(tenant, project, as_of=then, known_at=then),
        ]

    assert await told(twin) == await told(full)
    assert len(await told(full)) > 2
    assert await graph.similar(twin, "anything") == []
    await Vectors(database, SameForAll()).embed_missing(twin)
    assert [hit.id for hit in await graph.similar(twin, "anything")] == ["a video"]


async def test_each_column_of_each_table_of_a_tenant_is_exported_or_known_not_to_be(
    database: Database, full: str, administrator: Administrator
) -> None:
    columns = administrator.execute(
        "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind = 'r' "
        "AND attnum > 0 AND NOT attisdropped "
        "AND pg_class.oid IN (SELECT attrelid FROM pg_attribute WHERE attname = 'tenant')"
    ).fetchall()
    lines = [json.loads(line) for line in _body(await _exported(database, full)).splitlines()]
    told = {(f"{part}s", name) for line in lines for part, row in line.items() for name in row}
    made_again = ("tenant", "embedding", "embedding_model", "words")
    without = {(table, name) for table, name in columns if name in made_again}
    secret_or_passing = {
        (table, name)
        for table, name in columns
        if table in ("tenants", "api_keys", "request_windows", "recording_times")
    }
    assert set(columns) - told - without - secret_or_passing == set()
    assert len(secret_or_passing) > 10


async def test_an_export_is_of_one_moment_whatever_is_written_meanwhile(
    database: Database, full: str
) -> None:
    before = await _exported(database, full)
    store = Store(database, SameForAll())

    class WritesMeanwhile(BytesIO):
        def write(self, data: bytes, /) -> int:  # type: ignore[override]  # of bytes only
            if not self.getvalue():
                writing.append(asyncio.ensure_future(store.upsert(full, [Entity(*ADA, "new")], [], BY_USER)))
            return super().write(data)

    writing: list[asyncio.Future[object]] = []
    file = WritesMeanwhile()
    await export_tenant(database, full, file)
    await asyncio.gather(*writing)
    assert len(writing) == 1
    assert _body(file.getvalue()) == _body(before)


async def test_an_empty_memory_is_not_exported(database: Database, tenant: str) -> None:
    file = BytesIO()
    with pytest.raises(NotFound, match="is empty"):
        await export_tenant(database, tenant, file)
    assert file.getvalue() == b""


async def test_a_tenant_that_has_a_memory_gets_no_other_one(
    database: Database, database_url: str, full: str
) -> None:
    exported = await _exported(database, full)
    with pytest.raises(AlreadyThere, match=full):
        await _import(database_url, full, exported)
    assert _body(await _exported(database, full)) == _body(exported)


def _without_a_line(exported: bytes) -> bytes:
    lines = exported.splitlines(keepends=True)
    return b"".join(lines[:3] + lines[4:])


def _with_a_line_in_utf_16(exported: bytes) -> bytes:
    (line,) = [
        line for line in exported.splitlines(keepends=True) if line.startswith(b'{"node"') and b'"n":' in line
    ]
    return exported.replace(line, line.decode().encode("utf-16-be"))


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "not an exported memory": lambda _: b"PK\x03\x04\xff",
    "of version 2": lambda exported: exported.replace(b'"version":1', b'"version":2', 1),
    "cut short": lambda exported: exported[: exported.rindex(b'{"end"')],
    "cut within a line": lambda exported: exported[:-200],
    "a line is missing": _without_a_line,
    "more behind the end": lambda exported: exported + exported.splitlines(keepends=True)[1],
    "a kind that is unknown": lambda exported: exported.replace(b'"kind":"person"', b'"kind":"unicorn"', 1),
    "no row": lambda exported: exported.replace(b'{"node" : {', b'{"node" : 1, "x": {', 1),
    "half a character": lambda exported: exported.replace(b'"name":"Bob"', b'"name":"\\ud800"', 1),
    "a character that cannot be": lambda exported: exported.replace(b'"name":"Bob"', b'"name":"\\u0000"', 1),
    "a number too small to be": lambda exported: exported.replace(b", 0.1]", b", 1e-5000]", 1),
    "digits without end": lambda exported: exported.replace(b", 0.1]", b", 0.1%s]" % (b"0" * 400), 1),
    "a line in UTF-16": _with_a_line_in_utf_16,
    "no time": lambda exported: exported.replace(b'"changed_at":"2', b'"changed_at":"x', 1),
    "a column that is missing": lambda exported: exported.replace(b'"recorded_at":', b'"recorded":', 1),
    "an edge to nowhere": lambda exported: exported.replace(b'"target":"', b'"target":"0e0e0e0e', 1),
    "a name too long": lambda exported: exported.replace(b'"name":"Bob"', b'"name":"%s"' % (b"B" * 501), 1),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_file_that_is_not_whole_or_fits_no_memory_changes_nothing(
    database: Database, database_url: str, full: str, how: str
) -> None:
    exported = await _exported(database, full)
    broken = BROKEN[how](exported)
    assert broken != exported
    with pytest.raises(BadInput):
        await _import(database_url, f"{full}-2", broken)
    await _import(database_url, f"{full}-2", exported)  # for there is nothing


async def test_a_memory_that_is_larger_than_the_tenant_may_have_is_not_imported(
    database: Database, database_url: str, full: str, administrator: Administrator
) -> None:
    administrator.execute("INSERT INTO tenants (tenant, most_nodes) VALUES (%s, 3)", [f"{full}-2"])
    with pytest.raises(BadInput, match="nodes more"):
        await _import(database_url, f"{full}-2", await _exported(database, full))
    with pytest.raises(NotFound):
        await _exported(database, f"{full}-2")


async def test_where_the_owner_is_walled_too_a_memory_moves_and_whoever_is_none_may_not(
    ordinary_login: str, another_database: Callable[[], str], database: Database, database_url: str, full: str
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"GRANT CREATE ON DATABASE {server.info.dbname} TO {ordinary_login}".encode())
        server.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
        server.execute(b"CREATE EXTENSION vector")
    own_url = make_conninfo(url, user=ordinary_login)
    await migrate(own_url)
    exported = await _exported(database, full)
    await _import(own_url, "elsewhere", exported)
    async with open_database(own_url) as moved:
        assert _body(await _exported(moved, "elsewhere")) == _body(exported)
    with pytest.raises(QuantumSketchError):
        await _import(make_conninfo(database_url, user=ordinary_login), f"{full}-2", exported)
