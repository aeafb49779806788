"""How much of the machine a call can take: by many small parts, by hiding, by haste, and beside others."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.control_group import FIRST_TO_GO, held_by_the_kernel
from quantumsketch.tools.tool import Ended, Limits
from tests.sandbox_calls import Command, outside, python, run, shell

pytestmark = pytest.mark.slow

MIB = 2**20
NEEDS_THE_KERNEL = pytest.mark.skipif(
    held_by_the_kernel() < {"memory", "processes"}, reason="needs: to be root, and writable control groups"
)

HIDE_BY_MOVING = """
import os, time
os.mkdir("a")
if os.fork() == 0:
    while True:
        os.rename("a", "b"); os.rename("b", "a")
for n in range({mib}):
    while True:
        try:
            with open(f"a/{{n}}", "wb") as file: file.write(bytes(2**20))
            break
        except FileNotFoundError: pass
time.sleep({stay})
os.kill(0, 9) if {stay} < 5 else None
"""
HIDE_BEHIND_MAPS = """
import ctypes, os, time
map_memory = ctypes.CDLL(None).mmap
map_memory.restype = ctypes.c_void_p
map_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
def nameless():
    file = os.open("file", os.O_CREAT | os.O_RDWR)
    os.unlink("file")
    return file
small = nameless()
os.ftruncate(small, 2**24)
for n in range(25_000):  # each a line in the list of what a process has mapped
    map_memory(None, 4096, 3 if n % 2 else 1, 1, small, n % 2048 * 8192)
for n in range(30):
    if os.fork() == 0: time.sleep(60)
time.sleep(1)
kept = []
for n in range(4):
    kept.append(nameless())
    os.write(kept[-1], bytes(20 * 2**20))
time.sleep(60)
"""
SEND_FILES_TO_ONESELF = """
import array, os, socket, time
here, there = socket.socketpair()
for n in range({files}):
    file = os.open("file", os.O_CREAT | os.O_RDWR)
    os.unlink("file")
    os.write(file, bytes(10 * 2**20))
    there.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))])
    os.close(file)
time.sleep({stay})
"""
KEEP_WHAT_IS_SMALL = """
import os, time
for n in range({count}):
    os.symlink("x" * 100, f"link-{{n}}")
time.sleep({stay})
"""
RESERVE = """
import errno, fcntl, json, os, struct, sys
def attempt(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
fallocate = {"x86_64": 285, "aarch64": 47}[os.uname().machine]
def reserve(file):
    if libc.syscall(fallocate, file, 0, ctypes.c_long(0), ctypes.c_long(10**6)):
        raise OSError(ctypes.get_errno(), "")
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
request = struct.pack("hhlliI4I", 0, 0, 0, 10**6, 0, 0, 0, 0, 0, 0)
print(json.dumps([attempt(reserve, file), attempt(fcntl.ioctl, file, 0x40305828, request)]))
os.posix_fallocate(file, 0, 10**5)
print(os.fstat(file).st_blocks * 512 >= 10**5)
"""
SPIN = """
import os, time
os.fork()
while time.process_time() < {seconds}: pass
"""
TAKE = """
import time
kept = b"x" * ({mib} * 2**20)
time.sleep({stay})
"""
BY_MANY = """
import os, time
for n in range(12):
    if os.fork() == 0:
        kept = b"x" * (10 * 2**20)
        time.sleep(10)
time.sleep(10)
"""

FORKS = python("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")
FILLS = shell("while :; do head -c 4M /dev/zero >$((n=n+1)); done")
EATS = python("kept = []\nwhile True: kept.append(b'x' * 2**20)")
EAT_TOGETHER = python(BY_MANY)  # each by itself stays below what the kernel allows to one process
FLOODS = shell("cat /dev/zero & cat /dev/zero >&2")
HOSTILE = {"forks": FORKS, "fills": FILLS, "eats": EAT_TOGETHER, "floods": FLOODS}
FEW = Limits(wall_s=6, memory_bytes=64 * MIB, scratch_bytes=16 * MIB, processes=16, printed_bytes=4096)

HONEST = """
import json, subprocess
kept = [bytearray(2**20) for _ in range(20)]
with open("file", "wb") as file: file.write(bytes(10**6))
said = [subprocess.check_output(["/bin/echo", str(n)], text=True).strip() for n in range(5)]
print(json.dumps([len(kept), said, sum(range(10**6))]))
"""


async def test_what_is_never_where_it_was_counts_all_the_same(tmp_path: Path) -> None:
    limits = Limits(wall_s=20, scratch_bytes=20 * MIB)
    little = await run(tmp_path, python(HIDE_BY_MOVING.format(mib=5, stay=1)), limits)
    assert little.ending.signal == 9, little.ending
    ending = (await run(tmp_path, python(HIDE_BY_MOVING.format(mib=40, stay=15)), limits)).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending
    assert ending.wall_s < 12


async def test_what_hides_behind_a_list_too_long_to_be_read_counts_all_the_same(tmp_path: Path) -> None:
    limits = Limits(wall_s=25, scratch_bytes=30 * MIB)
    ending = (await run(tmp_path, python(HIDE_BEHIND_MAPS), limits)).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending


async def test_files_that_only_a_message_on_its_way_refers_to_count(tmp_path: Path) -> None:
    if "tmpfs" in outside("stat", "--file-system", "--format=%T", str(tmp_path)):
        pytest.skip("needs a folder for tests on a disk: what is written to memory is not counted as written")
    limits = Limits(wall_s=10, scratch_bytes=30 * MIB)
    little = await run(tmp_path, python(SEND_FILES_TO_ONESELF.format(files=2, stay=0.5)), limits)
    assert little.ending.ended is Ended.OK, little.ending
    ending = (await run(tmp_path, python(SEND_FILES_TO_ONESELF.format(files=6, stay=9)), limits)).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending


async def test_names_count_however_little_is_behind_them(tmp_path: Path) -> None:
    limits = Limits(wall_s=10, scratch_files=200)
    few = await run(tmp_path, python(KEEP_WHAT_IS_SMALL.format(count=150, stay=0.5)), limits)
    assert few.ending.ended is Ended.OK, few.ending
    ending = (await run(tmp_path, python(KEEP_WHAT_IS_SMALL.format(count=300, stay=9)), limits)).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending
    assert "200 files" in ending.detail


async def test_names_in_shared_memory_count_too(tmp_path: Path) -> None:
    limits = Limits(wall_s=10, scratch_files=200)
    script = "n=0; while [ $n -lt {count} ]; do : >/dev/shm/$n; n=$((n+1)); done; sleep {stay}"
    few = await run(tmp_path, shell(script.format(count=150, stay=0.5)), limits)
    assert few.ending.ended is Ended.OK, few.ending
    ending = (await run(tmp_path, shell(script.format(count=300, stay=9)), limits)).ending
    assert ending.ended is Ended.OUT_OF_DISK, ending
    assert "shared memory" in ending.detail


async def test_hollow_files_and_second_names_of_one_file_take_nothing(tmp_path: Path) -> None:
    script = (
        "truncate -s 19M a b c; head -c 5M /dev/zero >full; for n in 1 2 3 4 5 6 7 8 9; do ln full $n; done"
    )
    ending = (
        await run(tmp_path, shell(f"{script}; sleep 1"), Limits(wall_s=10, scratch_bytes=20 * MIB))
    ).ending
    assert ending.ended is Ended.OK, ending


async def test_disk_is_not_reserved_without_being_written(tmp_path: Path) -> None:
    with (tmp_path / "outside").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 4096)  # this disk can do it
    freely = outside(sys.executable, "-I", "-S", "-c", RESERVE, str(tmp_path / "file")).splitlines()
    assert "done" in json.loads(freely[0])
    reply = await run(tmp_path, Command(arguments=[sys.executable, "-I", "-S", "-c", RESERVE, "file"]))
    refused, written = reply.ending.stdout.decode().splitlines()
    assert json.loads(refused) == ["ENOTSUP", "EPERM"]
    assert written == "True"  # programs that reserve go on: the C library writes instead


async def test_a_call_is_not_begun_on_a_disk_that_it_could_fill(tmp_path: Path) -> None:
    ending = (await run(tmp_path, shell("true"), Limits(wall_s=10, scratch_bytes=2**62))).ending
    assert ending.ended is Ended.UNAVAILABLE
    assert "bytes free" in ending.detail


async def test_processor_time_is_bounded_for_all_processes_together(tmp_path: Path) -> None:
    limits = Limits(wall_s=25, cpu_s=0.5)
    little = await run(tmp_path, python(SPIN.format(seconds=0.1)), limits)
    assert little.ending.ended is Ended.OK, little.ending
    ending = (await run(tmp_path, python(SPIN.format(seconds=0.45)), limits)).ending
    assert (ending.ended, ending.detail) == (Ended.KILLED, "it used more than 0.5 s of processor time")
    assert 0.5 <= ending.cpu_s < 5


async def test_the_peak_of_memory_is_told(tmp_path: Path) -> None:
    ending = (await run(tmp_path, python(TAKE.format(mib=80, stay=1)))).ending
    assert ending.ended is Ended.OK
    assert ending.peak_memory_bytes is not None
    assert 80 * MIB < ending.peak_memory_bytes < 160 * MIB


async def test_memory_in_many_small_processes_counts_together(tmp_path: Path) -> None:
    little = await run(tmp_path, EAT_TOGETHER, Limits(wall_s=1))
    assert little.ending.ended is Ended.TIMEOUT, little.ending
    ending = (await run(tmp_path, EAT_TOGETHER, Limits(wall_s=10, memory_bytes=70 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_MEMORY, ending
    assert ending.wall_s < 8


@NEEDS_THE_KERNEL
async def test_the_kernel_itself_holds_memory_to_the_limit(tmp_path: Path) -> None:
    ending = (await run(tmp_path, EATS, Limits(wall_s=20, memory_bytes=64 * MIB))).ending
    assert ending.ended is Ended.OUT_OF_MEMORY, ending
    assert ending.peak_memory_bytes is not None
    assert ending.peak_memory_bytes <= 64 * MIB


async def test_calls_are_the_first_to_go_when_the_machine_runs_out_of_memory(tmp_path: Path) -> None:
    assert outside("cat", "/proc/self/oom_score_adj").strip() != FIRST_TO_GO
    told = (
        await run(tmp_path, shell("cat /proc/self/oom_score_adj; echo 0 >/proc/self/oom_score_adj"))
    ).ending
    assert told.stdout.decode().strip() == FIRST_TO_GO
    assert told.ended is Ended.ERROR


async def test_both_streams_may_flood_and_the_clock_ends_it(tmp_path: Path) -> None:
    ending = (await run(tmp_path, FLOODS, Limits(wall_s=2, printed_bytes=5000))).ending
    assert ending.ended is Ended.TIMEOUT
    assert ending.truncated
    assert (len(ending.stdout), len(ending.stderr)) == (5000, 5000)


async def test_who_waits_for_a_full_pipe_for_ever_is_ended_by_the_clock(tmp_path: Path) -> None:
    script = "import os, time\nos.write(1, b'x' * 10**6)\nos.kill(os.getpid(), 19)"
    ending = (await run(tmp_path, python(script), Limits(wall_s=2, printed_bytes=5000))).ending
    assert ending.ended is Ended.TIMEOUT
    assert len(ending.stdout) == 5000


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_call_ends_within_its_limits(tmp_path: Path, kind: str) -> None:
    ending = (await run(tmp_path, HOSTILE[kind], FEW)).ending
    expected = {
        "forks": Ended.KILLED,
        "fills": Ended.OUT_OF_DISK,
        "eats": Ended.OUT_OF_MEMORY,
        "floods": Ended.TIMEOUT,
    }
    assert ending.ended is expected[kind], ending


async def test_an_honest_call_beside_hostile_ones_ends_well(tmp_path: Path) -> None:
    hostile = [asyncio.create_task(run(tmp_path / kind, command, FEW)) for kind, command in HOSTILE.items()]
    await asyncio.sleep(0.3)
    limits = Limits(wall_s=20, memory_bytes=256 * MIB)
    replies = [await run(tmp_path / "honest", python(HONEST), limits) for _ in range(2)]
    assert [reply.ending.ended for reply in replies] == [Ended.OK, Ended.OK], replies
    expected = [20, ["0", "1", "2", "3", "4"], sum(range(10**6))]
    assert [json.loads(reply.ending.stdout) for reply in replies] == [expected, expected]
    endings = [(await call).ending.ended for call in hostile]
    assert Ended.OK not in endings
