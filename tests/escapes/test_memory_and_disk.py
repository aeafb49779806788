"""Memory and disk: what a call takes is bounded, wherever it is hidden.

The limits are small, so that a wall that does not hold harms nobody: 100 MB of memory and 20 MB of disk.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from quantumsketch.tools.tool import Limits
from tests.escapes.case import Case, Kind, Way
from tests.escapes.stage import NotHere, Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import inside

pytestmark = pytest.mark.slow
KIND = Kind.MEMORY_AND_DISK
MIB = 2**20
LITTLE_MEMORY = Limits(wall_s=15, memory_bytes=100 * MIB)
LITTLE_DISK = Limits(wall_s=15, scratch_bytes=20 * MIB, scratch_files=200)
KEPT = "\ntime.sleep(2)\nprint('KEPT')"
"""Long enough for whoever watches to look several times."""

SHARED = """
import mmap
kept = mmap.mmap(-1, 160 * 2**20)
for _ in range(160): kept.write(bytes(2**20))
"""
MEMORY_FILE = """
kept = os.memfd_create("kept")
for _ in range(160): os.write(kept, bytes(2**20))
"""
MEMORY_DISK = """
import tempfile
kept = tempfile.TemporaryFile(dir="/dev/shm")
for _ in range(160): kept.write(bytes(2**20))
"""
MEMORY_OF_MANY = """
for _ in range(8):
    if not os.fork():
        kept = b"x" * (20 * 2**20)
        time.sleep(3)
        os._exit(0)
"""
PAGE_TABLES = """
import ctypes
map_memory = ctypes.CDLL(None).mmap
map_memory.restype = ctypes.c_void_p
map_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
READABLE, PRIVATE_AND_UNRESERVED = 1, 0x4022
start = map_memory(None, 80 * 2**30, READABLE, PRIVATE_AND_UNRESERVED, -1, 0)
for place in range(start, start + 80 * 2**30, 2**21):
    ctypes.string_at(place, 1)  # takes a page of the table, and none of memory
"""
MESSAGES = """
import array, socket
here, there = socket.socketpair()
for _ in range(40):
    memory = os.memfd_create("memory")
    os.write(memory, bytes(6 * 2**20))
    there.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [memory]))])
    os.close(memory)
"""
FULL_SOCKETS = """
import socket
pairs = [socket.socketpair() for _ in range(240)]
for end in [end for pair in pairs for end in pair]:
    end.setblocking(False)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
    try:
        while end.send(bytes(2**16)): pass
    except BlockingIOError: pass
"""
TERMINALS = """
for _ in range(60):
    there, here = os.openpty()
    os.set_blocking(there, False)
    try:
        while os.write(there, bytes(2**12)): pass
    except BlockingIOError: pass
"""
TERABYTE = "os.truncate(os.open('file', os.O_CREAT | os.O_WRONLY), 2**30)"
MANY_FILES = "for n in range(3): open(f'{n}', 'wb').write(bytes(10 * 2**20))"
DELETED = """
kept = []
for _ in range(3):
    kept.append(open("file", "wb"))
    os.unlink("file")
    kept[-1].write(bytes(10 * 2**20))
    kept[-1].flush()
"""
MAPPED = """
import mmap
for n in range(3):
    with open(f"{n}", "w+b") as file:
        file.truncate(10 * 2**20)
        kept = mmap.mmap(file.fileno(), 0)
        kept.write(bytes(10 * 2**20))
"""
EMPTY_FILES = "for n in range(400): open(f'{n}', 'w').close()"
HARD_LINKS = "open('file', 'w').close()\nfor n in range(400): os.link('file', f'{n}')"
FOLDERS = "for _ in range(100): os.mkdir('inner'); os.chdir('inner')"
UNREMOVABLE = """
os.mkdir("x" * 255)
os.mkdir(b"\\n\\xff")
for _ in range(40):
    os.mkdir("inner")
    open("inner/" + "y" * 255, "w").close()
    os.symlink("/", "inner/link")
    os.mkfifo("inner/pipe")
    os.chdir("inner")
os.chmod(".", 0)
os.chmod("..", 0o100)
"""
FLOOD = "for _ in range(5): print('x' * 2**20)"


def kept(stage: Stage, seen: Seen) -> bool:
    """It held more than it was allowed until its end."""
    return "KEPT" in seen.said


def flooded(stage: Stage, seen: Seen) -> bool:
    """The host took all that was printed."""
    return len(seen.said) > 4 * MIB


def littered(stage: Stage, seen: Seen) -> bool:
    """The folder that it worked in is not as it was before."""
    return bool([*stage.outside.iterdir(), *stage.scratch_root.iterdir()])


def kernel_counts_memory() -> str:
    """What is missing for the kernel to count memory that no process shows."""
    places = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
    if any(
        (place / "cgroup.procs").exists() and os.access(place / "cgroup.procs", os.W_OK) for place in places
    ):
        return ""
    return "only a writable control group counts memory that no process shows"


async def where_the_kernel_counts(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox, if the kernel counts there what no process shows."""
    if lacking := kernel_counts_memory():
        raise NotHere(lacking)
    return await inside(case, stage)


def takes(name: str, probe: str, limits: Limits, attack: Way = inside) -> Case:
    """A case that takes more than its limits allow."""
    return Case(name=name, probe=probe + KEPT, harm=kept, limits=limits, attack=attack, holds_still=False)


CASES = (
    takes("memory of its own", "kept = b'x' * (160 * 2**20)", LITTLE_MEMORY),
    takes("memory that is shared", SHARED, LITTLE_MEMORY),
    takes("memory as a file without a name", MEMORY_FILE, LITTLE_MEMORY),
    takes("memory as files in /dev/shm", MEMORY_DISK, LITTLE_MEMORY),
    takes("a little memory in each of many processes", MEMORY_OF_MANY, LITTLE_MEMORY),
    takes("memory as page tables", PAGE_TABLES, LITTLE_MEMORY),
    takes("memory in messages on their way", MESSAGES, LITTLE_MEMORY, where_the_kernel_counts),
    takes("memory in the buffers of sockets", FULL_SOCKETS, LITTLE_MEMORY, where_the_kernel_counts),
    takes("memory in the buffers of terminals", TERMINALS, LITTLE_MEMORY),
    takes("one big file", "open('file', 'wb').write(bytes(30 * 2**20))", LITTLE_DISK),
    takes("one big file that is empty", TERABYTE, LITTLE_DISK),
    takes("many files", MANY_FILES, LITTLE_DISK),
    takes("files that are deleted and open", DELETED, LITTLE_DISK),
    takes("files written through memory", MAPPED, LITTLE_DISK),
    takes("many empty files", EMPTY_FILES, LITTLE_DISK),
    takes("many names of one file", HARD_LINKS, LITTLE_DISK),
    takes("folders in folders", FOLDERS, LITTLE_DISK),
    Case(name="leave what cannot be removed", probe=UNREMOVABLE, harm=littered, holds_still=False),
    Case(name="print without end", probe=FLOOD, harm=flooded, holds_still=False),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_a_call_takes_is_bounded_and_given_back(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
