"""The ways to make an attempt: outside, in a room without our walls, and in the sandbox by a real call."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from stat import S_IXOTH
from typing import TYPE_CHECKING, Any

from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.tool import INPUTS, Backend, Policy, Reply, Tool
from quantumsketch.tools.toolbox import Toolbox
from tests.escapes.onlooker import NAME_LENGTH, look_at, pids_of
from tests.escapes.payload import LOOKED, TRIED, payload, warm_payload
from tests.escapes.stage import NotHere, Seen, Stage
from tests.sandbox_calls import Command, Said, sandbox, tool

if TYPE_CHECKING:
    from tests.escapes.case import Case

GIVE_UP_S = 20
GIVEN = Path(INPUTS / "given")
OPEN_ROOM = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-ipc"),
    *("--unshare-cgroup", "--uid", "0", "--gid", "0", "--cap-add", "ALL"),
    *("--die-with-parent", "--as-pid-1", "--dev-bind", "/", "/", "--proc", "/proc"),
)
"""Namespaces of its own, where it is root with every capability and no filter: it can harm itself only."""


def told(case: Case, stage: Stage, given: Path) -> dict[str, object]:
    """Return what the payload of a case is told of its stage."""
    return {
        "name": case.name,
        "token": stage.token,
        "holds_still": case.holds_still,
        "hidden": str(stage.hidden),
        "readable": str(stage.readable),
        "given": str(given),
        **stage.facts,
    }


def command(case: Case, stage: Stage, given: Path) -> list[str]:
    """Return the payload of a case, told of its stage."""
    return payload(case.probe, told(case, stage, given))


async def outside(case: Case, stage: Stage) -> Seen:
    """Make the attempt as a plain process, which inherits what processes inherit."""
    return await _without_sandbox(case, stage, command(case, stage, stage.given), boxed=False)


async def in_open_room(case: Case, stage: Stage) -> Seen:
    """Make the attempt with every privilege, in namespaces of its own."""
    _need_bubblewrap()
    shown = ["--ro-bind", str(stage.readable), str(stage.readable), "--chdir", str(stage.outside)]
    clock = ["/usr/bin/timeout", "--signal=KILL", str(GIVE_UP_S)]
    inner = [*clock, *command(case, stage, stage.given)]
    return await _without_sandbox(case, stage, ["bwrap", *OPEN_ROOM, *shown, "--", *inner], boxed=True)


async def inside(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox, by a call of a toolbox."""
    return await call_of(case, stage, tool(_policy(case, stage), case.outputs), command(case, stage, GIVEN))


async def inside_warm(case: Case, stage: Stage) -> Seen:
    """Make the attempt in a call that begins with its modules imported."""
    try:
        return await warm_call(case, stage)
    finally:
        await sandbox().close()


async def warm_call(case: Case, stage: Stage) -> Seen:
    """Make the attempt in such a call, and keep ready what the next one can begin with."""
    payload = warm_payload(stage.token[:NAME_LENGTH], case.probe, told(case, stage, GIVEN))
    called = replace(tool(_policy(case, stage), case.outputs), preload=("json", "ctypes"))
    seen = await call_of(case, stage, called, payload)
    if seen.ending and not seen.ending.warm:
        raise NotHere("no call begins warm here, or not for this user")
    return seen


def _policy(case: Case, stage: Stage) -> Policy:
    return Policy(readable=(stage.readable,), python=True, limits=case.limits)


async def call_of(
    case: Case,
    stage: Stage,
    called: Tool[Command, Said],
    arguments: list[str],
    within: Callable[[], Sandbox] = sandbox,
) -> Seen:
    """Make the attempt by calling a tool, and look at it while it holds still."""
    _need_bubblewrap()
    scratch = stage.scratch_root
    toolbox = Toolbox(Registry([called]), within(), scratch)
    call = asyncio.create_task(
        toolbox.call(called, Command(arguments=arguments), inputs={"given": stage.given}, keep=stage.keep)
    )
    seen = await _watched(
        case, call, lambda: [*scratch.glob("*"), *scratch.glob("*/scratch")], stage.token, boxed=True
    )
    reply = await call
    return replace(seen, said=said(reply), ending=reply.ending, left=tuple(pids_of(stage.token)))


def _need_bubblewrap() -> None:
    if sandbox().backend is Backend.LANDLOCK:
        raise NotHere("bubblewrap does not work here: `qs doctor` says what mends it")


def said(reply: Reply[Any]) -> str:
    """Return all that came out of a call."""
    ending = reply.ending
    kept = (file.read_bytes() for file in reply.files.values())
    texts = (ending.stdout, ending.stderr, ending.detail.encode(), *kept)
    return "\n".join(text.decode(errors="replace") for text in texts)


async def _without_sandbox(case: Case, stage: Stage, arguments: Sequence[str], *, boxed: bool) -> Seen:
    process = subprocess.Popen(  # noqa: ASYNC220  (a fork is quick, and nothing else waits for this loop)
        arguments, cwd=stage.outside, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, close_fds=False, process_group=0,
    )  # fmt: skip
    ended = asyncio.create_task(asyncio.to_thread(process.communicate, timeout=GIVE_UP_S))
    try:
        seen = await _watched(case, ended, lambda: [stage.outside], stage.token, boxed=boxed)
        printed, _ = await ended
        left = tuple(pids_of(stage.token))
    finally:
        for pid in {process.pid, *pids_of(stage.token)}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
    return replace(seen, said=printed.decode(errors="replace"), left=left)


async def _watched(
    case: Case, attempt: asyncio.Task[Any], folders: Callable[[], list[Path]], token: str, *, boxed: bool
) -> Seen:
    """Wait until the probe has tried, look at it and its folder, and let it go on."""
    while case.holds_still and not attempt.done():
        for folder in folders():
            if (folder / TRIED).exists():
                try:
                    return Seen(
                        processes=look_at(token, boxed=boxed),
                        modes={path.name: path.lstat().st_mode for path in folder.iterdir()},
                        open_to_all=all(
                            place.stat().st_mode & S_IXOTH for place in (folder, *folder.parents)
                        ),
                    )
                finally:
                    (folder / LOOKED).touch()
        await asyncio.wait({attempt}, timeout=0.01)
    return Seen()
