"""Whatever one tenant asks for, and however, nothing of another's is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import NotFound
from quantumsketch.memory.comparison import nearest_chunks
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import MODEL, Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.promotion import promote
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Provenance

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")
SECRET = "The password of the safe is swordfish"
Ends = tuple[UUID, UUID]


@pytest.fixture
async def neighbours(store: Store, tenant: str) -> tuple[str, Ends, str, Ends]:
    """Two tenants with the same two notes, joined; only the text of the second one's is a secret."""
    one, other = tenant, f"{tenant}-2"
    found: list[Ends] = []
    for each, text in ((one, "Nothing of interest"), (other, SECRET)):
        said = [Entity("note", "Safe", text), Entity("note", "Key", "It opens it.")]
        written = await store.upsert(
            each, said, [Fact(("note", "Safe"), "supersedes", ("note", "Key"))], BY_USER
        )
        found.append((written.ids["note", "Safe"], written.ids["note", "Key"]))
    return one, found[0], other, found[1]


@contextmanager
def _as_product(database_url: str, tenant: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": tenant})
        yield connection
        connection.rollback()


WORDS = {
    "question": "swordfish", "words": ["swordfish", "safe"], "parts": [None, None], "kinds": None,
    "limit": 10, "as_of": None, "model": MODEL,
}  # fmt: skip


async def test_no_search_finds_what_is_anothers(
    database_url: str, embedder: Embedder, neighbours: tuple[str, Ends, str, Ends]
) -> None:
    one, ends, other, foreign = neighbours
    async with open_database(database_url) as database:
        search = Search(database, embedder)
        for ask in (search.find, search.by_meaning, search.by_words):
            for question in (SECRET, "swordfish", "safe"):
                own = await ask(one, question)
                assert {hit.id for hit in own} <= set(ends)
                assert "swordfish" not in " ".join(f"{hit.text} {hit.why}" for hit in own)
                assert foreign[0] in {hit.id for hit in await ask(other, question)}
        assert await search.find(f"{one}-none", SECRET) == []


async def test_no_walk_leads_to_what_is_anothers(
    database_url: str, neighbours: tuple[str, Ends, str, Ends]
) -> None:
    one, ends, other, foreign = neighbours
    async with open_database(database_url) as database:
        walker = Walker(database)
        for walk in (
            walker.walk(one, foreign[0]),
            walker.path(one, *foreign),
            walker.path(one, ends[0], foreign[1]),
        ):
            with pytest.raises(NotFound):
                await walk
        whole = await walker.subgraph(one, [*ends, *foreign])
        assert [node.id for node in whole.nodes] == list(ends)
        assert len(whole.edges) == 1
        assert len((await walker.subgraph(other, [*ends, *foreign])).edges) == 1


@pytest.mark.parametrize("asking", ["one", "nobody"])
async def test_the_statements_themselves_find_nothing_of_anothers(
    database_url: str, embedder: Embedder, neighbours: tuple[str, Ends, str, Ends], asking: str
) -> None:
    one, _, other, foreign = neighbours
    (vector,) = embedder.embed([SECRET])
    asked = {
        "tenant": other, "vector": str(vector), "model": MODEL, "dimensions": len(vector), "kinds": None,
        "limit": 10, "as_of": None, "without": [],
        "fan_out": 10, "nodes": list(foreign), "ids": list(foreign), "frontier": list(foreign),
        "outward": True, "inward": True, "relations": None, "most_bytes": 10_000, "known": [],
        "room": 10, "most_edges": 10, "nears": [foreign[0]], "fars": [foreign[1]],
    }  # fmt: skip
    names = [
        "steps_beside", "candidates", "successions", "successions_then", "steps_from", "nodes_of",
        "edges_among", "edges_along",
    ]  # fmt: skip
    for statement in [nearest_chunks(len(vector)), *map(query, names)]:
        with _as_product(database_url, other) as connection:
            assert connection.execute(statement, asked).fetchall(), statement
        with _as_product(database_url, one if asking == "one" else "") as connection:
            assert connection.execute(statement, asked).fetchall() == [], statement


async def test_the_function_that_searches_words_asks_for_the_tenant_by_itself(
    database_url: str, neighbours: tuple[str, Ends, str, Ends]
) -> None:
    one, ends, other, foreign = neighbours
    with _as_product(database_url, other) as connection:
        assert {row[0] for row in connection.execute(query("search_words"), WORDS)} == {foreign[0]}
    with _as_product(database_url, one) as connection:
        assert {row[0] for row in connection.execute(query("search_words"), WORDS)} == {ends[0]}
        connection.execute("CREATE TEMPORARY TABLE nodes AS SELECT * FROM quantumsketch.nodes")
        connection.execute("UPDATE pg_temp.nodes SET name = 'forged'")
        connection.execute("SET LOCAL search_path = pg_temp, quantumsketch, public")
        assert {row[0] for row in connection.execute(query("search_words"), WORDS)} == {ends[0]}
        lengths = {row[5] for row in connection.execute(query("search_words"), WORDS)}
        assert lengths == {len("Safe")}
    with _as_product(database_url, "") as connection:
        assert connection.execute(query("search_words"), WORDS).fetchall() == []


def test_not_everybody_may_call_it(
    database_url: str, store: Store, ordinary_login: str, administrator: psycopg.Connection
) -> None:
    signature = "quantumsketch.search_words(text, text[], text[], text[], integer)"
    may = "SELECT has_function_privilege(%s, %s, 'EXECUTE')"
    for role, expected in ((ordinary_login, False), ("quantumsketch_app", True)):
        assert administrator.execute(may, [role, signature]).fetchone() == (expected,)


async def test_words_of_many_are_looked_up_in_an_index(
    database_url: str, administrator: psycopg.Connection, tenant: str
) -> None:
    administrator.execute(
        "INSERT INTO nodes (tenant, kind, name, description) "
        "SELECT %s, 'note', 'n' || n, md5(n::text) FROM generate_series(1, 20000) AS n",
        [tenant],
    )
    administrator.execute("ANALYZE nodes")
    index = "SELECT pg_stat_get_xact_numscans('nodes_words'::regclass)"
    asked = {**WORDS, "question": "n77", "words": ["n77"], "parts": ["n77"]}
    with _as_product(database_url, tenant) as connection:
        before = connection.execute(index.encode()).fetchone()
        assert len(connection.execute(query("search_words"), asked).fetchall()) == 10
        after = connection.execute(index.encode()).fetchone()
    assert before
    assert after
    assert after[0] > before[0]


async def test_where_the_owner_of_the_tables_is_walled_too_words_are_found_all_the_same(
    ordinary_login: str, another_database: Callable[[], str], embedder: Embedder
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute("CREATE EXTENSION vector")
        database_name = administrator.info.dbname
        administrator.execute(f"GRANT CREATE ON DATABASE {database_name} TO {ordinary_login}".encode())
        administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
    own_url = make_conninfo(url, user=ordinary_login)
    await migrate(own_url)
    async with open_database(own_url) as database:
        store, search = Store(database, embedder), Search(database, embedder)
        for tenant, text in (("one", "Nothing of interest"), ("two", SECRET)):
            await store.upsert(tenant, [Entity("note", "Safe", text)], [], BY_USER)
        assert [hit.text for hit in await search.by_words("two", "swordfish")] == [SECRET]
        assert await search.by_words("one", "swordfish") == []
        assert [hit.text for hit in await search.find("one", "safe swordfish")] == ["Nothing of interest"]
        assert await promote(own_url, "two", MODEL)
        assert [hit.text for hit in await search.by_meaning("two", "safe")] == [SECRET]
