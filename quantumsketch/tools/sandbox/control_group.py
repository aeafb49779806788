"""A call's own control groups: what the kernel itself caps, counts and kills, in version 1 and in version 2.

Made where this process may make them, in each hierarchy that is mounted; where it may not (an ordinary user,
a container whose groups are read-only) there are none, every question is answered with "not known", and the
watcher remains. Never moves a process that is not the call's, and never makes a file: only groups.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.sandbox.hierarchies import Hierarchy, hierarchies
from quantumsketch.tools.sandbox.verdict import Verdict, too_many_processes, too_much_memory
from quantumsketch.tools.tool import Limits

CONTROLLERS = frozenset({"pids", "memory", "cpu", "cpuacct"})
PREFIX = "quantumsketch"
FIRST_TO_GO = "1000"
"""When the machine itself runs out of memory, the kernel is to end calls, not the database."""
ROUNDS, A_MOMENT_S = 20, 0.001


class ControlGroup:
    """The groups of one call. What is asked of them is asked by the name of a file, wherever that lies."""

    def __init__(self, groups: Sequence[Path], limits: Limits) -> None:
        """Put the ceilings on groups that were just made; what a kernel does not know is left out."""
        self.made = tuple(groups)
        self._files = _files(self.made)
        self._limits = limits
        for name, value in _ceilings(limits):
            self._write(name, value)

    def enter(self, pid: int) -> None:
        """Put a process, and all that it starts from now on, under the caps."""
        _overwritten(Path(f"/proc/{pid}/oom_score_adj"), FIRST_TO_GO)
        # a group that it cannot enter (it has ended, or we may not) knows nothing of it and is asked nothing
        entered = [group for group in self.made if _overwritten(group / "cgroup.procs", str(pid))]
        self._files = _files(entered)

    @property
    def held(self) -> frozenset[str]:
        """What the kernel itself holds to its limit: "memory", "processes", both or nothing."""
        ceilings = {"pids.max": "processes", "memory.max": "memory", "memory.limit_in_bytes": "memory"}
        return frozenset(what for name, what in ceilings.items() if self._number(name) is not None)

    def cpu_s(self) -> float | None:
        """Return the processor seconds of all who are or were in the group; None if nobody counted."""
        microseconds, nanoseconds = self._counter("cpu.stat", "usage_usec"), self._number("cpuacct.usage")
        if microseconds is not None:
            return microseconds / 1e6
        return None if nanoseconds is None else nanoseconds / 1e9

    def peak_bytes(self) -> int | None:
        """Return the most memory that was in use at a time, with what was kept of files; None as above."""
        peak = self._number("memory.peak")
        return self._number("memory.max_usage_in_bytes") if peak is None else peak

    def struck(self) -> Verdict | None:
        """Return why the call must end if the kernel struck: it ended a process, or let none begin."""
        ended = self._counter("memory.events", "oom_kill") or self._counter("memory.oom_control", "oom_kill")
        if ended:
            return too_much_memory(self._limits)
        return too_many_processes(self._limits) if self._counter("pids.events", "max") else None

    def kill(self) -> None:
        """Kill all that is in the group; the dying may take a moment more."""
        if self._write("cgroup.kill", "1"):
            return
        self._write("pids.max", "0")  # from here on nobody in it can start another
        killed: set[int] = set()
        for _ in range(ROUNDS):
            for pid in self._processes() - killed:
                self._kill_member(pid)
                killed.add(pid)

    def _processes(self) -> set[int]:
        return {int(pid) for text in self._texts("cgroup.procs") for pid in text.split()}

    def _kill_member(self, pid: int) -> None:
        """Kill a process if it still is in the group once it is held: its number may be another's by now."""
        with suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                if pid in self._processes():
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                os.close(handle)

    def _counter(self, name: str, key: str) -> int | None:
        """Return one line's number in a file of keys and numbers."""
        lines = (line.split() for text in self._texts(name) for line in text.splitlines())
        return next((int(line[1]) for line in lines if line[0] == key), None)

    def _number(self, name: str) -> int | None:
        """Return the number that a file holds; "max" is none."""
        return next((int(text) for text in self._texts(name) if text.strip().isdigit()), None)

    def _texts(self, name: str) -> Iterator[str]:
        for file in self._files.get(name, ()):
            with suppress(OSError):
                yield file.read_text()

    def _write(self, name: str, value: str) -> bool:
        return any([_overwritten(file, value) for file in self._files.get(name, ())])  # noqa: C419  (all of them)


def _files(groups: Iterable[Path]) -> Mapping[str, Sequence[Path]]:
    """Return the files of these groups by their names: they are asked for forty times a second."""
    files: dict[str, list[Path]] = {}
    for group in groups:
        for file in group.iterdir():
            files.setdefault(file.name, []).append(file)
    return files


@contextmanager
def control_group(limits: Limits) -> Iterator[ControlGroup]:
    """Lend a call's control groups, empty and capped; they are removed afterwards."""
    wanted = [here for here in hierarchies() if here.unified or here.controllers & CONTROLLERS]
    with ExitStack() as ends:
        groups = [group for here in wanted if (group := _own_group(here, ends))]
        yield ControlGroup(groups, limits)


def held_by_the_kernel() -> frozenset[str]:
    """Return what the kernel would hold to its limit for a call; a watcher holds the rest."""
    with control_group(Limits()) as group:
        return group.held


def _ceilings(limits: Limits) -> Iterable[tuple[str, str]]:
    """Give what to write into which file, in this order; each kernel has a part of them."""
    memory = str(limits.memory_bytes)
    yield "pids.max", str(most_threads(limits))
    yield from (("memory.max", memory), ("memory.swap.max", "0"), ("memory.oom.group", "1"))
    # version 1: memory and swap together have a ceiling not below memory's, sockets one of their own
    yield from (("memory.limit_in_bytes", memory), ("memory.memsw.limit_in_bytes", memory))
    yield "memory.kmem.tcp.limit_in_bytes", memory
    # Not a quota: an idle machine is the call's. Half the share of a usual process, however many it has.
    yield from (("cpu.weight", "50"), ("cpu.shares", "512"))


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
            for controller in CONTROLLERS:
                _overwritten(place / "cgroup.subtree_control", f"+{controller}")
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


def _overwritten(file: Path, text: str) -> bool:
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
