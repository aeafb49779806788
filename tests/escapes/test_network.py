"""Network: nobody outside is reached, and there are no sockets that a drawing does not need."""

from __future__ import annotations

import socket

import pytest

from tests.escapes.case import Case, Harm, Kind
from tests.escapes.harms import reached
from tests.escapes.onlooker import host_namespaces
from tests.escapes.settings import listens
from tests.escapes.users import User
from tests.escapes.ways import in_open_room

pytestmark = pytest.mark.slow
KIND = Kind.NETWORK
IN_SPELLINGS = ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "0.0.0.0", "localhost")
ASK_A_NAME = bytes.fromhex("abcd01000001000000000000076578616d706c65036f72670000010001")
"""A question for the address of a name, as resolvers ask it."""

CALL_IT = """
import socket
caller = socket.socket(socket.AF_{family}, socket.SOCK_{kind})
caller.settimeout(2)
caller.connect({address})
caller.send(b"here I am")
"""


def calls(family: str, kind: str, address: str = "at.address") -> str:
    """A probe that sends something to an address."""
    return CALL_IT.format(family=family, kind=kind, address=address)


def holds(family: int, kind: int | None = None) -> Harm:
    """The harm that a process has a socket of this family and type."""
    return lambda stage, seen: any(
        found == family and kind in (None, found_kind)
        for process in seen.processes
        for found, found_kind in process.sockets
    )


CASES = (
    Case(
        name="call somebody who listens on the host's loopback",
        probe=calls("INET", "STREAM", "tuple(at.address)"),
        setting=listens(socket.AF_INET, socket.SOCK_STREAM, lambda stage: ("127.0.0.1", 0)),
        harm=reached,
    ),
    Case(
        name="call the host's loopback by its other names",
        probe=f"""
import socket
for name in {IN_SPELLINGS}:
    try: socket.create_connection((name, at.port), 2).send(b"here I am")
    except OSError as error: print(name, error)
""",
        setting=listens(socket.AF_INET, socket.SOCK_STREAM, lambda stage: ("0.0.0.0", 0)),
        harm=reached,
    ),
    Case(
        name="call the host's loopback in version 6",
        probe=calls("INET6", "STREAM", "tuple(at.address)"),
        setting=listens(socket.AF_INET6, socket.SOCK_STREAM, lambda stage: ("::1", 0)),
        harm=reached,
    ),
    Case(
        name="ask a name server of the host, by datagram",
        probe=f"""
import socket
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.sendto({ASK_A_NAME!r}, tuple(at.address))
""",
        setting=listens(socket.AF_INET, socket.SOCK_DGRAM, lambda stage: ("127.0.0.1", 0)),
        harm=reached,
    ),
    Case(
        name="call an abstract socket of the host",
        probe=calls("UNIX", "STREAM", "'\\0' + at.token"),
        setting=listens(socket.AF_UNIX, socket.SOCK_STREAM, lambda stage: f"\0{stage.token}"),
        harm=reached,
    ),
    Case(
        name="call a socket among the host's files, such as Docker's",
        probe=calls("UNIX", "STREAM"),
        setting=listens(socket.AF_UNIX, socket.SOCK_STREAM, lambda stage: str(stage.hidden / "docker.sock")),
        harm=reached,
    ),
    Case(
        name="call a socket in a folder that may be read",
        probe=calls("UNIX", "STREAM"),
        setting=listens(socket.AF_UNIX, socket.SOCK_STREAM, lambda stage: str(stage.readable / "service")),
        harm=reached,
    ),
    Case(
        name="send from one end of a pair to a socket in a folder that may be read",
        probe="""
import socket
here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
here.sendto(b"here I am", at.address)
""",
        setting=listens(socket.AF_UNIX, socket.SOCK_DGRAM, lambda stage: str(stage.readable / "log")),
        harm=reached,
    ),
    Case(
        name="send packets of one's own making",
        probe="import socket; kept = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
        control=in_open_room,
        harm=holds(socket.AF_INET, socket.SOCK_RAW),
    ),
    Case(
        name="listen to every packet",
        probe="import socket; kept = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        control=in_open_room,
        harm=holds(socket.AF_PACKET),
    ),
    Case(
        name="ask the kernel for its interfaces and routes",
        probe="import socket; kept = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
        harm=holds(socket.AF_NETLINK),
    ),
    Case(
        name="talk to the machine that runs this one",
        probe="import socket; kept = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
        harm=holds(socket.AF_VSOCK),
        optional="such sockets",
    ),
    Case(
        name="use the kernel's own ciphers",
        probe="import socket; kept = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)",
        harm=holds(socket.AF_ALG),
        optional="such sockets",
    ),
    Case(
        name="take the address of a cloud's metadata service",
        probe="""
import fcntl, socket, struct
set_address, caller = 0x8916, socket.socket()
address = struct.pack("=16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton("169.254.169.254"))
fcntl.ioctl(caller, set_address, address)
""",
        control=in_open_room,
        harm=lambda stage, seen: any("169.254.169.254" in process.addresses for process in seen.processes),
    ),
    Case(
        name="share the host's network namespace",
        probe="import socket; print(socket.if_nameindex())",
        harm=lambda stage, seen: any(p.namespaces["net"] == host_namespaces()["net"] for p in seen.processes),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nobody_outside_is_reached(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
