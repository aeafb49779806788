"""Makes groups for a call where this process may, in each hierarchy that is mounted; owns and removes them.

An ordinary user often may not, and a container's groups are often read-only: then there are none. Never
moves a process, and never makes a file: only groups. Knows nothing of limits.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from quantumsketch.tools.sandbox.hierarchies import Hierarchy, hierarchies

CONTROLLERS = frozenset({"pids", "memory", "cpu", "cpuacct"})
ASKED_FOR = ("pids", "memory")
"""Those of version 2 that we have handed on to groups of ours. The others change how the host's share it."""
PREFIX = "quantumsketch"
ROUNDS, A_MOMENT_S = 20, 0.001


@contextmanager
def own_groups() -> Iterator[Sequence[Path]]:
    """Lend new groups, at most one in each hierarchy; they are removed afterwards."""
    wanted = [here for here in hierarchies() if here.unified or here.controllers & CONTROLLERS]
    with ExitStack() as ends:
        yield [group for here in wanted if (group := _own_group(here, ends))]


def _own_group(hierarchy: Hierarchy, ends: ExitStack) -> Path | None:
    """Make a group that no sweep will take for a dead one's, until the end; None where none can be made."""
    for _ in range(ROUNDS):
        group = _new_group(hierarchy)
        if group is None:
            return None
        with suppress(OSError):  # a sweep came between: try again with another
            ends.enter_context(_owned(group))
            if group.exists():
                ends.callback(_remove, group)
                return group
    return None


def _new_group(hierarchy: Hierarchy) -> Path | None:
    """Make a group where it has the most controllers; None where none can be made."""
    # The payload can read this name, so it says nothing of us: not whose it is, and not which call.
    name = f"{PREFIX}-{secrets.token_hex(8)}"
    made: list[Path] = []
    for parent in _parents(hierarchy):
        _sweep(parent)
        with suppress(OSError):  # not ours, or read-only
            (parent / name).mkdir()
            made.append(parent / name)
    # without controllers a group of version 2 still counts processor time, and kills
    best = max(made, key=lambda group: len(_controllers(group)), default=None)
    for group in made:
        if group != best:
            with suppress(OSError):  # a sweep was faster
                group.rmdir()
    return best


def _controllers(group: Path) -> frozenset[str]:
    """Return those of the wanted controllers that a group of version 2 has."""
    try:
        return CONTROLLERS.intersection((group / "cgroup.controllers").read_text().split())
    except OSError:
        return frozenset()  # it is of version 1, which has no such file


def _parents(hierarchy: Hierarchy) -> Iterable[Path]:
    """Give the groups that ours may be in, the best first.

    Below our own we keep the limits that somebody put on us. In version 2 only the uppermost group of all may
    have both processes and children with controllers: elsewhere ours lies beside us, if we may.
    """
    places = [hierarchy.own]
    if hierarchy.unified and hierarchy.own != hierarchy.top:
        places.append(hierarchy.own.parent)
    for place in places:
        if hierarchy.unified and _may_have_controllers(place):
            for controller in ASKED_FOR:
                overwritten(place / "cgroup.subtree_control", f"+{controller}")
        yield place


def _may_have_controllers(place: Path) -> bool:
    """Tell whether children with controllers are possible: in an empty group, or in the uppermost of all.

    In one with processes the kernel would accept some controllers, and make its children useless for a call.
    """
    try:
        uppermost = not (place / "cgroup.type").exists()
        return uppermost or not (place / "cgroup.procs").read_text().strip()
    except OSError:
        return False


def overwritten(file: Path, text: str) -> bool:
    """Write into a file of the kernel's, and tell whether it was taken.

    Never makes one: the folder may be no control group at all.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.write(descriptor, text.encode()) > 0
    except OSError:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def _owned(group: Path) -> Iterator[None]:
    """Hold a lock on a group's folder by which a sweep sees that its owner lives."""
    handle = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove(group: Path) -> None:
    """Remove a group; one that still has members is left for a sweep."""
    for _ in range(ROUNDS):
        with suppress(OSError):
            group.rmdir()
        if not group.exists():
            break
        time.sleep(A_MOMENT_S)  # the kernel has not done with its last member


def _sweep(parent: Path) -> None:
    """Remove the groups of processes that were killed."""
    for group in parent.glob(f"{PREFIX}-*"):
        with suppress(OSError), _owned(group):  # it is in use, or another sweep was faster
            group.rmdir()
