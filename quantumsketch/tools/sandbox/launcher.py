"""Watches one call from its start to its end, and ends it: clock, limits, what it printed, the verdict.

Knows no backend: whoever starts the call gives its processes. Whatever happens (a timeout, a cancelled task,
an error of ours) `launch` returns only after every descendant of the call is dead.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bounds import GLANCE_EVERY_S, Bounds, bounds
from quantumsketch.tools.sandbox.pipes import stream_of
from quantumsketch.tools.sandbox.printed import read_within
from quantumsketch.tools.sandbox.processes import Processes, Start
from quantumsketch.tools.sandbox.scratch import require_room
from quantumsketch.tools.sandbox.uninterrupted import to_the_end
from quantumsketch.tools.sandbox.verdict import Verdict
from quantumsketch.tools.tool import Ended, Ending, Limits

ASK_THE_DOCTOR = "Run `qs doctor`."
SET_UP_S = 10.0
WATCHERS = ThreadPoolExecutor(4, thread_name_prefix="sandbox-watcher")
"""Threads of our own: the event loop's may all be busy, and then nobody would look."""


@dataclass(frozen=True)
class Call:
    """What to watch: how it is started, what it may use, and the folder it may fill."""

    start: Start
    limits: Limits
    scratch: Path


async def launch(call: Call) -> Ending:
    """Run a call and return how it ended; SandboxUnavailable if its walls could not be put up."""
    stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop_once() -> None:
        if not stop.done():
            stop.set_result(None)

    return await to_the_end(_run(call, stop), on_cancel=stop_once)


async def _run(call: Call, stop: asyncio.Future[None]) -> Ending:
    """Run a call to its end; kill it at once when `stop` is done."""
    started = time.monotonic()
    require_room(call.scratch, call.limits)
    with bounds(call.limits, call.scratch) as bound:
        running = await _started(call)
        most = call.limits.printed_bytes
        reading = asyncio.gather(
            _printed(running.stdout, most), _printed(running.stderr, most), running.code()
        )
        try:
            verdict = await _watched(running, call, bound, stop, started + call.limits.wall_s)
        finally:
            try:
                bound.kill()
            finally:
                reaped = await running.end()
        cpu_s, peak_bytes = bound.cpu_s(reaped), bound.peak_bytes()
        (stdout, cut), (stderr, cut_too), code = await reading
        wall = time.monotonic() - started
        if verdict is None and code is None:
            raise _not_set_up(stderr)
        verdict = verdict or _ended_by_itself(code or 0, wall, cpu_s, bound, call.limits)
    ended, detail = verdict.ended, verdict.detail
    return Ending(ended, code, wall, cpu_s, stdout, stderr, cut or cut_too, detail, peak_bytes)


async def _started(call: Call) -> Processes:
    try:
        return await call.start()
    except OSError as error:
        raise SandboxUnavailable(f"the sandbox could not be started: {error}", mend=ASK_THE_DOCTOR) from error


async def _watched(
    running: Processes, call: Call, bound: Bounds, stop: asyncio.Future[None], deadline: float
) -> Verdict | None:
    """Let the call begin and wait until it ends by itself (None), or return why it must end now."""
    ends = {running.exited, stop}
    await asyncio.wait({running.set_up, *ends}, timeout=SET_UP_S, return_when=asyncio.FIRST_COMPLETED)
    if running.set_up.done():
        bound.enter(running.first)
        running.begin()
    look = None
    while running.set_up.done() and not running.exited.done():
        if time.monotonic() >= deadline:
            return _timeout(call.limits)
        if look is None and bound.look_is_due():
            look = _look(bound)
        patience = max(0.0, min(GLANCE_EVERY_S, deadline - time.monotonic()))
        waited_for: set[asyncio.Future[Any]] = {*ends, look} if look else {*ends}
        await asyncio.wait(waited_for, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            break
        if look is not None and look.done():
            if verdict := look.result():
                return verdict
            look = None
    return Verdict(Ended.KILLED, "it was cancelled") if stop.done() else None


def _look(bound: Bounds) -> asyncio.Future[Verdict | None]:
    """Begin to look. Neither the clock nor a cancellation waits for it: others may keep all watchers busy."""
    look = asyncio.get_running_loop().run_in_executor(WATCHERS, bound.look)
    look.add_done_callback(lambda done: done.cancelled() or done.exception())  # if nobody asks any more
    return look


def _ended_by_itself(code: int, wall: float, cpu_s: float, bound: Bounds, limits: Limits) -> Verdict:
    if code and wall >= limits.wall_s:
        return _timeout(limits)  # the clock inside struck while this process was busy
    return bound.of_exit(code, cpu_s)


def _timeout(limits: Limits) -> Verdict:
    return Verdict(Ended.TIMEOUT, f"it was not done after {limits.wall_s:g} s")


def _not_set_up(stderr: bytes) -> SandboxUnavailable:
    said = stderr.decode(errors="replace").strip()
    why = repr(said) if said else "what makes it ended without a word"
    return SandboxUnavailable(f"the sandbox could not be set up: {why}", mend=ASK_THE_DOCTOR)


async def _printed(pipe: IO[bytes], most: int) -> tuple[bytes, bool]:
    return await read_within(await stream_of(pipe), most)
