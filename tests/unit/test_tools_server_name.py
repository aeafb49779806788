"""Whom a TLS client wants to speak to, read off real and off mutilated hellos."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.egress.server_name import (
    ENCRYPTED_HELLO,
    RECORD_HEADER_BYTES,
    SERVER_NAME,
    read_server_name,
    server_name,
)


@cache
def hello(name: str | None = "www.example.org", newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> bytes:
    """The first record of Python's own TLS client."""
    context = ssl.create_default_context()
    context.check_hostname, context.maximum_version = False, newest
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


def sized(data: bytes, length_bytes: int = 2) -> bytes:
    return len(data).to_bytes(length_bytes, "big") + data


def named(*names: bytes, kind: int = 0) -> bytes:
    """The content of a server_name extension."""
    return sized(b"".join(bytes([kind]) + sized(name) for name in names))


def made(*extensions: tuple[int, bytes], after: bytes = b"", message_after: bytes = b"") -> bytes:
    """A first record with these extensions."""
    listed = b"".join(kind.to_bytes(2, "big") + sized(content) for kind, content in extensions)
    body = (
        b"\x03\x03" + bytes(32) + sized(b"", 1) + sized(b"\x13\x01") + sized(b"\0", 1) + sized(listed) + after
    )
    return b"\x16\x03\x01" + sized(b"\x01" + sized(body, 3) + message_after)


class Wire:
    """Bytes as they come over a connection."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read_exactly(self, count: int) -> bytes:
        if len(self.data) < count:
            raise EOFError
        taken, self.data = self.data[:count], self.data[count:]
        return taken


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_name_in_the_hello_of_a_real_client_is_found(newest: ssl.TLSVersion) -> None:
    assert server_name(hello("www.example.org", newest)) == "www.example.org"
    assert server_name(made((SERVER_NAME, named(b"a.org")))) == "a.org"


async def test_only_the_first_record_is_read_and_is_handed_on_whole() -> None:
    wire = Wire(hello() + b"what comes after")
    assert await read_server_name(wire.read_exactly) == (hello(), "www.example.org")
    assert wire.data == b"what comes after"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (hello(None), "does not name the server"),
        (made(), "does not name the server"),
        (made((ENCRYPTED_HELLO, b"x"), (SERVER_NAME, named(b"a.org"))), "encrypted"),
        (made((SERVER_NAME, named(b"a.org")), (SERVER_NAME, named(b"b.org"))), "twice"),
        (made((SERVER_NAME, named(b"a.org", b"b.org"))), "more in it"),
        (made((SERVER_NAME, named(b"a.org", kind=1))), "unknown way"),
        (made((SERVER_NAME, named(b"a\xff.org"))), "ascii"),
        (made((SERVER_NAME, named())), "cut off"),
        (made((SERVER_NAME, named(b"a.org")), after=b"x"), "more in it"),
        (made((SERVER_NAME, named(b"a.org")), message_after=b"\x01"), "more in it"),
        (hello()[:RECORD_HEADER_BYTES] + b"\x02" + hello()[6:], "does not begin with a ClientHello"),
        (hello()[:-1], "cut off"),
        (hello()[:RECORD_HEADER_BYTES], "cut off"),
    ],
)
def test_a_hello_that_hides_its_name_is_refused(record: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        server_name(record)


@pytest.mark.parametrize(
    "begin",
    [b"GET / HTTP/1.1\r\n", b"\x80\x2e\x01\x03\x01", b"\x16\x02\x01\x00\x10", b"\x15\x03\x01\x00\x02"],
)
async def test_what_is_no_handshake_is_refused_at_once(begin: bytes) -> None:
    with pytest.raises(ValueError, match="does not begin with a TLS handshake"):
        await read_server_name(Wire(begin).read_exactly)


async def test_a_record_longer_than_tls_allows_is_not_waited_for() -> None:
    with pytest.raises(ValueError, match="too long"):
        await read_server_name(Wire(b"\x16\x03\x01\x40\x01").read_exactly)


async def test_a_hello_in_two_records_is_refused() -> None:
    message = hello()[RECORD_HEADER_BYTES:]
    two = b"\x16\x03\x01" + sized(message[:50]) + b"\x16\x03\x01" + sized(message[50:])
    with pytest.raises(ValueError, match="several records"):
        await read_server_name(Wire(two).read_exactly)


@given(st.binary(max_size=400))
@settings(deadline=None)
async def test_any_bytes_give_a_name_or_a_value_error(data: bytes) -> None:
    for attempt in (data, b"\x16\x03\x01" + sized(data), b"\x16\x03\x01" + sized(b"\x01" + sized(data, 3))):
        try:
            record, name = await read_server_name(Wire(attempt).read_exactly)
        except (ValueError, EOFError):
            continue
        assert name.encode() in record


@given(st.data())
@settings(deadline=None)
def test_a_damaged_hello_never_gives_another_crash_than_a_value_error(data: st.DataObject) -> None:
    damaged = bytearray(hello())
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        assert server_name(bytes(damaged)).encode() in damaged
