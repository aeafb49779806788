"""One end of a connection, whose every byte is paid for. Knows no protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

from quantumsketch.tools.sandbox.egress.outside import CHUNK_BYTES, Streams
from quantumsketch.tools.sandbox.egress.refusals import Refused

LEAST_BYTES = 4096
"""What reading costs at least: who sends single bytes to keep this process busy comes to the end sooner."""


Moved: TypeAlias = Callable[[], None]
"""To be called when bytes have moved."""


class Budget:
    """The bytes that one call may move, in all its connections and both directions."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0

    def pay(self, count: int) -> None:
        """Count what was read; Refused when it is too much."""
        self.used += max(count, LEAST_BYTES)
        if self.used > self.most:
            raise Refused(f"the call has used up its {self.most} bytes of network")


class Stream:
    """Reads at a price, and holds back who writes faster than the other side reads."""

    def __init__(self, streams: Streams, budget: Budget) -> None:
        self._reader, self._writer = streams
        self._writer.transport.set_write_buffer_limits(0)  # so that `write` ends when the kernel has it all
        self._budget = budget
        self._returned = b""

    async def read(self, most: int = CHUNK_BYTES) -> bytes:
        """Return what has come, at least a byte; nothing at the end. Refused if the budget is used up."""
        if self._returned:
            data, self._returned = self._returned[:most], self._returned[most:]
            return data
        data = await self._reader.read(most)
        if data:
            self._budget.pay(len(data))
        return data

    async def read_exactly(self, count: int) -> bytes:
        """Return so many bytes; EOFError if fewer come."""
        data = b""
        while len(data) < count:
            more = await self.read(count - len(data))
            if not more:
                raise EOFError(f"{len(data)} of {count} bytes came")
            data += more
        return data

    def unread(self, data: bytes) -> None:
        """Give back what was read too far."""
        self._returned = data + self._returned

    async def write(self, data: bytes) -> None:
        """Write, and wait until the kernel has taken it."""
        self._writer.write(data)
        await self._writer.drain()

    async def end(self) -> None:
        """Say that nothing more will be written."""
        with suppress(OSError):
            self._writer.write_eof()

    async def close(self) -> None:
        """Close both directions at once."""
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()


async def pump(source: Stream, sink: Stream, moved: Moved) -> None:
    """Pass bytes on until the source ends; then end the sink."""
    while data := await source.read():
        moved()
        await sink.write(data)
    await sink.end()


async def both_ways(sending: Coroutine[Any, Any, None], receiving: Coroutine[Any, Any, None]) -> None:
    """Run both until `receiving` ends or one of them fails, which is raised; afterwards neither runs."""
    tasks = [asyncio.ensure_future(work) for work in (sending, receiving)]
    tasks[1].add_done_callback(lambda _: tasks[0].cancel())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
