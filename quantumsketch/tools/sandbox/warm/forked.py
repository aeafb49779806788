"""A warm call seen from the host: processes that a zygote has forked. Knows no policies and no clocks."""

from __future__ import annotations

import array
import asyncio
import json
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from quantumsketch.tools.sandbox.pipes import kill, lines
from quantumsketch.tools.sandbox.warm.order import (
    BEGIN,
    CLOCK,
    ENDED,
    GUARDED,
    LARGEST_MESSAGE,
    READY,
    REFUSED,
    Order,
)
from quantumsketch.tools.sandbox.warm.zygote_process import ZygoteProcess

DYING_S = 5.0
BY_KILL = 137
ROOM_FOR_EXTRAS = 256  # bytes, for a handle and the kernel's word on who sent a message


class Forked:
    """The processes of one warm call; `first` attends the others, and they die with it."""

    def __init__(self, zygote: ZygoteProcess, order: Order, inputs: Sequence[int]) -> None:
        """Order the call; OSError if the zygote takes no orders. `inputs` stay the caller's to close."""
        loop = asyncio.get_running_loop()
        self.first = 0
        self.set_up: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.refusal = ""
        """Why there will be no call, if the zygote said so."""
        self._told: dict[str, Any] = {}
        self._handles: list[int] = []
        """Of `first`, then of the call's clock: whichever is the last here is to be killed first."""
        self.stdout, self.stderr, self._report = _handed_over(zygote, order, inputs)
        loop.add_reader(self._report, self._on_message)

    def begin(self) -> None:
        """Let the guard look and the command start: until now they wait, with their walls up."""
        with suppress(OSError):  # it has ended meanwhile
            self._report.send(BEGIN)

    async def code(self) -> int | None:
        """Return the exit code once all ended, None if the payload never started."""
        await asyncio.shield(self.exited)
        if GUARDED not in self._told:
            return None
        return int(self._told.get(ENDED, {}).get("code", BY_KILL))

    async def end(self) -> float:
        """Kill what still runs, wait until all is dead; return the processor seconds of the reaped."""
        if not self.exited.done():
            for handle in self._handles[-1:]:
                kill(handle)
            await asyncio.wait({self.exited}, timeout=DYING_S)
            for handle in self._handles:
                kill(handle)
            await self.exited
        for handle in self._handles:
            os.close(handle)
        self._handles.clear()
        return float(self._told.get(ENDED, {}).get("cpu_s", 0.0))

    def abandon(self) -> None:
        """Leave a call that was not set up in time: whoever finds nobody listening ends by itself."""
        if not self.exited.done():
            asyncio.get_running_loop().remove_reader(self._report)
        for end in (self._report, self.stdout, self.stderr):
            end.close()
        for handle in self._handles:
            os.close(handle)
        self._handles.clear()

    def _on_message(self) -> None:
        try:
            message, ancillary, _, _ = self._report.recvmsg(
                LARGEST_MESSAGE, ROOM_FOR_EXTRAS, socket.MSG_CMSG_CLOEXEC
            )
        except OSError:
            message, ancillary = b"", []
        if not message:
            self._on_silence()
            return
        told = json.loads(message)
        self._told |= told
        for kind, data in ((kind, data) for level, kind, data in ancillary if level == socket.SOL_SOCKET):
            if kind == socket.SCM_RIGHTS:
                self._handles.append(array.array("i", data)[0])
            elif kind == socket.SCM_CREDENTIALS and READY in told:
                # the kernel says it, in numbers of our own namespace: process, user, group
                self.first = array.array("i", data)[0]
        if READY in told:
            with suppress(ProcessLookupError):
                self._handles.append(os.pidfd_open(self.first))
            self.set_up.set_result(None)
        self.refusal = told.get(REFUSED, self.refusal)

    def _on_silence(self) -> None:
        """Nobody is left who could report: all are dead as soon as the clock is."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._report)
        self._report.close()
        if CLOCK in self._told:
            loop.add_reader(self._handles[-1], self._on_last_death)
        else:
            self.exited.set_result(None)

    def _on_last_death(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handles[-1])
        self.exited.set_result(None)


def _handed_over(
    zygote: ZygoteProcess, order: Order, inputs: Sequence[int]
) -> tuple[IO[bytes], IO[bytes], socket.socket]:
    """Send an order with its files; return our ends of the call's output, its errors and its reports."""
    with lines() as line:
        stdout, stdout_in = line.from_it()
        stderr, stderr_in = line.from_it()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.ours.enter_context(ours)
        line.theirs.enter_context(theirs)
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        zygote.order(order, [stdout_in, stderr_in, theirs.fileno(), *inputs])
    return stdout, stderr, ours
