"""Reads whom a TLS client wants to speak to, off its first record. Pure, and at ease with any bytes.

A proxy that looks only at CONNECT would let a client name an allowed host there and another one to the server
behind it, which may serve both. The layout is RFC 8446, section 4.1.2, and RFC 6066, section 3.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

HANDSHAKE, TLS_MAJOR, CLIENT_HELLO = b"\x16", b"\x03", 1
RECORD_HEADER_BYTES = 5
MOST_RECORD_BYTES = 2**14
SERVER_NAME, ENCRYPTED_HELLO = 0, 0xFE0D
HOST_NAME = 0
RANDOM_BYTES = 32


async def read_server_name(read_exactly: Callable[[int], Awaitable[bytes]]) -> tuple[bytes, str]:
    """Read the first record and return it and the server's name in it; ValueError as `server_name`."""
    header = await read_exactly(RECORD_HEADER_BYTES)
    if header[:2] != HANDSHAKE + TLS_MAJOR:
        raise ValueError("it does not begin with a TLS handshake")
    length = int.from_bytes(header[3:], "big")
    if length > MOST_RECORD_BYTES:
        raise ValueError("its first TLS record is too long")
    record = header + await read_exactly(length)
    return record, server_name(record)


def server_name(record: bytes) -> str:
    """Return the server's name in a whole first record; ValueError if that is no plain ClientHello with one.

    Whatever could hide the name is refused: an encrypted hello, one in pieces, two names.
    """
    message = _Bytes(record[RECORD_HEADER_BYTES:])
    if message.number(1) != CLIENT_HELLO:
        raise ValueError("its TLS does not begin with a ClientHello")
    hello = message.vector(3)
    message.finished()
    hello.take(2 + RANDOM_BYTES)
    for length_bytes in (1, 2, 1):  # session, cipher suites, compression
        hello.vector(length_bytes)
    extensions = _extensions(hello.vector(2))
    hello.finished()
    if ENCRYPTED_HELLO in extensions:
        raise ValueError("its TLS hides whom it speaks to (an encrypted ClientHello)")
    if SERVER_NAME not in extensions:
        raise ValueError("its TLS does not name the server")
    return _only_name(extensions[SERVER_NAME])


def _extensions(rest: _Bytes) -> dict[int, _Bytes]:
    found: dict[int, _Bytes] = {}
    while rest:
        kind = rest.number(2)
        if kind in found:
            raise ValueError("its ClientHello says the same thing twice")
        found[kind] = rest.vector(2)
    return found


def _only_name(extension: _Bytes) -> str:
    names = extension.vector(2)
    extension.finished()
    if names.number(1) != HOST_NAME:
        raise ValueError("its ClientHello names the server in an unknown way")
    name = names.vector(2)
    names.finished()
    return name.rest().decode("ascii")  # UnicodeError is a ValueError


class _Bytes:
    """Bytes that are read from the front; ValueError when there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __bool__(self) -> bool:
        return bool(self._data)

    def take(self, count: int) -> bytes:
        if count > len(self._data):
            raise ValueError("its ClientHello is cut off, or in several records")
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def vector(self, length_bytes: int) -> _Bytes:
        return _Bytes(self.take(self.number(length_bytes)))

    def rest(self) -> bytes:
        return self.take(len(self._data))

    def finished(self) -> None:
        if self._data:
            raise ValueError("its ClientHello has more in it than it says")
