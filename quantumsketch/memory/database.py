"""Connections to Postgres, and transactions that see one tenant. Knows no table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from weakref import WeakValueDictionary

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from quantumsketch.errors import BadInput, TookTooLong
from quantumsketch.memory.failures import translated
from quantumsketch.memory.queries import query

Connection = psycopg.AsyncConnection[DictRow]
_MOST_CONNECTIONS = 4
_PATIENCE_S = 10.0
"""Seconds to wait for a free connection, or for a server to take one."""


class Database:
    """A pool of connections; made by `open_database`."""

    def __init__(self, pool: AsyncConnectionPool[Connection], longest_wait_s: float | None = None) -> None:
        self._pool = pool
        self._longest_wait_s = longest_wait_s
        self._half = max(1, pool.max_size // 2)
        self._most = pool.max_size - (pool.max_size > 2)
        self._readers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._writers = asyncio.Semaphore(self._half)

    @asynccontextmanager
    async def transaction(self, tenant: str, action: str) -> AsyncIterator[Connection]:
        """Yield a connection inside a transaction that sees and writes the rows of `tenant` only.

        The database holds this, not the statements. Half of the connections are for one tenant's readers at
        most, the others of it wait without one; and one is left to whoever else comes, however many of a
        tenant read and write. Raises our errors; `action` says what was being done.
        """
        readers = self._readers.setdefault(tenant, asyncio.Semaphore(self._half))
        async with readers, self._share(tenant), self._entered(tenant, action) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, tenant: str, action: str, turn: str = "") -> AsyncIterator[Connection]:
        """Yield a transaction of one who will wait for a turn of `tenant`: that to write, or another one.

        For each turn one waits with a connection, the others without. Half of the connections are left to
        whoever does not wait to write: that can take as long as an import does. Raises TookTooLong if those
        before it take longer than one who asks here may wait.
        """
        lock = self._turns.setdefault(turn or f"memory of {tenant}", asyncio.Lock())
        place = nullcontext() if turn else self._writers
        entered = self._entered(tenant, action)
        async with self._in_time(lock, action), place, self._share(tenant), entered as connection:
            yield connection

    def _share(self, tenant: str) -> asyncio.Semaphore:
        return self._shares.setdefault(tenant, asyncio.Semaphore(self._most))

    @asynccontextmanager
    async def _in_time(self, lock: asyncio.Lock, action: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._longest_wait_s):
                await lock.acquire()
        except TimeoutError:
            others = f"others took longer than one may wait to {action}"
            raise TookTooLong(others, mend="Ask again in a moment.") from None
        try:
            yield
        finally:
            lock.release()

    @asynccontextmanager
    async def _entered(self, tenant: str, action: str) -> AsyncIterator[Connection]:
        with translated(action):
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute(query("enter_tenant"), {"tenant": tenant})
                yield connection

    @asynccontextmanager
    async def snapshot(self, tenant: str, action: str) -> AsyncIterator[Connection]:
        """Yield a transaction that only reads, and sees all the time what was there when it began."""
        with translated(action):
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                await connection.execute(query("enter_tenant"), {"tenant": tenant})
                yield connection

    def shared(self, action: str) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction on what all tenants share; it sees no row of any tenant."""
        return self._entered("", action)


@asynccontextmanager
async def open_database(
    database_url: str,
    *,
    at_once: bool = True,
    connections: int = _MOST_CONNECTIONS,
    longest_statement_s: float = 0,
) -> AsyncIterator[Database]:
    """Yield the database at `database_url`; a connection that the server dropped is replaced when next used.

    At most so many `connections` are made; unless `at_once`, the first one when it is needed. A statement,
    its wait for a lock included, and the wait of a writer for those before it, may take
    `longest_statement_s` seconds, then TookTooLong is raised; 0: as long as the server lets it.

    Raises BadInput if the URL cannot be read, ServiceUnavailable if nobody answers.
    """

    async def configure(connection: Connection) -> None:
        if longest_statement_s:
            limit = {"longest_ms": f"{longest_statement_s * 1_000:.0f}"}
            await connection.execute(query("bound_statements"), limit)
            await connection.commit()

    pool = AsyncConnectionPool[Connection](
        database_url,
        connection_class=psycopg.AsyncConnection[DictRow],
        kwargs={"row_factory": dict_row, "connect_timeout": int(_PATIENCE_S)},
        min_size=1 if at_once else 0,
        max_size=connections,
        timeout=_PATIENCE_S,
        check=AsyncConnectionPool.check_connection,
        configure=configure,
        open=False,
    )
    try:
        with translated("connect"):
            await pool.open(wait=True, timeout=_PATIENCE_S)
        yield Database(pool, longest_statement_s or None)
    finally:
        await pool.close()


def check_database_url(database_url: str) -> None:
    """Raise BadInput unless `database_url` can be read as one."""
    try:
        conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        # without the URL, which may hold a password, and without the cause, which may quote it
        raise BadInput(
            "the database URL cannot be read",
            mend="QS_DATABASE_URL should look like postgresql://user:password@host:5432/name",
        ) from None
