"""The ways to make an attempt beside an honest call, which has a secret and says in the end how it fared."""

from __future__ import annotations

import asyncio
import os
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

from quantumsketch.tools.tool import INPUTS, Ending, Policy
from tests.escapes.case import Case
from tests.escapes.onlooker import pids_of
from tests.escapes.payload import AROUND_THE_PROBE, payload
from tests.escapes.stage import NotHere, Seen, Stage
from tests.escapes.ways import command, outside
from tests.sandbox_calls import Command, tool, toolbox
from tests.warm_calls import run as run_warm
from tests.warm_calls import warm_sandbox

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
            await until(lambda: (folder / "ready").exists())
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
            return warm(await run_warm(sandbox, stage.scratch_root, AROUND_THE_PROBE, *arguments[-2:]))

        return await _beside_an_honest_one(case, stage, start)


async def _beside_an_honest_one(case: Case, stage: Stage, start: Run) -> Seen:
    neighbour = asyncio.ensure_future(start(honest(stage)))
    await until(lambda: neighbour.done() or any(stage.scratch_root.rglob("ready")))
    stage.facts["victim"] = -1  # everybody that it can see
    ending = await start(command(case, stage, Path(INPUTS / "given")))
    for ready in stage.scratch_root.rglob("ready"):
        ready.with_name("enough").touch()
    said = (ending.stdout + ending.stderr).decode()
    seen = Seen(said, (), ending, tuple(pids_of(stage.token)))
    return _with_what_became_of((await neighbour).stdout.decode(), seen)


def warm(ending: Ending) -> Ending:
    """Return how a call ended that began warm."""
    if not ending.warm:
        raise NotHere(f"this user's calls cannot begin warm with {sys.executable!r}")
    return ending


def _with_what_became_of(printed: str, seen: Seen) -> Seen:
    return replace(seen, said=seen.said + (UNHARMED if UNHARMED in printed else HARMED))


async def until(holds: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Wait until something holds; AssertionError if that takes too long."""
    give_up = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


def harmed(stage: Stage, seen: Seen) -> bool:
    """The honest one was disturbed."""
    return HARMED in seen.said
