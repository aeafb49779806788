"""Speaking to the sandbox's proxy, for tests: at its Unix socket, or as a payload inside a real sandbox."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox.egress import Gate, egress
from quantumsketch.tools.sandbox.egress.outside import Streams
from quantumsketch.tools.sandbox.egress.proxy import Patience
from quantumsketch.tools.tool import Backend, Ended, Limits, Policy, Reply
from quantumsketch.tools.toolbox import Toolbox
from tests.outside_world import LISTED, NAMES, World, certified
from tests.sandbox_calls import QUICK, Command, Said, python, sandbox, tool

UNLISTED = "evil.example.net"
PLAIN = f"GET http://{LISTED}/ HTTP/1.1\r\nHost: {LISTED}\r\n\r\n".encode()
PATIENT_S = 20.0
"""So long a test waits for what should happen at once."""
SHORT = Patience(request_s=0.3, reach_s=0.3, quiet_s=0.3)


class Way:
    """A gate, and its connections as a relay holds them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.unused = [socket.socket(fileno=os.dup(number)) for number in gate.handed]

    @property
    def refused(self) -> tuple[str, ...]:
        return self._gate.refused

    @property
    def used_bytes(self) -> int:
        return self._gate.used_bytes


@contextmanager
def way_through(gate: Gate) -> Iterator[Way]:
    way = Way(gate)
    try:
        yield way
    finally:
        for connection in way.unused:
            connection.close()


@asynccontextmanager
async def opened(
    limits: Limits | None = None, names: Sequence[str] = NAMES, patience: Patience | None = None
) -> AsyncIterator[tuple[World, Way]]:
    """Open a way out into a world of our own."""
    world = World()
    async with (
        world.opened(),
        egress(names, limits or Limits(), world.outside, patience or Patience()) as gate,
    ):
        with way_through(gate) as way:
            yield world, way


@asynccontextmanager
async def connected(way: Way) -> AsyncIterator[Streams]:
    connection = way.unused.pop(0)
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    try:
        yield reader, writer
    finally:
        with suppress(OSError):
            # the gate still holds a copy, as the sandbox's first process does
            connection.shutdown(socket.SHUT_RDWR)
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def ask(way: Way, said: bytes) -> bytes:
    """Say something on a connection of its own, and return the whole answer."""
    async with connected(way) as (reader, writer):
        writer.write(said)
        writer.write_eof()
        try:
            async with asyncio.timeout(PATIENT_S):
                return await reader.read()
        except ConnectionResetError:
            return b""


def tunnel_to(port: int, host: str = LISTED) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


@asynccontextmanager
async def tunnel(way: Way, port: int) -> AsyncIterator[Streams]:
    """Open a tunnel that the policy allows."""
    async with connected(way) as (reader, writer):
        writer.write(tunnel_to(port))
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        yield reader, writer


async def call(
    folder: Path,
    world: World,
    command: Command,
    limits: Limits = QUICK,
    domains: Sequence[str] = NAMES,
    *,
    sees_python: bool = True,
    backend: Backend | None = None,
) -> Reply[Said]:
    """Run a command in the sandbox, with a way out to some domains of a world of our own."""
    within = replace(sandbox(), outside=world.outside, backend=backend or sandbox().backend)
    called = tool(Policy(python=sees_python, domains=tuple(domains), limits=limits))
    toolbox = Toolbox(Registry([called]), within, folder / "scratch")
    certificate = folder / "certificate"
    certificate.write_bytes(certified()[1])
    return await toolbox.call(called, command, inputs={"certificate": certificate}, keep=folder / "keep")


def script(text: str, *arguments: str) -> Command:
    return Command(arguments=[*python(text).arguments, *arguments])


def printed(reply: Reply[Said]) -> str:
    """What a call printed that ended well."""
    assert reply.ending.ended is Ended.OK, reply.ending
    return reply.ending.stdout.decode().strip()
