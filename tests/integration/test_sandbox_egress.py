"""The way out as a payload finds it: inside a real sandbox, with the world outside played on the loopback."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.tools.tool import Backend, Ended
from tests.outside_world import ECHO_PORT, FLOOD_PORT, GREETING, LISTED, PUBLIC, World
from tests.proxy_calls import UNLISTED, call, printed, script
from tests.sandbox_calls import QUICK, outside, shell

FETCH = """
import ssl, sys, urllib.error, urllib.request
trusted = ssl.create_default_context(cafile="/in/certificate") if sys.argv[1].startswith("https") else None
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=8, context=trusted).read().decode())
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code} {error.read().decode()}")
"""
SAY = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", 3128), 8)
connection.sendall(sys.argv[1].encode().decode("unicode_escape").encode())
connection.shutdown(socket.SHUT_WR)
said = b""
try:
    while part := connection.recv(2**16): said += part
except ConnectionResetError:
    pass
print(len(said), said[:2000].decode())
"""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().opened() as world:
        yield world


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_python_fetches_from_a_listed_host(tmp_path: Path, world: World, scheme: str) -> None:
    reply = await call(tmp_path, world, script(FETCH, f"{scheme}://{LISTED}/page"))
    assert printed(reply) == GREETING.decode()
    assert reply.ending.refused == ()
    assert b"/page" in world.requests[0]
    assert world.dialled == [(PUBLIC, 443 if scheme == "https" else 80)]


async def test_python_fetches_also_where_the_sandbox_has_no_proc(tmp_path: Path, world: World) -> None:
    reply = await call(tmp_path, world, script(FETCH, f"https://{LISTED}/"), backend=Backend.NO_PROC)
    assert printed(reply) == GREETING.decode()


async def test_the_degraded_sandbox_opens_no_network(tmp_path: Path, world: World) -> None:
    reply = await call(tmp_path, world, shell("true"), backend=Backend.LANDLOCK)
    assert reply.ending.ended is Ended.UNAVAILABLE
    assert LISTED in reply.ending.detail


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here: apt-get install -y curl")
@pytest.mark.parametrize(
    "address", [f"http://{LISTED}", f"https://{LISTED}", "https://a.b.below.example.org"]
)
async def test_a_program_that_is_not_python_does_too_in_a_tool_without_python(
    tmp_path: Path, world: World, address: str
) -> None:
    fetch = f"curl --silent --show-error --fail --cacert /in/certificate {address}"
    trusts = address.replace("a.b.below", "a.below")  # a certificate covers one level
    reply = await call(tmp_path, world, shell(fetch.replace(address, trusts)), sees_python=False)
    assert printed(reply) == GREETING.decode()


@pytest.mark.parametrize(
    "target",
    [f"http://{UNLISTED}/", f"https://{UNLISTED}/", f"http://{LISTED}.{UNLISTED}/", "http://127.0.0.1/",
     "https://127.0.0.1/", f"https://{PUBLIC}/", "http://[::1]/", "http://0x7f000001/", "http://localhost/",
     f"http://{LISTED}:22/", f"https://{LISTED}:22/", "http://below.example.org/"],
)  # fmt: skip
async def test_whatever_is_not_listed_is_refused_and_the_ending_says_so(
    tmp_path: Path, world: World, target: str
) -> None:
    reply = await call(tmp_path, world, script(FETCH, target))
    assert reply.ending.ended is Ended.REFUSED
    assert "is not in the tool's domains" in reply.ending.detail
    assert reply.ending.refused == (reply.ending.detail,)
    assert "403" in reply.ending.stderr.decode()
    assert (world.resolved, world.dialled) == ([], [])


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1"])
async def test_a_listed_name_that_leads_to_a_place_that_is_not_public_is_refused(
    tmp_path: Path, world: World, address: str
) -> None:
    world.addresses[LISTED] = [PUBLIC, address]
    reply = await call(tmp_path, world, script(FETCH, f"http://{LISTED}/"))
    assert reply.ending.ended is Ended.REFUSED
    assert "not public" in reply.ending.refused[0]
    assert world.dialled == []


DIRECT = """
import json, socket, sys
def attempt(action):
    try: action()
    except OSError as error: return type(error).__name__
    return "done"
def datagram():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53))
print(json.dumps({
    "loopback": attempt(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)),
    "address": attempt(lambda: socket.create_connection(("8.8.8.8", 443), 2)),
    "address6": attempt(lambda: socket.create_connection(("2606:4700::1111", 443), 2)),
    "name": attempt(lambda: socket.getaddrinfo(sys.argv[2], 80)),
    "datagram": attempt(datagram),
}))
"""


async def test_there_is_no_way_past_the_proxy_and_no_dns(tmp_path: Path, world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert json.loads(outside(*script(DIRECT, str(port), "localhost").arguments))["loopback"] == "done"
        found = json.loads(printed(await call(tmp_path, world, script(DIRECT, str(port), LISTED))))
    assert found == {
        "loopback": "ConnectionRefusedError",
        "address": "OSError",
        "address6": "OSError",
        "name": "gaierror",
        "datagram": "OSError",
    }
    assert world.resolved == []


async def test_headers_smuggled_into_a_request_change_nothing(tmp_path: Path, world: World) -> None:
    hidden = f"GET http://{UNLISTED}/ HTTP/1.1\\r\\nHost: {UNLISTED}\\r\\n\\r\\n"
    said = f"GET http://{LISTED}/ HTTP/1.1\\r\\nHost: {UNLISTED}\\r\\nX-A: b\\r\\n\\r\\n{hidden}"
    assert GREETING.decode() in printed(await call(tmp_path, world, script(SAY, said)))
    assert world.requests == [
        f"GET / HTTP/1.1\r\nhost: {LISTED}\r\nx-a: b\r\nconnection: close\r\n\r\n".encode()
    ]
    connect = f"CONNECT {LISTED}:443 HTTP/1.1\\r\\nHost: {LISTED}\\r\\nContent-Length: 9\\r\\n\\r\\n{hidden}"
    assert "400 Bad Request" in printed(await call(tmp_path, world, script(SAY, connect)))
    assert world.dialled == [(PUBLIC, 80)]


async def test_a_call_gets_no_more_bytes_than_its_limit(tmp_path: Path, world: World) -> None:
    said = f"CONNECT {LISTED}:{FLOOD_PORT} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
    most = 2**20
    reply = await call(tmp_path, world, script(SAY, said), replace(QUICK, network_bytes=most))
    assert most // 2 < int(printed(reply).split()[0]) <= most
    assert reply.ending.refused == (f"the call has used up its {most} bytes of network",)


MANY = """
import socket
kept, answered = [], 0
for _ in range(20):
    try:
        connection = socket.create_connection(("127.0.0.1", 3128), 8)
        kept.append(connection)
        connection.sendall(b"CONNECT %s:%d HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        answered += connection.recv(100).startswith(b"HTTP/1.1 200 ")
    except (ConnectionResetError, ConnectionRefusedError):
        pass
print(answered)
"""


async def test_a_call_gets_no_more_connections_than_its_limit(tmp_path: Path, world: World) -> None:
    many = script(MANY % (LISTED, ECHO_PORT))
    reply = await call(tmp_path, world, many, replace(QUICK, connections=5))
    assert printed(reply) == "5"
    assert len(world.dialled) == 5
    assert reply.ending.refused == ("the call has had its 5 connections",)
    at_once = await call(tmp_path, world, many, replace(QUICK, connections=20))
    assert printed(at_once) == "16"
    assert at_once.ending.refused == ("the call has 16 connections at once already",)


ABUSE_THEN_FETCH = """
import socket, struct
def connect(linger=None):
    connection = socket.create_connection(("127.0.0.1", 3128), 8)
    if linger: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return connection
for said in (b"", b"\\0" * 100, b"GET"):
    for linger in (False, True):
        one = connect(linger); one.sendall(said); one.close()
half = connect(); half.sendall(b"CONNECT")
""" + FETCH  # fmt: skip


async def test_nonsense_and_broken_connections_do_not_stop_the_relay(tmp_path: Path, world: World) -> None:
    reply = await call(tmp_path, world, script(ABUSE_THEN_FETCH, f"http://{LISTED}/"))
    assert printed(reply) == GREETING.decode()
