"""What is counted of a tree of processes, on real processes of the host."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantumsketch.tools.sandbox.verdict import of_exit, over_limits
from quantumsketch.tools.sandbox.watcher import usage
from quantumsketch.tools.tool import Ended, Limits

MIB = 2**20

FAMILY = """
import os, sys, threading, time
open("named", "wb").write(bytes(2**20))
hidden = open("hidden", "wb"); os.unlink("hidden"); hidden.write(bytes(3 * 2**20)); hidden.flush()
kept = b"x" * (20 * 2**20)
if os.fork() == 0:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    print("ready", flush=True)
time.sleep(60)
"""


@asynccontextmanager
async def _family(folder: Path) -> AsyncIterator[int]:
    """Lend a process with one child, which has two threads; both end with the test."""
    command = (sys.executable, "-I", "-S", "-c", FAMILY)
    family = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        assert family.stdout is not None
        await family.stdout.readline()
        yield family.pid
    finally:
        os.killpg(family.pid, 9)
        await family.communicate()


async def test_processes_threads_memory_and_hidden_files_of_descendants_count(tmp_path: Path) -> None:
    async with _family(tmp_path) as pid:
        used = usage(pid, most=10)
    assert (used.processes, used.threads) == (2, 3)
    assert 20 * MIB < used.memory_bytes < 100 * MIB
    assert 3 * MIB <= used.nameless_bytes < 4 * MIB


async def test_counting_stops_beyond_the_limit(tmp_path: Path) -> None:
    async with _family(tmp_path) as pid:
        assert usage(pid, most=0).processes == 1


async def test_each_limit_has_its_verdict(tmp_path: Path) -> None:
    async with _family(tmp_path) as pid:
        found = [
            over_limits(pid, limits, tmp_path)
            for limits in (
                Limits(),
                Limits(processes=1),
                Limits(memory_bytes=10 * MIB),
                Limits(scratch_bytes=2 * MIB),
            )
        ]
    endings = [verdict and verdict.ended for verdict in found]
    assert endings == [None, Ended.KILLED, Ended.OUT_OF_MEMORY, Ended.OUT_OF_DISK]


def test_a_process_that_has_ended_uses_nothing() -> None:
    used = usage(2**22 + 1, most=10)
    assert (used.threads, used.memory_bytes, used.nameless_bytes, used.cpu_s) == (0, 0, 0, 0)


def test_exit_codes_are_told_apart(tmp_path: Path) -> None:
    endings = {code: of_exit(code, Limits(), tmp_path).ended for code in (0, 1, 127, 128, 137, 139, 255)}
    error, killed = Ended.ERROR, Ended.KILLED
    assert endings == {0: Ended.OK, 1: error, 127: error, 128: error, 137: killed, 139: killed, 255: error}
