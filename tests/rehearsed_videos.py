"""A studio without servers: it plays rehearsed runs. For the tests of the two doors."""

from __future__ import annotations

import asyncio
import builtins
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from quantumsketch.connections import BeatToRebuild, Concept, Rebuild, RelatedVideo
from quantumsketch.errors import NotFound, QuantumSketchError, RunCancelled
from quantumsketch.report import progress_of
from quantumsketch.storyboard import Beat, CheckedMathematics, Planned, Storyboard, VideoRequest
from quantumsketch.studio import Preferences, Videos
from quantumsketch.usage import ModelCall
from quantumsketch.video import (
    AssetRef,
    BeatProgress,
    BeatState,
    Clip,
    Film,
    Outcome,
    Progress,
    RenderedBeat,
    RunState,
    Stage,
    Video,
    VideoSummary,
)
from quantumsketch.visuals import Bullet, BulletPoints, TitleCard
from tests.rehearsed_preferences import RehearsedPreferences

WRITER = "offline: rehearsed"
STORYBOARD = Storyboard(
    title="Tea & <biscuits>",
    summary="Why tea goes with biscuits.",
    beats=[
        Beat(title="Tea", narration="This is about tea.", visual=TitleCard(heading="Tea")),
        Beat(
            title="Biscuits",
            narration="Biscuits go with it.",
            visual=BulletPoints(items=[Bullet(text="They go with it")]),
        ),
    ],
)


@dataclass
class _Run:
    request: VideoRequest
    output: Path | None
    looks: int = 0
    state: RunState = RunState.RUNNING
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class RehearsedVideos:
    """Keeps runs in memory; a run is over after `looks_needed` looks at its progress."""

    folder: Path
    looks_needed: int = 3
    storyboard: Storyboard = STORYBOARD
    outcome: Outcome = Outcome.PLANNED
    notes: builtins.list[str] = field(default_factory=list)
    because: builtins.list[str] = field(default_factory=list)
    cost_usd: float | None = 0.0
    calls: builtins.list[ModelCall] = field(default_factory=list)
    mathematics: CheckedMathematics | None = None
    fails_with: QuantumSketchError | None = None
    waits_for_ever: bool = False
    film: bytes = bytes(range(256)) * 8
    related_to_it: builtins.list[RelatedVideo] = field(default_factory=list)
    reused: str | None = None
    concepts: dict[str, Concept] = field(default_factory=dict)
    runs: dict[str, _Run] = field(default_factory=dict)

    async def start(self, request: VideoRequest, *, output: Path | None = None) -> str:
        video_id = f"tea-{len(self.runs) + 1}"
        self.runs[video_id] = _Run(request, output)
        return video_id

    async def plan(self, request: VideoRequest) -> Planned:
        return Planned(
            storyboard=self.storyboard,
            storyboard_by=WRITER,
            cost_usd=self.cost_usd,
            notes=self.notes,
            because=self.because,
            mathematics=self.mathematics,
        )

    async def finished(self) -> str:
        """Start a video and look at it until it is ready; return its id."""
        video_id = await self.start(VideoRequest(prompt="Tea?"))
        for _ in range(self.looks_needed + 1):
            await self.progress(video_id)
        return video_id

    async def progress(self, video_id: str) -> Progress:
        run = self._run(video_id)
        run.looks += 1
        if run.state is RunState.RUNNING and run.looks > self.looks_needed and not self.waits_for_ever:
            run.state = RunState.FAILED if self.fails_with else RunState.DONE
            run.over.set()
        if run.state is RunState.DONE:
            return progress_of(self._video(video_id, run))
        if run.looks == 1:
            return Progress(stage=Stage.STORYBOARD, state=run.state)
        beats = [
            BeatProgress(id=f"b{n:02}", title=beat.title, kind=beat.visual.kind, state=BeatState.RENDERING)
            for n, beat in enumerate(self.storyboard.beats, 1)
        ]
        return Progress(
            stage=Stage.BEATS,
            state=run.state,
            title=self.storyboard.title,
            storyboard_by=WRITER,
            beats=beats,
            stages={"storyboard": 0.2},
            because=self.because,
        )

    async def wait(self, video_id: str) -> Video:
        run = self._run(video_id)
        await run.over.wait()
        if self.fails_with:
            raise self.fails_with
        if run.state is RunState.CANCELLED:
            raise RunCancelled(f"video {video_id!r} was cancelled")
        return self._video(video_id, run)

    async def resume(self, video_id: str) -> None:
        run = self._run(video_id)
        if run.state is not RunState.DONE:
            run.state = RunState.RUNNING
            run.over.clear()

    async def cancel(self, video_id: str) -> None:
        run = self._run(video_id)
        if run.state is RunState.RUNNING:
            run.state = RunState.CANCELLED
            run.over.set()

    async def list(self, limit: int) -> builtins.list[VideoSummary]:
        summaries = [
            VideoSummary(
                id=video_id,
                title=self.storyboard.title,
                state=run.state,
                started_at=datetime(2026, 11, 22, 10, 20, tzinfo=UTC),
                storyboard_by=WRITER,
                duration_s=self._video(video_id, run).film.duration_s if run.state is RunState.DONE else None,
            )
            for video_id, run in self.runs.items()
        ]
        return summaries[::-1][:limit]

    async def show(self, video_id: str) -> Video | Progress:
        run = self._run(video_id)
        return self._video(video_id, run) if run.state is RunState.DONE else await self.progress(video_id)

    async def related(self, video_id: str) -> builtins.list[RelatedVideo]:
        self._run(video_id)
        return self.related_to_it

    async def appearances(self, concept: str) -> Concept:
        if concept not in self.concepts:
            raise NotFound(f"no video of the tenant 'default' speaks of {concept!r}")
        return self.concepts[concept]

    async def rebuild(self, video_id: str) -> Rebuild:
        return rebuilt(self._video(video_id, self._run(video_id)))

    async def output_of(self, video_id: str) -> Path | None:
        return self._run(video_id).output

    def path(self, ref: AssetRef) -> Path:
        return self.folder / ref.sha256

    def save(self, video: Video, path: Path) -> builtins.list[Path]:
        film = video.film
        refs = {".vtt": film.captions_vtt, ".srt": film.captions_srt, ".jpg": film.poster, ".mp4": film.video}
        for suffix, ref in refs.items():
            shutil.copyfile(self.path(ref), path.with_suffix(suffix))
        return [path.with_suffix(suffix) for suffix in refs]

    def _run(self, video_id: str) -> _Run:
        if video_id not in self.runs:
            raise NotFound(f"no video has the id {video_id!r}", mend="`qs list` shows those that there are")
        return self.runs[video_id]

    def _video(self, video_id: str, run: _Run) -> Video:
        return Video(
            id=video_id,
            prompt=run.request.prompt,
            tenant=run.request.tenant,
            storyboard=self.storyboard,
            storyboard_by=WRITER,
            look=run.request.look,
            beats=[self._rendered(n, beat) for n, beat in enumerate(self.storyboard.beats, 1)],
            film=Film(
                video=self._asset(self.film, "video/mp4"),
                captions_vtt=self._asset(b"WEBVTT\n\n00:00.600 --> 00:02.000\nTea.\n", "text/vtt"),
                captions_srt=self._asset(b"1\n00:00:00,600 --> 00:00:02,000\nTea.\n", "application/x-subrip"),
                poster=self._asset(b"not really a picture", "image/jpeg"),
                duration_s=6.5,
            ),
            stages={"storyboard": 0.2, "beats": 3.0, "merge": 0.5},
            cost_usd=self.cost_usd,
            notes=self.notes,
            because=self.because,
            calls=self.calls,
            mathematics=self.mathematics,
        )

    def _rendered(self, number: int, beat: Beat) -> RenderedBeat:
        planned = self.outcome is Outcome.PLANNED
        clip = self._asset(b"clip %d" % number, "video/mp4")
        return RenderedBeat(
            id=f"b{number:02}",
            beat=beat,
            outcome=self.outcome,
            attempts=1 if planned else 2,
            model=WRITER,
            clip=Clip(asset=clip, duration_s=3.0, width=1280, height=720, fps=30),
            cached=False,
            reused=self.reused,
            complaint=None if planned else "the <kettle> did not fit",
        )

    def _asset(self, content: bytes, media_type: str) -> AssetRef:
        name = sha256(content).hexdigest()
        if not (self.folder / name).exists():  # it is as old as when it was made, however often it is told
            (self.folder / name).write_bytes(content)
        return AssetRef(sha256=name, media_type=media_type, size=len(content))


def rebuilt(video: Video) -> Rebuild:
    """Of the first beat the clip is there, the others are to be drawn in a second each."""
    beats = [
        BeatToRebuild(
            id=rendered.id,
            title=rendered.beat.title,
            kind=rendered.beat.visual.kind,
            outcome=rendered.outcome,
            by=rendered.model,
            clip="there" if number == 0 else "of other versions",
            needs_model=False,
            duration_s=rendered.clip.duration_s,
        )
        for number, rendered in enumerate(video.beats)
    ]
    return Rebuild(
        id=video.id,
        title=video.storyboard.title,
        storyboard=video.storyboard,
        storyboard_by=video.storyboard_by,
        look=video.look,
        beats=beats,
        film_is_there=True,
        changed=["Manim was 0.1 and is 0.2"],
        made_with=video.made_with,
        estimated_s=float(len(beats) - 1),
    )


@dataclass
class RehearsedStudio:
    """Opens at once, counts how often it was opened, and says whether it was closed."""

    videos: Videos
    memory: None = None
    preferences: Preferences = field(default_factory=RehearsedPreferences)
    temporal_ui: str | None = None
    sandbox_notice: str | None = None
    opened: int = 0
    closed: int = 0

    @asynccontextmanager
    async def open(self, *, worker: bool, always: bool = False) -> AsyncIterator[RehearsedStudio]:
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1
