"""Runs inside the sandbox: tries what must not work, and prints what happened as one JSON object.

Standard library only, and no judgement: what is good or bad is the doctor's business. It asks the kernel
itself where it can, because /proc is not always there. Its argument is a JSON object: what the host set up.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import mmap
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import TypedDict

NEW_USER_NAMESPACE = 0x10000000
GET_NO_NEW_PRIVS, GET_SECCOMP, READ_BOUND, AMBIENT, IS_AMBIENT = 39, 21, 23, 47, 1  # PR_...
CAPABILITY_VERSION, CAPABILITIES = 0x20080522, 41
X32_GETPID = 0x40000000 + 39
I386_GETPID = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
MOST_FILES = 1024
FEW_PIDS = range(1, 200)
WIDE = ("/", "/dev", "/etc", "/in", "/opt", "/proc", "/run", "/srv", "/usr", "/var")
FOR_ALL = ("/dev/shm", "/tmp", "/var/tmp")  # noqa: S108  (tried, not used)
STEERING = ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger")

_libc = ctypes.CDLL(None, use_errno=True)


class Stage(TypedDict):
    """What the host has set up: things that are there, and must not be within reach."""

    port: int
    abstract: str
    """The name of a Unix socket without a file, after its leading zero byte."""
    socket: str
    """The path of a Unix socket."""
    hidden: list[str]
    process: int
    hostname: str


def findings(stage: Stage) -> dict[str, object]:
    """Return what could be reached, seen, written and done."""
    return {
        "descriptors": _open_files(),
        "reached": _connects(socket.AF_INET, ("127.0.0.1", stage["port"])),
        "sockets": [
            address.replace("\0", "@")
            for address in ("\0" + stage["abstract"], stage["socket"])
            if _connects(socket.AF_UNIX, address)
        ],
        "read": [path for path in stage["hidden"] if _reads(path)],
        "seen": [path for path in stage["hidden"] if os.path.lexists(path)],
        "variables": sorted({entry.partition("=")[0] for entry in _environments()}),
        "strangers": _strangers(),
        "signalled": [pid for pid in (*FEW_PIDS, stage["process"]) if _signals(pid)],
        "known": _known(stage),
        "written": [folder for folder in _folders() if _writes(folder)],
        "settings": [file for file in (*kernel_files(), *STEERING) if opens_for_writing(file)],
        "capabilities": _capabilities(),
        "bound": [number for number in range(CAPABILITIES) if _libc.prctl(READ_BOUND, number, 0, 0, 0) == 1],
        "no_new_privileges": _libc.prctl(GET_NO_NEW_PRIVS, 0, 0, 0, 0),
        "seccomp": _libc.prctl(GET_SECCOMP, 0, 0, 0, 0),
        "foreign": [name for name, call in _foreign_calls().items() if survives(call)],
        "nested": _libc.unshare(NEW_USER_NAMESPACE) == 0,
    }


def _open_files() -> list[int]:
    """Return the open files beyond standard input, output and error: all were there before this program."""
    return [number for number in range(3, MOST_FILES) if _is_open(number)]


def _is_open(number: int) -> bool:
    try:
        fcntl.fcntl(number, fcntl.F_GETFD)
    except OSError:
        return False
    return True


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family) as caller:
            caller.settimeout(1)
            caller.connect(address)
    except OSError:
        return False
    return True


def _reads(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return bool(os.listdir(descriptor) if Path(path).is_dir() else os.read(descriptor, 1))  # noqa: PTH208  (by descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _environments() -> Iterator[str]:
    """Give the variables of this process, and of all whose own can be read."""
    own = ctypes.POINTER(ctypes.c_char_p).in_dll(_libc, "environ")
    yield from (entry.decode(errors="replace") for entry in takewhile(bool, map(own.__getitem__, count())))
    for pid in _pids():
        yield from filter(None, _read(f"/proc/{pid}/environ").split("\0"))


def _pids() -> list[int]:
    try:
        return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit()]
    except OSError:
        return []  # it is not there, or closed


def _strangers() -> list[int]:
    """Return the processes whose command line can be read, without this one and those that it comes from."""
    family, pid = {0}, os.getpid()
    while pid:
        family.add(pid)
        pid = _parent(pid)
    return [pid for pid in _pids() if pid not in family and _read(f"/proc/{pid}/cmdline")]


def _parent(pid: int) -> int:
    with suppress(IndexError, ValueError):
        return int(_read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _signals(pid: int) -> bool:
    """Whether a signal could be sent to a process that is not one of the call's own: none is sent."""
    if pid in (1, os.getpid(), os.getppid()):
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _known(stage: Stage) -> list[str]:
    """Return what can be told of the host without reaching it: its name, and that a process of it exists."""
    known = ["its name"] if os.uname().nodename == stage["hostname"] else []
    if stage["process"] not in (1, os.getpid(), os.getppid()):
        try:
            os.kill(stage["process"], 0)
        except ProcessLookupError:
            return known
        except OSError:  # it exists, and is out of reach
            pass
        known.append("which processes exist")
    return known


def _folders() -> list[str]:
    """Return every mounted folder, and those that usually can be written to, but not the scratch folder."""
    mounted = [line.split()[4] for line in _read("/proc/self/mountinfo").splitlines()]
    scratch = str(Path.cwd())
    return [
        place
        for place in dict.fromkeys((*mounted, *WIDE, *FOR_ALL))
        if place != scratch and Path(place).is_dir()
    ]


def _writes(folder: str) -> bool:
    file = Path(folder, f"written-by-probe-{os.getpid()}")
    try:
        file.touch(exist_ok=False)
        file.unlink()
    except OSError:
        return False
    return True


def kernel_files() -> Iterator[str]:
    """Give every file of /proc that is the kernel's and no process's: its settings, and what steers it."""
    for place, folders, files in os.walk("/proc"):
        if place == "/proc":
            folders[:] = [name for name in folders if not name.isdigit()]
        yield from (os.path.join(place, name) for name in files)  # noqa: PTH118  (more than a thousand)


def opens_for_writing(file: str) -> bool:
    """Open a file for writing, write nothing, and return whether that was possible."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def _capabilities() -> bool:
    """Whether this process has a capability, or could hand one on."""
    sets = (ctypes.c_uint32 * 6)()
    asked = _libc.capget((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), sets)
    ambient = any(_libc.prctl(AMBIENT, IS_AMBIENT, number, 0, 0) == 1 for number in range(CAPABILITIES))
    return asked != 0 or any(sets) or ambient


def _foreign_calls() -> dict[str, Callable[[], object]]:
    """Give a harmless system call in each other way of calling this kernel, where there is one."""
    if platform.machine() != "x86_64":
        return {}
    return {"x32": lambda: _libc.syscall(X32_GETPID), "i386": _call_as_i386}


def _call_as_i386() -> None:
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(I386_GETPID)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def survives(call: Callable[[], object]) -> bool:
    """Make a call in a child, and return whether the kernel left it alive."""
    child = os.fork()
    if child == 0:
        try:
            call()
        finally:
            os._exit(0)
    return os.WIFEXITED(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(findings(json.loads(sys.argv[1]))))
