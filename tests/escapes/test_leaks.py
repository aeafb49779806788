"""Leaks: the call learns nothing of whoever makes it, of other processes, or of the machine."""

from __future__ import annotations

import ctypes
import os
import re
import socket
from pathlib import Path

import pytest

from tests.escapes.case import Case, Kind
from tests.escapes.harms import learnt, shows
from tests.escapes.onlooker import NAME_LENGTH
from tests.escapes.probes import KERNEL, reads
from tests.escapes.settings import (
    bystander,
    secret_in_a_queue,
    secret_in_open_files,
    secret_in_the_environment,
    secret_key,
)
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User

pytestmark = pytest.mark.slow
KIND = Kind.LEAKS
OF_THE_KERNEL = [
    Path("/proc", name)
    for name in ("cmdline", "iomem", "ioports", "timer_list", "slabinfo", "vmallocinfo", "pagetypeinfo")
]
OF_THE_MACHINE = [
    *Path("/sys/class/dmi/id").glob("*"),
    *Path("/sys/devices/system/cpu/vulnerabilities").glob("*"),
]


def learnt_our_number(stage: Stage, seen: Seen) -> bool:
    """The number of the process that makes the call came out."""
    return re.search(rf"\b{os.getpid()}\b", seen.said) is not None


def kernel_messages() -> str:
    """Return what the kernel has to say; nothing if we may not know."""
    text = ctypes.create_string_buffer(1 << 20)
    length = ctypes.CDLL(None).klogctl(3, text, len(text))
    return text.raw[: max(0, length)].decode(errors="replace")


def learnt_kernel_messages(stage: Stage, seen: Seen) -> bool:
    """A message of the kernel came out."""
    return any(line in seen.said for line in kernel_messages().splitlines() if len(line) > 40)


CASES = (
    Case(
        name="read the environment of whoever makes the call",
        probe="print(dict(os.environ))",
        setting=secret_in_the_environment,
        harm=learnt,
    ),
    Case(
        name="read the environment of every process",
        probe=reads("glob.glob('/proc/[0-9]*/environ')"),
        setting=bystander,
        harm=learnt,
    ),
    Case(
        name="read the command line of every process",
        probe=reads("glob.glob('/proc/[0-9]*/cmdline')"),
        setting=bystander,
        harm=learnt,
    ),
    Case(
        name="read the name of every process",
        probe=reads("glob.glob('/proc/[0-9]*/comm')"),
        setting=bystander,
        harm=lambda stage, seen: stage.secret[:NAME_LENGTH] in seen.said,
    ),
    Case(
        name="read every file that is open on arrival",
        probe="""
for number in range(3, 1024):
    try: print(os.pread(number, 100, 0))
    except OSError: pass
""",
        setting=secret_in_open_files,
        harm=learnt,
    ),
    Case(
        name="go through every folder that is open on arrival",
        probe="""
for number in range(3, 1024):
    try: print(os.read(os.open("secret", os.O_RDONLY, dir_fd=number), 100))
    except OSError: pass
""",
        setting=secret_in_open_files,
        harm=learnt,
    ),
    Case(
        name="learn the number of the process that makes the call",
        probe="print(os.getppid())" + reads("['/proc/self/cgroup']"),
        harm=learnt_our_number,
    ),
    Case(
        name="read a key of the session",
        probe=KERNEL
        + """
read, word = 11, ctypes.create_string_buffer(100)
kernel(250, 219, read, at.key, word, 100)
print(word.value)
""",
        setting=secret_key,
        harm=learnt,
    ),
    Case(
        name="read the names of the keys",
        probe=reads("['/proc/keys']"),
        setting=secret_key,
        harm=learnt,
    ),
    Case(
        name="read a message queue of the host",
        probe="""
import ctypes
libc, message = ctypes.CDLL(None), ctypes.create_string_buffer(100)
libc.msgrcv(libc.msgget(at.queue, 0), message, 90, 0, 0o4000)
print(message.raw)
""",
        setting=secret_in_a_queue,
        harm=learnt,
    ),
    Case(
        name="read the kernel's messages",
        probe="""
import ctypes
text = ctypes.create_string_buffer(1 << 16)
ctypes.CDLL(None).klogctl(3, text, len(text))
print(text.value.decode(errors="replace"))
"""
        + """
print(os.read(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK), 8192))
""",
        optional="messages that this user may read",
        harm=learnt_kernel_messages,
    ),
    Case(
        name="read how the machine was booted, its memory and its timers",
        probe=reads(str([str(file) for file in OF_THE_KERNEL])),
        harm=shows(OF_THE_KERNEL),
    ),
    Case(
        name="read what the machine is made of",
        probe=reads(str([str(file) for file in OF_THE_MACHINE])),
        harm=shows(OF_THE_MACHINE),
        optional="files in /sys that tell of it",
    ),
    Case(
        name="learn the name of the machine",
        probe="print([os.uname().nodename, open('/proc/sys/kernel/hostname').read()])"
        + reads("['/etc/hostname']"),
        harm=lambda stage, seen: repr(socket.gethostname()) in seen.said,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_is_learnt(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
