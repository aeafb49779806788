"""What a tree of processes uses right now, read from /proc. Knows nothing of limits and kills nobody.

Needed because no rlimit counts a whole tree, and control groups are not there for everyone. The processor
time of the dead counts with the parent that waited for them; where nobody did, only a control group knows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a tree uses: processes, threads, processor seconds, memory of its processes."""

    processes: int
    threads: int
    cpu_s: float
    private_bytes: int
    """Also what is swapped out, and the kernel's tables of it: large ones can stand for next to nothing.

    What a process shares with its parent until one of them writes counts for both.
    """
    shared_bytes: int
    """Counted once for each process that has it resident."""
    written_bytes: int
    """To disks, whatever became of them; with that of the dead as above."""
    holders: tuple[int, ...]
    """For each process a thread that has its memory and open files."""


class _One(NamedTuple):
    threads: int
    ticks: int
    private_bytes: int
    shared_bytes: int
    written_bytes: int
    holder: int


def usage(root: int, most: int) -> Usage:
    """Return what the process `root` and its descendants use; stops counting after `most` processes.

    Reads only what the kernel tells without waiting for the process: a busy one cannot delay this.
    """
    found: list[_One] = []
    for pid in tree(root):
        found.append(_of_one(pid))
        if len(found) > most:
            break
    return Usage(
        processes=len(found),
        threads=sum(one.threads for one in found),
        cpu_s=sum(one.ticks for one in found) / TICKS_PER_S,
        private_bytes=sum(one.private_bytes for one in found),
        shared_bytes=sum(one.shared_bytes for one in found),
        written_bytes=sum(one.written_bytes for one in found),
        holders=tuple(one.holder for one in found),
    )


def available_memory_bytes() -> int:
    """Return how much memory this machine could give to programs without swapping; 0 if it does not tell."""
    available = _fields("/proc/meminfo").get("MemAvailable", "0")
    return int(available.split()[0]) * 1024


def tree(root: int) -> Iterator[int]:
    """Give root and all its descendants; whoever ends meanwhile is left out."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        for thread in _threads(pid):
            with suppress(OSError):  # that thread has ended
                waiting += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  (dozens of processes, four times a second)
    except OSError:
        return []  # that process has ended


def _of_one(pid: int) -> _One:
    """Return what one process uses; zeros if it has ended. Memory that a named file backs does not count."""
    try:
        own = _status(pid)
        # the name of the program, in parentheses, may itself hold any bytes, parentheses too
        times = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()[11:15]
    except OSError:
        return _One(0, 0, 0, 0, 0, pid)
    holder, living = (pid, own) if "RssAnon" in own else _living_thread(pid)
    names = ("RssShmem", "RssAnon", "VmSwap", "VmPTE", "HugetlbPages")
    shared, *private = (int(living.get(name, "0").split()[0]) * 1024 for name in names)
    threads, ticks = int(own.get("Threads", "0")), sum(map(int, times))
    return _One(threads, ticks, sum(private), shared, _written(pid), holder)


def _living_thread(pid: int) -> tuple[int, Mapping[str, str]]:
    """Find another thread to ask: a process whose first one has ended goes on, but shows no memory there."""
    for thread in map(int, _threads(pid)):
        with suppress(OSError):  # that thread has ended too
            fields = _status(thread)
            if "RssAnon" in fields:
                return thread, fields
    return pid, {}


def _written(pid: int) -> int:
    try:
        return int(_fields(f"/proc/{pid}/io")["write_bytes"])
    except (OSError, KeyError):
        return 0  # it has ended, or this kernel does not count that


def _status(pid: int) -> Mapping[str, str]:
    return _fields(f"/proc/{pid}/status")


def _fields(file: str) -> Mapping[str, str]:
    # nowhere else do lines end: a program may call itself "\fRssAnon: 0"; "\n" in its name the kernel escapes
    return dict(line.split(":", 1) for line in _text(file).split("\n") if ":" in line)


def _text(file: str) -> str:
    """Read bytes: as text, a carriage return in a hostile name would become the end of a line."""
    return Path(file).read_bytes().decode(errors="replace")
