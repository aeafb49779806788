"""What is written is said to be, though the database goes away before it has its vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.statements import Entity, Provenance
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow
BY_USER = Provenance("run", "test", "user")


@dataclass(frozen=True)
class TakesTheDatabaseAway(SameForAll):
    """Embeds, and lets nobody into a database any more."""

    server: psycopg.Connection | None = None
    name: str = ""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        assert self.server
        closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(self.name))
        self.server.execute(closed)
        self.server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name]
        )
        return super().embed(texts)


async def test_a_write_after_which_the_database_is_away_is_told_as_written_and_without_vectors(
    another_database: Callable[[], str], database_url: str, tenant: str
) -> None:
    url = another_database()
    await migrate(url)
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as server:
        async with open_database(url) as database:
            store = Store(database, TakesTheDatabaseAway(server=server, name=str(name)))
            written = await store.upsert(tenant, [Entity("note", "a", "a")], [], BY_USER)
        assert written.added == 1
        assert written.without_vectors
        back = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(str(name)))
        server.execute(back)
    async with open_database(url) as database:
        assert (await Store(database, SameForAll()).entity(tenant, ("note", "a"))).description == "a"
