"""A call's processes as they are seen from outside, whatever started and isolates them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import IO, Protocol, TypeAlias


class Processes(Protocol):
    """What the launcher watches and ends. Whoever starts them puts the walls up before `set_up` is done."""

    first: int
    """The host's id of the process whose death is all others' death; valid once `set_up` is done."""
    set_up: asyncio.Future[None]
    """Done when the walls stand and the payload waits for `begin`."""
    exited: asyncio.Future[None]
    """Done when nothing of the call runs any more."""
    stdout: IO[bytes]
    stderr: IO[bytes]

    def begin(self) -> None:
        """Let the guard look at the walls, and the payload start if they stand."""

    async def code(self) -> int | None:
        """Return the exit code (128 + n for signal n) once all ended; None if the payload never started."""

    async def end(self) -> float:
        """Kill what still runs, and return when all of it is dead: the processor seconds of the reaped."""


Start: TypeAlias = Callable[[], Awaitable[Processes]]
"""Starts a call; OSError or SandboxUnavailable if that is not possible here."""
