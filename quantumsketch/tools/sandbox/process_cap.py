"""Caps how many threads a call may have, by a control group of its own, where this process may make one.

For root nothing else does: the kernel holds no rlimit on processes against it. Others are held by that
rlimit, and need no control group. Where neither works (root in a container without writable control groups)
the watcher remains, and the container's own limit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

HIERARCHIES = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))
"""Where the controller for processes is mounted: version 1, version 2."""
PREFIX = "quantumsketch"
_numbers = count()


@contextmanager
def process_cap(threads: int) -> Iterator[Callable[[int], None]]:
    """Lend a function that puts a process and all it starts under the cap; without one it does nothing."""
    group = _new_group(threads)
    if group is None:
        yield lambda pid: None
        return
    try:
        yield lambda pid: _enter(group, pid)
    finally:
        with suppress(OSError):
            group.rmdir()


def _new_group(threads: int) -> Path | None:
    for hierarchy in HIERARCHIES:
        _sweep(hierarchy)
        group = hierarchy / f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
        try:
            group.mkdir()
        except OSError:
            continue  # not mounted, not ours, or read-only
        with suppress(OSError):
            (group / "pids.max").write_text(str(threads))
            return group
        group.rmdir()
    return None


def _enter(group: Path, pid: int) -> None:
    with suppress(OSError):  # it has ended already, or we may not: then the watcher remains
        (group / "cgroup.procs").write_text(str(pid))


def _sweep(hierarchy: Path) -> None:
    """Remove the groups of processes that were killed; a group in use cannot be removed."""
    for group in hierarchy.glob(f"{PREFIX}-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with suppress(OSError):
                group.rmdir()
