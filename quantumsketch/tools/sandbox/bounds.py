"""The bounds of one call, from its first process to its last: what the kernel holds, and what a watcher must.

Looks often and cheaply, and thoroughly when it is time or when the machine itself runs short of something.
Starts nothing, and knows no backend: it is told the call's first process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quantumsketch.tools.sandbox.contents import Contents, TooMuch, contents
from quantumsketch.tools.sandbox.control_group import ControlGroup, control_group
from quantumsketch.tools.sandbox.nameless import held_by
from quantumsketch.tools.sandbox.shared_memory import files_in_shared_memory
from quantumsketch.tools.sandbox.standstill import standstill
from quantumsketch.tools.sandbox.verdict import Seen, Verdict, nearness, of_exit, over
from quantumsketch.tools.sandbox.watcher import available_memory_bytes, usage
from quantumsketch.tools.tool import Ended, Limits

GLANCE_EVERY_S = 0.05
LOOK_EVERY_S = 0.25
NEAR = 0.5  # of a limit: from there on it is looked at all the time
AT_REST = 4  # times as long as a look took: a watcher may not eat the machine itself
TRIES = 3


class Bounds:
    """Watches one call and says when it must end."""

    def __init__(self, limits: Limits, scratch: Path, group: ControlGroup) -> None:
        """Take what the call may use, the folder that it may fill, and its control groups."""
        self._limits, self._scratch, self._group = limits, scratch, group
        self._first = 0
        self._seen = Seen()
        self._peak_bytes = 0
        self._cpu_s = 0.0
        self._held_by_kernel = False
        self._rest_until = self._look_at = 0.0
        self._free = self._free_at_first = self._free_now()

    def enter(self, first: int) -> None:
        """Bound a process and all that it starts from now on."""
        self._first = first
        self._group.enter(first)
        self._held_by_kernel = "memory" in self._group.held
        self._free = self._free_at_first = self._free_now()

    def look_is_due(self) -> bool:
        """Tell at once whether to look: it is time, the kernel struck, or the machine runs short."""
        now = time.monotonic()
        if now >= self._look_at or self._group.struck():
            return True
        return now >= self._rest_until and self._machine_runs_short()

    def look(self) -> Verdict | None:
        """Return why the call must end now, or None. Can take half a second: not for event loops."""
        if struck := self._group.struck():
            return struck
        began = time.monotonic()
        try:
            left = self._in_scratch()
        except TooMuch as error:
            return Verdict(Ended.OUT_OF_DISK, f"there was {error}")
        # the rest can be made to take a second: what is full already does not wait for it
        if full := over(Seen(scratch_bytes=left.bytes, scratch_files=left.files), self._limits):
            return full
        self._seen = self._with(left)
        ended = time.monotonic()
        self._rest_until = ended + min(AT_REST * (ended - began), LOOK_EVERY_S)
        near = nearness(self._seen, self._limits) >= NEAR
        self._look_at = self._rest_until if near else max(self._rest_until, ended + LOOK_EVERY_S)
        return over(self._seen, self._limits)

    def kill(self) -> None:
        """Kill what the control groups hold, after noting what it used: nobody tells that of the dead."""
        if self._first and self._group.cpu_s() is None:
            self._cpu_s = usage(self._first, self._limits.processes).cpu_s
        self._group.kill()
        self._first = 0  # a look that still goes on finds nobody, not even one with the same number

    def cpu_s(self, reaped: float) -> float:
        """Return the processor seconds of the whole call, given those that were told when it was reaped."""
        return max(reaped, self._cpu_s, self._seen.cpu_s, self._group.cpu_s() or 0.0)

    def peak_bytes(self) -> int | None:
        """Return the most memory that the call had at a time; None if it ended before anybody looked."""
        counted = self._group.peak_bytes()
        return self._peak_bytes or None if counted is None else counted

    def of_exit(self, code: int, cpu_s: float) -> Verdict:
        """Return what the exit code of a call means that ended by itself and used so much processor time."""
        if struck := self._group.struck():
            return struck
        if code == 0:
            return Verdict(Ended.OK)
        try:
            left = contents(self._scratch, self._limits.scratch_files)
        except TooMuch as error:
            return Verdict(Ended.OUT_OF_DISK, f"there was {error}")
        seen = Seen(cpu_s=cpu_s, scratch_bytes=left.bytes, scratch_files=left.files)
        return of_exit(code, seen, self._limits)

    def _with(self, left: Contents) -> Seen:
        """Return all that the call uses, given what is in scratch.

        What it hides is bounded too: by what the host has lost since it began, on disk also by what it wrote.
        """
        self._free = self._free_now()
        used = usage(self._first, self._limits.processes)
        held = held_by(used.holders)
        memory = 0 if self._held_by_kernel else used.private_bytes + max(used.shared_bytes, held.memory_bytes)
        self._peak_bytes = max(self._peak_bytes, memory)
        cpu_s = max(used.cpu_s, self._group.cpu_s() or 0.0)
        disk = left.bytes + held.disk_bytes
        lost_disk, lost_memory = (
            before - now for before, now in zip(self._free_at_first, self._free_now(), strict=True)
        )
        disk = max(disk, min(lost_disk, used.written_bytes))
        memory = memory if held.complete else max(memory, lost_memory)
        files = left.files + files_in_shared_memory(self._first)
        return Seen(used.processes, used.threads, cpu_s, memory, disk, files)

    def _in_scratch(self) -> Contents:
        """Count scratch; where names vanish meanwhile, once more with the call at a standstill."""
        left = contents(self._scratch, self._limits.scratch_files)
        if not left.vanished:
            return left
        for _ in range(TRIES):
            with standstill(self._first):
                left = contents(self._scratch, self._limits.scratch_files)
            if not left.vanished:
                return left
        raise TooMuch("so much coming and going in scratch that it cannot be counted")

    def _machine_runs_short(self) -> bool:
        """Tell whether the host lost half of what the call may still take; to whom, a look will tell."""
        left = (
            self._limits.scratch_bytes - self._seen.scratch_bytes,
            self._limits.memory_bytes - self._seen.memory_bytes,
        )
        pairs = zip(self._free, self._free_now(), left, strict=True)
        return any(before - now > rest / 2 for before, now, rest in pairs)

    def _free_now(self) -> tuple[int, int]:
        """Return the free bytes of scratch's disk, and of memory where the kernel does not hold that."""
        disk = os.statvfs(self._scratch)
        return disk.f_bfree * disk.f_frsize, 0 if self._held_by_kernel else available_memory_bytes()


@contextmanager
def bounds(limits: Limits, scratch: Path) -> Iterator[Bounds]:
    """Lend the bounds of one call."""
    with control_group(limits) as group:
        yield Bounds(limits, scratch, group)
