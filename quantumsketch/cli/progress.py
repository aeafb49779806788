"""Follows a run to its end and shows how far it is: plain lines here, a live picture in `live`.

Knows nothing of how a run is made: it asks for snapshots, and shows what changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from quantumsketch import report
from quantumsketch.cli.terminal import remark
from quantumsketch.errors import ServiceUnavailable
from quantumsketch.studio import Videos
from quantumsketch.video import BeatProgress, BeatState, Progress, Stage, Video

LOOK_EVERY_S = 0.4


class View(Protocol):
    """Shows one snapshot after the other."""

    def show(self, progress: Progress) -> None: ...


async def follow(videos: Videos, video_id: str, view: View) -> Video:
    """Show a run's progress until it ends, and return its video; raise what the run ended with."""
    ending = asyncio.ensure_future(videos.wait(video_id))
    try:
        while not ending.done():
            with contextlib.suppress(ServiceUnavailable):  # a missed look is no reason to stop looking
                view.show(await videos.progress(video_id))
            await asyncio.wait({ending}, timeout=LOOK_EVERY_S)
        video = ending.result()
        view.show(report.progress_of(video))
        return video
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


def view() -> AbstractContextManager[View]:
    """The view that fits standard error: live on a terminal, plain lines otherwise."""
    if sys.stderr.isatty():
        from quantumsketch.cli.live import live_view

        return live_view()
    return plain_view()


@contextmanager
def plain_view() -> Iterator[View]:
    """One line for each thing that changed."""
    yield PlainView()


class PlainView:
    """Prints each change once, to standard error."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def show(self, progress: Progress) -> None:
        for line in lines(progress):
            if line not in self._said:
                self._said.add(line)
                remark(line)


def lines(progress: Progress) -> Iterator[str]:
    """What there is to say of a snapshot; the same words for the same state."""
    if progress.title and progress.storyboard_by:
        yield f"storyboard: {progress.title}, {len(progress.beats)} beats, by {progress.storyboard_by}"
    for beat in progress.beats:
        if beat.state is not BeatState.WAITING:
            yield f"{beat.id} {beat_state(beat)}: {beat.title}"
    if progress.waiting:
        yield f"waiting: {progress.waiting}"
    if progress.stage is not Stage.DONE:  # then the summary tells them
        yield from (f"note: {note}" for note in progress.notes)
    if progress.stage in (Stage.MERGE, Stage.RECORD):
        yield f"{progress.stage}"
    for stage, seconds in progress.stages.items():
        yield f"{stage}: {seconds:.1f} s"


def beat_state(beat: BeatProgress) -> str:
    """One or two words: `rendering`, `planned`, `planned, cached`, `card`."""
    if beat.state is not BeatState.DONE:
        return str(beat.state)
    word = str(beat.outcome or "done")
    return f"{word}, cached" if beat.cached else word
