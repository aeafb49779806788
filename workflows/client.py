"""What both doors use: `quantumsketch.studio.Videos`, answered by Temporal, the graph and the store."""

from __future__ import annotations

import builtins
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from quantumsketch.assets.store import AssetStore
from quantumsketch.connections import Concept, Rebuild, RelatedVideo
from quantumsketch.errors import NotFound, QuantumSketchError, ServiceUnavailable
from quantumsketch.memory import records
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.report import progress_of
from quantumsketch.storyboard import Planned, VideoRequest
from quantumsketch.video import AssetRef, Progress, RunState, Stage, Video, VideoSummary
from workflows.preferences import Preferences
from workflows.rebuild import rebuild_of
from workflows.runs import Runs, headline


class Videos:
    """Every video of one tenant: those that are being made in Temporal, the finished ones in the graph."""

    def __init__(
        self, runs: Runs, graph: Graph, library: Library, store: AssetStore, preferences: Preferences
    ) -> None:
        self.runs = runs
        self.graph = graph
        self.library = library
        self.store = store
        self.preferences = preferences

    async def start(self, request: VideoRequest, *, output: Path | None = None) -> str:
        """Accept `request` for good; gives the video's id. `output` is remembered for `output_of`."""
        video_id = _new_id(request)
        await self.runs.start(video_id, await self.preferences.applied(request), output)
        await self.preferences.learn(video_id, request)
        return video_id

    async def plan(self, request: VideoRequest) -> Planned:
        """The storyboard alone."""
        planned = await self.runs.plan(secrets.token_hex(4), await self.preferences.applied(request))
        await self.preferences.remember(planned.storyboard)
        return planned

    async def progress(self, video_id: str) -> Progress:
        """A snapshot of the run, also of one that is over."""
        try:
            state = await self.runs.state(video_id)
        except NotFound:  # it was imported, or Temporal forgot it: the graph did not
            return progress_of(await self.graph.video(self.runs.tenant, video_id))
        try:
            progress = await self.runs.progress(video_id)
        except ServiceUnavailable:
            note = f"no worker answers: `qs resume {video_id}` or `qs worker` goes on with it"
            progress = Progress(stage=Stage.STORYBOARD, notes=[note])
        why = [await self._why_failed(video_id)] if state is RunState.FAILED else []
        return progress.model_copy(update={"state": state, "notes": [*progress.notes, *why]})

    async def _why_failed(self, video_id: str) -> str:
        try:
            await self.runs.result(video_id)
        except QuantumSketchError as error:
            return str(error)
        return "the run failed"

    async def wait(self, video_id: str) -> Video:
        """The finished video; raises the error that the run ended with."""
        try:
            return await self.runs.result(video_id)
        except NotFound:  # Temporal forgets a run some time after its end, the graph does not
            return await self.graph.video(self.runs.tenant, video_id)

    async def resume(self, video_id: str) -> None:
        """Start a failed or cancelled run again, with the storyboard it had: its finished clips are found."""
        state = await self._state(video_id)
        if state in (RunState.FAILED, RunState.CANCELLED):
            request, output = await self.runs.request(video_id), await self.runs.output(video_id)
            again = request.model_copy(update={"planned": await self.runs.planned(video_id)})
            await self.runs.start(video_id, again, output)

    async def cancel(self, video_id: str) -> None:
        """Ask a run to stop; finished runs are left as they are."""
        if await self._state(video_id) is RunState.RUNNING:
            await self.runs.cancel(video_id)

    async def _state(self, video_id: str) -> RunState:
        """How it is with a run; of one that only the graph knows, its video is there."""
        try:
            return await self.runs.state(video_id)
        except NotFound:
            await self.graph.video(self.runs.tenant, video_id)
            return RunState.DONE

    async def list(self, limit: int = 50) -> builtins.list[VideoSummary]:
        """The newest runs first, finished or not."""
        recorded = await self.graph.videos(self.runs.tenant, limit)
        found = {record.id: _finished(record) for record in recorded}
        async for run in self.runs.newest(limit):
            known = found.get(run.id)
            # the graph knows the finished title, Temporal when the run began
            found[run.id] = known.model_copy(update={"started_at": run.started_at}) if known else run
        newest = sorted(found.values(), key=lambda summary: summary.started_at, reverse=True)
        return newest[:limit]

    async def show(self, video_id: str) -> Video | Progress:
        """The finished video, or how far it got."""
        try:
            return await self.graph.video(self.runs.tenant, video_id)
        except NotFound:
            progress = await self.progress(video_id)
        return await self.wait(video_id) if progress.state is RunState.DONE else progress

    async def related(self, video_id: str) -> builtins.list[RelatedVideo]:
        """Finished videos that have to do with a finished one, each with the reasons."""
        await self._recorded(video_id)
        return await self.library.related(self.runs.tenant, video_id)

    async def appearances(self, concept: str) -> Concept:
        """Every video and beat in which a concept appears."""
        return await self.library.appearances(self.runs.tenant, concept)

    async def rebuild(self, video_id: str) -> Rebuild:
        """What it would take to make a finished video again, here and now."""
        return await rebuild_of(await self._recorded(video_id), self.store)

    async def _recorded(self, video_id: str) -> Video:
        """A video as the graph has it; raises NotFound that says why it has not."""
        try:
            return await self.graph.video(self.runs.tenant, video_id)
        except NotFound:
            state = await self.runs.state(video_id)
        raise NotFound(f"the memory has no video {video_id!r}: its run is {state}")

    async def output_of(self, video_id: str) -> Path | None:
        """Where the video was asked to be saved, None if nowhere."""
        try:
            return await self.runs.output(video_id)
        except NotFound:
            return None

    def path(self, ref: AssetRef) -> Path:
        """Where an asset's bytes lie on this machine."""
        return self.store.path(ref)

    def save(self, video: Video, path: Path) -> builtins.list[Path]:
        """Copy the MP4 to `path`, captions and poster beside it; no file is ever seen half-written."""
        film = video.film
        files = {
            path.with_suffix(".vtt"): film.captions_vtt,
            path.with_suffix(".srt"): film.captions_srt,
            path.with_suffix(".jpg"): film.poster,
            path: film.video,
        }
        for target, ref in files.items():
            _copy(self.store.path(ref), target)
        return [path, *(target for target in files if target != path)]


def _finished(record: records.VideoSummary) -> VideoSummary:
    return VideoSummary(
        id=record.id,
        title=record.title,
        state=RunState.DONE,
        started_at=record.recorded_at,
        storyboard_by=record.storyboard_by,
        duration_s=record.duration_s,
    )


def _new_id(request: VideoRequest) -> str:
    words = re.findall(r"[a-z0-9]+", headline(request).lower())[:4] or ["video"]
    return "-".join([*words, secrets.token_hex(3)])[:64].strip("-")


def _copy(source: Path, target: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as half:
        try:
            with source.open("rb") as content:
                shutil.copyfileobj(content, half)
            Path(half.name).chmod(0o644)
            Path(half.name).replace(target)
        except BaseException:
            Path(half.name).unlink(missing_ok=True)
            raise
