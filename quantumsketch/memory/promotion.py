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

from quantumsketch.memory.failures import translated
from quantumsketch.memory.queries import query

LARGE = 5_000
"""Chunks with vectors, up to which a tenant is searched exactly."""


def index_name(tenant: str, model: str) -> str:
    """Return the name of the index of a tenant's vectors of one model."""
    return f"chunks_meaning_{hashlib.sha256(f'{tenant} {model}'.encode()).hexdigest()[:24]}"


async def promote_if_large(database_url: str, tenant: str, model: str, least: int = LARGE) -> bool:
    """Promote `tenant` if it has at least so many chunks of vectors; return whether that was done now."""
    async with _owner(database_url, tenant) as connection:
        counted = await connection.execute(query("count_vectors"), {"tenant": tenant, "model": model})
        row = await counted.fetchone()
    return row is not None and row[0] >= least and await promote(database_url, tenant, model)


async def promote(database_url: str, tenant: str, model: str) -> bool:
    """Give `tenant` an index of its own; return False if it has one, or if somebody else is just building it.

    Takes minutes for hundreds of thousands of vectors, and keeps nobody waiting. The login must own the
    tables: raises QuantumSketchError if it does not, ServiceUnavailable if nobody answers.
    """
    name = index_name(tenant, model)
    async with _owner(database_url, tenant) as connection:
        # Not waiting for the lock: who waits has a snapshot, and the one who builds would wait for that.
        locked = await (await connection.execute(query("try_to_lock"), {"name": name})).fetchone()
        found = await (await connection.execute(query("index_is_valid"), {"name": name})).fetchone()
        if locked != (True,) or found == (True,):
            return False
        if found is not None:  # whoever began it did not come to an end
            await connection.execute(_drop(name))
        await connection.execute(query("prepare_build"))
        await connection.execute(_create(name, tenant, model))
        return True


async def withdraw(database_url: str, tenant: str, model: str) -> None:
    """Drop the tenant's own index, if it has one: it is searched exactly again."""
    async with _owner(database_url, tenant) as connection:
        await connection.execute(_drop(index_name(tenant, model)))


def _create(name: str, tenant: str, model: str) -> sql.Composed:
    return sql.SQL(
        "CREATE INDEX CONCURRENTLY {} ON chunks USING hnsw (embedding vector_cosine_ops) "
        "WHERE tenant = {} AND embedding_model = {}"
    ).format(sql.Identifier(name), sql.Literal(tenant), sql.Literal(model))


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
