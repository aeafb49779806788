"""Privileges: the doors into the kernel that a drawing does not need are shut."""

from __future__ import annotations

import pytest

from tests.escapes.case import Case, Harm, Kind
from tests.escapes.probes import KERNEL
from tests.escapes.settings import KEYCTL, LIBC, SESSION_KEYRING, secret_key
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User

pytestmark = pytest.mark.slow
KIND = Kind.PRIVILEGES
SEARCH = 10

IN_32_BITS = """
import ctypes, mmap, os, signal
MAP_PRIVATE_ANONYMOUS_LOW, ALL = 0x02 | 0x20 | 0x40, 7
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, 4096, ALL, MAP_PRIVATE_ANONYMOUS_LOW, -1, 0)
def run(code, name):
    code = b"\\x53" + code + b"\\x5b\\xc3"  # rbx is kept
    ctypes.memmove(page, code, len(code))
    ctypes.memmove(page + 2048, name.encode() + b"\\0", len(name) + 1)
    if os.fork() == 0:
        ctypes.CFUNCTYPE(ctypes.c_long)(page)()
        os._exit(0)
    print("ended with", os.wait()[1])
"""
MAKE_FOLDER_IN_32_BITS = """
mkdir, word = 39, lambda number: number.to_bytes(4, "little")
in_eax, in_ebx, in_ecx, interrupt = b"\\xb8", b"\\xbb", b"\\xb9", b"\\xcd\\x80"
run(in_eax + word(mkdir) + in_ebx + word(page + 2048) + in_ecx + word(0o700) + interrupt, at.token)
"""


STEER = (
    KERNEL
    + """
steering = {
    "set the clock": (227, 112, 0, None),
    "set the time of day": (164, 170, ctypes.c_void_p(1), None),
    "name the machine": (170, 161, None, 1),
    "load a module": (175, 105, None, 0, None),
    "remove a module": (176, 106, b"no-such-module", 0),
    "start another kernel": (246, 104, 0, 1 << 20, None, 0),
    "start the machine again": (169, 142, 0, 0, 0, None),
    "swap": (167, 224, b"/no/such/file", 0),
    "stop swapping": (168, 225, b"/no/such/file"),
    "keep accounts of processes": (163, 89, b"/no/such/file"),
    "limit users' disks": (179, 60, 0x800001 << 8, b"/no/such/file", 0, None),
    "go to another namespace": (308, 268, -1, 0),
}
for what, call in steering.items():
    try: kernel(*call)
    except OSError as error:
        print("refused:" if error.errno in (errno.EPERM, errno.ENOSYS) else "TAKEN:", what)
"""
)
"""The arguments are such that nothing happens: all there is to see is whether the kernel looks at them."""


def holds(file: str) -> Harm:
    """The harm that a process has this kind of file open."""
    return lambda stage, seen: any(file in name for process in seen.processes for name in process.files)


def key_was_added(stage: Stage, seen: Seen) -> bool:
    """The session's key ring has a key of the attempt's."""
    return int(LIBC.syscall(KEYCTL, SEARCH, SESSION_KEYRING, b"user", stage.token.encode(), 0)) >= 0


CASES = (
    Case(
        name="add a key to the session's key ring",
        probe=KERNEL + "kernel(248, 217, b'user', at.token.encode(), b'.', 1, -3)",
        setting=secret_key,
        harm=key_was_added,
    ),
    Case(
        name="steer the machine",
        probe=STEER,
        harm=lambda stage, seen: "TAKEN:" in seen.said,
        root_only="steering the machine",
    ),
    Case(
        name="load a program into the kernel",
        probe=KERNEL + "kernel(321, 280, 0, struct.pack('=IIIII', 2, 4, 4, 1, 0).ljust(128, b'\\0'), 128)",
        harm=holds("bpf-map"),
        root_only="loading programs into the kernel",
    ),
    Case(
        name="count what the processor does",
        probe=KERNEL
        + """
software, size, task_clock, not_in_the_kernel = 1, 112, 1, 0b1100000
about = struct.pack("=IIQQQQQ", software, size, task_clock, 0, 0, 0, not_in_the_kernel).ljust(size, b"\\0")
kernel(298, 241, about, 0, -1, -1, 0)
""",
        harm=holds("[perf_event]"),
        optional="counters that this user may read",
    ),
    Case(
        name="handle one's own page faults",
        probe=KERNEL + "kernel(323, 282, 1)",
        harm=holds("[userfaultfd]"),
        optional="page faults that are handled by processes",
    ),
    Case(
        name="give the kernel work through shared memory",
        probe=KERNEL + "about = ctypes.create_string_buffer(120); kernel(425, 425, 1, about)",
        harm=holds("[io_uring]"),
        optional="io_uring",
    ),
    Case(
        name="watch what others do with files",
        probe=KERNEL + "kernel(300, 262, 0x200, 0)",
        harm=holds("[fanotify]"),
        optional="fanotify for this user",
    ),
    Case(
        name="hide memory from the kernel",
        probe=KERNEL + "kernel(447, 447, 0)",
        harm=holds("secretmem"),
        optional="secret memory",
    ),
    Case(
        name="make all memory executable",
        probe="import ctypes; ctypes.CDLL(None).personality(0x0400000)",
        harm=lambda stage, seen: any(process.personality for process in seen.processes),
    ),
    Case(
        name="make calls of a 32-bit processor",
        probe=IN_32_BITS + MAKE_FOLDER_IN_32_BITS,
        harm=lambda stage, seen: stage.token in seen.modes,
        optional="calls of a 32-bit processor",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_door_into_the_kernel_is_open(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
