"""What the host asks of a zygote, and what it is told about the call. Standard library only.

An order goes over the zygote's socket, with the files that the call needs. What becomes of it is told on a
socket of the call's own, one JSON object a message, keyed by the names below.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

CALLS = PurePosixPath("/calls")
"""Where the zygote sees the folder that holds the scratch folders. No call sees it."""
LARGEST_MESSAGE = 2**16
MOST_FILES = 64

READY = "ready"
"""The walls stand. The sender is the call's first process; it waits for `BEGIN`."""
BEGIN = b"begin"
CLOCK = "clock"
"""Comes with a handle on the process whose death is the death of all others in the call."""
GUARDED = "guarded"
"""Told by the payload's own process: it has looked at its walls, and starts."""
ENDED = "ended"
"""All are dead: the exit code, and the processor seconds of all."""
REFUSED = "refused"
"""There will be no call, and why."""


@dataclass(frozen=True)
class Order:
    """One call: a module to run as a program, and what it may use."""

    module: str
    arguments: Sequence[str]
    scratch: str
    """The name of its scratch folder below `CALLS`."""
    inputs: Sequence[str]
    """The names under which the call sees its input files."""
    ceilings: Mapping[str, int]
    """What one process may use, by the kernel's names for it, such as "nofile"."""
    niceness: int
    clock_s: int
    """After so many seconds the kernel ends the call, whoever else is too busy to."""
    shared_memory_bytes: int
    seccomp: str
    """The system-call filter, in hexadecimal."""

    def encoded(self) -> bytes:
        """Return the order as one message."""
        return json.dumps(asdict(self)).encode()


def decoded(message: bytes) -> Order:
    """Read an order back."""
    return Order(**json.loads(message))


def tell(listener: socket.socket, what: str, value: object = True, files: Sequence[int] = ()) -> None:
    """Send one message about a call."""
    socket.send_fds(listener, [json.dumps({what: value}).encode()], files)
