"""Who the tenants are and what each may have at most. Knows neither keys nor what a tenant keeps.

Whoever has rows is a tenant; adding one gives it quotas, or its first keys before it has any row. The list is
for the login that owns the database; the product's role sees its own tenant's line and cannot change it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
from psycopg.rows import DictRow, dict_row
from pydantic import Field

from quantumsketch.errors import BadInput
from quantumsketch.memory.database import Connection, Database, check_database_url
from quantumsketch.memory.failures import translated
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record

SYSTEM_TENANT = "_system"
"""Keeps what the product knows for all tenants. None of them can be called so, and no key opens it."""
ROWS_A_NODE = 50
"""So many edges and earlier versions a tenant may have for each node that its quota allows."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Quotas(Record):
    """What a tenant may have at most; None: any number."""

    most_nodes: int | None = Field(default=None, ge=0, lt=2**63)
    """With it, ROWS_A_NODE times as many edges and earlier versions."""
    requests_per_minute: int | None = Field(default=None, ge=1, lt=2**31)


class Tenant(Quotas):
    """One tenant."""

    name: str
    created_at: datetime


@asynccontextmanager
async def open_as_owner(database_url: str) -> AsyncIterator[Connection]:
    """Yield a connection of the login itself, its schema brought up to date; each statement stands alone.

    Raises BadInput if the URL cannot be read, ServiceUnavailable if nobody answers.
    """
    check_database_url(database_url)
    await migrate(database_url)
    with translated("connect"):
        connection = await psycopg.AsyncConnection[DictRow].connect(
            database_url, row_factory=dict_row, connect_timeout=10, autocommit=True
        )
    async with connection:
        with translated("enter the schema"):
            await connection.execute(query("enter_schema"))
        yield connection


class Tenants:
    """All tenants, on a connection of `open_as_owner`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, name: str, quotas: Quotas | None = None) -> Tenant:
        """Add a tenant; of one that is there, replace the quotas. Raises BadInput."""
        limits = (quotas or Quotas()).model_dump()
        with translated("add a tenant"):
            rows = await self._connection.execute(query("add_tenant"), {"name": checked_name(name), **limits})
            return Tenant.model_validate(await rows.fetchone())

    async def list(self) -> list[Tenant]:
        """Return every tenant, by name."""
        with translated("list tenants"):
            rows = await self._connection.execute(query("list_tenants"))
            return [Tenant.model_validate(row) for row in await rows.fetchall()]


def checked_name(name: str) -> str:
    """Return `name` if a tenant can have it; raises BadInput."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} cannot be a tenant's name",
            mend="It is 1 to 63 of a-z, 0-9, _ and -, the first a letter or digit.",
        )
    return name


async def is_tenant(database: Database, name: str) -> bool:
    """Tell whether a tenant is called so: who was added, or has written something."""
    async with database.transaction(name, "look for a tenant") as connection:
        row = await (await connection.execute(query("is_tenant"))).fetchone()
    assert row  # noqa: S101 - a SELECT without FROM has one row
    return bool(row["is_there"])


async def nodes_left(connection: Connection) -> int | None:
    """Return how many nodes the transaction's tenant may still add; None: any number.

    Exact until the transaction ends if it has the tenant's turn.
    """
    row = await (await connection.execute(query("nodes_left"))).fetchone()
    return row["nodes"] if row else None


async def rows_left(connection: Connection) -> int | None:
    """Return how many edges and earlier versions the transaction's tenant may still add; None: any number.

    Negative if there are more.
    """
    row = await (await connection.execute(query("rows_left"), {"rows_a_node": ROWS_A_NODE})).fetchone()
    return None if row is None or row["rows"] is None else int(row["rows"])


async def take_request(database: Database, tenant: str) -> float:
    """Count a request of `tenant`; return 0 if it may go on, else the seconds until one may.

    All processes count together. Without a quota nothing is counted.
    """
    async with database.transaction(tenant, "count a request") as connection:
        row = await (await connection.execute(query("take_request"))).fetchone()
    assert row  # noqa: S101 - a SELECT without FROM has one row
    return float(row["wait_s"])
