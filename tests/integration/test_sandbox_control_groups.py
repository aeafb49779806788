"""A call's control groups, on the real ones of this machine: who gets in, who is killed, and what is left."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.control_group import ControlGroup, control_group, held_by_the_kernel
from quantumsketch.tools.sandbox.hierarchies import Hierarchy, hierarchies
from quantumsketch.tools.sandbox.own_groups import PREFIX
from quantumsketch.tools.tool import Ended, Limits
from tests.sandbox_calls import alive, python, run

MIB = 2**20
SMALL = Limits(memory_bytes=50 * MIB, processes=4)
GIVE_UP_S = 20.0
NEEDS_GROUPS = pytest.mark.skipif(
    held_by_the_kernel() < {"memory", "processes"}, reason="needs: to be root, and writable control groups"
)
DAEMONS = "(setsid sleep {mark} >/dev/null &) ; (setsid sleep {mark} >/dev/null &) ; sleep {mark}"
READY_WHEN_TOLD = "read word; {then}"

SPIN_UNSEEN = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets such children, and what they used
for n in range(4):
    if os.fork() == 0:
        while time.process_time() < 0.2: pass
        os._exit(0)
try: os.wait()
except ChildProcessError: print(sum(os.times()[2:4]))
"""
TABLES = """
import mmap, time
how = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE
kept = [mmap.mmap(-1, 2**35, how, mmap.PROT_READ) for _ in range(2)]
for memory in kept:
    for at in range(0, {gib} * 2**30, 2**21):
        memory[at]
time.sleep({stay})
"""
IN_A_LEAF = """
import json, subprocess, sys
from quantumsketch.tools.sandbox.control_group import control_group
from quantumsketch.tools.tool import Limits
sys.stdin.readline()
sleeping = subprocess.Popen(["sleep", "100"])
with control_group(Limits()) as group:
    group.enter(sleeping.pid)
    where = open(f"/proc/{sleeping.pid}/cgroup").read().splitlines()[-1]
    group.kill()
    code = sleeping.wait(20)
    told = group.cpu_s()
print(json.dumps([where, code, told is not None and 0 <= told < 10]))
"""


def _left(groups: ControlGroup) -> list[Path]:
    """Those of a call's groups that are still there."""
    return [group for group in groups.made if group.exists()]


@asynccontextmanager
async def _waiting(script: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Lend a shell that waits for a line before it runs a script."""
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", READY_WHEN_TOLD.format(then=script), stdin=asyncio.subprocess.PIPE
    )
    try:
        yield shell
    finally:
        if shell.returncode is None:
            shell.kill()
        await shell.wait()


async def _begin(shell: asyncio.subprocess.Process) -> None:
    assert shell.stdin is not None
    shell.stdin.write(b"begin\n")
    await shell.stdin.drain()


async def _eventually(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_S
    while not holds():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> Iterator[str]:
    """A number of seconds that only this test's processes sleep; none of them outlives it."""
    mark = f"{2000 + os.getpid()}.{abs(hash(request.node.name)) % 10**6:06d}1"
    yield mark
    for pid in alive(mark):
        os.kill(pid, 9)


def _only_version_1() -> ControlGroup:
    """Make groups of version 1 alone: nothing there kills at one word."""
    name = f"qs-test-{os.getpid()}"
    groups = [here.own / name for here in hierarchies() if here.controllers & {"pids", "memory"}]
    for group in groups:
        group.mkdir()
    return ControlGroup(groups, SMALL)


@NEEDS_GROUPS
async def test_all_that_a_process_starts_is_killed_with_its_group_and_the_group_goes(mark: str) -> None:
    async with _waiting(DAEMONS.format(mark=mark)) as waiting:
        with control_group(SMALL) as group:
            group.enter(waiting.pid)
            await _begin(waiting)
            await _eventually(lambda: len(alive(mark)) >= 3)
            group.kill()
            await _eventually(lambda: alive(mark) == [])
            assert await waiting.wait() == -9
            assert (group.cpu_s() or 0) > 0
            assert (group.peak_bytes() or 0) > 0
            assert _left(group) != []
    assert _left(group) == []


@NEEDS_GROUPS
@pytest.mark.skipif(
    not any("pids" in here.controllers for here in hierarchies()), reason="needs control groups of version 1"
)
async def test_where_no_file_kills_a_group_its_members_are_killed_one_by_one(mark: str) -> None:
    group = _only_version_1()
    try:
        async with _waiting(DAEMONS.format(mark=mark)) as waiting:
            group.enter(waiting.pid)
            await _begin(waiting)
            await _eventually(lambda: len(alive(mark)) >= 3)
            group.kill()
            await _eventually(lambda: alive(mark) == [])
            assert await waiting.wait() in (-9, 137)  # or it sees its child die first
    finally:
        for made in group.made:
            made.rmdir()


@NEEDS_GROUPS
def test_whoever_makes_a_group_stays_where_it_was() -> None:
    before = Path("/proc/self/cgroup").read_text()
    with control_group(SMALL) as group:
        group.enter(2**22 + 1)  # a number that no process has
        assert group.held == frozenset()
        assert Path("/proc/self/cgroup").read_text() == before
    assert Path("/proc/self/cgroup").read_text() == before
    assert _left(group) == []


@NEEDS_GROUPS
def test_the_groups_of_the_dead_are_swept_and_those_of_the_living_stay() -> None:
    with control_group(SMALL) as living:
        of_the_dead = [group.with_name(f"{PREFIX}-of-the-dead-{os.getpid()}") for group in living.made]
        for group in of_the_dead:
            group.mkdir()
        with control_group(SMALL):
            assert [group for group in of_the_dead if group.exists()] == []
            assert _left(living) == list(living.made) != []


@NEEDS_GROUPS
def test_the_name_of_a_group_tells_nothing_of_who_made_it_and_how_many_there_were() -> None:
    with control_group(SMALL) as one, control_group(SMALL) as other:
        names = [group.name for group in (*one.made, *other.made)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(f"{PREFIX}-[0-9a-f]{{16}}", name) for name in names)


@NEEDS_GROUPS
async def test_processor_time_of_children_that_nobody_waited_for_is_counted(tmp_path: Path) -> None:
    ending = (await run(tmp_path, python(SPIN_UNSEEN), Limits(wall_s=20))).ending
    assert ending.ended is Ended.OK, ending
    assert float(ending.stdout) < 0.1  # so much their parent knows of
    assert ending.cpu_s >= 0.8


async def test_the_kernels_own_tables_of_a_programs_memory_count(tmp_path: Path) -> None:
    limits = Limits(wall_s=20, memory_bytes=60 * MIB)
    little = await run(tmp_path, python(TABLES.format(gib=1, stay=0.5)), limits)
    assert little.ending.ended is Ended.OK, little.ending
    ending = (await run(tmp_path, python(TABLES.format(gib=32, stay=10)), limits)).ending
    assert ending.ended is Ended.OUT_OF_MEMORY, ending


@pytest.fixture
def leaf() -> Iterator[Path]:
    """A group of version 2 with a parent of its own, as a user's session has."""
    unified = [here for here in hierarchies() if here.unified]
    if os.geteuid() or not unified:
        pytest.skip("needs: to be root, and control groups of version 2")
    parent = unified[0].own / f"qs-test-{os.getpid()}"
    (parent / "leaf").mkdir(parents=True)
    yield parent / "leaf"
    (parent / "leaf").rmdir()
    parent.rmdir()


async def test_in_a_group_of_version_2_that_is_not_the_uppermost_calls_have_groups_too(leaf: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IN_A_LEAF), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    (leaf / "cgroup.procs").write_text(str(child.pid))
    told, _ = await child.communicate(b"begin\n")
    text = told.decode()
    assert f"{leaf.parent.name}" in text
    assert f"/leaf/{PREFIX}-" in text
    assert text.rstrip().endswith(", -9, true]")


def test_a_folder_that_is_no_control_group_gets_no_file(tmp_path: Path) -> None:
    assert Hierarchy(tmp_path, tmp_path).unified
    group = ControlGroup([tmp_path], SMALL)
    group.enter(2**22 + 1)
    group.kill()
    assert list(tmp_path.iterdir()) == []
