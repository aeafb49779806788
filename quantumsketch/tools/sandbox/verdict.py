"""Judges a call: whether it is over its limits, how near to them, what its end means. Looks at nothing."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.tool import BY_SIGNAL, Ended, Limits


@dataclass(frozen=True)
class Verdict:
    """How a call ended, or why it must end."""

    ended: Ended
    detail: str = ""


@dataclass(frozen=True)
class Seen:
    """What one look found a call to use, all its processes together."""

    processes: int = 0
    threads: int = 0
    cpu_s: float = 0.0
    memory_bytes: int = 0
    scratch_bytes: int = 0
    scratch_files: int = 0


def over(seen: Seen, limits: Limits) -> Verdict | None:
    """Return why a call must end, or None if it may go on."""
    if seen.processes > limits.processes or seen.threads >= most_threads(limits):
        return too_many_processes(limits)
    if seen.memory_bytes > limits.memory_bytes:
        return too_much_memory(limits)
    if seen.cpu_s > limits.cpu_s:
        return too_much_cpu(limits)
    if seen.scratch_bytes >= limits.scratch_bytes:
        return Verdict(Ended.OUT_OF_DISK, f"it used up {limits.scratch_bytes} bytes of scratch")
    if seen.scratch_files > limits.scratch_files:
        files = f"more than {limits.scratch_files} files in scratch and shared memory"
        return Verdict(Ended.OUT_OF_DISK, f"there were {files}")
    return None


def nearness(seen: Seen, limits: Limits) -> float:
    """Return how much of its limits a call uses, of the one that it is nearest to: 1 is all."""
    return max(
        seen.processes / limits.processes,
        seen.threads / most_threads(limits),
        seen.cpu_s / limits.cpu_s,
        seen.memory_bytes / limits.memory_bytes,
        seen.scratch_bytes / limits.scratch_bytes,
        seen.scratch_files / limits.scratch_files,
    )


def of_exit(code: int, seen: Seen, limits: Limits) -> Verdict:
    """Return what the exit code of a call means that ended by itself, having used what was seen last."""
    if code == 0:
        return Verdict(Ended.OK)
    if verdict := over(seen, limits):
        return verdict
    if BY_SIGNAL < code < BY_SIGNAL + signal.NSIG:
        return Verdict(Ended.KILLED, f"it died of signal {code - BY_SIGNAL}")
    return Verdict(Ended.ERROR, f"it ended with exit code {code}")


def too_many_processes(limits: Limits) -> Verdict:
    """Return the verdict on a call that starts too much at a time."""
    return Verdict(Ended.KILLED, f"it had more than {limits.processes} processes or too many threads")


def too_much_memory(limits: Limits) -> Verdict:
    """Return the verdict on a call that needs too much memory."""
    return Verdict(Ended.OUT_OF_MEMORY, f"it used more than {limits.memory_bytes} bytes of memory")


def too_much_cpu(limits: Limits) -> Verdict:
    """Return the verdict on a call that computes for too long, on however many processors."""
    return Verdict(Ended.KILLED, f"it used more than {limits.cpu_s:g} s of processor time")
