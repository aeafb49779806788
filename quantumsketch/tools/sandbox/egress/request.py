"""The one HTTP request of a connection: what is asked of the proxy, and how the origin is asked instead.

h11 reads it and h11 writes it anew, so that both sides see the same request and no second one in its shadow.
Decides nothing about who may be asked.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

import h11

from quantumsketch.tools.domains import MOST_PORT
from quantumsketch.tools.sandbox.egress.refusals import Refused
from quantumsketch.tools.sandbox.egress.stream import Stream

MOST_HEAD_BYTES = 16 * 1024
HOST = r"(?P<host>\[[^\[\]/?#@\\]*\]|[^\[\]/?#@:\\]+)"
TUNNEL_TARGET = re.compile(rf"{HOST}:(?P<port>[0-9]{{1,5}})")
HTTP_TARGET = re.compile(rf"(?i:http)://{HOST}(?::(?P<port>[0-9]{{1,5}}))?(?P<path>(?:[/?][^#]*)?)")
HTTP_PORT = 80
FRAMING = {b"content-length", b"transfer-encoding"}
FOR_ONE_HOP = {
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization",
    b"te", b"trailer", b"upgrade", b"http2-settings", b"expect",
}  # fmt: skip
"""What concerns only the way to the proxy (RFC 9110, section 7.6.1); `expect` is answered here."""
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

Headers: TypeAlias = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Target:
    """Whom a request is for, as it was written."""

    host: str
    port: int
    path: str | None
    """What is asked of an http:// origin; None for a tunnel."""


class ProxyRequest:
    """A request on its way through; the head is read first, then the body as often as it goes on."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._read = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD_BYTES)
        self._head = h11.Request(method="GET", target="/", headers=[], http_version="1.0")

    async def target(self) -> Target:
        """Read the head and return whom it is for; Refused if it makes no sense to a proxy."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            raise EOFError("no request came")
        self._head = event
        names = {name for name, _ in event.headers}
        tunnel = event.method == b"CONNECT"
        if names >= FRAMING or (tunnel and FRAMING & names):
            raise _nonsense("the length of its body is ambiguous")
        return _target(event.target.decode("ascii"), tunnel=tunnel)

    def open_tunnel(self) -> bytes:
        """Give back to the stream what came after the head, and return the answer that opens the tunnel."""
        self._stream.unread(self._read.trailing_data[0])
        return b"HTTP/1.1 200 Connection established\r\n\r\n"

    async def for_origin(self, authority: str, path: str) -> AsyncIterator[bytes]:
        """Give the request as the origin gets it, head and body, as fast as it comes."""
        write = h11.Connection(h11.CLIENT)
        if self._read.they_are_waiting_for_100_continue:
            await self._stream.write(GO_ON)
        headers = [
            (b"host", authority.encode()),
            *_end_to_end(list(self._head.headers)),
            (b"connection", b"close"),
        ]
        yield write.send(h11.Request(method=self._head.method, target=path, headers=headers)) or b""
        while isinstance(event := await self._event(), h11.Data):
            yield write.send(h11.Data(data=event.data)) or b""
        yield write.send(h11.EndOfMessage()) or b""

    async def _event(self) -> object:
        try:
            while (event := self._read.next_event()) is h11.NEED_DATA:
                self._read.receive_data(await self._stream.read(MOST_HEAD_BYTES))
        except h11.RemoteProtocolError as error:
            raise _nonsense(str(error), HTTPStatus(error.error_status_hint)) from error
        return event


def _target(text: str, *, tunnel: bool) -> Target:
    found = (TUNNEL_TARGET if tunnel else HTTP_TARGET).fullmatch(text)
    if not found:
        wanted = "CONNECT HOST:PORT" if tunnel else "a request for http://HOST/…, or CONNECT for https://"
        raise _nonsense(f"this is a proxy, it takes {wanted}, not {text[:80]!r}")
    port = int(found["port"] or HTTP_PORT)
    if not 0 < port <= MOST_PORT:
        raise _nonsense(f"{port} is no port")
    if tunnel:
        return Target(found["host"], port, None)
    path = found["path"]
    return Target(found["host"], port, path if path.startswith("/") else f"/{path}")


def _end_to_end(headers: Headers) -> Headers:
    """Leave out the host, which is taken from the target, and what is for one hop or named by Connection."""
    named = {
        word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")
    }
    dropped = FOR_ONE_HOP | {b"host"} | (named - FRAMING)
    return [(name, value) for name, value in headers if name not in dropped]


def _nonsense(why: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Refused:
    return Refused(why, status)
