"""The live picture of a run on a terminal: a bar for the whole, a bar for each beat. The one home of rich."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar

from quantumsketch.cli.progress import beat_state
from quantumsketch.cli.terminal import printable
from quantumsketch.video import BeatProgress, BeatState, Progress, Stage

_NAME_WIDTH = 44
_BAR_WIDTH = 24
_STEPS_AFTER_BEATS = 2
"""Merge and record count as one beat each in the whole run's bar."""


class _Bar(ProgressColumn):
    """Moves while nobody knows how far the work is: a render tells nothing until it is done."""

    def render(self, task: Task) -> ProgressBar:
        return ProgressBar(
            total=1.0,
            completed=task.completed,
            width=_BAR_WIDTH,
            pulse=bool(task.fields["moving"]),
            animation_time=task.get_time(),
        )


@contextmanager
def live_view() -> Iterator[LiveView]:
    """Draw on standard error as long as the context lasts; what was drawn last stays."""
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        _Bar(),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bars:
        yield LiveView(bars)


class LiveView:
    """Keeps one bar for the whole run and one for each beat."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._run = bars.add_task("", total=1, name="storyboard", state="", moving=True)
        self._beats: dict[str, TaskID] = {}

    def show(self, progress: Progress) -> None:
        for beat in progress.beats:
            self._show_beat(beat)
        ended = progress.stage is Stage.DONE
        done = sum(beat.state is BeatState.DONE for beat in progress.beats)
        steps = done + (progress.stage is Stage.RECORD)
        of_all = len(progress.beats)
        self._bars.update(
            self._run,
            name=_cut(progress.title or "storyboard"),
            completed=1.0 if ended else steps / (of_all + _STEPS_AFTER_BEATS),
            moving=progress.stage is Stage.STORYBOARD,
            state=_run_state(progress, done),
        )

    def _show_beat(self, beat: BeatProgress) -> None:
        if beat.id not in self._beats:
            name = _cut(f"{beat.id} {beat.title}")
            self._beats[beat.id] = self._bars.add_task(
                "", total=1, name=name, state="", moving=False, start=False
            )
        task = self._beats[beat.id]
        done = beat.state is BeatState.DONE
        if beat.state is not BeatState.WAITING:
            self._bars.start_task(task)
        moving = beat.state in (BeatState.WRITING, BeatState.RENDERING, BeatState.REPAIRING)
        self._bars.update(task, completed=float(done), moving=moving, state=beat_state(beat))


def _run_state(progress: Progress, done: int) -> str:
    if progress.waiting:
        return printable(progress.waiting)
    return f"beats {done}/{len(progress.beats)}" if progress.stage is Stage.BEATS else str(progress.stage)


def _cut(text: str) -> str:
    flat = printable(text).replace("\n", " ")
    return flat if len(flat) <= _NAME_WIDTH else flat[: _NAME_WIDTH - 1] + "…"
