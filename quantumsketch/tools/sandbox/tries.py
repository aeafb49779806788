"""The doctor's tries of what bounds a call: each goes over one limit and has to be ended for it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from quantumsketch.tools.sandbox.egress.inside import PORT
from quantumsketch.tools.sandbox.guard import guarded
from quantumsketch.tools.sandbox.landlock import confine
from quantumsketch.tools.tool import Backend, Ended, Limits

SHORT_S, PATIENT_S = 0.5, 10.0
MIB = 2**20
MODEST = Limits(wall_s=PATIENT_S, scratch_bytes=16 * MIB)
"""For calls that need little: a call is refused where there is less room than it may fill."""


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
        "for n in 1 2 3 4; do (head -c 32M /dev/zero; sleep 2) | tail -n 1 & done; wait",
        replace(MODEST, memory_bytes=96 * MIB),
        frozenset({Ended.OUT_OF_MEMORY}),
        bound="memory",
    ),
    Try(
        "disk is limited",
        "head -c 4M /dev/zero >a; head -c 4M /dev/zero >b; sleep 2",
        replace(MODEST, scratch_bytes=MIB),
        frozenset({Ended.OUT_OF_DISK}),
    ),
    Try(
        "files are limited",
        "n=0; while [ $n -lt 200 ]; do : >$n; n=$((n+1)); done; sleep 2",
        replace(MODEST, scratch_files=50),
        frozenset({Ended.OUT_OF_DISK}),
    ),
    Try(
        "processes are limited",
        "for n in 1 2 3 4 5 6 7 8 9; do sleep 2 & done; wait",
        replace(MODEST, processes=1),
        # the kernel refuses a fork, which is an error of the payload; the watcher kills
        frozenset({Ended.ERROR, Ended.KILLED}),
        bound="processes",
    ),
    Try(
        "processor time is limited",
        "(while :; do :; done) & while :; do :; done",
        # more than putting up the walls takes
        replace(MODEST, cpu_s=0.4),
        frozenset({Ended.KILLED}),
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


def unguarded(backend: Backend) -> bool:
    """Let a backend's guard look where no walls are, at this process; return whether a payload started."""
    if backend is Backend.LANDLOCK:
        return not confine.missing_walls(None)
    words = guarded(["/bin/echo", "the payload runs"], proc=backend is Backend.FULL)
    done = subprocess.run(  # noqa: S603  (a fixed command)
        words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENT_S
    )
    return bool(done.stdout)


def asking_the_proxy(port: int) -> list[str]:
    """Return a command that asks for what is not among `NAMED`, and prints what it got as a JSON list.

    In order: how the proxy answers for another name, and for the host's loopback, where somebody listens at
    `port`; whether that one is reached without the proxy.
    """
    return [sys.executable, "-I", "-S", "-c", ASK, str(PORT), str(port)]


NAMED = ("example.org",)
ASK = """
import json, socket, sys
proxy, port = map(int, sys.argv[1:])
def asked(place):
    with socket.create_connection(("127.0.0.1", proxy), 5) as way:
        way.sendall(f"CONNECT {place} HTTP/1.1\\r\\nHost: {place}\\r\\n\\r\\n".encode())
        return way.recv(4096).decode().partition("\\r\\n")[0]
with socket.socket() as direct:
    direct.settimeout(1)
    reached = direct.connect_ex(("127.0.0.1", port)) == 0
print(json.dumps([asked("sub.example.org:443"), asked(f"127.0.0.1:{port}"), reached]))
"""
