"""Privileges: nothing is gained, of the kernel or of other processes, by whichever call."""

from __future__ import annotations

import os
import subprocess
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from termios import FIONREAD

import pytest

from quantumsketch.tools.tool import Ended
from tests.escapes.case import Case, Harm, Kind
from tests.escapes.harms import reached
from tests.escapes.probes import KERNEL
from tests.escapes.settings import bystander, terminal
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import in_open_room

pytestmark = pytest.mark.slow
KIND = Kind.PRIVILEGES

NEW_USER_NAMESPACE = 0x10000000


def differ(namespace: str) -> Harm:
    """The harm that not all processes of the attempt are in one namespace."""
    return lambda stage, seen: len({process.namespaces[namespace] for process in seen.processes}) > 1


def mounted(stage: Stage, seen: Seen) -> bool:
    """Something was mounted under the attempt's word."""
    return any(stage.token in process.mounts for process in seen.processes)


def of_another_user(stage: Stage, seen: Seen) -> bool:
    """A process runs as another user than the one who made the call."""
    return any(process.user != os.geteuid() for process in seen.processes)


@contextmanager
def word_in_a_pipe(stage: Stage) -> Iterator[None]:
    """A word waits in the input of a process, as the guard's once did in that of the first process."""
    with subprocess.Popen(["/bin/sleep", "60"], stdin=subprocess.PIPE, bufsize=0) as stage.bystander:
        assert stage.bystander.stdin
        stage.bystander.stdin.write(b".")
        stage.facts["bystander"] = stage.bystander.pid
        try:
            yield
        finally:
            stage.bystander.kill()


def word_was_taken(stage: Stage, seen: Seen) -> bool:
    """The word is gone, or the guard's did not arrive."""
    assert stage.bystander
    assert stage.bystander.stdin
    waiting = array("i", [0])
    ioctl(stage.bystander.stdin, FIONREAD, waiting)
    return waiting[0] == 0 or bool(seen.ending and seen.ending.ended is Ended.UNAVAILABLE)


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
        name="take back the word of the guard",
        probe="""
for process in (at.bystander, 1):
    try: print(os.read(os.open(f"/proc/{process}/fd/0", os.O_RDONLY | os.O_NONBLOCK), 1))
    except OSError as error: print(error)
    else: break
""",
        setting=word_in_a_pipe,
        harm=word_was_taken,
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
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_is_gained(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
