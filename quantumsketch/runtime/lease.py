"""A client's share in the servers of one home: an open connection to their supervisor, started if need be.

Whoever gets the lock of the home starts the supervisor and hands it the lock and the listening socket: there
is never a second one, and a client can connect before it is up. Knows not what the servers are.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import socket
import sys
from types import TracebackType
from typing import Self

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.runtime.child import clean_environment
from quantumsketch.runtime.places import Places, last_lines

TIMEOUT_S = 90.0
_RETRY_S = 0.03
_MOST_SUPERVISORS = 3
"""Supervisors started one after the other before they count as broken."""


class Lease:
    """The servers named, ready for as long as the context lasts.

    Raises ServiceUnavailable on entering if they cannot be had; the message has the end of their log.
    """

    def __init__(self, places: Places, needs: list[str]) -> None:
        self.found: dict[str, str] = {}
        """The servers' endpoints, by name."""
        self.lost = asyncio.Event()
        """Set when the servers end before the lease does."""
        self._places = places
        self._needs = needs
        self._writer: asyncio.StreamWriter | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._needs:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await self._take()
            except BaseException as error:
                await self._return()
                if isinstance(error, OSError):
                    raise self._explained(error) from error
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._return()

    async def _return(self) -> None:
        if self._watch:
            self._watch.cancel()
        if self._writer:
            await _close(self._writer)

    def _explained(self, error: OSError) -> ServiceUnavailable:
        if isinstance(error, TimeoutError):
            return ServiceUnavailable(
                f"The servers of {str(self._places.home)!r} are not ready after {TIMEOUT_S:g} s",
                mend=f"See {self._places.logs}; if a process that holds {self._places.lock} hangs, end it",
            )
        return ServiceUnavailable(
            f"The servers' folder {str(self._places.home)!r} cannot be used: {error}",
            mend="Make it writable and free space on its disk, or name another folder in QS_HOME",
        )

    async def _take(self) -> None:
        supervisors = 0
        while not await self._ask():
            if supervisors == _MOST_SUPERVISORS:
                raise _broken(self._places)
            if await _start_supervisor(self._places):
                supervisors += 1
            else:
                await asyncio.sleep(_RETRY_S)  # one is starting, or ending

    async def _ask(self) -> bool:
        """Ask the supervisor for the servers; False if there is none, or if it ended meanwhile."""
        try:
            self._places.check_sockets()  # before a word is said: others could pose as the supervisor there
            reader, self._writer = await asyncio.open_unix_connection(self._places.leases)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        line = b""
        try:
            self._writer.write(json.dumps(self._needs).encode() + b"\n")
            line = await reader.readline()
        except ConnectionError:
            pass  # it has just ended
        if not line:
            await _close(self._writer)
            return False
        self._accept(json.loads(line), reader)
        return True

    def _accept(self, answer: dict[str, str], reader: asyncio.StreamReader) -> None:
        if "error" in answer:
            raise ServiceUnavailable(answer["error"], mend="Run: qs doctor")
        self.found = answer
        self._watch = asyncio.create_task(self._wait_for_the_end(reader))

    async def _wait_for_the_end(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self.lost.set()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _start_supervisor(places: Places) -> bool:
    """Start the supervisor of this home; False if somebody else holds the home. Raises OSError."""
    places.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        places.prepare()
        with socket.socket(socket.AF_UNIX) as door:
            places.leases.unlink(missing_ok=True)
            door.bind(str(places.leases))
            door.listen(64)
            await _spawn(places, lock, door.fileno())
    except BlockingIOError:
        return False
    finally:
        os.close(lock)  # the supervisor has it now
    return True


async def _spawn(places: Places, lock: int, door: int) -> None:
    module = "quantumsketch.runtime.supervisor"
    with places.log("supervisor").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, str(places.home), str(lock), str(door)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=clean_environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(lock, door),
            start_new_session=True,
        )
    if await process.wait():  # it leaves at once, for the one that stays
        raise _broken(places)


def _broken(places: Places) -> ServiceUnavailable:
    log = places.log("supervisor")
    return ServiceUnavailable(
        f"The supervisor of the servers ended at once: {last_lines(log)}", mend=f"See {log}; run: qs doctor"
    )
