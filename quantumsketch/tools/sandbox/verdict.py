"""Judges a call: whether it is over its limits, and what its end means. Starts and kills nothing."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.sandbox.nameless import held_by
from quantumsketch.tools.sandbox.scratch import TooMuch, used_bytes
from quantumsketch.tools.sandbox.watcher import usage
from quantumsketch.tools.tool import Ended, Limits

BY_SIGNAL = 128  # how shells, `timeout` and bubblewrap report a death by signal: this plus its number


@dataclass(frozen=True)
class Verdict:
    """How a call ended, or why it must end."""

    ended: Ended
    detail: str = ""


def over_limits(process: int, limits: Limits, scratch: Path) -> Verdict | None:
    """Look at the call whose first process is `process`; return why it must end, or None if it may go on."""
    used = usage(process, limits.processes)
    if used.processes > limits.processes or used.threads >= most_threads(limits):
        return Verdict(Ended.KILLED, f"it had more than {limits.processes} processes or too many threads")
    held = held_by(used.holders)
    if used.private_bytes + max(used.shared_bytes, held.memory_bytes) > limits.memory_bytes:
        return Verdict(Ended.OUT_OF_MEMORY, f"it used more than {limits.memory_bytes} bytes of memory")
    return _over_disk(limits, scratch, held.disk_bytes)


def _over_disk(limits: Limits, scratch: Path, nameless_bytes: int = 0) -> Verdict | None:
    try:
        full = used_bytes(scratch) + nameless_bytes >= limits.scratch_bytes
    except TooMuch as error:
        return Verdict(Ended.OUT_OF_DISK, f"there was {error}")
    return Verdict(Ended.OUT_OF_DISK, f"it used up {limits.scratch_bytes} bytes of scratch") if full else None


def of_exit(code: int, limits: Limits, scratch: Path) -> Verdict:
    """Return what the exit code of a call that ended by itself means."""
    if code == 0:
        return Verdict(Ended.OK)
    if over := _over_disk(limits, scratch):
        return over
    if BY_SIGNAL < code < BY_SIGNAL + signal.NSIG:
        return Verdict(Ended.KILLED, f"it died of signal {code - BY_SIGNAL}")
    return Verdict(Ended.ERROR, f"it ended with exit code {code}")
