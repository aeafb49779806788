"""The doctor's tries of what bounds a call: each goes over one limit and has to be ended for it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from quantumsketch.tools.sandbox.guard import guarded
from quantumsketch.tools.tool import Ended, Limits

SHORT_S, PATIENT_S = 0.5, 10.0
MIB = 2**20


@dataclass(frozen=True)
class Try:
    """A payload for /bin/sh that goes over one limit, and how it has to end then."""

    name: str
    script: str
    limits: Limits
    ends: frozenset[Ended]
    bound: str = ""
    """How this is called where a control group of the kernel can hold it; all else only a watcher can."""


TRIES = (
    Try(
        "memory is limited",
        "for n in 1 2 3 4; do (head -c 16M /dev/zero; sleep 2) | tail -n 1 & done; wait",
        Limits(wall_s=PATIENT_S, memory_bytes=32 * MIB),
        frozenset({Ended.OUT_OF_MEMORY}),
        bound="memory",
    ),
    Try(
        "disk is limited",
        "head -c 4M /dev/zero >a; head -c 4M /dev/zero >b; sleep 2",
        Limits(wall_s=PATIENT_S, scratch_bytes=MIB),
        frozenset({Ended.OUT_OF_DISK}),
    ),
    Try(
        "files are limited",
        "n=0; while [ $n -lt 200 ]; do : >$n; n=$((n+1)); done; sleep 2",
        Limits(wall_s=PATIENT_S, scratch_files=50),
        frozenset({Ended.OUT_OF_DISK}),
    ),
    Try(
        "processes are limited",
        "for n in 1 2 3 4 5 6 7 8 9; do sleep 2 & done; wait",
        Limits(wall_s=PATIENT_S, processes=1),
        # the kernel refuses a fork, which is an error of the payload; the watcher kills
        frozenset({Ended.ERROR, Ended.KILLED}),
        bound="processes",
    ),
)


def overstaying(mark: str) -> str:
    """Return a script that stays a minute, in processes that have the word `mark` in their command line."""
    return f"trap '' TERM HUP INT; setsid sleep {mark} & nohup sleep {mark} >/dev/null & sleep {mark}"


def alive(mark: str) -> list[int]:
    """Return the host's processes that have `mark` as a word of their command line."""
    return [
        int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit() and _has(place, mark)
    ]


def _has(process: Path, mark: str) -> bool:
    try:
        return mark.encode() in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is not ours
        return False


def unguarded() -> str:
    """Let the guard look where no walls are, at this process; return what the payload behind it printed."""
    words = guarded(["/bin/echo", "the payload ran"], proc=True)
    return subprocess.run(  # noqa: S603  (a fixed command)
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENT_S
    ).stdout
