"""A call inside bubblewrap. Knows nothing of policies and clocks: gets ready arguments, is told when to end.

If this process itself is killed, the kernel ends the call, because bubblewrap runs with `--die-with-parent`;
that follows the thread that started it, so it belongs on a thread that lives as long as the call.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from quantumsketch.tools.sandbox.bubblewrap import MOST_CORE_BYTES
from quantumsketch.tools.sandbox.pipes import cpu_s_of, kill, lines, pipe_of, stream_of

OUR_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
"""bubblewrap's own: the payload can find it under /proc, so nothing of ours may be in it."""
DYING_S = 5.0


@dataclass(frozen=True)
class Invocation:
    """How to run bubblewrap: its arguments, the filter, and the guarded command."""

    bubblewrap: Path
    isolation: Sequence[str]
    seccomp: bytes
    command: Sequence[str]
    descriptors: Sequence[int] = ()
    """What the command inherits, beside its standard input and outputs."""


class Bubblewrapped:
    """A bubblewrap process, and through it the call's first process: PID 1 inside, whose death is all's."""

    def __init__(self, invocation: Invocation) -> None:
        """Start it; OSError if that is not possible."""
        loop = asyncio.get_running_loop()
        self._process, self._status, self._verdict, self._gate = _spawn(invocation)
        self.stdout, self.stderr = pipe_of(self._process.stdout), pipe_of(self._process.stderr)
        self.set_up: asyncio.Future[None] = loop.create_future()
        self.first = 0
        self.exited: asyncio.Future[None] = loop.create_future()
        self._first_handle: int | None = None
        self._handle = os.pidfd_open(self._process.pid)
        loop.add_reader(self._handle, self._on_exit)

    def begin(self) -> None:
        """Let the guard look and the command start: until now they wait, with their sandbox ready."""
        _allow_no_core(self.first)
        self._gate.close()

    def _on_exit(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        if not self.exited.done():
            self.exited.set_result(None)

    async def code(self) -> int | None:
        """Follow bubblewrap's own report; return the exit code, None if the payload was never started."""
        stream = await stream_of(self._status)
        code = None
        while (line := await stream.readline()).endswith(b"\n"):  # one that was cut off tells nothing
            report = json.loads(line)
            if "child-pid" in report:
                self.first = report["child-pid"]
                with suppress(ProcessLookupError):
                    self._first_handle = os.pidfd_open(self.first)
                self.set_up.set_result(None)
            code = report.get("exit-code", code)
        held = await (await stream_of(self._verdict)).read(1)
        return code if held else None

    async def end(self) -> float:
        """Kill what still runs, wait until all is dead; return the processor seconds of the reaped."""
        if not self.exited.done():
            # if bubblewrap died alone, its child would wait for it for ever: it soon tells which one that is
            await asyncio.wait({self.set_up, self.exited}, return_when=asyncio.FIRST_COMPLETED)
            # with PID 1 the kernel kills all others, and bubblewrap ends last
            kill(self._handle if self._first_handle is None else self._first_handle)
            await asyncio.wait({self.exited}, timeout=DYING_S)
            kill(self._handle)
            await self.exited
        return self._reap()

    def _reap(self) -> float:
        _, status, resources = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._gate.close()
        for handle in (self._handle, self._first_handle):
            if handle is not None:
                os.close(handle)
        return cpu_s_of(resources)


def _allow_no_core(first: int) -> None:
    """Have no core made of a process and of all that it starts. The filter keeps them from changing that."""
    with suppress(ProcessLookupError):
        _, hardest = resource.prlimit(first, resource.RLIMIT_CORE)
        most = MOST_CORE_BYTES if hardest == resource.RLIM_INFINITY else min(MOST_CORE_BYTES, hardest)
        resource.prlimit(first, resource.RLIMIT_CORE, (most, most))


def _spawn(invocation: Invocation) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes], IO[bytes]]:
    """Start bubblewrap; return it, what it reports on, what the guard does, and the pipe to close first."""
    with lines() as line:
        report, report_in = line.from_it()
        verdict, verdict_in = line.from_it()
        gate, gate_out = line.to_it()
        seccomp = line.paper("seccomp", invocation.seccomp)
        own = ["--seccomp", str(seccomp), "--json-status-fd", str(report_in), "--block-fd", str(gate_out)]
        process = subprocess.Popen(  # noqa: S603  (arguments made by us, no shell)
            [invocation.bubblewrap, *own, *invocation.isolation, "--", *invocation.command],
            stdin=verdict_in,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=OUR_ENVIRONMENT,
            pass_fds=(seccomp, report_in, gate_out, *invocation.descriptors),
            start_new_session=True,
        )
    return process, report, verdict, gate
