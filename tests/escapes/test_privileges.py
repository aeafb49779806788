"""Privileges: nothing is gained, of the kernel or of other processes, by whichever call."""

from __future__ import annotations

import os

import pytest

from tests.escapes.case import Case, Harm, Kind
from tests.escapes.harms import reached
from tests.escapes.settings import KEYCTL, LIBC, SESSION_KEYRING, bystander, secret_key, terminal
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import in_open_room

pytestmark = pytest.mark.slow
KIND = Kind.PRIVILEGES
SEARCH = 10

KERNEL = """
import ctypes, errno, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def kernel(x86_64, aarch64, *arguments):
    number = {"x86_64": x86_64, "aarch64": aarch64}[os.uname().machine]
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = libc.syscall(number, *words)
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
NEW_USER_NAMESPACE = 0x10000000

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


def differ(namespace: str) -> Harm:
    """The harm that not all processes of the attempt are in one namespace."""
    return lambda stage, seen: len({process.namespaces[namespace] for process in seen.processes}) > 1


def mounted(stage: Stage, seen: Seen) -> bool:
    """Something was mounted under the attempt's word."""
    return any(stage.token in process.mounts for process in seen.processes)


def holds(file: str) -> Harm:
    """The harm that a process has this kind of file open."""
    return lambda stage, seen: any(file in name for process in seen.processes for name in process.files)


def of_another_user(stage: Stage, seen: Seen) -> bool:
    """A process runs as another user than the one who made the call."""
    return any(process.user != os.geteuid() for process in seen.processes)


def key_was_added(stage: Stage, seen: Seen) -> bool:
    """The session's key ring has a key of the attempt's."""
    return int(LIBC.syscall(KEYCTL, SEARCH, SESSION_KEYRING, b"user", stage.token.encode(), 0)) >= 0


CASES = (
    Case(
        name="get a user namespace by unshare",
        probe=KERNEL + f"kernel(272, 97, {NEW_USER_NAMESPACE})",
        control=in_open_room,
        harm=differ("user"),
    ),
    Case(
        name="get a user namespace by clone",
        probe=KERNEL + f"kernel(56, 220, {NEW_USER_NAMESPACE} | 17, 0, 0, 0, 0)",
        control=in_open_room,
        harm=differ("user"),
    ),
    Case(
        name="get a user namespace by clone3",
        probe=KERNEL
        + f"kernel(435, 435, struct.pack('=QQQQQQQQ', {NEW_USER_NAMESPACE}, 0, 0, 0, 17, 0, 0, 0), 64)",
        control=in_open_room,
        harm=differ("user"),
    ),
    Case(
        name="mount over a folder",
        probe="""
import ctypes
ctypes.CDLL(None).mount(at.token.encode(), b".", b"tmpfs", 0, None)
""",
        control=in_open_room,
        harm=mounted,
    ),
    Case(
        name="mount by the newer calls",
        probe=KERNEL
        + """
create, by_descriptor = 6, 4
os.mkdir(at.token)
made = kernel(430, 430, b"tmpfs", 0)
kernel(431, 431, made, create, None, None, 0)
kernel(429, 429, kernel(432, 432, made, 0, 0), b"", -100, at.token.encode(), by_descriptor)
""",
        control=in_open_room,
        harm=mounted,
    ),
    Case(
        name="mount a folder in a second place",
        probe=KERNEL
        + """
clone, by_descriptor = 1, 4
os.mkdir(at.token)
kernel(429, 429, kernel(428, 428, -100, b"/usr", clone), b"", -100, at.token.encode(), by_descriptor)
""",
        control=in_open_room,
        harm=mounted,
    ),
    Case(
        name="unmount what covers something",
        probe="""
import ctypes
detach = 2
ctypes.CDLL(None).umount2(at.readable.encode(), detach)
""",
        control=in_open_room,
        harm=lambda stage, seen: any(str(stage.readable) not in process.mounts for process in seen.processes),
    ),
    Case(
        name="change the root folder",
        probe="os.chroot('.')",
        control=in_open_room,
        harm=lambda stage, seen: len({process.root for process in seen.processes}) > 1,
    ),
    Case(
        name="trace the first process",
        probe="""
import ctypes
seize = 0x4206
ctypes.CDLL(None).ptrace(seize, 1, 0, 0)
""",
        control=in_open_room,
        harm=lambda stage, seen: any(process.status["TracerPid"] != "0" for process in seen.processes),
    ),
    Case(
        name="write into the memory of the first process, by its file",
        probe="""
start = int(open("/proc/1/stat").read().rpartition(")")[2].split()[47])
with open("/proc/1/mem", "r+b", buffering=0) as memory:
    memory.seek(start)
    memory.write(b"TAKEN=1")
""",
        control=in_open_room,
        harm=lambda stage, seen: any(
            process.environment.startswith(b"TAKEN=1") for process in seen.processes
        ),
    ),
    Case(
        name="write into the memory of the first process, by a call",
        probe=KERNEL
        + """
start = int(open("/proc/1/stat").read().rpartition(")")[2].split()[47])
word = ctypes.create_string_buffer(b"TAKEN=1")
ours, its = struct.pack("=QQ", ctypes.addressof(word), 7), struct.pack("=QQ", start, 7)
kernel(311, 271, 1, ours, 1, its, 1, 0)
""",
        control=in_open_room,
        harm=lambda stage, seen: any(
            process.environment.startswith(b"TAKEN=1") for process in seen.processes
        ),
    ),
    Case(
        name="end another process of the host",
        probe="os.kill(at.bystander, 9)",
        setting=bystander,
        harm=lambda stage, seen: stage.bystander and stage.bystander.poll() is not None,
    ),
    Case(
        name="become another user",
        probe="""
told, telling = os.pipe()
if os.fork() == 0:
    parent = os.getppid()
    try: os.setresuid(64124, 64124, 64124)
    finally: os.write(telling, b".")
    while os.getppid() == parent: time.sleep(0.05)
    os._exit(0)
os.read(told, 1)
""",
        harm=of_another_user,
        root_only="becoming another user",
    ),
    Case(
        name="gain the rights of a program's owner",
        probe="import subprocess; kept = subprocess.Popen(['su'], stdin=subprocess.PIPE); time.sleep(0.5)",
        harm=of_another_user,
        optional="a program `su` that makes an ordinary user root",
    ),
    Case(
        name="add a key to the session's key ring",
        probe=KERNEL + "kernel(248, 217, b'user', at.token.encode(), b'.', 1, -3)",
        setting=secret_key,
        harm=key_was_added,
    ),
    Case(
        name="write on the terminal of whoever makes the call",
        probe="open('/dev/tty', 'w').write('here I am')",
        setting=terminal,
        harm=reached,
    ),
    Case(
        name="type on the terminal of whoever makes the call",
        probe="import fcntl; fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')",
        setting=terminal,
        harm=reached,
        root_only="typing where newer kernels do not let others type",
    ),
    Case(
        name="change the kernel's settings",
        probe="kept = open('/proc/sys/net/ipv4/ip_forward', 'r+')",
        control=in_open_room,
        harm=lambda stage, seen: any(
            writable and name.startswith("/proc/sys")
            for p in seen.processes
            for name, writable in p.files.items()
        ),
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
def test_nothing_is_gained(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
