"""Opens the way out for the time of one call: a Unix socket, and behind it the proxy. Knows no sandbox.

Only the relay may speak here, never the payload. Over a Unix socket one can pass open files, and merely to
drop one (a TCP socket that lingers) blocks whoever does, for as long as its sender likes. So the relay makes
all connections that the call may have before the payload begins; then nobody listens any more.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from quantumsketch.tools.domains import Domain
from quantumsketch.tools.sandbox.egress.outside import CHUNK_BYTES, INTERNET, Outside
from quantumsketch.tools.sandbox.egress.proxy import Patience, Proxy
from quantumsketch.tools.sandbox.egress.refusals import Notes, Refused
from quantumsketch.tools.sandbox.egress.relay import READY
from quantumsketch.tools.sandbox.egress.stream import Budget, Stream
from quantumsketch.tools.tool import Limits

SOCKET = "egress"
MOST_AT_ONCE = 16
RESOLVERS = 2
"""Threads of each call's own: a resolver that does not answer keeps nobody else waiting."""
DEFAULT_PATIENCE = Patience()


class Gate:
    """The way out of one call, and what was seen there."""

    def __init__(self, path: Path, proxy: Proxy, connections: int) -> None:
        """Listen at `path`."""
        self.socket = path
        self.places = connections + 1
        """How many connections the relay has to make; who uses the last is told that there are no more."""
        self._proxy = proxy
        self._accepted = self._begun = 0
        self._waiting: set[socket.socket] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._listener = _listener(path, self.places)
        self._loop.add_reader(self._listener, self._accept)

    @property
    def refused(self) -> tuple[str, ...]:
        """What the policy refused and why, each once, in a bounded number of bounded lines."""
        return self._proxy.notes.all()

    @property
    def used_bytes(self) -> int:
        """The bytes that were counted, both directions together; small pieces count as more."""
        return self._proxy.budget.used

    async def close(self) -> None:
        """End every connection, and wait until they have ended."""
        self._stop_listening()
        for connection in self._waiting:
            self._loop.remove_reader(connection)
            connection.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self) -> None:
        """Accept a connection of the relay's; with the last one, say so, and nobody can connect any more.

        Not asyncio's server: what that accepts while it closes, nobody ends.
        """
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            self._stop_listening()  # this process has no descriptor left: the relay gives up
            return
        connection.setblocking(False)
        self._loop.add_reader(connection, self._begin, connection)
        self._waiting.add(connection)
        self._accepted += 1
        if self._accepted == self.places:
            self._stop_listening()
            with suppress(OSError):  # the relay has ended already
                connection.send(READY)

    def _stop_listening(self) -> None:
        if self._listener.fileno() >= 0:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self.socket.unlink(missing_ok=True)

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
        if self._begun == self.places:
            return Refused(f"the call has had its {self.places - 1} connections")
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
    folder: Path,
    outside: Outside = INTERNET,
    patience: Patience = DEFAULT_PATIENCE,
) -> AsyncIterator[Gate]:
    """Lend a way out to these domains alone, by a socket in `folder`, where nobody else may be able to look.

    When this ends every connection has ended and the socket is gone. The folder is the caller's.
    """
    resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="egress-resolver")
    proxy = Proxy(
        tuple(map(Domain.parse, domains)), outside, patience, resolvers, Notes(), Budget(limits.network_bytes)
    )
    gate = Gate(folder / SOCKET, proxy, limits.connections)
    try:
        yield gate
    finally:
        await gate.close()
        resolvers.shutdown(wait=False, cancel_futures=True)


def _listener(path: Path, backlog: int) -> socket.socket:
    """Bind a Unix socket, whose name may be longer than the 107 bytes that the kernel takes.

    It is open to every user: inside, the relay may be another one. The folder keeps the others away.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        path.chmod(0o666)
        listener.listen(backlog)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    finally:
        os.close(folder)
    return listener


def _says_something(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except OSError:
        return False
