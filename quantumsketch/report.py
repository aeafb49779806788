"""A video as people and programs are told of it: the one JSON object of the command line and of the page.

Pure: where the file lies is told to it, not found by it.
"""

from __future__ import annotations

import re

from quantumsketch.video import (
    BeatProgress,
    BeatState,
    Noun,
    Outcome,
    Progress,
    RunState,
    Sha256,
    Stage,
    Video,
)


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
    wall_s: float | None
    notes: list[str]


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
            )
            for rendered in video.beats
        ],
        stages=video.stages,
        cost_usd=video.cost_usd,
        wall_s=round(wall_s if wall_s is not None else sum(video.stages.values()), 3),
        notes=video.notes,
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
            )
            for beat in progress.beats
        ],
        stages=progress.stages,
        cost_usd=None,
        wall_s=None,
        notes=progress.notes,
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
    )


def cost(dollars: float | None) -> str:
    """Write a cost in dollars; None is 'unknown', never 0."""
    if dollars is None:
        return "unknown"
    return f"${dollars:.2f}" if dollars == 0 or dollars >= 0.01 else f"${dollars:.4f}"


def slug(title: str) -> str:
    """A title as a file name: letters and digits of any script, the rest as hyphens."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")[:40].strip("-") or "video"
