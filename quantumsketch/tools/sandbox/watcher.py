"""What a tree of processes uses right now, read from /proc. Knows nothing of limits and kills nobody.

Needed because no rlimit counts a whole tree, and control groups are not there for everyone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system


@dataclass(frozen=True)
class Usage:
    """What a tree uses: processes, threads, processor seconds, memory of its own, files without a name."""

    processes: int
    threads: int
    cpu_s: float
    memory_bytes: int
    nameless_bytes: int


class _One(NamedTuple):
    threads: int
    ticks: int
    memory_bytes: int


def usage(root: int, most: int) -> Usage:
    """Return what the process `root` and its descendants use; stops counting after `most` processes."""
    processes = threads = ticks = memory_bytes = 0
    nameless: dict[tuple[int, int], int] = {}
    for pid in _tree(root):
        processes += 1
        threads += (one := _of_one(pid)).threads
        ticks += one.ticks
        memory_bytes += one.memory_bytes
        nameless.update(_nameless_files(pid))
        if processes > most:
            break
    return Usage(processes, threads, ticks / TICKS_PER_S, memory_bytes, sum(nameless.values()))


def _tree(root: int) -> Iterator[int]:
    """Give root and all its descendants; whoever ends meanwhile is left out."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += map(int, children.read_text().split())
            except OSError:
                continue  # that thread has ended


def _of_one(pid: int) -> _One:
    """Return what one process uses; zeros if it has ended. Memory that a file backs does not count."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        # the name of the program, in parentheses, may itself hold blanks and parentheses
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    except OSError:
        return _One(0, 0, 0)
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    kib = sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem") if name in fields)
    return _One(int(fields.get("Threads", "0")), sum(map(int, times)), kib * 1024)


def _nameless_files(pid: int) -> dict[tuple[int, int], int]:
    """Return the bytes of open files that no folder lists (deleted, memfd), by device and inode."""
    found = {}
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208  (hundreds of names, four times a second)
    except OSError:
        return {}
    for descriptor in descriptors:
        try:
            status = os.stat(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH116  (as above)
        except OSError:
            continue
        if status.st_nlink == 0 and stat.S_ISREG(status.st_mode):
            found[status.st_dev, status.st_ino] = status.st_blocks * BLOCK_BYTES
    return found
