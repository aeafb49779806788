"""How calls behind Landlock are ended, whoever is killed, stopped or too slow."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.tools.tool import Ended
from tests.landlock_caller import NEEDED, USERS, Caller, caller, eventually
from tests.sandbox_calls import alive

pytestmark = NEEDED
MIB = 2**20

LEAVE_BEHIND = """
trap '' HUP INT TERM QUIT USR1
mkfifo up
sleep {mark} &
(setsid sh -c 'setsid sh -c "echo up >up; exec sleep {mark}"' &)
read told <up; echo $told
sleep 0.2; kill -STOP $!
"""
"""One that ignores signals and has left its parent and the session, and one that is stopped."""
HOG = "kept = [bytearray(16 * 2**20) for _ in range(15)]\nimport time; time.sleep({})"
CROWD = "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; wait"


def test_nothing_that_a_call_leaves_behind_outlives_it(somebody: Caller, mark: str) -> None:
    answer = somebody.shell(LEAVE_BEHIND.format(mark=mark))
    assert (answer["ended"], answer["stdout"]) == (Ended.OK, "up\n"), answer
    assert alive(mark) == []


def test_all_of_a_call_that_takes_too_long_is_dead_when_it_returns(somebody: Caller, mark: str) -> None:
    somebody.ask(staying(mark, wall_s=2))
    eventually(lambda: len(alive(mark)) >= 3)
    assert somebody.answer()["ended"] == Ended.TIMEOUT
    assert alive(mark) == []


@pytest.mark.parametrize("who", ["supervise.py", "deputy"])
def test_nobody_survives_who_was_to_end_them(somebody: Caller, mark: str, who: str) -> None:
    somebody.ask(staying(mark))
    eventually(lambda: len(alive(mark)) >= 3)
    supervisor = children(somebody.process.pid)[0]
    (deputy,) = children(supervisor)
    os.kill(deputy if who == "deputy" else supervisor, signal.SIGKILL)
    answer = somebody.answer()
    assert (answer["ended"], answer["exit_code"]) == (Ended.KILLED, 128 + signal.SIGKILL), answer
    eventually(lambda: alive(mark) == [])


def test_the_clock_beside_the_call_strikes_while_its_caller_is_stopped(somebody: Caller, mark: str) -> None:
    somebody.ask(staying(mark, wall_s=2))
    eventually(lambda: len(alive(mark)) >= 3)
    somebody.process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: alive(mark) == [])
    finally:
        somebody.process.send_signal(signal.SIGCONT)
    assert somebody.answer()["ended"] == Ended.TIMEOUT


@pytest.mark.parametrize("user", [*USERS.values()], ids=[*USERS])
def test_killing_the_caller_kills_the_call(user: int, mark: str) -> None:
    with caller(user) as doomed:
        doomed.ask(staying(mark))
        eventually(lambda: len(alive(mark)) >= 3)
        doomed.process.kill()
        doomed.process.wait()
        eventually(lambda: alive(mark) == [])


def test_memory_and_processes_are_limited(somebody: Caller) -> None:
    enough = somebody.python(HOG.format(0), limits={"memory_bytes": 400 * MIB})
    assert enough["exit_code"] == 0, enough
    assert somebody.python(HOG.format(9), limits={"memory_bytes": 200 * MIB})["ended"] == Ended.OUT_OF_MEMORY
    assert somebody.shell(CROWD.replace("5", "0"))["ended"] == Ended.OK
    assert somebody.shell(CROWD, limits={"processes": 8})["ended"] == Ended.KILLED


def staying(mark: str, **limits: float) -> dict[str, Any]:
    """Ask for a call that stays, and has left others behind."""
    return {"command": ["/bin/sh", "-c", LEAVE_BEHIND.format(mark=mark) + f"sleep {mark}"], "limits": limits}


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
