"""What a payload may use, and that nothing of it outlives its call."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.tools.sandbox.control_group import held_by_the_kernel
from quantumsketch.tools.tool import Ended, Limits
from tests.sandbox_calls import QUICK, Command, alive, python, run, shell

MIB = 2**20
SOON_S = 5.0
GIVE_UP_S = 20.0  # patience with a busy machine; costs nothing where what is awaited happens

KEEP_CALLING = """
import asyncio, sys
from pathlib import Path
from tests.sandbox_calls import run, shell
asyncio.run(run(Path(sys.argv[1]), shell(sys.argv[2])))
"""


MAP = """
import mmap, time
kept = mmap.mmap(-1, 120 * 2**20)
while kept.tell() < 120 * 2**20:
    kept.write(bytes(2**20))
time.sleep(10)
"""

LET_GO = """
import mmap, time
kept = mmap.mmap(-1, {mib} * 2**20)
for n in range({mib}):
    kept.write(bytes(2**20))
    kept.madvise(mmap.MADV_DONTNEED)
time.sleep({stay})
"""

END_THE_FIRST_THREAD = """
import ctypes, threading, time
kept = b"x" * ({mib} * 2**20)
threading.Thread(target=time.sleep, args=({stay},)).start()
ctypes.CDLL(None).syscall({{"x86_64": 60, "aarch64": 93}}[__import__("os").uname().machine], 0)
"""

SEND_TO_ONESELF = """
import array, os, socket, time
here, there = socket.socketpair()
for n in range(30):
    memory = os.memfd_create("memory")
    os.write(memory, bytes(10 * 2**20))
    there.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [memory]))])
    os.close(memory)
time.sleep(1)
"""

MAP_A_PAGE = """
import ctypes, os, time
map_memory = ctypes.CDLL(None, use_errno=True).mmap  # Python's own would keep the file open
map_memory.restype = ctypes.c_void_p
map_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
for n in range(30):
    file = os.open("file", os.O_CREAT | os.O_RDWR)
    os.posix_fallocate(file, 0, 3 * 2**20)
    assert map_memory(None, 4096, 3, 1, file, 0) not in (None, 2**64 - 1)
    os.unlink("file")
    os.close(file)
time.sleep({stay})
"""

HIDE = """
import os, time
for n in range(3):
    file = os.open("file", os.O_CREAT | os.O_WRONLY)
    os.unlink("file")
    os.write(file, bytes(10 * 2**20))
time.sleep(10)
"""


def _staying(mark: str) -> Command:
    """Two processes that stay, one of them detached from its parent and session."""
    return shell(f"(setsid sleep {mark} &) ; sleep {mark}")


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    """A number of seconds that only this test's processes sleep."""
    return f"{1000 + os.getpid()}.{abs(hash(request.node.name)) % 10**6:06d}1"


async def _cancelled_soon(call: asyncio.Task[Any]) -> None:
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert time.monotonic() - started < SOON_S < QUICK.wall_s


async def _eventually(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_S
    while not holds():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


async def test_a_call_that_takes_too_long_is_killed_with_all_its_descendants(
    tmp_path: Path, mark: str
) -> None:
    call = asyncio.create_task(run(tmp_path, _staying(mark), Limits(wall_s=2)))
    await _eventually(lambda: len(alive(mark)) >= 2)
    ending = (await call).ending
    assert alive(mark) == []
    assert (ending.ended, ending.signal) == (Ended.TIMEOUT, signal.SIGKILL)
    assert 2 <= ending.wall_s < 2 + SOON_S
    assert "2 s" in ending.detail


async def test_a_descendant_left_behind_is_dead_when_the_call_returns(tmp_path: Path, mark: str) -> None:
    reply = await run(
        tmp_path,
        shell(f"setsid sleep {mark} & until grep -qsx sleep /proc/[0-9]*/comm; do :; done; echo it runs"),
    )
    assert reply.ending.stdout == b"it runs\n"
    assert reply.ending.ended is Ended.OK
    assert alive(mark) == []


async def test_cancelling_twice_returns_after_every_descendant_is_dead(tmp_path: Path, mark: str) -> None:
    call = asyncio.create_task(run(tmp_path, _staying(mark)))
    await _eventually(lambda: len(alive(mark)) >= 2)
    call.cancel()
    await asyncio.sleep(0)
    call.cancel()
    await _cancelled_soon(call)
    assert alive(mark) == []
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_a_call_cancelled_while_it_is_set_up_leaves_nothing(tmp_path: Path, mark: str) -> None:
    call = asyncio.create_task(run(tmp_path, _staying(mark)))
    await asyncio.sleep(0.001)
    call.cancel()
    await _cancelled_soon(call)
    assert alive(mark) == []
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_calls_cancelled_in_their_very_first_moments_end_and_leave_nothing(
    tmp_path: Path, mark: str
) -> None:
    """In some of these moments bubblewrap has a child that waits for it."""
    staying = _staying(mark)
    for moment in range(120):
        call = asyncio.create_task(run(tmp_path, staying))
        await asyncio.sleep(0.0002 * moment)
        call.cancel()
        await asyncio.wait({call}, timeout=GIVE_UP_S)
        left = alive(staying.arguments[-1])
        for pid in left:
            os.kill(pid, signal.SIGKILL)  # it would hold up the call, and this test
        assert left == []
        assert call.cancelled()


async def test_the_clock_inside_strikes_while_the_caller_is_busy(tmp_path: Path, mark: str) -> None:
    call = asyncio.create_task(run(tmp_path, _staying(mark), Limits(wall_s=2)))
    await _eventually(lambda: len(alive(mark)) >= 2)
    give_up = time.monotonic() + GIVE_UP_S
    while alive(mark) and time.monotonic() < give_up:
        time.sleep(0.1)  # noqa: ASYNC251  (a busy caller is the point)
    assert alive(mark) == []
    assert (await call).ending.ended is Ended.TIMEOUT


async def test_killing_the_caller_kills_the_call(tmp_path: Path, mark: str) -> None:
    script = f"(setsid sleep {mark} &) ; sleep {mark}"
    caller = await asyncio.create_subprocess_exec(sys.executable, "-c", KEEP_CALLING, str(tmp_path), script)
    try:
        await _eventually(lambda: len(alive(mark)) >= 2)
    finally:
        caller.send_signal(signal.SIGKILL)
        await caller.wait()
    await _eventually(lambda: alive(mark) == [])
    assert len(list((tmp_path / "scratch").iterdir())) == 1
    await run(tmp_path, shell("true"))
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_a_fork_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    reply = await run(tmp_path, python(bomb), Limits(wall_s=20, processes=24))
    assert reply.ending.ended is Ended.KILLED
    assert "24 processes" in reply.ending.detail
    assert reply.ending.wall_s < 12


async def test_a_call_with_too_much_memory_is_stopped(tmp_path: Path) -> None:
    hog = "kept = [bytearray(16 * 2**20) for _ in range(15)]\nimport time; time.sleep({})"
    limits = Limits(wall_s=10, memory_bytes=200 * MIB)
    assert (
        await run(tmp_path, python(hog.format(0)), Limits(wall_s=10, memory_bytes=400 * MIB))
    ).ending.exit_code == 0
    ending = (await run(tmp_path, python(hog.format(10)), limits)).ending
    assert ending.ended is Ended.OUT_OF_MEMORY
    assert ending.wall_s < 8


async def test_memory_mapped_for_sharing_counts(tmp_path: Path) -> None:
    ending = (await run(tmp_path, python(MAP), Limits(wall_s=10, memory_bytes=100 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_MEMORY


@pytest.mark.parametrize("script", [LET_GO, END_THE_FIRST_THREAD])
async def test_memory_let_go_or_held_after_the_first_thread_counts(tmp_path: Path, script: str) -> None:
    limits = Limits(wall_s=10, memory_bytes=100 * MIB)
    little = await run(tmp_path, python(script.format(mib=20, stay=1)), limits)
    assert little.ending.exit_code == 0, little.ending
    ending = (await run(tmp_path, python(script.format(mib=120, stay=10)), limits)).ending
    assert ending.ended is Ended.OUT_OF_MEMORY, ending


@pytest.mark.skipif(
    "memory" not in held_by_the_kernel(), reason="needs: to be root, and writable control groups"
)
async def test_memory_that_only_a_message_on_its_way_holds_is_capped_by_the_kernel(tmp_path: Path) -> None:
    assert (await run(tmp_path, python(SEND_TO_ONESELF))).ending.ended is Ended.OK
    ending = (await run(tmp_path, python(SEND_TO_ONESELF), Limits(wall_s=10, memory_bytes=100 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_MEMORY, ending


async def test_one_file_cannot_grow_beyond_scratch(tmp_path: Path) -> None:
    ending = (
        await run(tmp_path, shell("head -c 30M /dev/zero >file"), Limits(wall_s=10, scratch_bytes=20 * MIB))
    ).ending
    assert ending.ended is Ended.OUT_OF_DISK


async def test_many_files_cannot_grow_beyond_scratch(tmp_path: Path) -> None:
    script = "for i in 1 2 3; do head -c 10M /dev/zero >$i; done; sleep 10"
    assert (
        await run(tmp_path, shell(script.replace("10;", "0;").replace("sleep 10", ":")))
    ).ending.ended is Ended.OK
    ending = (await run(tmp_path, shell(script), Limits(wall_s=10, scratch_bytes=20 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_DISK
    assert ending.wall_s < 8


async def test_deleted_files_that_are_still_open_count(tmp_path: Path) -> None:
    ending = (await run(tmp_path, python(HIDE), Limits(wall_s=10, scratch_bytes=20 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_DISK


async def test_deleted_files_that_are_only_mapped_count(tmp_path: Path) -> None:
    script = MAP_A_PAGE.format(stay=1)
    assert (await run(tmp_path, python(script))).ending.ended is Ended.OK
    ending = (
        await run(tmp_path, python(MAP_A_PAGE.format(stay=10)), Limits(wall_s=10, scratch_bytes=20 * MIB))
    ).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending


async def test_a_flood_of_print_is_cut_in_the_middle(tmp_path: Path) -> None:
    limits = Limits(wall_s=10, printed_bytes=1000)
    ending = (await run(tmp_path, shell("echo first; head -c 3M /dev/zero; echo last"), limits)).ending
    assert ending.ended is Ended.OK
    assert ending.truncated
    assert len(ending.stdout) == 1000
    assert ending.stdout.startswith(b"first\n")
    assert ending.stdout.endswith(b"last\n")


async def test_shared_memory_has_a_size(tmp_path: Path) -> None:
    ending = (
        await run(tmp_path, shell("head -c 60M /dev/zero >/dev/shm/a && head -c 60M /dev/zero >/dev/shm/b"))
    ).ending
    assert ending.ended is Ended.ERROR
    assert b"No space left" in ending.stderr


async def test_processor_time_is_counted_when_it_ends_and_when_it_is_killed(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < {}: pass"
    assert (await run(tmp_path, python(spin.format(0.3)))).ending.cpu_s >= 0.3
    ending = (await run(tmp_path, python(spin.format(9)), Limits(wall_s=3))).ending
    assert ending.ended is Ended.TIMEOUT
    assert 0.1 < ending.cpu_s < 3 + SOON_S


async def test_a_call_costs_little_beside_its_payload(tmp_path: Path) -> None:
    walls = [(await run(tmp_path, shell("true"), QUICK)).ending.wall_s for _ in range(7)]
    assert min(walls) < 0.25
