"""Opens the way out for the time of one call: pairs of sockets, and behind them the proxy. Knows no sandbox.

Only the relay holds the other ends, never the payload. Over a Unix socket one can pass open files, and merely
to drop one (a TCP socket that lingers) blocks whoever does, for as long as its sender likes. So the relay is
born with all the connections that the call may have; inside, nobody can make another Unix socket.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.domains import Domain
from quantumsketch.tools.sandbox.egress.outside import CHUNK_BYTES, INTERNET, Outside
from quantumsketch.tools.sandbox.egress.proxy import Patience, Proxy
from quantumsketch.tools.sandbox.egress.refusals import Notes, Refused
from quantumsketch.tools.sandbox.egress.stream import Budget, Stream
from quantumsketch.tools.tool import Limits

MOST_AT_ONCE = 16
RESOLVERS = 2
"""Threads of each call's own: a resolver that does not answer keeps nobody else waiting."""
DEFAULT_PATIENCE = Patience()


class Gate:
    """The way out of one call, and what was seen there."""

    def __init__(self, proxy: Proxy, connections: int) -> None:
        """Open nothing yet."""
        self._proxy = proxy
        self._places = connections + 1
        self._begun = 0
        self._waiting: set[socket.socket] = set()
        self._handed: list[socket.socket] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    @property
    def handed(self) -> tuple[int, ...]:
        """The descriptors that the call's first process inherits, for the relay."""
        return tuple(inner.fileno() for inner in self._handed)

    @property
    def refused(self) -> tuple[str, ...]:
        """What the policy refused and why, each once, in a bounded number of bounded lines."""
        return self._proxy.notes.all()

    @property
    def used_bytes(self) -> int:
        """The bytes that were counted, both directions together; small pieces count as more."""
        return self._proxy.budget.used

    def open(self) -> None:
        """Make the connections that the call may have, and one at which it is told that there are no more."""
        for _ in range(self._places):
            outer, inner = socket.socketpair()
            outer.setblocking(False)
            self._waiting.add(outer)
            self._handed.append(inner)
            self._loop.add_reader(outer, self._begin, outer)

    async def close(self) -> None:
        """End every connection, and wait until they have ended."""
        for connection in self._waiting:
            self._loop.remove_reader(connection)
        for connection in (*self._waiting, *self._handed):
            connection.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _begin(self, connection: socket.socket) -> None:
        """Serve a connection on which something was said; one that ends unused counts for nothing."""
        self._loop.remove_reader(connection)
        self._waiting.remove(connection)
        if not _says_something(connection):
            connection.close()
            return
        self._begun += 1
        task = asyncio.create_task(self._serve(connection, self._too_many()))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        task.add_done_callback(lambda _: connection.close())  # also if it never began

    def _too_many(self) -> Refused | None:
        if self._begun == self._places:
            return Refused(f"the call has had its {self._places - 1} connections")
        if len(self._serving) >= MOST_AT_ONCE:
            return Refused(f"the call has {MOST_AT_ONCE} connections at once already")
        return None

    async def _serve(self, connection: socket.socket, too_many: Refused | None) -> None:
        streams = await asyncio.open_unix_connection(sock=connection, limit=CHUNK_BYTES)
        stream = Stream(streams, self._proxy.budget)
        try:
            if too_many:
                await self._proxy.turn_away(stream, too_many)
            else:
                await self._proxy.serve(stream)
        finally:
            await stream.close()


@asynccontextmanager
async def egress(
    domains: Iterable[str],
    limits: Limits,
    outside: Outside = INTERNET,
    patience: Patience = DEFAULT_PATIENCE,
) -> AsyncIterator[Gate]:
    """Lend a way out to these domains alone; when this ends, every connection has ended.

    SandboxUnavailable if it cannot be opened.
    """
    resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="egress-resolver")
    proxy = Proxy(
        tuple(map(Domain.parse, domains)), outside, patience, resolvers, Notes(), Budget(limits.network_bytes)
    )
    gate = Gate(proxy, limits.connections)
    try:
        _open(gate)
        yield gate
    finally:
        await gate.close()
        resolvers.shutdown(wait=False, cancel_futures=True)


def _open(gate: Gate) -> None:
    try:
        gate.open()
    except OSError as error:
        raise SandboxUnavailable(
            f"no way out could be opened: {error.strerror}", mend="Allow more open files: ulimit -n 4096"
        ) from error


def _says_something(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except OSError:
        return False
