"""A call's own control groups: what the kernel itself caps, counts and kills, in version 1 and in version 2.

Where none can be made (see `own_groups`) every question is answered with "not known", and the watcher
remains. Knows no hierarchies: it is given groups, and their files say what they have.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.sandbox.own_groups import overwritten, own_groups
from quantumsketch.tools.sandbox.verdict import Verdict, too_many_processes, too_much_memory
from quantumsketch.tools.tool import Limits

FIRST_TO_GO = "1000"
"""When the machine itself runs out of memory, the kernel is to end calls, not the database."""
ROUNDS = 20


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
        overwritten(Path(f"/proc/{pid}/oom_score_adj"), FIRST_TO_GO)
        # a group that it cannot enter (it has ended, or we may not) knows nothing of it and is asked nothing
        entered = [group for group in self.made if overwritten(group / "cgroup.procs", str(pid))]
        self._files = _files(entered)

    @property
    def held(self) -> frozenset[str]:
        """What the kernel itself holds to its limit: "memory" with its swap, "processes", both or none."""
        ceilings = {"pids.max": "processes", "memory.max": "memory", "memory.limit_in_bytes": "memory"}
        held = {what for name, what in ceilings.items() if self._number(name) is not None}
        swapping = ("memory.swap.max", "memory.memsw.limit_in_bytes")
        if _has_swap() and all(self._number(name) is None for name in swapping):
            held -= {"memory"}
        return frozenset(held)

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
        lines = (line.partition(" ") for text in self._texts(name) for line in text.splitlines())
        return next((int(number) for word, _, number in lines if word == key), None)

    def _number(self, name: str) -> int | None:
        """Return the number that a file holds; "max" is none."""
        return next((int(text) for text in self._texts(name) if text.strip().isdigit()), None)

    def _texts(self, name: str) -> Iterator[str]:
        for file in self._files.get(name, ()):
            with suppress(OSError):
                yield file.read_text()

    def _write(self, name: str, value: str) -> bool:
        return any([overwritten(file, value) for file in self._files.get(name, ())])  # noqa: C419  (all of them)


def _has_swap() -> bool:
    """Tell whether this machine moves memory to a disk, where a ceiling on memory does not see it."""
    try:
        return len(Path("/proc/swaps").read_text().splitlines()) > 1  # below the head of the table
    except OSError:
        return True


def _files(groups: Iterable[Path]) -> Mapping[str, Sequence[Path]]:
    """Return the files of these groups by their names: they are asked for twenty times a second."""
    files: dict[str, list[Path]] = {}
    for group in groups:
        for file in group.iterdir():
            files.setdefault(file.name, []).append(file)
    return files


@contextmanager
def control_group(limits: Limits) -> Iterator[ControlGroup]:
    """Lend a call's control groups, empty and capped; they are removed afterwards."""
    with own_groups() as groups:
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
