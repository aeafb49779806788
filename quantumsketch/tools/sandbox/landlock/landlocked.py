"""A call behind Landlock and system-call filters, seen from the host. Knows nothing of verdicts.

`supervise.py` runs beside the call and ends it, `confine.py` puts up the walls and becomes the command: this
starts the one with the other, hears from them over pipes, and lends the folders that the call works in.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import second_clock_s
from quantumsketch.tools.sandbox.landlock import confine, supervise
from quantumsketch.tools.sandbox.landlock.plan import Folders, plan, refuse_closed, unprivileged_user
from quantumsketch.tools.sandbox.mounts import own_packages, plain
from quantumsketch.tools.sandbox.pipes import cpu_s_of, kill, lines, pipe_of, stream_of
from quantumsketch.tools.tool import Policy

LEAST_ABI = 6  # without it a payload could send signals to all that its user runs
CREATE_RULESET, ASK_FOR_ABI = 444, 1
PYTHON = (sys.executable, "-I", "-S")
OUR_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
DYING_S = 5.0
KILLED = 128 + signal.SIGKILL


def landlock_abi() -> int:
    """Return the version of Landlock that this kernel has; 0 if it has none or it is switched off."""
    version = int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, ASK_FOR_ABI))
    return max(0, version)


async def start(
    command: Sequence[str], policy: Policy, scratch: Path, inputs: Mapping[str, Path]
) -> Landlocked:
    """Start a call; OSError or SandboxUnavailable if that is not possible here.

    The folder that holds `scratch` is the call's own: copies of the inputs are put beside it.
    """
    if (abi := landlock_abi()) < LEAST_ABI:
        raise SandboxUnavailable(
            f"Landlock of this kernel is ABI {abi}; {LEAST_ABI} is needed", mend="Linux 6.12 or newer has it."
        )
    folders = Folders(scratch)
    user = unprivileged_user() if os.geteuid() == 0 else None
    await asyncio.to_thread(_lay_out, folders, policy, inputs)
    if user is not None:
        await asyncio.to_thread(_give, folders, user, policy)
    return Landlocked(json.dumps(plan(command, policy, folders, user)), second_clock_s(policy.limits))


def _lay_out(folders: Folders, policy: Policy, inputs: Mapping[str, Path]) -> None:
    """Copy the inputs beside scratch, where nothing else lies, and lead from there to our own packages."""
    folders.inputs.mkdir()
    for name, path in inputs.items():
        shutil.copyfile(path, folders.inputs / plain(name)).chmod(stat.S_IRUSR)
    folders.packages.mkdir()
    for package in own_packages() if policy.python else ():
        (folders.packages / package.name).symlink_to(package)
    for folder in (folders.inputs, folders.packages):
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)


def _give(folders: Folders, user: int, policy: Policy) -> None:
    """Give the call's folders to the user that it runs as, and let that user go through to them."""
    outer = folders.scratch.parent
    if stat.S_IMODE(outer.stat().st_mode) == stat.S_IRWXU:
        outer.chmod(stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)
    refuse_closed(user, policy, folders.scratch)
    for folder in (folders.scratch, folders.inputs, folders.packages):
        for path in (*folder.iterdir(), folder):
            os.chown(path, user, user, follow_symlinks=False)


class Landlocked:
    """A supervisor and, below it, all processes of a call."""

    def __init__(self, told: str, seconds: float) -> None:
        """Start it with a plan in JSON and its own clock; OSError if that is not possible."""
        loop = asyncio.get_running_loop()
        self._process, self._control, status, verdict = _spawn(told, seconds)
        self.first = self._process.pid
        self.stdout, self.stderr = pipe_of(self._process.stdout), pipe_of(self._process.stderr)
        self.set_up: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()
        self._handle = os.pidfd_open(self.first)
        self._told = asyncio.ensure_future(self._follow(status, verdict))
        self._cpu_s: float | None = None

    def begin(self) -> None:
        """Let the call confine itself, look at its walls and start the command."""
        with suppress(BrokenPipeError):  # it has ended already
            self._control.write(b".")

    async def code(self) -> int | None:
        """Return the exit code once all ended; None if the command never started."""
        return await asyncio.shield(self._told)

    async def _follow(self, status: IO[bytes], verdict: IO[bytes]) -> int | None:
        """Hear the supervisor out. Its deputy holds that pipe too: when it ends, nobody is left."""
        code = None
        stream = await stream_of(status)
        while line := await stream.readline():
            if line == b"ready\n":
                self.set_up.set_result(None)
            else:
                code = int(line)
        walls_stood = await (await stream_of(verdict)).read(1)
        self.exited.set_result(None)
        return (KILLED if code is None else code) if walls_stood else None

    async def end(self) -> float:
        """Have the supervisor kill what still runs, wait until all is dead; return the seconds reaped."""
        if self._cpu_s is None:
            self._control.close()
            await asyncio.wait({self.exited}, timeout=DYING_S)
            kill(self._handle)  # its deputy does what it could not
            await asyncio.shield(self._told)
            self._cpu_s = self._reap()
        return self._cpu_s

    def _reap(self) -> float:
        _, status, resources = os.wait4(self.first, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        os.close(self._handle)
        return cpu_s_of(resources)


def _spawn(told: str, seconds: float) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes], IO[bytes]]:
    """Start the supervisor; return it, the pipe that steers it, and those of its report and of the guard."""
    with lines() as line:
        status, status_in = line.from_it()
        verdict, verdict_in = line.from_it()
        control, control_out = line.to_it()
        paper = line.paper("plan", told.encode())
        beside = [*PYTHON, supervise.__file__, str(control_out), str(status_in), str(seconds)]
        process = subprocess.Popen(  # noqa: S603  (arguments made by us, no shell)
            [*beside, *PYTHON, confine.__file__, str(paper)],
            stdin=verdict_in,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=OUR_ENVIRONMENT,
            pass_fds=(control_out, status_in, paper),
            start_new_session=True,
        )
    return process, control, status, verdict
