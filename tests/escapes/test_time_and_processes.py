"""Time and processes: nothing outlives its call or its time, and no process of the host is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.tools.tool import HARD_TIMEOUT_S, Limits
from tests.escapes.case import Case, Kind, Way
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import outside

pytestmark = pytest.mark.slow
KIND = Kind.TIME_AND_PROCESSES
ONE_SECOND = Limits(wall_s=1)
FEW = Limits(wall_s=10, processes=12)
STAY = """
time.sleep(4)
print("STAYED")
"""
DAEMON = """
if not os.fork():
    os.setsid()
    if not os.fork():
        for descriptor in range(3):
            os.close(descriptor)
        time.sleep(30)
    os._exit(0)
os.wait()
"""
GO_ON_AS_ANOTHER = """
if os.fork():
    os._exit(0)
for descriptor in range(3):
    os.close(descriptor)
for _ in range(8):
    os.setsid()
    time.sleep(0.7)
    if os.fork():
        os._exit(0)
"""
MANY = """
import threading
{start}
time.sleep(2)
print("STAYED")
"""
CHILDREN = """
for _ in range(60):
    if not os.fork():
        time.sleep(3)
        os._exit(0)
"""
ZOMBIES = """
for _ in range(60):
    if not os.fork():
        os._exit(0)
"""
THREADS = """
for _ in range(120):
    threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
"""
OPEN_MANY = """
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
for most in (hard, 4096):
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, max(hard, most)))
    except (OSError, ValueError) as error:
        print(error)
kept = [open("/dev/null") for _ in range(200)]
print("STAYED")
"""
BURN = """
for _ in range(2):
    if not os.fork():
        while time.process_time() < 1.5: pass
        os._exit(0)
for _ in range(2):
    assert os.wait()[1] == 0
print("STAYED")
"""


def stayed(stage: Stage, seen: Seen) -> bool:
    """It went on beyond what it was allowed, or left a process behind."""
    return "STAYED" in seen.said or bool(seen.left)


def victim_suffered(stage: Stage, seen: Seen) -> bool:
    """A process of the host was ended, stopped, slowed down, or given other limits."""
    return _condition(int(str(stage.facts["victim"]))) != stage.facts["well"]


@contextmanager
def a_victim(stage: Stage) -> Iterator[None]:
    """A process of this user, beside the attempt."""
    victim = subprocess.Popen(
        [sys.executable, "-ISc", "import time; print(flush=True); time.sleep(60)"], stdout=-1
    )
    assert victim.stdout
    victim.stdout.readline()
    stage.facts |= {"victim": victim.pid, "well": _condition(victim.pid)}
    try:
        yield
    finally:
        victim.kill()
        victim.communicate()


def _condition(pid: int) -> list[object]:
    """Return what others may do to a process: whether and where it runs, how nice it is, its limits."""
    place = Path(f"/proc/{pid}")
    state, *_, niceness = (place / "stat").read_text().rpartition(")")[2].split()[:17]
    return [state in "TZ", niceness, sorted(os.sched_getaffinity(pid)), (place / "limits").read_text()]


def by(probe: str) -> Way:
    """The control of what would do harm to bystanders: it does as much to the victim alone."""

    async def way(case: Case, stage: Stage) -> Seen:
        return await outside(replace(case, probe=probe), stage)

    return way


def dumps(stage: Stage, seen: Seen) -> bool:
    """When it crashes a program of the host may be given its memory. Only a limit of 1 byte forbids that."""
    return "CORE 1\n" not in seen.said


CHANGE_THE_LIMIT_ON_CORES = """
import ctypes, resource
for kind in (0, resource.RLIM_INFINITY):
    try: resource.setrlimit(resource.RLIMIT_CORE, (0, kind))
    except (OSError, ValueError) as error: print(error)
for most in (0, 2**40):
    ctypes.CDLL(None).syscall(SETRLIMIT, 4, ctypes.byref((ctypes.c_ulong * 2)(most, most)))
limits = open("/proc/self/limits").read()
print("CORE", limits.split("Max core file size")[1].split()[0])
""".replace("SETRLIMIT", '{"x86_64": 160, "aarch64": 164}[os.uname().machine]')
KILL = "os.kill(at.victim, 9); time.sleep(0.3)"
CASES = (
    Case(
        name="ignore every signal and the end of the time",
        probe="import signal\nfor n in {*signal.valid_signals()} - {9, 19}: signal.signal(n, 1)" + STAY,
        harm=stayed, limits=ONE_SECOND, holds_still=False,
    ),
    Case(
        name="stop itself and be woken later",
        probe="import signal\nif not os.fork(): time.sleep(3); os.kill(os.getppid(), 18); os._exit(0)\n"
        "os.kill(os.getpid(), signal.SIGSTOP)\nprint('STAYED')",
        harm=stayed, limits=ONE_SECOND, holds_still=False,
    ),
    Case(
        name="hold the pipes open after the end",
        probe="if os.fork() == 0:" + STAY.replace("\n", "\n    "),
        harm=stayed, holds_still=False,
    ),
    Case(name="become a daemon", probe=DAEMON, harm=stayed, holds_still=False),
    Case(name="go on as one process after the other", probe=GO_ON_AS_ANOTHER, harm=stayed, holds_still=False),
    Case(
        name="end the first process and stay as a daemon",
        probe=DAEMON + "for number in (19, 14, 1, 15, 9): os.kill(1, number)",
        control=by(DAEMON), harm=stayed, holds_still=False,
    ),
    Case(
        name="have more processes than allowed",
        probe=MANY.format(start=CHILDREN), harm=stayed, limits=FEW, holds_still=False,
    ),
    Case(
        name="have more dead children than allowed",
        probe=MANY.format(start=ZOMBIES), harm=stayed, limits=FEW, holds_still=False,
    ),
    Case(
        name="have more threads than allowed",
        probe=MANY.format(start=THREADS), harm=stayed, limits=FEW, holds_still=False,
    ),
    Case(
        name="raise its own limits",
        probe=OPEN_MANY, harm=stayed, limits=Limits(wall_s=10, open_files=64), holds_still=False,
    ),
    Case(
        name="use the processor longer than allowed",
        probe=BURN, harm=stayed, limits=Limits(wall_s=20, cpu_s=0.5), holds_still=False,
    ),
    Case(name="have the host take its core", probe=CHANGE_THE_LIMIT_ON_CORES, harm=dumps),
    Case(name="kill a process of the host", probe=KILL, harm=victim_suffered, setting=a_victim),
    Case(
        name="kill everybody",
        probe="os.kill(-1, 9)", control=by(KILL), harm=victim_suffered, setting=a_victim,
    ),
    Case(
        name="stop a process of the host",
        probe="os.kill(at.victim, 19); time.sleep(0.3)", harm=victim_suffered, setting=a_victim,
    ),
    Case(
        name="slow a process of the host down",
        probe="os.setpriority(os.PRIO_PROCESS, at.victim, 15)", harm=victim_suffered, setting=a_victim,
    ),
    Case(
        name="slow all processes of the user down",
        probe="os.setpriority(os.PRIO_USER, 0, 15)",
        control=by("os.setpriority(os.PRIO_PROCESS, at.victim, 15)"), harm=victim_suffered, setting=a_victim,
    ),
    Case(
        name="limit a process of the host",
        probe="import resource; resource.prlimit(at.victim, resource.RLIMIT_NOFILE, (3, 3))",
        harm=victim_suffered, setting=a_victim,
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_outlives_its_call_or_touches_a_process_of_the_host(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)


def test_no_limit_allows_a_call_more_than_30_seconds() -> None:
    assert Limits().wall_s == HARD_TIMEOUT_S == 30
    for more in (30.001, 1e9, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="wall_s"):
            Limits(wall_s=more)
