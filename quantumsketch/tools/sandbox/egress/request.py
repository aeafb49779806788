"""The one HTTP request of a connection: what is asked of the proxy, and how the origin is asked instead.

h11 reads it and h11 writes it anew, so that both sides see the same request and no second one in its shadow.
Decides nothing about who may be asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

import h11

from quantumsketch.tools.domains import MOST_PORT
from quantumsketch.tools.sandbox.egress.refusals import Refused
from quantumsketch.tools.sandbox.egress.stream import Moved, Stream

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


@dataclass(frozen=True)
class Target:
    """Whom a request is for, as it was written."""

    host: str
    port: int
    path: str | None
    """What is asked of an http:// origin; None for a tunnel."""


@dataclass(frozen=True)
class ProxyRequest:
    """A request on its way through: its head has been read, its body goes on as it comes."""

    target: Target
    _head: h11.Request
    _reading: h11.Connection
    _stream: Stream

    @classmethod
    async def read(cls, stream: Stream) -> ProxyRequest:
        """Read a request's head; Refused if it makes no sense to a proxy, EOFError if there is none."""
        reading = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD_BYTES)
        head = await _event(reading, stream)
        if not isinstance(head, h11.Request):
            raise EOFError("no request came")
        names = {name for name, _ in head.headers}
        tunnel = head.method == b"CONNECT"
        if names >= FRAMING or (tunnel and FRAMING & names):
            raise _nonsense("the length of its body is ambiguous")
        return cls(_target(head.target.decode("ascii"), tunnel=tunnel), head, reading, stream)

    async def open_tunnel(self) -> None:
        """Answer that the tunnel is open, and give back to the stream what came after the head."""
        self._stream.unread(self._reading.trailing_data[0])
        await self._stream.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def send_to(self, origin: Stream, authority: str, moved: Moved) -> None:
        """Ask the origin for the target's path, with the same body, as fast as that comes."""
        if self._reading.they_are_waiting_for_100_continue:
            await self._stream.write(GO_ON)
        writing = h11.Connection(h11.CLIENT)
        headers = [(b"host", authority.encode()), *_end_to_end(self._head), (b"connection", b"close")]
        part: h11.Event = h11.Request(
            method=self._head.method, target=self.target.path or "/", headers=headers
        )
        while True:
            await origin.write(writing.send(part) or b"")
            if isinstance(part, h11.EndOfMessage):
                return
            event = await _event(self._reading, self._stream)
            moved()
            part = event if isinstance(event, h11.Data) else h11.EndOfMessage()


async def _event(reading: h11.Connection, stream: Stream) -> object:
    """Return what comes next of a request; Refused if that is no HTTP."""
    try:
        while (event := reading.next_event()) is h11.NEED_DATA:
            reading.receive_data(await stream.read(MOST_HEAD_BYTES))
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


def _end_to_end(head: h11.Request) -> list[tuple[bytes, bytes]]:
    """Leave out the host, which is taken from the target, and what is for one hop or named by Connection."""
    headers = list(head.headers)
    connection = b",".join(value for name, value in headers if name == b"connection")
    named = {word.strip().lower() for word in connection.split(b",")}
    dropped = FOR_ONE_HOP | {b"host"} | (named - FRAMING)
    return [(name, value) for name, value in headers if name not in dropped]


def _nonsense(why: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Refused:
    return Refused(why, status)
