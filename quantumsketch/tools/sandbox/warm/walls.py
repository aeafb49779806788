"""The walls of one warm call, put up from inside: namespaces, a root of its own, then no privileges at all.

Runs in a process that a zygote has forked for the call; knows nothing of who asked for it. What bubblewrap
does for a cold call, the same system calls do here. Every function raises OSError if the kernel refuses.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quantumsketch.tools.sandbox.warm.order import CALLS
from quantumsketch.tools.tool import INPUTS, SCRATCH

ROOT = PurePosixPath("/call")
"""An empty folder of the zygote's, where a call finds its root."""
EMPTY = (str(CALLS), "/proc", "/dev/pts")
"""What the zygote has and no call may see: other calls, other processes, their terminals."""

NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS."""
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS = 0x1, 0x2, 0x4, 0x8
REMOUNT, BIND, RECURSIVE, PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
PLAIN = NO_SUID | NO_DEVICES

DIES_WITH_PARENT, DROP_FROM_BOUNDS, KNOWN_IN_BOUNDS = 1, 24, 23  # prctl's numbers
NO_NEW_PRIVILEGES, SET_FILTER, FILTER_MODE = 38, 22, 2
CAPABILITY_VERSION = 0x20080522
INSTRUCTION_BYTES = 8

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def separate() -> None:
    """Move this process into namespaces of its own, where it may mount; its children are born in them."""
    user, group = os.getuid(), os.getgid()
    _done(_libc.unshare(NAMESPACES), "new namespaces")
    maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    for name, text in maps.items():
        Path("/proc/self", name).write_text(text)


def furnish(scratch: str, inputs: Mapping[str, int], shared_memory_bytes: int) -> None:
    """Show the call's scratch and copies of its inputs, and nothing of other calls; take a root of its own.

    The root is a second sight of the same files. A process whose root is not that of its mounts can make no
    further user namespace: the kernel sees to it.
    """
    _mount(None, "/", RECURSIVE | PRIVATE)
    _mount(str(CALLS / scratch), str(SCRATCH), BIND)
    _lay_out(inputs)
    for place in EMPTY:
        _tmpfs(place, READ_ONLY | NO_PROGRAMS, "size=4k")
    _tmpfs("/dev/shm", 0, f"size={shared_memory_bytes}")  # noqa: S108  (inside, not the host's)
    _mount("/", str(ROOT), BIND | RECURSIVE)
    os.chroot(ROOT)
    os.chdir(SCRATCH)


def give_up_privileges(seccomp: bytes) -> None:
    """Drop every capability for good and let the filter decide about system calls from now on."""
    capability = 0
    while _prctl(KNOWN_IN_BOUNDS, capability) >= 0:
        _done(_prctl(DROP_FROM_BOUNDS, capability), f"dropping capability {capability}")
        capability += 1
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _done(_libc.capset(header, none), "dropping the capabilities")
    _done(_prctl(NO_NEW_PRIVILEGES, 1), "refusing new privileges")
    program = _Program(len(seccomp) // INSTRUCTION_BYTES, seccomp)
    _done(_libc.prctl(SET_FILTER, FILTER_MODE, ctypes.byref(program), 0, 0), "the system-call filter")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends."""
    _done(_prctl(DIES_WITH_PARENT, 9), "dying with the parent")


def limit(ceilings: Mapping[str, int], niceness: int) -> None:
    """Bound what this process may use, for good."""
    for name, most in ceilings.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (most, most))
    os.nice(niceness)


def _lay_out(inputs: Mapping[str, int]) -> None:
    """Copy the input files (name to descriptor) into memory of the call, then close it to writing."""
    _tmpfs(str(INPUTS), 0, "mode=0755")
    for name, descriptor in inputs.items():
        with os.fdopen(descriptor, "rb") as given, Path(INPUTS, name).open("xb") as copy:
            shutil.copyfileobj(given, copy)
    _mount(None, str(INPUTS), REMOUNT | BIND | READ_ONLY | PLAIN)


def _tmpfs(place: str, flags: int, options: str) -> None:
    _mount("tmpfs", place, PLAIN | flags, "tmpfs", options)


def _mount(
    source: str | None, place: str, flags: int, kind: str | None = None, options: str | None = None
) -> None:
    words = [None if word is None else word.encode() for word in (source, place, kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), None if options is None else options.encode())
    _done(result, f"mounting {place!r}")


def _prctl(option: int, value: int) -> int:
    return int(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def _done(result: int, what: str) -> None:
    if result == -1:
        raise OSError(ctypes.get_errno(), f"the kernel refused {what}: {os.strerror(ctypes.get_errno())}")
