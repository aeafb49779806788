"""What the host sees of processes while they run: privileges, namespaces, mounts, open files, sockets.

Read from the host's own /proc, never asked of the processes. A process that does not let itself be looked
into is `closed`: an onlooker who sees nothing must not find everything in order.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass, field, replace
from pathlib import Path

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
GET_FROM_PROCESS = 438  # pidfd_getfd, on every architecture
NAME_LENGTH = 15
"""The kernel knows no more of a process's name."""
WRITABLE = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True)
class Process:
    """One process, at one moment."""

    pid: int
    inner_pid: int
    """As it sees itself."""
    status: Mapping[str, str] = field(repr=False)
    """The fields of /proc/PID/status, which everybody may read."""
    closed: bool = False
    """Whether we may not know more: the rest is empty then."""
    namespaces: Mapping[str, str] = field(default_factory=dict, repr=False)
    root: tuple[int, int] = (0, 0)
    """Device and inode of what it takes for `/`."""
    mounts: str = field(default="", repr=False)
    written: tuple[str, ...] = ()
    """The mounted folders in which lies a file with the attempt's word as its name."""
    environment: bytes = field(default=b"", repr=False)
    files: Mapping[str, bool] = field(default_factory=dict)
    """What its descriptors refer to, and whether it may be written."""
    sockets: frozenset[tuple[int, int]] = frozenset()
    """Family and type of its sockets."""
    addresses: str = field(default="", repr=False)
    """The addresses and routes of its network namespace."""
    personality: int = 0

    @property
    def capable(self) -> bool:
        """Whether it has, or could get, any capability."""
        return any(int(self.status[f"Cap{which}"], 16) for which in ("Inh", "Prm", "Eff", "Bnd", "Amb"))

    @property
    def user(self) -> int:
        """Its effective user on the host."""
        return int(self.status["Uid"].split()[1])

    @property
    def unbound(self) -> bool:
        """Whether it could gain privileges by a program, or make any system call."""
        return self.status["NoNewPrivs"] != "1" or self.status["Seccomp"] != "2"


def host_namespaces() -> dict[str, str]:
    """Return the namespaces of this process."""
    return _namespaces(os.getpid())


def pids_of(token: str) -> list[int]:
    """Return the processes with the token in their command line or name, and all their descendants.

    And those who share a process namespace with one of them, if that is not the host's.
    """
    parents, spaces, found = {}, {}, set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                pid = int(place.name)
                parents[pid] = int(_text(place / "stat").rpartition(")")[2].split()[1])
                words = _text(place / "cmdline") + _text(place / "comm")
                if token[:NAME_LENGTH] in words:
                    found.add(pid)
                spaces[pid] = (place / "ns" / "pid").readlink()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    boxes = {spaces.get(pid) for pid in found} - {spaces[os.getpid()], None}
    return sorted((found | {pid for pid, space in spaces.items() if space in boxes}) - {os.getpid()})


def look_at(token: str, *, boxed: bool) -> tuple[Process, ...]:
    """Look at an attempt's processes; if boxed, only at those with a process namespace of their own."""
    found = []
    for pid in pids_of(token):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if not boxed or _in_another_box(pid):
                found.append(_look(pid, token))
    return tuple(found)


def _in_another_box(pid: int) -> bool:
    return len(_text(Path(f"/proc/{pid}/status")).partition("NSpid:")[2].split("\n")[0].split()) > 1


def _look(pid: int, token: str) -> Process:
    place = Path(f"/proc/{pid}")
    status = dict(line.split(":\t", 1) for line in _text(place / "status").split("\n") if line)
    process = Process(pid, int(status["NSpid"].split()[-1]), status, closed=True)
    try:
        return _looked_into(process, place, token)
    except PermissionError:
        return process


def _looked_into(process: Process, place: Path, token: str) -> Process:
    root = (place / "root").stat()
    mounts = _text(place / "mountinfo")
    folders = {line.split()[4] for line in mounts.split("\n") if line}
    return replace(
        process,
        closed=False,
        namespaces=_namespaces(process.pid),
        root=(root.st_dev, root.st_ino),
        mounts=mounts,
        written=tuple(sorted(f for f in folders if os.path.lexists(f"{place}/root{f}/{token}"))),
        environment=(place / "environ").read_bytes(),
        files=dict(_files(place)),
        sockets=frozenset(_sockets(process.pid)),
        addresses="".join((place / "net" / name).read_text() for name in ("dev", "fib_trie", "route")),
        personality=int((place / "personality").read_text(), 16),
    )


def _text(file: Path) -> str:
    """Read bytes: what a process calls itself may be no text, or look like the end of a line."""
    return file.read_bytes().decode(errors="replace")


def _namespaces(pid: int) -> dict[str, str]:
    return {name: str(Path(f"/proc/{pid}/ns/{name}").readlink()) for name in NAMESPACES}


def _files(place: Path) -> Iterator[tuple[str, bool]]:
    for descriptor in (place / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            flags = (place / "fdinfo" / descriptor.name).read_text().split("flags:")[1].split()[0]
            yield str(descriptor.readlink()), bool(int(flags, 8) & WRITABLE)


def _sockets(pid: int) -> Iterator[tuple[int, int]]:
    handle = os.pidfd_open(pid)
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if not str(descriptor.readlink()).startswith("socket:"):
                continue
            copy = CDLL(None).syscall(GET_FROM_PROCESS, handle, int(descriptor.name), 0)
            if copy < 0:
                raise PermissionError(f"cannot look at socket {descriptor.name} of process {pid}")
            with socket.socket(fileno=copy) as found:
                yield int(found.family), int(found.type)
    finally:
        os.close(handle)
