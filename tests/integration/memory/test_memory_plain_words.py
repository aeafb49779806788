"""No text keeps Postgres' parser busy for long, and what texts were found by still finds them."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest

from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.statements import LONGEST_DESCRIPTION, Entity, Provenance

BY_USER = Provenance("run", "test", "user")
SLOWLY_PARSED = ("a_", "~/", "a-b.", "1e@", "<!--", "<!-- ")
"""Of these Postgres made words for seconds each: of the first for 13."""
ORDINARY = {
    "quantumsketch.memory.HTTPServer2": "<b>https://www.example.org/foxes?q=1</b>, a@b.de, @fox@b.de: 3.14.",
    "Füchse und 狐": "狐は速い。Der schnelle braune Fuchs; l'été, naïve co-operation, x_axis.",
    "a" * 99: "b" * 99 + "\n" + "word-" * 19,
}


async def test_no_description_is_parsed_for_long(store: Store, tenant: str) -> None:
    told = [
        Entity("note", f"{n} {unit * 99}", (unit * LONGEST_DESCRIPTION)[:LONGEST_DESCRIPTION])
        for n, unit in enumerate(SLOWLY_PARSED)
    ]
    began = time.perf_counter()
    written = await store.upsert(tenant, told, [], BY_USER, embed=False)
    assert time.perf_counter() - began < 20
    assert written.added == len(told)


async def test_what_stands_in_long_runs_and_in_comments_is_found(
    store: Store, search: Search, tenant: str
) -> None:
    run = ";".join(f"step{n}" for n in range(40))
    told = [
        Entity("note", "run", f"before {run} behind"),
        Entity("note", "comment", "<!-- hidden remark -->"),
    ]
    await store.upsert(tenant, told, [], BY_USER, embed=False)
    for word, name in {"before": "run", "step2": "run", "behind": "run", "remark": "comment"}.items():
        assert [hit.name for hit in await search.by_words(tenant, word)] == [name], word
    assert await search.by_words(tenant, "elsewhere") == []


def _words(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT 'node', name, words::text FROM nodes UNION ALL SELECT 'chunk', text, words::text FROM chunks "
        "ORDER BY 1, 2"
    ).fetchall()


async def test_ordinary_texts_have_the_words_that_they_had_and_nothing_else_can_be_written_there(
    another_database: Callable[[], str],
) -> None:
    url = another_database()
    await migrate(url, migrations()[:24])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        for name, description in ORDINARY.items():
            connection.execute(
                "WITH new AS (INSERT INTO nodes (tenant, kind, name, description) "
                "VALUES ('a', 'note', %s, %s) RETURNING id, description) "
                "INSERT INTO chunks (tenant, node, place, text) SELECT 'a', id, 0, description FROM new",
                [name, description],
            )
        before = _words(connection)
        assert len(before) == 2 * len(ORDINARY)
        await migrate(url)
        assert _words(connection) == before
        connection.execute("UPDATE nodes SET words = '', description = description || ' more'")
        assert all("'more'" in str(words) for part, _, words in _words(connection) if part == "node")
        connection.execute("UPDATE nodes SET description = left(description, -5)")
        connection.execute("UPDATE chunks SET words = 'wrong'")
        assert _words(connection) == before


@pytest.mark.parametrize("table", ["nodes", "chunks"])
async def test_no_row_is_written_anew_by_the_step(another_database: Callable[[], str], table: str) -> None:
    url = another_database()
    await migrate(url, migrations()[:24])
    with psycopg.connect(url, autocommit=True) as connection:
        file = f"SELECT pg_relation_filenode('quantumsketch.{table}')".encode()
        before = connection.execute(file).fetchone()
        await migrate(url, migrations()[:25])
        assert connection.execute(file).fetchone() == before
