"""Concurrency: calls at the same time, or one after the other in a warm place, know nothing of each other.

The control is two processes of one user, as they are on every machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from quantumsketch.tools.tool import INPUTS, Ending, Policy
from tests.escapes.case import Case, Harm, Kind, Way
from tests.escapes.harms import learnt
from tests.escapes.onlooker import pids_of
from tests.escapes.payload import AROUND_THE_PROBE, TRIED, marker, payload
from tests.escapes.stage import Seen, Stage
from tests.escapes.test_time_and_processes import DAEMON
from tests.escapes.trial import NotHere
from tests.escapes.users import ROOT, User
from tests.escapes.ways import command, outside
from tests.sandbox_calls import Command, alive, run, shell, tool, toolbox
from tests.warm_calls import run as run_warm
from tests.warm_calls import warm_sandbox

pytestmark = pytest.mark.slow
KIND = Kind.CONCURRENCY
UNHARMED, HARMED = "nothing has happened to it", "something has happened to it"
START_AN_HONEST_ONE = f"""
child = os.fork()
if not child:
    time.sleep(30)
with open("secret", "w") as file, open("/dev/shm/" + at.shared, "w") as shared:
    file.write(at.secret)
    shared.write(at.secret)
open("ready", "w").close()
give_up = time.monotonic() + 10
while not os.path.exists("enough") and time.monotonic() < give_up:
    time.sleep(0.02)
still = open("secret").read() == at.secret == open("/dev/shm/" + at.shared).read()
os.unlink("/dev/shm/" + at.shared)
still = still and os.waitpid(child, os.WNOHANG) == (0, 0)
os.kill(child, 9)
print({UNHARMED!r} if still else "")
"""
Run: TypeAlias = Callable[[Sequence[str]], Awaitable[Ending]]
"""Runs a payload in the sandbox."""


@contextmanager
def a_name_in_shared_memory(stage: Stage) -> Iterator[None]:
    """What the honest one shares has a name that the attempt knows."""
    name = f"shared-{secrets.token_hex(6)}"
    stage.facts["shared"] = name
    yield
    Path("/dev/shm", name).unlink(missing_ok=True)


def honest(stage: Stage) -> list[str]:
    """Return a payload with a secret in scratch, in shared memory, and on its command line."""
    facts = {"name": "honest", "holds_still": False, "secret": stage.secret}
    return payload(START_AN_HONEST_ONE, facts | {"shared": stage.facts["shared"]})


async def two_processes(case: Case, stage: Stage) -> Seen:
    """Make the attempt as a process beside an honest process."""
    folder = stage.outside.parent / "honest"
    folder.mkdir()
    with subprocess.Popen(  # noqa: ASYNC220  (a fork is quick)
        honest(stage), cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            await _until(lambda: (folder / "ready").exists())
            stage.facts["victim"] = process.pid
            seen = await outside(case, stage)
            (folder / "enough").touch()
            await asyncio.to_thread(process.wait, 20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        printed, _ = await asyncio.to_thread(process.communicate)
    return _with_what_became_of(printed, seen)


async def two_calls(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox beside an honest call."""
    called = tool(Policy(python=True))
    box = toolbox(stage.scratch_root, called)

    async def start(arguments: Sequence[str]) -> Ending:
        reply = await box.call(called, Command(arguments=[*arguments]), keep=stage.keep)
        return reply.ending

    return await _beside_an_honest_one(case, stage, start)


async def two_warm_calls(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox beside an honest call, both forked by one zygote."""
    async with warm_sandbox() as sandbox:

        async def start(arguments: Sequence[str]) -> Ending:
            return _warm(await run_warm(sandbox, stage.scratch_root, AROUND_THE_PROBE, *arguments[-2:]))

        return await _beside_an_honest_one(case, stage, start)


async def _beside_an_honest_one(case: Case, stage: Stage, start: Run) -> Seen:
    neighbour = asyncio.ensure_future(start(honest(stage)))
    await _until(lambda: neighbour.done() or any(stage.scratch_root.rglob("ready")))
    stage.facts["victim"] = -1  # everybody that it can see
    ending = await start(command(case, stage, Path(INPUTS / "given")))
    for ready in stage.scratch_root.rglob("ready"):
        ready.with_name("enough").touch()
    said = (ending.stdout + ending.stderr).decode()
    seen = Seen(said, (), ending, tuple(pids_of(stage.token)))
    return _with_what_became_of((await neighbour).stdout.decode(), seen)


def _warm(ending: Ending) -> Ending:
    if not ending.warm:
        raise NotHere(f"this user's calls cannot begin warm with {sys.executable!r}")
    return ending


def _with_what_became_of(printed: str, seen: Seen) -> Seen:
    return replace(seen, said=seen.said + (UNHARMED if UNHARMED in printed else HARMED))


async def _until(holds: Callable[[], bool], patience_s: float = 20.0) -> None:
    give_up = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


def harmed(stage: Stage, seen: Seen) -> bool:
    """The honest one was disturbed."""
    return HARMED in seen.said


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
        first = _warm(await run_warm(sandbox, stage.scratch_root, AROUND_THE_PROBE, *arguments))
        second = _warm(await run_warm(sandbox, stage.scratch_root, LOOK_FOR_TAINTS))
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
        await _until(lambda: any(folder.rglob(TRIED)))
    finally:
        process.kill()
        process.wait()
    with suppress(AssertionError):
        await _until(lambda: not pids_of(stage.token), 4)
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
    await _until(lambda: len(alive(mark)) >= 2)
    chance = random.Random(4)
    for call in calls:
        await asyncio.sleep(chance.random() / 20)
        call.cancel()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(end) for end in ends} == {asyncio.CancelledError}
    assert alive(mark) == []
    assert list((tmp_path / "scratch").iterdir()) == []
