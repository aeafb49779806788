"""A world outside for the sandbox's proxy: names of our making, real servers on the loopback behind them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from quantumsketch.tools.sandbox.egress.outside import Outside, Streams, is_own

LISTED = "listed.example.org"
PUBLIC = "93.184.215.14"
"""Where the names lead unless a test says otherwise; the dialler goes to the loopback instead."""
HTTP_PORT, TLS_PORT, ECHO_PORT, SILENT_PORT, FLOOD_PORT = 80, 443, 7777, 7778, 7779
NAMES = (
    LISTED,
    *(f"{LISTED}:{port}" for port in (ECHO_PORT, SILENT_PORT, FLOOD_PORT)),
    "*.below.example.org",
)
"""A policy that reaches every server of this world."""
GREETING = b"hello from outside"
FLOOD_BYTES = 2**26

Serve: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class World:
    """What is asked of it, and what it answers."""

    def __init__(self) -> None:
        self.addresses: dict[str, Sequence[str]] = {}
        """What the resolver says; a name that is not here has the address `PUBLIC`."""
        self.resolved: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self.reached = asyncio.Event()
        """Somebody has been let through."""
        self.requests: list[bytes] = []
        """What arrived at the HTTP server, byte by byte, one for each connection."""
        self.closed: set[int] = set()
        """Ports that refuse."""
        self.silent: set[str] = set()
        """Addresses at which nobody answers at all."""
        self.unresolvable: set[str] = set()
        self.stuck: set[str] = set()
        """Names for which the resolver waits until `woken` is set."""
        self.woken = threading.Event()
        self._ports: dict[int, int] = {}
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def outside(self) -> Outside:
        return Outside(self.resolve, self.dial, is_own)

    def resolve(self, name: str) -> Sequence[str]:
        self.resolved.append(name)
        if name in self.stuck:
            self.woken.wait(60)
        if name in self.unresolvable:
            raise socket.gaierror
        return self.addresses.get(name, [PUBLIC])

    async def dial(self, address: str, port: int) -> Streams:
        self.dialled.append((address, port))
        self.reached.set()
        if address in self.silent:
            await asyncio.sleep(60)
        if port in self.closed:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", self._ports[port])

    async def answer_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take all that comes within a moment of the request, and greet."""
        request = await reader.readuntil(b"\r\n\r\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                while more := await reader.read(2**16):
                    request += more
        self.requests.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n" + GREETING)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[World]:
        """Run the servers."""
        kinds: dict[int, tuple[Serve, ssl.SSLContext | None]] = {
            HTTP_PORT: (self.answer_http, None),
            TLS_PORT: (self.answer_http, certified()[0]),
            ECHO_PORT: (echo, None),
            SILENT_PORT: (stay_silent, None),
            FLOOD_PORT: (flood, None),
        }
        servers = []
        for port, (serve, tls) in kinds.items():
            server = await asyncio.start_server(self._to_its_end(serve), "127.0.0.1", 0, ssl=tls)
            self._ports[port] = server.sockets[0].getsockname()[1]
            servers.append(server)
        try:
            yield self
        finally:
            for server in servers:
                server.close()
            for writer in self._serving.values():
                writer.transport.abort()
            await self.idle()

    async def idle(self) -> None:
        """Wait until nobody is served any more."""
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _to_its_end(self, serve: Serve) -> Serve:
        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if task := asyncio.current_task():
                self._serving[task] = writer
                task.add_done_callback(self._serving.pop)
            try:
                with suppress(OSError, EOFError):
                    await serve(reader, writer)
                    await writer.drain()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

        return served


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(2**16):
        pass


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(FLOOD_BYTES // 2**16):
        writer.write(bytes(2**16))
        await writer.drain()


@cache
def certified() -> tuple[ssl.SSLContext, bytes]:
    """A TLS server's context for `LISTED` and names below, and the certificate to trust: of our making."""
    with TemporaryDirectory(prefix="qs-certificate-") as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", f"/CN={LISTED}", "-addext", f"subjectAltName=DNS:{LISTED},DNS:*.below.example.org",
             "-keyout", key, "-out", certificate, "-days", "2"],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        return context, certificate.read_bytes()
