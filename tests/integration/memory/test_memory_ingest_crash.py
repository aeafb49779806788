"""Whoever records a codebase is killed meanwhile, or Postgres is: it is there whole or not at all."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from quantumsketch.errors import QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.codebases.ingesting import record
from quantumsketch.memory.codebases.reading import Reading
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.migrate import migrate
from quantumsketch.runtime.embedded import attach
from quantumsketch.settings import Settings
from tests.codebases import read, write

pytestmark = pytest.mark.slow
MODULES = 400
FILES = {
    "__init__.py": "",
    **{
        f"m{n}.py": "class A:\n    def f(self, x, y): ...\n    def g(self): self.f()\n"
        for n in range(MODULES)
    },
}
WRITING = "INSERT INTO (nodes|chunks|edges)"
READ_IT = """
import asyncio, sys
from pathlib import Path
from quantumsketch.memory.database import open_database
from tests.embedders import SameForAll
from quantumsketch.memory.codebases.installed import InstalledPackage

async def main(url, folder):
    async with open_database(url) as database:
        await InstalledPackage(database, SameForAll(), Path(folder), "1.0").record()

asyncio.run(main(*sys.argv[1:]))
"""


def until(condition: Callable[[], object], process: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until something is so; False if the process ended before."""
    deadline = time.monotonic() + 60
    while not condition():
        if process is not None and process.poll() is not None:
            return False
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return True


def is_writing(administrator: psycopg.Connection) -> bool:
    """Whether somebody is just writing down what was read."""
    row = administrator.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND state <> 'idle' AND query ~ %s", [WRITING]
    ).fetchone()  # fmt: skip
    return row is not None and row[0] > 0


def counts(connection: psycopg.Connection, name: str) -> tuple[int, int]:
    """How many entities of the codebase there are, and how many facts about them."""
    row = connection.execute(
        "WITH own AS (SELECT id FROM quantumsketch.nodes"
        "              WHERE name = %(name)s OR starts_with(name, %(name)s || '.'))"
        " SELECT (SELECT count(*) FROM own),"
        "        (SELECT count(*) FROM quantumsketch.edges WHERE source IN (SELECT id FROM own))",
        {"name": name},
    ).fetchone()
    assert row
    return row


@contextmanager
def reader(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that reads the package into the graph."""
    process = subprocess.Popen([sys.executable, "-c", READ_IT, url, str(folder)], cwd=Path.cwd())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_reader_that_is_killed_leaves_all_or_nothing_and_the_next_one_reads_it(
    database_url: str, graph: Graph, administrator: psycopg.Connection, tmp_path: Path
) -> None:
    folder = write(tmp_path / "crashed", FILES)
    whole = (1 + len(FILES) + 5 * MODULES, len(FILES) + 6 * MODULES)
    killed = 0
    for _ in range(3):
        with reader(database_url, folder) as process:
            if until(lambda: is_writing(administrator), process):
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
        until(lambda: not is_writing(administrator))
        assert counts(administrator, "crashed") in {(0, 0), whole}
    assert killed
    with reader(database_url, folder) as process:
        assert process.wait(60) == 0
    assert counts(administrator, "crashed") == whole


def _kill_postgres(home: Path) -> None:
    psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0])).kill()


async def _record(url: str, reading: Reading) -> None:
    async with open_database(url) as database:
        await record(database, "t", reading, run="r")


async def _recorded_at_last(url: str, reading: Reading) -> None:
    """Write it down again, as soon as the server is back."""
    for _ in range(300):
        try:
            return await _record(url, reading)
        except QuantumSketchError:
            await asyncio.sleep(0.1)
    raise TimeoutError


async def _is_killed_while_recording(url: str, reading: Reading, home: Path) -> bool:
    """Kill the server while it is told of a codebase; False if it had been told all."""
    with psycopg.connect(url, autocommit=True) as administrator:
        writing = asyncio.create_task(_record(url, reading))
        await asyncio.to_thread(until, lambda: writing.done() or is_writing(administrator))
        _kill_postgres(home)
    (failure,) = await asyncio.gather(writing, return_exceptions=True)
    return isinstance(failure, ServiceUnavailable)


async def test_a_postgres_that_is_killed_while_a_codebase_is_recorded_has_it_whole_or_not_at_all(
    qs_home: Path,
) -> None:
    settings = Settings(home=qs_home, temporal_address="elsewhere:7233")  # Postgres alone
    async with attach(settings) as endpoints:
        url = endpoints.database_url
        await migrate(url)
        for name in ("first", "second", "third"):
            reading = read({f"{name}/{path}": text for path, text in FILES.items()}, name)
            whole = (len(reading.entities), len(reading.facts))
            was_killed = await _is_killed_while_recording(url, reading, qs_home)
            await _recorded_at_last(url, read({"other/__init__.py": ""}, "other"))
            with psycopg.connect(url, autocommit=True) as administrator:
                assert counts(administrator, name) in {(0, 0), whole}
            await _recorded_at_last(url, reading)
            with psycopg.connect(url, autocommit=True) as administrator:
                assert counts(administrator, name) == whole
            if was_killed:
                return
    pytest.fail("the server was never killed in the middle")
