"""A video as people and programs are told of it: the one JSON object of the command line and of the page.

Pure: where the file lies is told to it, not found by it.
"""

from __future__ import annotations

import re

from quantumsketch.storyboard import CheckedMathematics
from quantumsketch.usage import ModelCall, Usage, total
from quantumsketch.video import (
    BeatProgress,
    BeatState,
    Noun,
    Outcome,
    Progress,
    RenderedBeat,
    RunState,
    Sha256,
    Stage,
    Video,
)

_LEAST_TOLD = 0.0001
"""USD; less is written as less than this, never as nothing."""


class BeatReport(Noun):
    """One beat; None where it is not known yet."""

    id: str
    title: str
    kind: str
    outcome: Outcome | None
    attempts: int | None
    model: str | None
    clip_sha256: Sha256 | None
    cached: bool
    mended: list[str]
    reused: str | None
    usage: Usage | None


class VideoReport(Noun):
    """One video; None where it is not known, or not yet."""

    id: str
    title: str | None
    path: str | None
    duration_s: float | None
    width: int | None
    height: int | None
    fps: int | None
    storyboard_by: str | None
    beats: list[BeatReport]
    stages: dict[str, float]
    cost_usd: float | None
    usage: Usage | None
    calls: list[ModelCall]
    mathematics: CheckedMathematics | None
    wall_s: float | None
    notes: list[str]
    because: list[str]


def of_video(video: Video, *, path: str | None, wall_s: float | None = None) -> VideoReport:
    """Report a finished video; without `wall_s` the time of its stages is summed, in seconds."""
    width, height = video.look.size
    return VideoReport(
        id=video.id,
        title=video.storyboard.title,
        path=path,
        duration_s=video.film.duration_s,
        width=width,
        height=height,
        fps=video.look.fps,
        storyboard_by=video.storyboard_by,
        beats=[
            BeatReport(
                id=rendered.id,
                title=rendered.beat.title,
                kind=rendered.beat.visual.kind,
                outcome=rendered.outcome,
                attempts=rendered.attempts,
                model=rendered.model,
                clip_sha256=rendered.clip.asset.sha256,
                cached=rendered.cached,
                mended=rendered.mended,
                reused=rendered.reused,
                usage=total(call for call in video.calls if call.beat_id == rendered.id),
            )
            for rendered in video.beats
        ],
        stages=video.stages,
        cost_usd=video.cost_usd,
        usage=total(video.calls),
        calls=video.calls,
        mathematics=video.mathematics,
        wall_s=round(wall_s if wall_s is not None else sum(video.stages.values()), 3),
        notes=video.notes,
        because=video.because,
    )


def of_progress(video_id: str, progress: Progress) -> VideoReport:
    """Report a video that is not finished."""
    return VideoReport(
        id=video_id,
        title=progress.title,
        path=None,
        duration_s=None,
        width=None,
        height=None,
        fps=None,
        storyboard_by=progress.storyboard_by,
        beats=[
            BeatReport(
                id=beat.id,
                title=beat.title,
                kind=beat.kind,
                outcome=beat.outcome,
                attempts=None,
                model=None,
                clip_sha256=None,
                cached=beat.cached,
                mended=[],
                reused=None,
                usage=None,
            )
            for beat in progress.beats
        ],
        stages=progress.stages,
        cost_usd=None,
        usage=progress.usage,
        calls=[],
        mathematics=None,
        wall_s=None,
        notes=progress.notes,
        because=progress.because,
    )


def progress_of(video: Video) -> Progress:
    """Give the last snapshot of a run from the video it made."""
    return Progress(
        stage=Stage.DONE,
        state=RunState.DONE,
        title=video.storyboard.title,
        storyboard_by=video.storyboard_by,
        beats=[
            BeatProgress(
                id=rendered.id,
                title=rendered.beat.title,
                kind=rendered.beat.visual.kind,
                state=BeatState.DONE,
                outcome=rendered.outcome,
                cached=rendered.cached,
            )
            for rendered in video.beats
        ],
        stages=video.stages,
        notes=video.notes,
        because=video.because,
        usage=total(video.calls),
    )


def shortfall(rendered: RenderedBeat) -> str | None:
    """Say how a beat came out worse than asked, in the words of the video's notes; None if it did not."""
    if rendered.outcome is Outcome.PLANNED:
        return None
    return f"{rendered.id} {rendered.outcome}: {rendered.complaint or 'no reason was given'}"


def notes_beside_beats(video: Video) -> list[str]:
    """Give the notes without those that each beat says of itself."""
    said = {shortfall(rendered) for rendered in video.beats}
    return [note for note in video.notes if note not in said]


def mathematics(checked: CheckedMathematics) -> str:
    """Say in one line what is known about the mathematics on screen."""
    parts = [f"{checked.right} {_plural('statement', checked.right)} checked and right"]
    parts += [f"{len(checked.wrong)} wrong"] if checked.wrong else []
    parts += [f"{len(checked.unchecked)} could not be checked"] if checked.unchecked else []
    return ", ".join(parts)


def spent(usage: Usage) -> str:
    """Say how often models were called, and with how many tokens."""
    calls = f"{usage.calls} model {_plural('call', usage.calls)}"
    return f"{calls}, {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def cost(dollars: float | None) -> str:
    """Write a cost in dollars; None is 'unknown', never 0."""
    if dollars is None:
        return "unknown"
    if 0 < dollars < _LEAST_TOLD:
        return f"under ${_LEAST_TOLD}"
    return f"${dollars:.2f}" if dollars == 0 or dollars >= 0.01 else f"${dollars:.4f}"


def cost_of(cost_usd: float | None, usage: Usage) -> str:
    """Write what a video cost; where some of it is not known, what it cost at least."""
    if cost_usd is None and usage.known_usd:
        return f"at least {cost(usage.known_usd)} (of some calls it is not known)"
    return cost(cost_usd)


def slug(title: str) -> str:
    """A title as a file name: letters and digits of any script, the rest as hyphens."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")[:40].strip("-") or "video"
