"""Concurrency: calls at the same time, or one after the other in a warm place, know nothing of each other.

The control is two processes of one user, as they are on every machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.tools.tool import INPUTS
from tests.escapes.case import Case, Harm, Kind, Way
from tests.escapes.harms import learnt
from tests.escapes.neighbours import (
    a_name_in_shared_memory,
    harmed,
    two_calls,
    two_processes,
    two_warm_calls,
    until,
    warm,
)
from tests.escapes.onlooker import pids_of
from tests.escapes.payload import AROUND_THE_PROBE, TRIED, marker
from tests.escapes.stage import Seen, Stage
from tests.escapes.test_time_and_processes import DAEMON
from tests.escapes.users import ROOT, User
from tests.escapes.ways import command, outside
from tests.sandbox_calls import alive, run, shell, toolbox
from tests.warm_calls import run as run_warm
from tests.warm_calls import warm_sandbox

pytestmark = pytest.mark.slow
KIND = Kind.CONCURRENCY


def left(stage: Stage, seen: Seen) -> bool:
    """Something of it still runs."""
    return bool(seen.left)


FILES = """
import glob
for way in ("../*/secret", "../../*/*/secret", "/calls/*/secret", "/calls/*/*/secret"):
    for path in glob.glob(way):
        try: {do}
        except OSError as error: print(error)
"""
SHARED_MEMORY = """
for name in os.listdir("/dev/shm"):
    if name == at.shared:
        with open(f"/dev/shm/{{name}}", "{mode}") as file: {do}
"""
COMMAND_LINES = """
for pid in os.listdir("/proc"):
    try: print(open(f"/proc/{pid}/cmdline").read())
    except OSError: pass
"""
TAINT = """
import json
json.dumps = lambda *_: "tainted"
os.environ["TAINTED"] = "tainted"
sys.path.append("/tainted")
sys.modules["tainted"] = sys
os.umask(0)
for folder in (".", os.environ["HOME"], "/dev/shm"):
    open(f"{folder}/tainted", "w").close()
"""
LOOK_FOR_TAINTS = """
import json, os, sys
traces = [json.dumps({}), [*os.environ], sys.path, [*sys.modules], os.listdir("."), os.listdir("/dev/shm")]
print(repr(traces), "tainted" if os.umask(0) == 0 else "")
if os.path.exists("/dev/shm/tainted"): os.unlink("/dev/shm/tainted")
"""
TAINTED = "tainted"


async def one_process(case: Case, stage: Stage) -> Seen:
    """Make the attempt and look for traces in one and the same process."""
    home = f"os.environ['HOME'] = {str(stage.outside)!r}\n"
    return await outside(replace(case, probe=home + case.probe + LOOK_FOR_TAINTS), stage)


async def one_warm_call_after_the_other(case: Case, stage: Stage) -> Seen:
    """Make the attempt as a warm call, and look for traces in the next one."""
    arguments = command(case, stage, Path(INPUTS / "given"))[-2:]
    async with warm_sandbox() as sandbox:
        first = warm(await run_warm(sandbox, stage.scratch_root, AROUND_THE_PROBE, *arguments))
        second = warm(await run_warm(sandbox, stage.scratch_root, LOOK_FOR_TAINTS))
    assert b"posix" in second.stdout, second
    return Seen((first.stdout + second.stdout + second.stderr).decode(), (), second)


def tainted(stage: Stage, seen: Seen) -> bool:
    """What one call did is seen by the next one."""
    return TAINTED in seen.said


START_AND_WAIT = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(30)"
CALL_AND_WAIT = """
import asyncio, json, sys
from pathlib import Path
from tests.sandbox_calls import Command, run
asyncio.run(run(Path(sys.argv[1]), Command(arguments=json.loads(sys.argv[2]))))
"""


async def by_a_process_that_is_killed(case: Case, stage: Stage) -> Seen:
    """Make the attempt as the child of a process that is killed."""
    given = [sys.executable, "-c", START_AND_WAIT, *command(case, stage, stage.given)]
    return await _killed(case, stage, given, stage.outside, stage.outside)


async def by_a_host_that_is_killed(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox of a process that is killed."""
    inner = json.dumps(command(case, stage, Path(INPUTS / "given")))
    given = [sys.executable, "-c", CALL_AND_WAIT, str(stage.folder), inner]
    seen = await _killed(case, stage, given, stage.scratch_root, ROOT)
    toolbox(stage.scratch_root)  # whoever comes next sweeps
    return seen


async def _killed(case: Case, stage: Stage, arguments: Sequence[str], folder: Path, place: Path) -> Seen:
    """Start a process, kill it once the probe has tried, and wait a moment for what is left."""
    process = subprocess.Popen(arguments, cwd=place, start_new_session=True)  # noqa: ASYNC220  (a fork is quick)
    try:
        await until(lambda: any(folder.rglob(TRIED)))
    finally:
        process.kill()
        process.wait()
    with suppress(AssertionError):
        await until(lambda: not pids_of(stage.token), 4)
    still = pids_of(stage.token)
    for pid in still:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return Seen(marker(case.name), left=tuple(still))


def disturbs(name: str, probe: str, harm: Harm, attack: Way = two_calls) -> Case:
    """A case against a neighbour, all alike but for what is tried."""
    return Case(
        name=name, probe=probe, harm=harm, setting=a_name_in_shared_memory, control=two_processes,
        attack=attack, holds_still=False,
    )  # fmt: skip


READ_FILES = FILES.format(do="print(open(path).read())")
CHANGE_FILES = FILES.format(do="open(path, 'w').write('x')")
READ_SHARED = SHARED_MEMORY.format(mode="r", do="print(file.read())")
CHANGE_SHARED = SHARED_MEMORY.format(mode="w", do="file.write('x')")
KILL = "import signal\nsignal.signal(15, signal.SIG_IGN)\nos.kill(at.victim, 15 if at.victim < 0 else 9)"
CASES = (
    disturbs("read the files of a neighbour", READ_FILES, learnt),
    disturbs("change the files of a neighbour", CHANGE_FILES, harmed),
    disturbs("read the shared memory of a neighbour", READ_SHARED, learnt),
    disturbs("change the shared memory of a neighbour", CHANGE_SHARED, harmed),
    disturbs("read the command line of a neighbour", COMMAND_LINES, learnt),
    disturbs("kill a neighbour", KILL, harmed),
    disturbs("read the files of a warm neighbour", READ_FILES, learnt, two_warm_calls),
    disturbs("change the shared memory of a warm neighbour", CHANGE_SHARED, harmed, two_warm_calls),
    disturbs("read the command line of a warm neighbour", COMMAND_LINES, learnt, two_warm_calls),
    disturbs("kill a warm neighbour", KILL, harmed, two_warm_calls),
    Case(
        name="change what the next warm call finds", probe=TAINT, harm=tainted, control=one_process,
        attack=one_warm_call_after_the_other, holds_still=False,
    ),
    Case(
        name="outlive the host", probe=DAEMON + f"open({TRIED!r}, 'w').close()\ntime.sleep(20)", harm=left,
        control=by_a_process_that_is_killed, attack=by_a_host_that_is_killed, holds_still=False,
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_calls_know_nothing_of_each_other(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)


async def test_calls_that_are_cancelled_at_any_moment_leave_nothing(tmp_path: Path) -> None:
    mark = f"{2000 + os.getpid()}.5"
    script = f"(setsid sleep {mark} &) ; sleep {mark}"
    calls = [asyncio.create_task(run(tmp_path, shell(script))) for _ in range(12)]
    await until(lambda: len(alive(mark)) >= 2)
    chance = random.Random(4)
    for call in calls:
        await asyncio.sleep(chance.random() / 20)
        call.cancel()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(end) for end in ends} == {asyncio.CancelledError}
    assert alive(mark) == []
    assert list((tmp_path / "scratch").iterdir()) == []
