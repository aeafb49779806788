"""A large tenant's own index of vectors: without one all are compared, which is exact and, of many, slow.

It is built beside the reading and writing, by the owner of the tables, and used from when it is whole. One
for all tenants would starve the small ones. Knows not who asks for it, nor when.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql

from quantumsketch.memory.comparison import MOST_INDEXED, compared_as, operator_class
from quantumsketch.memory.failures import translated
from quantumsketch.memory.queries import query

LARGE = 5_000
"""Chunks with vectors, up to which a tenant is searched exactly."""


def index_name(tenant: str, model: str, dimensions: int) -> str:
    """Return the name of the index of a tenant's vectors of one model and one length."""
    return f"{_beginning(tenant)}{_mark(f'{model} {dimensions}')}"


async def promote_if_large(database_url: str, tenant: str, model: str, least: int = LARGE) -> bool:
    """Promote `tenant` if it has at least so many chunks of vectors; return whether that was done now."""
    async with _owner(database_url, tenant) as connection:
        count, _ = await _vectors(connection, tenant, model, least)
    return count >= least and await promote(database_url, tenant, model)


async def promote(database_url: str, tenant: str, model: str) -> bool:
    """Give `tenant` an index of its own; return False if it has one, or if somebody else is just building it.

    So too if it has no vectors of the model, or longer ones than can be indexed. Takes minutes for hundreds
    of thousands of vectors, and keeps nobody waiting. The login must own the tables: raises
    QuantumSketchError if it does not, ServiceUnavailable if nobody answers.
    """
    async with _owner(database_url, tenant) as connection:
        _, dimensions = await _vectors(connection, tenant, model, LARGE)
        if dimensions is None or dimensions > MOST_INDEXED:
            return False
        name = index_name(tenant, model, dimensions)
        # Not waiting for the lock: who waits has a snapshot, and the one who builds would wait for that.
        locked = await (await connection.execute(query("try_to_lock"), {"name": name})).fetchone()
        found = await (await connection.execute(query("index_is_valid"), {"name": name})).fetchone()
        if locked != (True,) or found == (True,):
            return False
        if found is not None:  # whoever began it did not come to an end
            await connection.execute(_drop(name))
        await connection.execute(query("prepare_build"))
        await connection.execute(_create(name, tenant, model, dimensions))
        return True


async def withdraw(database_url: str, tenant: str, *, but: str | None = None) -> None:
    """Drop the tenant's own indexes but that of the model `but`: without one it is searched exactly again."""
    async with _owner(database_url, tenant) as connection:
        _, dimensions = await _vectors(connection, tenant, but or "", LARGE)
        kept = index_name(tenant, but, dimensions) if but and dimensions else None
        called = await connection.execute(query("indexes_called"), {"beginning": _beginning(tenant)})
        for (name,) in await called.fetchall():
            if name != kept:
                await connection.execute(_drop(name))


def _beginning(tenant: str) -> str:
    return f"chunks_meaning_{_mark(tenant)}_"


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


async def _vectors(
    connection: psycopg.AsyncConnection, tenant: str, model: str, most: int
) -> tuple[int, int | None]:
    """How many vectors there are, counted up to `most`, and how long they are."""
    parameters = {"tenant": tenant, "model": model, "most": most}
    row = await (await connection.execute(query("count_vectors"), parameters)).fetchone()
    return (row[0], row[1]) if row else (0, None)


def _create(name: str, tenant: str, model: str, dimensions: int) -> sql.Composed:
    expression = f"(embedding::{compared_as(dimensions)}) {operator_class(dimensions)}"
    return sql.SQL(
        "CREATE INDEX CONCURRENTLY {} ON chunks USING hnsw ({}) "
        "WHERE tenant = {} AND embedding_model = {} AND vector_dims(embedding) = {}"
    ).format(
        sql.Identifier(name),
        sql.SQL(expression),
        sql.Literal(tenant),
        sql.Literal(model),
        sql.Literal(dimensions),
    )


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name))


@asynccontextmanager
async def _owner(database_url: str, tenant: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Yield a new connection without a transaction: in one, no index could be made beside the writing."""
    with translated("index the vectors of a tenant"):
        async with await psycopg.AsyncConnection.connect(
            database_url, autocommit=True, connect_timeout=10
        ) as connection:
            await connection.execute(query("enter_as_owner"), {"tenant": tenant})
            yield connection
