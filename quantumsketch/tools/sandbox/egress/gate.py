"""Opens the way out for the time of one call: a Unix socket, and behind it the proxy. Knows no sandbox."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from quantumsketch.tools.domains import Domain
from quantumsketch.tools.sandbox.egress.outside import CHUNK_BYTES, INTERNET, Outside
from quantumsketch.tools.sandbox.egress.proxy import Patience, Proxy
from quantumsketch.tools.sandbox.egress.refusals import Notes, Refused
from quantumsketch.tools.sandbox.egress.stream import Budget, Stream
from quantumsketch.tools.tool import Limits

SOCKET = "egress"
BACKLOG = 8
MOST_AT_ONCE = 16
RESOLVERS = 2
"""Threads of each call's own: a resolver that does not answer keeps nobody else waiting."""
DEFAULT_PATIENCE = Patience()


class Gate:
    """The way out of one call, and what was seen there."""

    def __init__(self, path: Path, proxy: Proxy, connections: int) -> None:
        """Listen at `path`."""
        self.socket = path
        self._proxy = proxy
        self._connections = connections
        self._seen = 0
        self._serving: set[asyncio.Task[None]] = set()
        self._listener = _listener(path)
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

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
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self.socket.unlink(missing_ok=True)

    def _stop_listening(self) -> None:
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()

    def _accept(self) -> None:
        """Accept one connection. Not asyncio's server: what that accepts while it closes, nobody ends."""
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            self._stop_listening()  # this process has no descriptor left: then not for the call either
            return
        self._seen += 1
        task = asyncio.create_task(self._serve(connection, self._too_many()))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        task.add_done_callback(lambda _: connection.close())  # also if it never began

    def _too_many(self) -> Refused | None:
        if self._seen > self._connections:
            self._stop_listening()  # what comes after this one is not even accepted
            return Refused(f"the call has had its {self._connections} connections")
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


def _listener(path: Path) -> socket.socket:
    """Bind a Unix socket, whose name may be longer than the 107 bytes that the kernel takes.

    It is open to every user: inside, the payload may be another one. The folder keeps the others away.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        path.chmod(0o666)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    finally:
        os.close(folder)
    return listener
