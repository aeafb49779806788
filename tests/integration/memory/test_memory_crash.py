"""Postgres is killed while facts are written: what was acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from quantumsketch.errors import QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.runtime.embedded import attach
from quantumsketch.settings import Settings
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow
BY_TEST = Provenance("run", "test", "tool")
WRITERS, FACTS_EACH = 4, 20


class Writer:
    """Says one thing after the other, and notes what it was told is written down."""

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.number = store, number
        self.said: list[list[Fact]] = []
        self.acknowledged = 0
        self.failure: QuantumSketchError | None = None

    async def write(self, batch: int) -> None:
        """Say things about the hub that all writers share; raises our error if nobody answers."""
        keys = [("concept", f"w{self.number} b{batch} n{n}") for n in range(FACTS_EACH)]
        facts = [Fact(key, "about", ("concept", "hub")) for key in keys]
        if len(self.said) == batch:
            self.said.append(facts)
        entities = [Entity(*key, f"of batch {batch}") for key in keys]
        await self.store.upsert("t", [Entity("concept", "hub"), *entities], facts, BY_TEST, embed=False)
        self.acknowledged = batch + 1

    async def write_until(self, killed: asyncio.Event) -> None:
        """Go on until it fails; who had nothing under way when the server was killed finds the next one."""
        try:
            while not killed.is_set():
                await self.write(self.acknowledged)
        except QuantumSketchError as error:
            self.failure = error

    async def write_again(self) -> None:
        """Say what was not acknowledged, as soon as the server is back."""
        for _ in range(200):
            try:
                return await self.write(len(self.said) - 1)
            except QuantumSketchError:
                await asyncio.sleep(0.1)
        raise TimeoutError


def _kill_postgres(home: Path) -> None:
    psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0])).kill()


def _counts(url: str, names: list[str]) -> tuple[int, int, int, int]:
    """Of those names how many are nodes and open facts, and how many nodes and facts there are in all."""
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        row = connection.execute(
            "SELECT (SELECT count(*) FROM nodes WHERE name = ANY (%(names)s)), "
            "(SELECT count(*) FROM edges JOIN nodes ON id = source WHERE name = ANY (%(names)s)), "
            "(SELECT count(*) FROM nodes), (SELECT count(*) FROM edges)",
            {"names": names},
        ).fetchone()
    assert row
    return row


async def test_a_killed_postgres_loses_nothing_that_was_acknowledged_and_doubles_nothing(
    qs_home: Path,
) -> None:
    settings = Settings(home=qs_home, temporal_address="elsewhere:7233")  # Postgres alone
    async with attach(settings) as endpoints:
        await migrate(endpoints.database_url)
        async with AsyncExitStack() as stack:
            # with connections of their own, as processes have them: all are in the middle of something
            opened = [
                await stack.enter_async_context(open_database(endpoints.database_url)) for _ in range(WRITERS)
            ]
            writers = [Writer(Store(each, SameForAll()), number) for number, each in enumerate(opened)]
            killed = asyncio.Event()
            async with asyncio.TaskGroup() as writing:
                for writer in writers:
                    writing.create_task(writer.write_until(killed))
                async with asyncio.timeout(60):
                    while min(writer.acknowledged for writer in writers) < 3:
                        await asyncio.sleep(0.01)
                        assert not any(writer.failure for writer in writers)
                await asyncio.to_thread(_kill_postgres, qs_home)
                killed.set()
            failures = [writer.failure for writer in writers if writer.failure]
            assert failures
            assert all(isinstance(failure, ServiceUnavailable) for failure in failures)
            await writers[0].write_again()
            names = [
                fact.source[1]
                for writer in writers
                for facts in writer.said[: writer.acknowledged]
                for fact in facts
            ]
            assert _counts(endpoints.database_url, names)[:2] == (len(names), len(names))
            await asyncio.gather(*(writer.write_again() for writer in writers))
            said = sum(len(facts) for writer in writers for facts in writer.said)
            assert _counts(endpoints.database_url, names)[2:] == (said + 1, said)
