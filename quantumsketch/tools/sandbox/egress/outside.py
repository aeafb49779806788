"""The world outside as the proxy sees it: a resolver and a dialler. Decides nothing.

Both are handed to the proxy, so that a test can put a world of its own behind it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK_BYTES = 2**16


def resolve(name: str) -> Sequence[str]:
    """Return the addresses of a host, waiting for the resolver; OSError if there are none.

    The final dot keeps the resolver from trying the name below this machine's own domain as well.
    """
    found = socket.getaddrinfo(f"{name}.", None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def dial(address: str, port: int) -> Streams:
    """Connect to an address, which is no name; else OSError."""
    return await asyncio.open_connection(address, port, limit=CHUNK_BYTES, flags=socket.AI_NUMERICHOST)


def is_own(address: str) -> bool:
    """Tell whether an address is this machine's: the kernel then answers from the same one. Sends nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as unsent:
            unsent.connect((address, 9))
            return bool(unsent.getsockname()[0] == address)
    except OSError:
        return False  # there is no way there at all


@dataclass(frozen=True)
class Outside:
    """How names become addresses (on a thread), and addresses connections."""

    resolve: Callable[[str], Sequence[str]] = resolve
    dial: Callable[[str, int], Awaitable[Streams]] = dial
    is_own: Callable[[str], bool] = is_own


INTERNET = Outside()
