"""The proxy as a payload meets it: who is let through, and what arrives there.

Real sockets on the loopback; only the resolver and the dialler are the tests' own.
"""

from __future__ import annotations

import ssl

import pytest

from quantumsketch.tools.sandbox.egress import Outside, egress
from quantumsketch.tools.sandbox.egress.proxy import Patience
from quantumsketch.tools.tool import Limits
from tests.outside_world import ECHO_PORT, GREETING, LISTED, NAMES, PUBLIC, TLS_PORT, World, certified
from tests.proxy_calls import (
    PATIENT_S,
    PLAIN,
    SHORT,
    UNLISTED,
    ask,
    connected,
    opened,
    tunnel,
    tunnel_to,
    way_through,
)


async def test_a_request_arrives_as_the_origin_expects_it_and_its_answer_comes_back() -> None:
    asked = (
        f"GET http://{LISTED.upper()}/a?b=c HTTP/1.1\r\nHost: {UNLISTED}\r\n"
        "Proxy-Authorization: Basic eDp5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n"
        "Upgrade: h2c\r\nTE: trailers\r\nAccept: text/plain\r\n\r\n"
    )
    async with opened() as (world, way):
        answer = await ask(way, asked.encode())
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(GREETING)
    wanted = f"GET /a?b=c HTTP/1.1\r\nhost: {LISTED}\r\naccept: text/plain\r\nconnection: close\r\n\r\n"
    assert [request.lower() for request in world.requests] == [wanted.lower().encode()]
    assert (world.resolved, world.dialled) == ([LISTED], [(PUBLIC, 80)])
    assert way.refused == ()


@pytest.mark.parametrize(
    ("framing", "body", "arrives"),
    [
        ("Content-Length: 5", b"12345", b"12345"),
        ("Transfer-Encoding: chunked", b"2\r\n12\r\n3\r\n345\r\n0\r\n\r\n", b"345\r\n0\r\n\r\n"),
        ("Content-Length: 5\r\nExpect: 100-continue", b"12345", b"12345"),
    ],
)
async def test_a_body_goes_through_however_it_is_framed(framing: str, body: bytes, arrives: bytes) -> None:
    async with opened() as (world, way):
        head = f"POST http://{LISTED}/ HTTP/1.1\r\nHost: {LISTED}\r\n{framing}\r\n\r\n"
        answer = await ask(way, head.encode() + body)
    assert answer.endswith(GREETING)
    assert world.requests[0].endswith(arrives)


async def test_who_waits_to_be_told_to_go_on_is_told() -> None:
    length = "Content-Length: 1\r\nExpect: 100-continue"
    head = f"PUT http://{LISTED}/ HTTP/1.1\r\nHost: {LISTED}\r\n{length}\r\n\r\n"
    async with opened() as (world, way), connected(way) as (reader, writer):
        writer.write(head.encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"1")
        assert (await reader.read()).endswith(GREETING)
    assert world.requests[0].endswith(b"\r\n\r\n1")


@pytest.mark.parametrize(
    "host",
    [
        UNLISTED, f"{LISTED}.{UNLISTED}", f"evil{LISTED}", f"a.{LISTED}", "below.example.org", "example.org",
        "localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", PUBLIC, "[::1]", "[::ffff:127.0.0.1]",
        "*.below.example.org", f"{LISTED}..", f".{LISTED}", f"{LISTED}%00", f"{LISTED}%2eexample.net",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["CONNECT {}:443 HTTP/1.1", "GET http://{}/ HTTP/1.1"])
async def test_a_host_that_is_not_listed_is_refused_and_not_even_resolved(host: str, form: str) -> None:
    async with opened() as (world, way):
        answer = await ask(way, f"{form.format(host)}\r\nHost: {LISTED}\r\n\r\n".encode())
        port = 443 if form.startswith("CONNECT") else 80
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert f"{host}:{port} is not in the tool's domains".encode() in answer
    assert way.refused == (f"{host}:{port} is not in the tool's domains",)
    assert (world.resolved, world.dialled) == ([], [])


@pytest.mark.parametrize("port", [22, 25, 81, 8080, 65535])
async def test_a_port_that_is_not_named_is_refused(port: int) -> None:
    async with opened() as (world, way):
        answer = await ask(way, tunnel_to(port))
        assert (await ask(way, tunnel_to(ECHO_PORT) + b"bye")).startswith(b"HTTP/1.1 200 ")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert way.refused == (f"{LISTED}:{port} is not in the tool's domains",)
    assert world.dialled == [(PUBLIC, ECHO_PORT)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], ["10.0.0.1"], ["::1"], ["fe80::1%1"],
        ["0.0.0.0"], [PUBLIC, "192.168.0.1"], ["2606:4700::1111", PUBLIC, "fd00::1"], ["not an address"],
    ],
)  # fmt: skip
async def test_a_listed_name_with_any_address_that_is_not_public_is_refused(addresses: list[str]) -> None:
    async with opened() as (world, way):
        world.addresses[LISTED] = addresses
        answers = [await ask(way, PLAIN), await ask(way, tunnel_to(TLS_PORT))]
    assert [answer.split(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 403 Forbidden"] * 2
    assert world.dialled == []
    assert len(way.refused) == 1
    assert "not public" in way.refused[0]


async def test_an_address_of_this_machine_is_refused_however_public_it_looks() -> None:
    world = World()
    own = Outside(world.resolve, world.dial, is_own=lambda address: address == PUBLIC)
    async with egress(NAMES, Limits(), own) as gate:
        with way_through(gate) as way:
            assert b"this machine's own" in await ask(way, PLAIN)
    assert (world.resolved, world.dialled) == ([LISTED], [])


async def test_a_name_is_resolved_once_a_request_and_the_address_that_was_checked_is_dialled() -> None:
    async with opened() as (world, way):
        world.addresses[LISTED] = ["2606:4700::1", PUBLIC]
        assert (await ask(way, PLAIN)).endswith(GREETING)
        assert (world.resolved, world.dialled) == ([LISTED], [("2606:4700::1", 80)])
        world.addresses[LISTED] = ["127.0.0.1"]
        assert b"not public: loopback" in await ask(way, PLAIN)
        assert (world.resolved, world.dialled) == ([LISTED] * 2, [("2606:4700::1", 80)])


async def test_an_address_that_is_silent_does_not_take_the_time_of_the_next() -> None:
    async with opened(patience=Patience(reach_s=4)) as (world, way):
        world.addresses[LISTED] = ["2606:4700::1", PUBLIC]
        world.silent.add("2606:4700::1")
        assert (await ask(way, PLAIN)).endswith(GREETING)
        assert world.dialled == [("2606:4700::1", 80), (PUBLIC, 80)]


async def test_a_host_that_does_not_answer_is_told_from_one_that_is_refused() -> None:
    async with opened(patience=SHORT) as (world, way):
        world.closed.add(80)
        world.addresses[LISTED] = [PUBLIC, "2606:4700::1"]
        no_answer = await ask(way, PLAIN)
        assert world.dialled == [(PUBLIC, 80), ("2606:4700::1", 80)]
        world.addresses[LISTED] = []
        no_address = await ask(way, PLAIN)
        world.unresolvable.add(LISTED)
        no_name = await ask(way, PLAIN)
        world.stuck.add(LISTED)
        never = await ask(way, PLAIN)
        world.woken.set()
    for answer in (no_answer, no_address, no_name, never):
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert answer.endswith(f"refused: {LISTED}:80 cannot be reached\n".encode())
    assert way.refused == ()


async def test_a_tunnel_passes_both_ways_and_what_was_said_too_early_is_not_lost() -> None:
    async with opened() as (_, way):
        answer = await ask(way, tunnel_to(ECHO_PORT) + b"early")
        assert answer.partition(b"\r\n\r\n")[2] == b"early"
        async with tunnel(way, ECHO_PORT) as (reader, writer):
            for word in (b"one", b"two"):
                writer.write(word)
                assert await reader.readexactly(3) == word


async def test_tls_goes_through_a_tunnel_untouched() -> None:
    context = ssl.create_default_context(cadata=certified()[1].decode())
    async with opened() as (world, way), tunnel(way, TLS_PORT) as (reader, writer):
        await writer.start_tls(context, server_hostname=LISTED)
        writer.write(b"GET / HTTP/1.1\r\nHost: anything\r\n\r\n")
        assert (await reader.read()).endswith(GREETING)
        assert way.refused == ()
    assert world.requests == [b"GET / HTTP/1.1\r\nHost: anything\r\n\r\n"]


@pytest.mark.parametrize("port", [TLS_PORT, ECHO_PORT])
@pytest.mark.parametrize("name", [UNLISTED, "a.listed.example.org", None])
async def test_tls_for_another_server_than_the_policy_covers_is_cut_off(name: str | None, port: int) -> None:
    context = ssl.create_default_context(cadata=certified()[1].decode())
    context.check_hostname = False
    async with opened() as (world, way), tunnel(way, port) as (_, writer):
        with pytest.raises(ConnectionError):
            await writer.start_tls(context, server_hostname=name or "", ssl_handshake_timeout=PATIENT_S)
    assert len(way.refused) == 1
    assert repr(name) in way.refused[0] if name else "does not name the server" in way.refused[0]
    assert world.requests == []


async def test_what_is_no_tls_does_not_pass_to_the_port_of_tls() -> None:
    async with opened() as (_, way):
        answer = await ask(way, tunnel_to(TLS_PORT) + b"GET / HTTP/1.1\r\n\r\n")
        assert answer.partition(b"\r\n\r\n")[2] == b""
        assert way.refused == ("a tunnel to port 443 does not begin with TLS",)


async def test_a_tunnel_to_the_port_of_http_is_refused_for_its_host_header_would_not_be_ours() -> None:
    async with opened() as (world, way):
        assert b"without a tunnel" in await ask(way, tunnel_to(80))
    assert world.dialled == []
