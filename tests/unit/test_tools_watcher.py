"""What is counted of a tree of processes, on real processes of the host."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.nameless import Held, Mapped, held_by, mapped_files
from quantumsketch.tools.sandbox.standstill import standstill
from quantumsketch.tools.sandbox.watcher import available_memory_bytes, tree, usage

MIB = 2**20
GIVE_UP_S = 20.0
ENDED = 2**22 + 1
"""A number that no process has: the kernel gives none so high."""

MAPS = """\
00010000-00012000 rw-s 00003000 fe:00 5408540                    /scratch/a name (deleted)
7fb14d000000-7fb14d6c5000 rw-p 00000000 00:00 0
7fb14d6c5000-7fb14fec5000 rw-s 00000000 00:01 19620                      /dev/zero (deleted)
7fb150d0a000-7fb150d0b000 r--p 00000000 fe:00 5408541                    /usr/lib/libc.so.6
"""

BRIEF_CHILDREN = "while :; do (:) & (:) & (:) & (:) & wait; done"

FAMILY = """
import mmap, os, sys, threading, time
open("named", "wb").write(bytes(2**20))
hidden = open("hidden", "wb"); os.unlink("hidden"); hidden.write(bytes(3 * 2**20)); hidden.flush()
shared = mmap.mmap(-1, 5 * 2**20); shared.write(bytes(5 * 2**20)); shared.madvise(mmap.MADV_DONTNEED)
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
        held = held_by(used.holders)
        patient, impatient = (held_by((ENDED, *used.holders), seconds) for seconds in (60, -1))
    assert (used.processes, used.threads) == (2, 3)
    assert 20 * MIB < used.private_bytes < 100 * MIB
    assert 3 * MIB <= held.disk_bytes < 4 * MIB
    assert 5 * MIB <= held.memory_bytes < 6 * MIB
    assert used.shared_bytes < MIB
    assert (patient, impatient) == (held, Held(0, 0, complete=False))


async def test_what_processes_wrote_to_a_disk_is_told(tmp_path: Path) -> None:
    if "tmpfs" in subprocess.check_output(["/usr/bin/stat", "-f", "-c", "%T", tmp_path], text=True):  # noqa: ASYNC221
        pytest.skip("needs a folder for tests on a disk: what is written to memory is not counted as written")
    async with _family(tmp_path) as pid:
        assert 4 * MIB <= usage(pid, most=10).written_bytes < 8 * MIB
    assert usage(ENDED, most=10).written_bytes == 0


async def test_all_below_a_process_stand_still_and_go_on_afterwards_but_not_itself(tmp_path: Path) -> None:
    def states() -> list[str]:
        stats = [Path(f"/proc/{one}/stat").read_text() for one in tree(pid)]
        return [stat.rpartition(")")[2].split()[0] for stat in stats]

    async with _family(tmp_path) as pid:
        assert "T" not in states()
        give_up = time.monotonic() + GIVE_UP_S  # patience with a busy machine
        with standstill(pid):
            while states()[1:] != ["T"]:
                assert time.monotonic() < give_up
            assert states()[0] != "T"
        while "T" in states():
            assert time.monotonic() < give_up
        with standstill(ENDED):
            pass


def test_the_machine_tells_what_memory_is_left() -> None:
    assert 0 < available_memory_bytes() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


async def test_counting_stops_beyond_the_limit(tmp_path: Path) -> None:
    async with _family(tmp_path) as pid:
        assert usage(pid, most=0).processes == 1


def test_a_process_that_has_ended_uses_nothing() -> None:
    used = usage(ENDED, most=10)
    assert (used.threads, used.private_bytes, used.shared_bytes, used.cpu_s) == (0, 0, 0, 0)
    assert held_by(used.holders) == Held(0, 0)


async def test_processes_that_end_while_they_are_counted_do_no_harm() -> None:
    busy = await asyncio.create_subprocess_exec("/bin/sh", "-c", BRIEF_CHILDREN, start_new_session=True)
    try:
        await asyncio.sleep(0.3)
        seen = max(usage(busy.pid, most=100).processes for _ in range(1000))
    finally:
        os.killpg(busy.pid, 9)
        await busy.wait()
    assert seen > 1


def test_the_maps_of_a_process_name_its_nameless_files() -> None:
    found = list(mapped_files(MAPS))
    zero, disk = (os.makedev(0, 1), 19620), (os.makedev(0xFE, 0), 5408540)
    assert found == [
        Mapped("10000-12000", disk, end=0x5000),
        Mapped("7fb14d6c5000-7fb14fec5000", zero, end=40 * MIB),
    ]
