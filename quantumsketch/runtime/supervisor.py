"""The process that owns a home's servers: shares them among clients, ends them with the last one.

A client's lease is its open connection, which the kernel closes however the client ends. The lock of the home
and the listening socket come from the client that started this process; nobody else can hold them. Standard
library only, so that it starts at once; knows nothing of settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable
from pathlib import Path

from quantumsketch.runtime.keeper import Keeper, ServerFailed
from quantumsketch.runtime.places import Places
from quantumsketch.runtime.servers import Postgres, Server, Temporal

FIRST_LEASE_S = 10.0
GRACE_S = 0.3
"""How long the servers outlive the last lease: commands that follow one another share them."""
SERVERS: dict[str, type[Temporal] | type[Postgres]] = {"temporal": Temporal, "postgres": Postgres}


class Supervisor:
    """The servers of one home and the leases on them."""

    def __init__(self, places: Places, lock: int) -> None:
        self._places = places
        self._lock = lock
        self._keepers: dict[str, tuple[Keeper, asyncio.Task[None]]] = {}
        self._leases: set[asyncio.Future[None]] = set()
        """One for each lease, done when it is returned."""
        self._over = asyncio.Event()
        self._patience = asyncio.get_running_loop().call_later(FIRST_LEASE_S, self._over.set)

    async def run(self, listening: socket.socket) -> None:
        """Serve leases until the last one is returned, a server fails for good, or a signal comes."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._over.set)
        doors = await asyncio.start_unix_server(self._lease, sock=listening)
        await self._over.wait()
        doors.close()
        self._places.leases.unlink(missing_ok=True)
        await self._end_servers()
        await asyncio.gather(*self._leases)
        with contextlib.suppress(OSError):  # not empty: the next start cleans up
            self._places.sockets.rmdir()

    async def _lease(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        returned = asyncio.get_running_loop().create_future()
        self._leases.add(returned)
        self._patience.cancel()
        try:
            answer = await self._answer(json.loads(await reader.readline()))
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
            await _first(reader.read(), self._over.wait())  # the client is gone, or we are going
        except (ConnectionError, ValueError):
            pass  # gone before it could be answered, or no client of ours
        finally:
            writer.close()
            self._leases.discard(returned)
            returned.set_result(None)
            if not self._leases:
                self._patience = asyncio.get_running_loop().call_later(GRACE_S, self._over.set)

    async def _answer(self, needs: list[str]) -> dict[str, str]:
        """The endpoints of the servers named, once each is ready; or why they cannot be had.

        Raises ConnectionAbortedError if the servers are being ended: the client asks the next supervisor.
        """
        if self._over.is_set():
            raise ConnectionAbortedError
        try:
            keepers = [self._kept(name) for name in needs]
            await asyncio.gather(*(_ready(*kept) for kept in keepers))
        except ServerFailed as error:
            return {"error": str(error)}
        return {key: value for keeper, _ in keepers for key, value in keeper.server.endpoints().items()}

    def _kept(self, name: str) -> tuple[Keeper, asyncio.Task[None]]:
        if name not in self._keepers:
            server: Server = SERVERS[name](self._places)
            keeper = Keeper(server, self._places, self._lock)
            task = asyncio.create_task(keeper.keep(), name=name)
            task.add_done_callback(lambda _: self._over.set())
            self._keepers[name] = keeper, task
        return self._keepers[name]

    async def _end_servers(self) -> None:
        tasks = [task for _, task in self._keepers.values()]
        for task in tasks:
            task.cancel()
        for task, outcome in zip(tasks, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
            if isinstance(outcome, Exception):
                print(f"{task.get_name()}: {outcome}", file=sys.stderr)  # noqa: T201  (stderr is the log)


async def _ready(keeper: Keeper, keeping: asyncio.Task[None]) -> None:
    """Wait until the server is ready. Raises what its keeper failed with."""
    await _first(keeper.ready.wait(), asyncio.shield(keeping))
    if keeping.cancelled():
        raise ConnectionAbortedError
    if keeping.done():
        keeping.result()


async def _first(*awaitables: Awaitable[object]) -> None:
    """Wait until one of them is done; give the others up."""
    waiting = [asyncio.ensure_future(each) for each in awaitables]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def _supervise(home: Path, lock: int, listening: int) -> None:
    with socket.socket(fileno=listening) as door:
        await Supervisor(Places(home), lock).run(door)


def main() -> None:
    """Leave the client, then supervise. Arguments: home, and descriptors of its lock and listening socket."""
    home, lock, listening = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if os.fork():
        os._exit(0)  # the client reaps this one; the one that stays belongs to nobody
    for descriptor in (lock, listening):
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    asyncio.run(_supervise(home, lock, listening))


if __name__ == "__main__":
    main()
