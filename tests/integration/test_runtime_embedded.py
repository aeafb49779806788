"""The embedded servers as their users see them: started on need, shared, ended with the last lease."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.runtime.embedded import Endpoints, attach
from quantumsketch.runtime.places import Places
from quantumsketch.runtime.servers import Postgres
from quantumsketch.runtime.supervisor import GRACE_S
from quantumsketch.settings import Settings
from tests.conftest import wait_for_servers_to_end

CLIENT = """
import asyncio, pathlib, sys
from quantumsketch.runtime.embedded import attach
from quantumsketch.runtime.supervisor import GRACE_S
from quantumsketch.settings import Settings

async def main():
    async with attach(Settings(home=pathlib.Path(sys.argv[1]))) as endpoints:
        print(endpoints.temporal_address, endpoints.database_url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


ELSEWHERE = "postgresql://somebody@elsewhere/else"
"""With this as QS_DATABASE_URL only Temporal is started, which is quicker."""


class OtherProcess:
    """Another process that holds a lease until it is told to let go, or dies."""

    def __init__(self, home: Path, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, home],
            env=os.environ | env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def endpoints(self) -> tuple[str, str]:
        """Temporal's address and the database's URL, once it has its lease."""
        assert self.process.stdout
        words = self.process.stdout.readline().split()
        assert len(words) == 2, "the other process got no lease"
        return words[0], words[1]

    def let_go(self) -> None:
        self.process.communicate()


@contextlib.contextmanager
def other_process(home: Path, **env: str) -> Iterator[OtherProcess]:
    other = OtherProcess(home, **env)
    try:
        yield other
    finally:
        other.process.kill()
        other.process.communicate()


def holders_of_the_lock(home: Path) -> list[psutil.Process]:
    """Every process of the servers of `home`: each of them has its lock open."""
    lock = Places(home).lock.stat()
    return [process for process in psutil.process_iter() if _has_open(process, lock)]


def _has_open(process: psutil.Process, file: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.path.samestat(descriptor.stat(), file):
                    return True
    return False


def part_of(home: Path, words: str) -> psutil.Process:
    """The one process of the servers whose command line has these words."""
    [found] = [p for p in holders_of_the_lock(home) if words in " ".join(p.cmdline())]
    return found


def postmaster_of(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def rows(database_url: str, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


async def eventually(database_url: str, statement: LiteralString) -> list[tuple[object, ...]]:
    """The rows, as soon as the server that was restarted answers."""
    for _ in range(200):
        try:
            return rows(database_url, statement)
        except psycopg.OperationalError:
            await asyncio.sleep(0.05)
    return rows(database_url, statement)


async def start_run(address: str, name: str) -> None:
    client = await Client.connect(address)
    await client.start_workflow("NobodyWorksOnThis", id=name, task_queue="nobody")


async def test_both_servers_answer_and_the_database_knows_vectors(endpoints: Endpoints) -> None:
    assert endpoints.temporal_address
    client = await Client.connect(endpoints.temporal_address)
    assert await client.service_client.check_health()
    rows(endpoints.database_url, "CREATE EXTENSION IF NOT EXISTS vector")
    found = rows(
        endpoints.database_url, "SELECT '[1,2]'::vector <-> '[4,6]', current_setting('server_encoding')"
    )
    assert found == [(5.0, "UTF8")]


def test_processes_that_start_at_once_share_servers_which_end_with_the_last(qs_home: Path) -> None:
    with other_process(qs_home) as first, other_process(qs_home) as second:
        assert first.endpoints() == second.endpoints()
        supervisor = part_of(qs_home, "runtime.supervisor")
        first.let_go()
        time.sleep(2 * GRACE_S)
        assert part_of(qs_home, "runtime.supervisor") == supervisor, "the second still has its lease"
        second.let_go()
        wait_for_servers_to_end(qs_home, 10)
    assert holders_of_the_lock(qs_home) == []


def test_kill_9_of_the_only_client_ends_the_servers(qs_home: Path) -> None:
    with other_process(qs_home) as client:
        client.endpoints()
        assert len(holders_of_the_lock(qs_home)) > 3
        client.process.kill()
        wait_for_servers_to_end(qs_home, 10)
    assert holders_of_the_lock(qs_home) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_ends_the_client_ends_the_servers(qs_home: Path, number: signal.Signals) -> None:
    with other_process(qs_home, QS_DATABASE_URL=ELSEWHERE) as client:
        client.endpoints()
        assert len(holders_of_the_lock(qs_home)) == 2
        client.process.send_signal(number)
        wait_for_servers_to_end(qs_home, 10)
    assert holders_of_the_lock(qs_home) == []


async def test_no_secret_reaches_a_server(qs_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hush-hush")
    monkeypatch.setenv("QS_DATABASE_URL", "postgresql://me:hush-hush@elsewhere/base")
    async with attach(Settings(home=qs_home)):
        processes = holders_of_the_lock(qs_home)
        assert len(processes) == 2
        for process in processes:
            assert "PATH" in process.environ()
            assert "hush-hush" not in repr((process.environ(), process.cmdline()))


async def test_kill_9_of_the_supervisor_orphans_nothing_and_loses_no_data(qs_home: Path) -> None:
    settings = Settings(home=qs_home)
    async with attach(settings) as endpoints:
        rows(endpoints.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        await start_run(str(endpoints.temporal_address), "kept")
        part_of(qs_home, "runtime.supervisor").kill()
        await asyncio.wait_for(endpoints.lost.wait(), 10)
        await asyncio.to_thread(wait_for_servers_to_end, qs_home, 10)
    async with attach(settings) as endpoints:
        assert rows(endpoints.database_url, "SELECT number FROM kept") == [(7,)]
        client = await Client.connect(str(endpoints.temporal_address))
        assert (await client.get_workflow_handle("kept").describe()).status == WorkflowExecutionStatus.RUNNING


async def test_a_client_that_comes_while_the_servers_stop_gets_new_ones_with_its_data(
    qs_home: Path,
) -> None:
    settings = Settings(home=qs_home)
    async with attach(settings) as endpoints:
        rows(endpoints.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        stopped = part_of(qs_home, "runtime.supervisor")
        stopped.terminate()
        await asyncio.wait_for(endpoints.lost.wait(), 10)
        async with attach(settings) as others:
            assert part_of(qs_home, "runtime.supervisor") != stopped
            assert rows(others.database_url, "SELECT number FROM kept") == [(7,)]


async def test_servers_that_crash_come_back_where_they_were(qs_home: Path) -> None:
    async with attach(Settings(home=qs_home)) as endpoints:
        address = str(endpoints.temporal_address)
        await start_run(address, "kept")
        rows(endpoints.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        part_of(qs_home, "start-dev").kill()
        postmaster_of(qs_home).kill()
        assert await eventually(endpoints.database_url, "SELECT number FROM kept") == [(7,)]
        client = await Client.connect(address)
        assert (await client.get_workflow_handle("kept").describe()).status == WorkflowExecutionStatus.RUNNING
        assert not endpoints.lost.is_set()


async def test_nothing_outside_the_home_changes_its_mode_or_owner(qs_home: Path) -> None:
    home = qs_home / "private" / "data"
    home.parent.mkdir(mode=0o700)
    outside = [*home.parents, Path(sys.prefix), *Path(sys.prefix).parents, Path.home(), Path("/etc/passwd")]
    before = [(path, path.stat().st_mode, path.stat().st_uid) for path in outside]
    async with attach(Settings(home=home)) as endpoints:
        assert rows(endpoints.database_url, "SELECT 1") == [(1,)]
        assert [(path, path.stat().st_mode, path.stat().st_uid) for path in outside] == before
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert postmaster_of(home).uids().real == os.getuid()
    await asyncio.to_thread(wait_for_servers_to_end, home)


async def test_a_home_with_a_long_path_still_has_sockets(qs_home: Path) -> None:
    home = qs_home / ("long" * 30) / "and quoted \"%20,': ü"
    async with attach(Settings(home=home)) as endpoints:
        assert rows(endpoints.database_url, "SELECT 1") == [(1,)]
        assert stat.S_IMODE(Places(home).sockets.stat().st_mode) == 0o700
    await asyncio.to_thread(wait_for_servers_to_end, home)
    assert not Places(home).sockets.exists()


async def test_servers_given_from_outside_are_not_started(qs_home: Path) -> None:
    async with attach(
        Settings(home=qs_home, database_url=ELSEWHERE, temporal_address="elsewhere:7233")
    ) as endpoints:
        assert (endpoints.temporal_address, endpoints.database_url) == ("elsewhere:7233", ELSEWHERE)
    assert not any(os.scandir(qs_home))


async def test_only_the_missing_server_is_started_and_the_other_one_on_demand(qs_home: Path) -> None:
    async with attach(Settings(home=qs_home, database_url=ELSEWHERE)):
        assert not (qs_home / "postgres").exists()
        async with attach(Settings(home=qs_home)) as both:
            assert rows(both.database_url, "SELECT 1") == [(1,)]


async def test_a_home_that_cannot_be_made_is_said_with_its_path(qs_home: Path) -> None:
    (qs_home / "file").write_text("")
    with pytest.raises(ServiceUnavailable, match=r"file/home.*QS_HOME"):
        async with attach(Settings(home=qs_home / "file" / "home")):
            pass


async def test_a_server_that_cannot_start_is_reported_with_the_end_of_its_log(qs_home: Path) -> None:
    (qs_home / "postgres").mkdir(mode=0o700)
    (qs_home / "postgres" / "PG_VERSION").write_text("11\n")
    with pytest.raises(ServiceUnavailable, match=r"postgresql.conf(.|\n)*No such file"):
        async with attach(Settings(home=qs_home)):
            pass
    await asyncio.to_thread(wait_for_servers_to_end, qs_home, 10)


def test_a_database_that_could_not_be_made_is_not_taken_for_prepared(qs_home: Path) -> None:
    places = Places(qs_home)
    places.prepare()
    *before, create = Postgres(places).preparation()
    for step in before:
        subprocess.run(step.command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    impossible = subprocess.run(
        create.command, input=b"CREATE DATABASE other TEMPLATE missing;\n", check=False, capture_output=True
    )
    assert b'"missing" does not exist' in impossible.stderr
    assert impossible.returncode != 0
    subprocess.run(create.command, input=create.stdin, check=True, capture_output=True)
