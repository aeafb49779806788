"""A large tenant gets an index of its own while everybody works on, and finds nearly all that is nearest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.comparison import nearest_chunks
from quantumsketch.memory.embedding import DIMENSIONS, MODEL
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.promotion import index_name, promote, promote_if_large, withdraw
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Provenance

pytestmark = pytest.mark.slow

CHUNKS = 2_000
NEAREST = 10
Administrator = psycopg.Connection


def _vectors(count: int, seed: int) -> list[str]:
    """Of few dimensions in truth, as those of texts are."""
    choose = np.random.default_rng(seed)
    directions = np.random.default_rng(0).normal(size=(24, DIMENSIONS))
    return [str(row) for row in (choose.normal(size=(count, 24)) @ directions).round(4).tolist()]


def _fill(administrator: Administrator, tenant: str, count: int = CHUNKS) -> None:
    with administrator.transaction():
        administrator.execute(
            "INSERT INTO nodes (tenant, kind, name) "
            "SELECT %s, 'note', 'n' || n FROM generate_series(1, %s) AS n",
            [tenant, count],
        )
        administrator.execute(
            "INSERT INTO chunks (tenant, node, place, text, embedding, embedding_model) "
            "SELECT tenant, id, 0, '', new.embedding::vector, %s FROM unnest(%s::text[]) "
            "WITH ORDINALITY AS new (embedding, n) JOIN nodes ON tenant = %s AND name = 'n' || n",
            [MODEL, _vectors(count, 1), tenant],
        )
    administrator.execute("ANALYZE nodes, chunks")


@contextmanager
def _as_product(database_url: str, tenant: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": tenant})
        connection.execute(query("prefer_own_index"), {"ef_search": "100"})
        yield connection


def _asked(tenant: str, vector: str) -> dict[str, object]:
    return {
        "tenant": tenant,
        "vector": vector,
        "model": MODEL,
        "dimensions": DIMENSIONS,
        "kinds": None,
        "as_of": None,
        "without": [],
        "limit": NEAREST,
    }


def _nearest(connection: psycopg.Connection, tenant: str, vector: str) -> set[object]:
    rows = connection.execute(nearest_chunks(DIMENSIONS), _asked(tenant, vector), prepare=False).fetchall()
    assert len(rows) == NEAREST
    return {row[0] for row in rows}


def _plan(database_url: str, tenant: str) -> str:
    with _as_product(database_url, tenant) as connection:
        explain = b"EXPLAIN " + nearest_chunks(DIMENSIONS)
        rows = connection.execute(explain, _asked(tenant, _vectors(1, 2)[0]), prepare=False).fetchall()
    return "\n".join(row[0] for row in rows)


async def test_a_promoted_tenant_is_searched_by_its_own_index_and_misses_little(
    database_url: str, tenant: str, administrator: Administrator
) -> None:
    small = f"{tenant}-small"
    _fill(administrator, tenant)
    _fill(administrator, small, 50)
    questions = _vectors(20, 2)
    with _as_product(database_url, tenant) as connection:
        exact = [_nearest(connection, tenant, question) for question in questions]
    assert "hnsw" not in _plan(database_url, tenant)

    assert not await promote_if_large(database_url, tenant, MODEL, least=CHUNKS + 1)
    assert await promote_if_large(database_url, tenant, MODEL, least=CHUNKS)
    assert f"Index Scan using {index_name(tenant, MODEL, DIMENSIONS)}" in _plan(database_url, tenant)
    with _as_product(database_url, tenant) as connection:
        found = [_nearest(connection, tenant, question) for question in questions]
    shares = [len(some & all_) / NEAREST for some, all_ in zip(found, exact, strict=True)]
    assert sum(shares) / len(shares) >= 0.95
    assert "chunks_meaning" not in _plan(database_url, small)
    with _as_product(database_url, small) as connection:
        assert _nearest(connection, tenant=small, vector=questions[0])

    assert not await promote(database_url, tenant, MODEL)  # it has one
    await withdraw(database_url, tenant)
    assert "chunks_meaning" not in _plan(database_url, tenant)


async def test_one_promotes_and_everybody_writes_on(
    database_url: str, tenant: str, administrator: Administrator, store: Store
) -> None:
    _fill(administrator, tenant)
    promotions = [asyncio.create_task(promote(database_url, tenant, MODEL)) for _ in range(3)]
    written = 0
    while not all(promotion.done() for promotion in promotions):
        note = Entity("note", f"written meanwhile {written}")
        await store.upsert(tenant, [note], [], Provenance("run", "write", "user"), embed=False)
        written += 1
    assert sorted([await promotion for promotion in promotions]) == [False, False, True]
    assert written > 0
    assert index_name(tenant, MODEL, DIMENSIONS) in _plan(database_url, tenant)


async def test_an_index_that_was_not_finished_is_built_again(
    database_url: str, tenant: str, administrator: Administrator
) -> None:
    _fill(administrator, tenant)
    assert await promote(database_url, tenant, MODEL)
    administrator.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)",
        [index_name(tenant, MODEL, DIMENSIONS)],
    )
    assert index_name(tenant, MODEL, DIMENSIONS) not in _plan(database_url, tenant)
    assert await promote(database_url, tenant, MODEL)
    assert index_name(tenant, MODEL, DIMENSIONS) in _plan(database_url, tenant)


async def test_who_owns_no_table_is_told_so(
    database_url: str, ordinary_login: str, tenant: str, administrator: Administrator
) -> None:
    _fill(administrator, tenant, 10)
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
    with pytest.raises(QuantumSketchError, match="must be owner"):
        await promote(make_conninfo(database_url, user=ordinary_login), tenant, MODEL)


def test_names_of_indexes_are_of_one_tenant_one_model_and_one_length() -> None:
    names = {
        index_name(*of)
        for of in [("a", "m", 1), ("b", "m", 1), ("a", "n", 1), ("a", "m", 2), ("-" * 63, "m" * 200, 4_000)]
    }
    assert len(names) == 5
    assert max(map(len, names)) < 63
