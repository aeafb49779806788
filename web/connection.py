"""A connection: how long a client may be silent on it, and which one gives way when there are too many.

uvicorn waits without end for the head of a request, and takes as many connections as come. How many requests
are under way is bounded elsewhere. Knows no request.
"""

from __future__ import annotations

import asyncio
import math
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from web.shares import MOST_OF_ALL


class Connection(H11Protocol):
    """Ends when no whole head comes in time; which has waited longest for one gives way to a new one."""

    MOST: ClassVar[int] = MOST_OF_ALL
    """At once; there are more only while as many requests are under way."""
    HEAD_PATIENCE_S: ClassVar[float] = 20.0
    """From the beginning, or the answer before it, until the head of a request must have come."""

    READING_PATIENCE_S: ClassVar[float] = 60.0
    """As long as nothing is read of an answer, be it whole or going on, such as a film's."""

    waits_since: float = math.inf
    """By the loop's clock; infinite while a request is under way, or when it gives way."""
    _deadline: asyncio.TimerHandle
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Take the connection, and the place of another one if there is none."""
        super().connection_made(transport)
        if len(self.connections) >= self.MOST:
            self._make_room()
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        super().data_received(data)
        if self._is_asked():
            self._deadline.cancel()
            self.waits_since = math.inf

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there."""
        super().on_response_complete()
        if not self._is_asked():
            self._wait()

    def pause_writing(self) -> None:
        """Wait until the client has read what it was sent."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Send it more."""
        super().resume_writing()
        if self._unread:
            self._unread.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._deadline.cancel()
        if self._unread:
            self._unread.cancel()
        super().connection_lost(exc)

    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self.waits_since = self.loop.time()
        self._deadline = self.loop.call_later(self.HEAD_PATIENCE_S, self.transport.close)

    def _watch_reading(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(self.READING_PATIENCE_S, self._end_unread, unread)

    def _end_unread(self, before: int) -> None:
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_reading()

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, Connection)]
        longest = min(others, key=lambda each: each.waits_since)
        if longest.waits_since < math.inf:
            longest.waits_since = math.inf
            longest.transport.abort()  # what it has not read of its answer would keep it open
