"""Requests that are no requests, or more than one: they are told so, and lead nowhere."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.egress.request import GO_ON
from tests.outside_world import GREETING, LISTED
from tests.proxy_calls import PLAIN, UNLISTED, ask, opened

SECOND = f"GET http://{UNLISTED}/stolen HTTP/1.1\r\nHost: {UNLISTED}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "said",
    [
        PLAIN + SECOND,
        PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n") + SECOND,
        PLAIN.replace(b"\r\n\r\n", b"\r\nX: 1\r\n folded\r\n\r\n") + SECOND,
        PLAIN.replace(b"GET", b"POST").replace(
            b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        + SECOND,
    ],
)
async def test_a_second_request_in_the_shadow_of_the_first_goes_nowhere(said: bytes) -> None:
    async with opened() as (world, way):
        assert (await ask(way, said)).endswith(GREETING)
    assert len(world.requests) == 1
    assert b"stolen" not in world.requests[0]
    assert len(world.dialled) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"GET / HTTP/1.1\r\nHost: listed.example.org\r\n\r\n",
        b"GET https://listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET ftp://listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://user@listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://listed.example.org@evil.example.net/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://evil.example.net\\@listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://listed.example.org/#@evil.example.net HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://listed.example.org:0/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://listed.example.org:65616/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http:listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http:///listed.example.org/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT listed.example.org HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT http://listed.example.org:443/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT evil.example.net@listed.example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT listed.example.org:443:22 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT listed.example.org:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
        b"CONNECT listed.example.org:443 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"CONNECT listed.example.org:443 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"CONNECT listed.example.org:443\0.evil.example.net:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
        PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"),
        PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: -3\r\n\r\n"),
        b"GET http://listed.example.org/ HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
    ],
)
async def test_nonsense_is_told_so_and_leads_nowhere(said: bytes) -> None:
    async with opened() as (world, way):
        answer = await ask(way, said)
    assert answer.startswith(b"HTTP/1.1 4")
    assert b"\r\nContent-Type: text/plain" in answer
    assert (world.resolved, world.dialled, way.refused) == ([], [], ())


@given(said=st.binary(max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_any_bytes_are_answered_or_ended_and_lead_nowhere(said: bytes) -> None:
    async with opened() as (world, way):
        for prefix in (b"", b"CONNECT ", b"GET http://"):
            answer = await ask(way, prefix + said)
            assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert world.dialled == []


HEADERS = st.sampled_from(
    [
        "Content-Length: 0", "Content-Length: 3", "Content-Length: 3, 3", "Content-Length: x", "X:", ": x",
        "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Connection: close", "Connection: ,",
        "Host: a", "Connection: content-length, host", "Upgrade: websocket", "Trailer: X", "X: \xff",
        "X y: z",
        "Expect: 100-continue",
    ]
)  # fmt: skip


@given(
    st.sampled_from(["GET", "HEAD", "POST", "TRACE", "OPTIONS", "!", "get"]),
    st.lists(HEADERS, max_size=4),
    st.sampled_from(["1.0", "1.1", "9.9"]),
    st.sampled_from([b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"fffffffff\r\n", SECOND]),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_whatever_the_headers_say_the_origin_gets_one_request_or_none(
    caplog: pytest.LogCaptureFixture,
    method: str,
    headers: list[str],
    version: str,
    body: bytes,
) -> None:
    lines = [f"{method} http://{LISTED}/ HTTP/{version}", "Host: x", *headers]
    async with opened() as (world, way):
        answer = await ask(way, "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body)
    last = answer.removeprefix(GO_ON)
    assert not last or last.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501")) or last.endswith(GREETING)
    assert len(world.requests) <= 1
    assert all(
        request.lower().count(b"host: ") == 1 for request in world.requests if b"stolen" not in request
    )
    assert [record.getMessage() for record in caplog.records] == []  # such as an exception of ours
