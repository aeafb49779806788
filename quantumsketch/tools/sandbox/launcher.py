"""Starts one bubblewrap, waits for its end, and ends it: the tool layer starts processes only here.

Knows nothing of policies and mounts: it is given ready arguments. Whatever happens (a timeout, a cancelled
task, an error of ours) `launch` returns only after every descendant of the call is dead. If this process
itself is killed, the kernel ends the call, because bubblewrap runs with `--die-with-parent`; that follows
the thread that started it, so `launch` belongs on a thread that lives as long as the call.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import limited, most_memory_bytes, most_threads, wall_s
from quantumsketch.tools.sandbox.printed import read_within
from quantumsketch.tools.sandbox.process_cap import process_cap
from quantumsketch.tools.sandbox.uninterrupted import to_the_end
from quantumsketch.tools.sandbox.verdict import Verdict, of_exit, over_limits
from quantumsketch.tools.sandbox.watcher import usage
from quantumsketch.tools.tool import Ended, Ending, Limits

OUR_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
"""bubblewrap's own: the payload can find it under /proc, so nothing of ours may be in it."""
ASK_THE_DOCTOR = "Run `qs doctor`."
LOOK_EVERY_S = 0.25
SET_UP_S = 10.0
MOST_COUNTED = 256  # processes, when it is only to know what they used
DYING_S = 5.0
WATCHERS = ThreadPoolExecutor(2, thread_name_prefix="sandbox-watcher")
"""Threads of our own: the event loop's may all be busy, and then nobody would look."""


@dataclass(frozen=True)
class Call:
    """What to run, ready for bubblewrap."""

    bubblewrap: Path
    isolation: Sequence[str]
    seccomp: bytes
    command: Sequence[str]
    limits: Limits
    scratch: Path


async def launch(call: Call) -> Ending:
    """Run a call and return how it ended; SandboxUnavailable if bubblewrap could not set it up."""
    stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop_once() -> None:
        if not stop.done():
            stop.set_result(None)

    return await to_the_end(_run(call, stop), on_cancel=stop_once)


async def _run(call: Call, stop: asyncio.Future[None]) -> Ending:
    """Run a call to its end; kill it at once when `stop` is done."""
    started = time.monotonic()
    try:
        child = _Child(call)
    except OSError as error:
        raise SandboxUnavailable(f"bubblewrap could not be started: {error}", mend=ASK_THE_DOCTOR) from error
    most = call.limits.printed_bytes
    reading = asyncio.gather(_printed(child.stdout, most), _printed(child.stderr, most), child.read_status())
    with process_cap(most_threads(call.limits), most_memory_bytes(call.limits)) as capped:
        try:
            verdict = await _watched(child, call, capped, stop, started + wall_s(call.limits))
        finally:
            cpu_s = await child.end()
    (stdout, cut), (stderr, cut_too), code = await reading
    wall = time.monotonic() - started
    if verdict is None and code is None:
        raise _not_set_up(stderr)
    verdict = verdict or _ended_by_itself(code, wall, call)
    return Ending(verdict.ended, code, wall, cpu_s, stdout, stderr, cut or cut_too, verdict.detail)


async def _watched(
    child: _Child, call: Call, capped: Callable[[int], None], stop: asyncio.Future[None], deadline: float
) -> Verdict | None:
    """Let the call begin and wait until it ends by itself (None), or return why it must end now."""
    await asyncio.wait({child.set_up, child.exited}, timeout=SET_UP_S, return_when=asyncio.FIRST_COMPLETED)
    if not child.set_up.done():
        return None
    capped(child.first)
    child.begin()
    while True:
        patience = max(0.0, min(LOOK_EVERY_S, deadline - time.monotonic()))
        await asyncio.wait({child.exited, stop}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if child.exited.done():
            return None
        if stop.done():
            return Verdict(Ended.KILLED, "it was cancelled")
        if time.monotonic() >= deadline:
            return _timeout(call.limits)
        look = partial(over_limits, child.first, call.limits, call.scratch)
        verdict = await asyncio.get_running_loop().run_in_executor(WATCHERS, look)
        if verdict:
            return verdict


def _ended_by_itself(code: int | None, wall: float, call: Call) -> Verdict:
    if code and wall >= wall_s(call.limits):
        return _timeout(call.limits)  # the clock inside struck while this process was busy
    return of_exit(code or 0, call.limits, call.scratch)


def _timeout(limits: Limits) -> Verdict:
    return Verdict(Ended.TIMEOUT, f"it was not done after {wall_s(limits):g} s")


def _not_set_up(stderr: bytes) -> SandboxUnavailable:
    said = stderr.decode(errors="replace").strip()
    return SandboxUnavailable(f"bubblewrap could not set up the sandbox: {said!r}", mend=ASK_THE_DOCTOR)


class _Child:
    """A bubblewrap process, and through it the call's first process: PID 1 inside, whose death is all's."""

    def __init__(self, call: Call) -> None:
        loop = asyncio.get_running_loop()
        self._process, self._status, self._gate = _spawn(call)
        self.stdout, self.stderr = _pipe(self._process.stdout), _pipe(self._process.stderr)
        self.set_up: asyncio.Future[None] = loop.create_future()
        self.first = 0
        """The process id of the call's first process, once `set_up` is done."""
        self.exited: asyncio.Future[None] = loop.create_future()
        self._first_handle: int | None = None
        self._handle = os.pidfd_open(self._process.pid)
        loop.add_reader(self._handle, self._on_exit)

    def begin(self) -> None:
        """Let the command start: until now it waits, with its sandbox ready."""
        self._gate.close()

    def _on_exit(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        if not self.exited.done():
            self.exited.set_result(None)

    async def read_status(self) -> int | None:
        """Follow bubblewrap's own report; return the exit code, None if the call was never set up."""
        stream = await _stream(self._status)
        code = None
        while line := await stream.readline():
            report = json.loads(line)
            if "child-pid" in report:
                self.first = report["child-pid"]
                with suppress(ProcessLookupError):
                    self._first_handle = os.pidfd_open(self.first)
                self.set_up.set_result(None)
            code = report.get("exit-code", code)
        return code

    async def end(self) -> float:
        """Kill what still runs, wait until all of it is dead, and return the processor seconds used."""
        seen_cpu_s = 0.0
        if not self.exited.done():
            # the kernel does not tell what killed descendants used
            seen_cpu_s = usage(self.first, MOST_COUNTED).cpu_s if self.first else 0.0
            # with PID 1 the kernel kills all others, and bubblewrap ends last
            _kill(self._handle if self._first_handle is None else self._first_handle)
            await asyncio.wait({self.exited}, timeout=DYING_S)
            _kill(self._handle)
            await self.exited
        return max(seen_cpu_s, self._reap())

    def _reap(self) -> float:
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._gate.close()
        for handle in (self._handle, self._first_handle):
            if handle is not None:
                os.close(handle)
        return used.ru_utime + used.ru_stime


def _kill(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def _spawn(call: Call) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """Start bubblewrap; return it, the pipe it reports on, and the one whose closing starts the command."""
    report_out, report_in = os.pipe()
    gate_out, gate_in = os.pipe()
    seccomp = os.memfd_create("seccomp", os.MFD_CLOEXEC)
    try:
        os.write(seccomp, call.seccomp)
        os.lseek(seccomp, 0, os.SEEK_SET)
        own = ["--seccomp", str(seccomp), "--json-status-fd", str(report_in), "--block-fd", str(gate_out)]
        process = subprocess.Popen(  # noqa: S603  (arguments made by us, no shell)
            [call.bubblewrap, *own, *call.isolation, "--", *limited(call.command, call.limits)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=OUR_ENVIRONMENT,
            pass_fds=(seccomp, report_in, gate_out),
            start_new_session=True,
        )
    except BaseException:
        os.close(report_out)
        os.close(gate_in)
        raise
    finally:
        for passed in (seccomp, report_in, gate_out):
            os.close(passed)
    return process, os.fdopen(report_out, "rb", buffering=0), os.fdopen(gate_in, "wb", buffering=0)


async def _printed(pipe: IO[bytes], most: int) -> tuple[bytes, bool]:
    return await read_within(await _stream(pipe), most)


async def _stream(pipe: IO[bytes]) -> asyncio.StreamReader:
    """Read a pipe without blocking; it is closed when its end is reached."""
    stream = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    return stream


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise AssertionError("Popen was asked for a pipe and gave none")
    return end
