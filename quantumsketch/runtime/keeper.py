"""Keeps one server running: prepares it, waits until it is ready, restarts it after a crash, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import time

from quantumsketch.runtime import child
from quantumsketch.runtime.places import Places, last_lines
from quantumsketch.runtime.servers import Server

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.02
MOST_CRASHES = 5
"""Crashes in a row after which it is given up; one that ran for `STEADY_S` seconds starts a new row."""
STEADY_S = 30.0


class ServerFailed(Exception):
    """A server does not come up, or does not stay up. The message ends with its log's last lines."""


class Keeper:
    """One server, for as long as `keep` runs."""

    def __init__(self, server: Server, places: Places, lock: int) -> None:
        self.server = server
        self.ready = asyncio.Event()
        self._places = places
        self._log = places.log(server.name)
        self._lock = lock

    async def keep(self) -> None:
        """Run the server until cancelled, then end it. Raises ServerFailed when it cannot be kept running."""
        try:
            await self._prepare()
            crashes = 0
            while crashes < MOST_CRASHES:
                started = time.monotonic()
                await self._run_once()
                crashes = crashes + 1 if time.monotonic() - started < STEADY_S else 1
                await asyncio.sleep(POLL_S * 2**crashes)
        except OSError as error:
            raise self._failed(f"{self.server.name} cannot be started: {error}") from error
        raise self._failed(f"{self.server.name} ended {crashes} times in a row")

    def _failed(self, what: str) -> ServerFailed:
        return ServerFailed(f"{what}. The end of {self._log}:\n{last_lines(self._log)}")

    async def _prepare(self) -> None:
        for step in self.server.preparation():
            process = await child.start(
                step.command, self.server.folder, self._log, self._lock, stdin=asyncio.subprocess.PIPE
            )
            try:
                await process.communicate(step.stdin)
            finally:
                await _kill(process)
            if process.returncode:
                raise self._failed(f"Preparing {self.server.name} ended with {process.returncode}")

    async def _run_once(self) -> None:
        """Start the server; return when it has ended. Cancelled, end it."""
        self.server.before_start()
        process = await child.start(self.server.command(), self.server.folder, self._log, self._lock)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while process.returncode is None and not await self._answers():  # noqa: ASYNC110  (no event tells)
                    await asyncio.sleep(POLL_S)
            if process.returncode is None:
                self.ready.set()
            await process.wait()
        except TimeoutError:
            raise self._failed(f"{self.server.name} is not ready after {START_TIMEOUT_S:g} s") from None
        finally:
            self.ready.clear()
            await self._end(process)

    async def _answers(self) -> bool:
        try:
            return await self.server.is_ready()
        except (OSError, EOFError):
            return False

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.server.stop(process)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            await _kill(process)


async def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
