"""A run's progress as a stream of server-sent events.

    event: progress   data: the snapshot as JSON, whenever it changed
    event: end        data: the state that the run ended with; nothing follows

A stream lives for minutes only, then the browser opens the next: a forgotten tab costs nothing for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.studio import Videos
from quantumsketch.video import Progress, RunState

LOOK_EVERY_S = 0.7
LIFETIME_S = 600.0
SIGN_OF_LIFE_EVERY_S = 15.0


async def progress_events(
    videos: Videos,
    video_id: str,
    first: Progress,
    *,
    closing: asyncio.Event,
    gone: Callable[[], Awaitable[bool]],
) -> AsyncIterator[str]:
    """Yield events until the run ends, the server closes, LIFETIME_S have passed, or the browser is `gone`.

    `first` is a snapshot that was taken just before.
    """
    born = spoke = time.monotonic()
    progress, told = first, None
    yield "retry: 2000\n\n"
    while True:
        if progress != told:
            yield _event("progress", progress.model_dump_json())
            told, spoke = progress, time.monotonic()
        if progress.state is not RunState.RUNNING:
            yield _event("end", progress.state)
            return
        if await gone() or time.monotonic() - born > LIFETIME_S:
            return
        if time.monotonic() - spoke > SIGN_OF_LIFE_EVERY_S:
            yield ": still here\n\n"
            spoke = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), LOOK_EVERY_S)
            return
        with contextlib.suppress(ServiceUnavailable):  # a missed look is no reason to stop looking
            progress = await videos.progress(video_id)


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
