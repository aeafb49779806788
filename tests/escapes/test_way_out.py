"""Network: a call whose policy names a domain reaches that name in public, and nothing else.

Every name leads to this machine here, so whatever the proxy let through would be heard.
"""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from quantumsketch.tools.sandbox.egress import Outside
from quantumsketch.tools.tool import Policy
from tests.escapes.case import Case, Kind
from tests.escapes.harms import reached
from tests.escapes.settings import listens
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import GIVEN, call_of, command
from tests.sandbox_calls import sandbox, tool

pytestmark = pytest.mark.slow
KIND = Kind.NETWORK
THIS_MACHINE = Outside(resolve=lambda name: ["127.0.0.1"])

CALL = """
import os, socket
from urllib.parse import urlsplit
proxy = urlsplit(os.environ.get("http_proxy", ""))
def call(*address):
    try: socket.create_connection(address, 3).send(b"here I am")
    except OSError as error: print(address, error)
def ask(*requests):
    for request in requests if proxy.port else ():
        try:
            with socket.create_connection((proxy.hostname, proxy.port), 3) as line:
                line.sendall(request.encode())
                print(request.split("\\r")[0], line.recv(300))
        except OSError as error: print(request, error)
"""
DIRECTLY = "\ncall('127.0.0.1', at.port)"


def asks(requests: str) -> str:
    """A probe that makes requests (a Python expression) of the proxy, then tries without it."""
    return f"{CALL}ask(*{requests}){DIRECTLY}"


async def with_a_way_out(case: Case, stage: Stage) -> Seen:
    """Make the attempt in a call of a tool that may reach one name, at the port where somebody listens."""
    domain = f"example.org:{stage.facts['port'] or 443}"
    called = tool(Policy((stage.readable,), python=True, domains=(domain,), limits=case.limits))
    within = replace(sandbox(), outside=THIS_MACHINE)
    seen = await call_of(case, stage, called, command(case, stage, GIVEN), lambda: within)
    if "ask(*[" in case.probe and not (seen.ending and seen.ending.refused):
        raise AssertionError(f"the proxy was not asked. It saw {seen}")
    return seen


LOOPBACK = listens(socket.AF_INET, socket.SOCK_STREAM, lambda stage: ("127.0.0.1", 0))
SPELLINGS = (
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST.", "0.0.0.0"),
    *("[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "127.0.0.1.nip.io"),
)
SMUGGLED = (
    "CONNECT example.org:{port}@127.0.0.1:{port} HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n",
    "CONNECT 127.0.0.1:{port}#example.org:{port} HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n",
    "CONNECT example.org\0.127.0.0.1:{port} HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n",
    "CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n",
    "GET http://example.org:{port}@127.0.0.1:{port}/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "GET http://other.example:{port}/ HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
)

CASES = (
    Case(
        name="dial past the proxy",
        probe=CALL + DIRECTLY + "\ncall('0.0.0.0', at.port); call('localhost', at.port)",
        setting=LOOPBACK,
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="ask the proxy for this machine, in any spelling",
        probe=asks(
            f"[f'CONNECT {{name}}:{{at.port}} HTTP/1.1\\r\\nHost: any\\r\\n\\r\\n' for name in {SPELLINGS}]"
        ),
        setting=LOOPBACK,
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="ask the proxy for a listed name that leads to this machine",
        probe=asks("[f'CONNECT example.org:{at.port} HTTP/1.1\\r\\nHost: any\\r\\n\\r\\nhere I am']"),
        setting=LOOPBACK,
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="ask the proxy for names that are not listed",
        probe=asks(
            "[f'CONNECT {name}:{at.port} HTTP/1.1\\r\\nHost: any\\r\\n\\r\\n' for name in"
            " ('other.example', 'sub.example.org', 'example.org.other.example', 'example.orgother.example')]"
        ),
        setting=LOOPBACK,
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="smuggle another address into what the proxy is asked",
        probe=asks(f"[request.replace('{{port}}', str(at.port)) for request in {SMUGGLED}]"),
        setting=LOOPBACK,
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="call an abstract socket of the host, with a way out",
        probe="import socket; socket.socket(socket.AF_UNIX).connect('\\0' + at.token)",
        setting=listens(socket.AF_UNIX, socket.SOCK_STREAM, lambda stage: f"\0{stage.token}"),
        attack=with_a_way_out,
        harm=reached,
    ),
    Case(
        name="call a socket in a folder that may be read, with a way out",
        probe="import socket; socket.socket(socket.AF_UNIX).connect(at.address)",
        setting=listens(socket.AF_UNIX, socket.SOCK_STREAM, lambda stage: str(stage.readable / "service")),
        attack=with_a_way_out,
        harm=reached,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_only_what_a_tool_names_is_reached(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
