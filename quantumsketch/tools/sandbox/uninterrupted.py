"""Waiting that a cancellation cannot cut short: it is passed on, but only after the work has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


async def to_the_end(work: Coroutine[Any, Any, Value], on_cancel: Callable[[], None] = lambda: None) -> Value:
    """Return what the work returns; if cancelled, call `on_cancel`, wait all the same, then pass it on.

    It is passed on also where the work fails after it: whoever cancels waits for that, and not for errors.
    """
    running = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError as error:
            cancelled = error
            on_cancel()
    if cancelled:
        raise cancelled from (None if running.cancelled() else running.exception())
    return running.result()
