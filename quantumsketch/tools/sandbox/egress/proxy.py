"""Serves one connection of a payload: who may be asked, at which address, and what passes. Starts nothing.

The order matters: the name is in the policy, it is resolved, every address of it is public, and one of those
addresses is dialled, never the name again. So a name that means another address a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from quantumsketch.tools.domains import Domain, host_name
from quantumsketch.tools.sandbox.egress.addresses import why_not_public
from quantumsketch.tools.sandbox.egress.outside import Outside
from quantumsketch.tools.sandbox.egress.refusals import Notes, Refused
from quantumsketch.tools.sandbox.egress.request import HTTP_PORT, ProxyRequest, Target
from quantumsketch.tools.sandbox.egress.server_name import HANDSHAKE, read_server_name
from quantumsketch.tools.sandbox.egress.stream import Budget, Moved, Stream, both_ways, pump

TLS_PORT = 443
MOST_TRIED = 4  # addresses of one name
LINGER_S = 1.0
NO_LONGER_LISTENS = suppress(OSError, EOFError)
"""Who no longer listens may still have something to say: then only the sending ends."""


@dataclass(frozen=True)
class Patience:
    """How long the proxy waits, in seconds."""

    request_s: float = 10.0
    """For a whole request head."""
    reach_s: float = 10.0
    """For the resolver and the host together; each of its addresses gets a part of it."""
    quiet_s: float = 20.0
    """While nothing moves in either direction."""


@dataclass(frozen=True)
class Proxy:
    """What all connections of one call share."""

    domains: Sequence[Domain]
    outside: Outside
    patience: Patience
    resolvers: Executor
    notes: Notes
    budget: Budget

    async def serve(self, inner: Stream) -> None:
        """Serve a connection to its end; what either side does is no error of ours."""
        with suppress(OSError, EOFError):
            try:
                async with asyncio.timeout(self.patience.request_s):
                    request = await ProxyRequest.read(inner)
                outer = await self._reach(request.target)
            except Refused as refusal:
                await self.turn_away(inner, refusal)
                return
            try:
                await self._pass(request, inner, outer)
            except Refused as refusal:
                self.notes.add(refusal)
            finally:
                await outer.close()

    async def turn_away(self, inner: Stream, refusal: Refused) -> None:
        """Note a refusal and say it; the rest of the request is read for a moment, or the answer is lost."""
        self.notes.add(refusal)
        with suppress(OSError, Refused):
            async with asyncio.timeout(LINGER_S):
                await inner.write(refusal.answer())
                await inner.end()
                while await inner.read():
                    pass

    async def _reach(self, target: Target) -> Stream:
        """Connect to whom a request is for, if the policy and the addresses allow it; else Refused."""
        host, port = target.host, target.port
        if not self._covered(host, port):
            raise Refused(f"{host}:{port} is not in the tool's domains")
        if target.path is None and port == HTTP_PORT:
            raise Refused(f"{host}:{port} is asked by http://, without a tunnel")
        with suppress(OSError):  # a timeout is one too
            async with asyncio.timeout(self.patience.reach_s):
                addresses = await self._public_addresses(host_name(host))
                return await self._dialled(addresses[:MOST_TRIED], port)
        raise Refused(f"{host}:{port} cannot be reached", HTTPStatus.BAD_GATEWAY)

    def _covered(self, host: str, port: int) -> bool:
        return any(domain.covers(host, port) for domain in self.domains)

    async def _public_addresses(self, name: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self.resolvers, self.outside.resolve, name)
        for address in addresses:
            why = why_not_public(address) or (self.outside.is_own(address) and "this machine's own")
            if why:
                raise Refused(f"{name} has an address that is not public: {why}")
        return addresses

    async def _dialled(self, addresses: Sequence[str], port: int) -> Stream:
        for address in addresses:
            with suppress(OSError):
                async with asyncio.timeout(self.patience.reach_s / MOST_TRIED):
                    return Stream(await self.outside.dial(address, port), self.budget)
        raise OSError("no address answers")

    async def _pass(self, request: ProxyRequest, inner: Stream, outer: Stream) -> None:
        """Pass on what both sides say until the outer one ends, or nothing moves."""
        async with _moving(self.patience.quiet_s) as moved:
            if request.target.path is None:
                await request.open_tunnel()
                sending = self._send_tunnelled(inner, outer, request.target.port, moved)
            else:
                sending = _send_request(request, outer, moved)
            await both_ways(sending, pump(outer, inner, moved))

    async def _send_tunnelled(self, inner: Stream, outer: Stream, port: int, moved: Moved) -> None:
        """Pass on what the payload says in a tunnel, once its beginning has shown whom it speaks to."""
        with NO_LONGER_LISTENS:
            begin = await inner.read(1)
            inner.unread(begin)
            if begin == HANDSHAKE:
                await outer.write(await self._hello(inner, port))
            elif begin and port == TLS_PORT:
                raise Refused(f"a tunnel to port {TLS_PORT} does not begin with TLS")
            await pump(inner, outer, moved)

    async def _hello(self, inner: Stream, port: int) -> bytes:
        """Return the first TLS record, if it is for a host that the policy covers; else Refused."""
        try:
            record, name = await read_server_name(inner.read_exactly)
        except ValueError as error:
            raise Refused(f"a tunnel is no plain TLS: {error}") from error
        if not self._covered(name, port):
            raise Refused(f"{name!r} (the server's name in TLS) is not in the tool's domains")
        return record


async def _send_request(request: ProxyRequest, outer: Stream, moved: Moved) -> None:
    name, port = host_name(request.target.host), request.target.port
    with NO_LONGER_LISTENS:
        await request.send_to(outer, name if port == HTTP_PORT else f"{name}:{port}", moved)


@asynccontextmanager
async def _moving(quiet_s: float) -> AsyncIterator[Moved]:
    """Lend a function to call when something moves; TimeoutError when it was not called for so long."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(quiet_s) as quiet:
        yield lambda: quiet.reschedule(loop.time() + quiet_s)
