"""Caps what a call may take of the kernel, by a control group of its own, where this process may make one.

Threads: for root nothing else caps them, because the kernel holds no rlimit on processes against it; others
are held by that rlimit. Memory: here the kernel also counts what no process shows, such as shared memory that
only a message on its way refers to. Where no control group can be made (an ordinary user, or root in a
container where they are not writable) the watcher remains, and the container's own limits.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

HIERARCHIES = tuple(Path("/sys/fs/cgroup", name) for name in ("pids", "memory", ""))
"""Where the controllers are mounted: one each in version 1, all together in version 2."""
PREFIX = "quantumsketch"
_numbers = count()


@contextmanager
def process_cap(threads: int, memory_bytes: int) -> Iterator[Callable[[int], None]]:
    """Lend a function that puts a process and all it starts under the cap; without one it does nothing."""
    # the second is version 1's name, the third version 2's
    ceilings = {"pids.max": threads, "memory.limit_in_bytes": memory_bytes, "memory.max": memory_bytes}
    groups = [group for hierarchy in HIERARCHIES if (group := _new_group(hierarchy, ceilings))]
    try:
        yield lambda pid: _enter(groups, pid)
    finally:
        for group in groups:
            with suppress(OSError):
                group.rmdir()


def _new_group(hierarchy: Path, ceilings: Mapping[str, int]) -> Path | None:
    """Make a group under those ceilings that this hierarchy knows; None if there are none, or not ours."""
    _sweep(hierarchy)
    group = hierarchy / f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
    try:
        group.mkdir()
    except OSError:
        return None  # not mounted, not ours, or read-only
    known = [name for name, most in ceilings.items() if _set(group / name, most)]
    if not known:
        group.rmdir()
        return None
    return group


def _set(ceiling: Path, most: int) -> bool:
    """Set a ceiling that is there; never make a file, for the folder may be no control group at all."""
    try:
        with ceiling.open("r+") as file:
            file.write(str(most))
    except OSError:
        return False
    return True


def _enter(groups: list[Path], pid: int) -> None:
    for group in groups:
        with suppress(OSError):  # it has ended already, or we may not: then the watcher remains
            (group / "cgroup.procs").write_text(str(pid))


def _sweep(hierarchy: Path) -> None:
    """Remove the groups of processes that were killed; a group in use cannot be removed."""
    for group in hierarchy.glob(f"{PREFIX}-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with suppress(OSError):
                group.rmdir()
