"""What both doors use: `quantumsketch.studio.Videos`, answered by Temporal, the graph and the store."""

from __future__ import annotations

import builtins
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import NotFound, ServiceUnavailable
from quantumsketch.memory import records
from quantumsketch.memory.graph import Graph
from quantumsketch.storyboard import VideoRequest
from quantumsketch.video import AssetRef, Planned, Progress, RunState, Stage, Video, VideoSummary
from workflows.failures import from_temporal
from workflows.policies import CONTROL_QUEUE
from workflows.video import StoryboardWorkflow, VideoGenerationWorkflow

QUERY_TIMEOUT = timedelta(seconds=15)
"""Longer than Temporal takes to see that the worker which had the run is dead."""
_STATES = {
    WorkflowExecutionStatus.RUNNING: RunState.RUNNING,
    WorkflowExecutionStatus.COMPLETED: RunState.DONE,
    WorkflowExecutionStatus.CANCELED: RunState.CANCELLED,
}


class Videos:
    """Every video of one tenant: those that are being made in Temporal, the finished ones in the graph."""

    def __init__(self, client: Client, graph: Graph, store: AssetStore, tenant: str) -> None:
        self.client = client
        self.graph = graph
        self.store = store
        self.tenant = tenant

    async def start(self, request: VideoRequest, *, output: Path | None = None) -> str:
        """Accept `request` for good; gives the video's id. `output` is remembered for `output_of`."""
        video_id = _new_id(request)
        await self._start(video_id, request, output)
        return video_id

    async def plan(self, request: VideoRequest) -> Planned:
        """The storyboard alone."""
        handle = await self.client.start_workflow(
            StoryboardWorkflow.run,
            self._ours(request),
            id=f"{self.tenant}/plan/{secrets.token_hex(4)}",
            task_queue=CONTROL_QUEUE,
        )
        try:
            return await handle.result()
        except WorkflowFailureError as failure:
            raise from_temporal(failure) from failure

    async def progress(self, video_id: str) -> Progress:
        """A snapshot of the run, also of one that is over."""
        state = await self._state(video_id)
        try:
            progress = await self._handle(video_id).query(
                VideoGenerationWorkflow.progress, rpc_timeout=QUERY_TIMEOUT
            )
        except RPCError:
            note = f"no worker answers: `qs resume {video_id}` or `qs worker` goes on with it"
            progress = Progress(stage=Stage.STORYBOARD, notes=[note])
        why = [await self._why_failed(video_id)] if state is RunState.FAILED else []
        return progress.model_copy(update={"state": state, "notes": [*progress.notes, *why]})

    async def _why_failed(self, video_id: str) -> str:
        try:
            await self._handle(video_id).result()
        except WorkflowFailureError as failure:
            return str(from_temporal(failure))
        return "the run failed"

    async def wait(self, video_id: str) -> Video:
        """The finished video; raises the error that the run ended with."""
        try:
            with _border(video_id):
                return await self._handle(video_id).result()
        except NotFound:  # Temporal forgets a run some time after its end, the graph does not
            return await self.graph.video(self.tenant, video_id)
        except WorkflowFailureError as failure:
            raise from_temporal(failure) from failure

    async def resume(self, video_id: str) -> None:
        """Start a failed or cancelled run again; its finished clips are found."""
        if await self._state(video_id) in (RunState.FAILED, RunState.CANCELLED):
            await self._start(video_id, await self._request_of(video_id), await self.output_of(video_id))

    async def cancel(self, video_id: str) -> None:
        """Ask a run to stop; finished runs are left as they are."""
        if await self._state(video_id) is RunState.RUNNING:
            await self._handle(video_id).cancel()

    async def list(self, limit: int = 50) -> builtins.list[VideoSummary]:
        """The newest runs first, finished or not."""
        found = {record.id: _finished(record) for record in await self.graph.videos(self.tenant, limit)}
        prefix = f"{self.tenant}/"
        query = f"WorkflowType = 'VideoGenerationWorkflow' AND WorkflowId STARTS_WITH '{prefix}'"
        with _border("the list"):
            async for run in self.client.list_workflows(query, limit=limit):
                video_id = run.id.removeprefix(prefix)
                known = found.get(video_id)
                found[video_id] = (
                    known.model_copy(update={"started_at": run.start_time})  # the graph knows when it ended
                    if known
                    else await _summary(video_id, run)
                )
        newest = sorted(found.values(), key=lambda summary: summary.started_at, reverse=True)
        return newest[:limit]

    async def show(self, video_id: str) -> Video | Progress:
        """The finished video, or how far it got."""
        try:
            return await self.graph.video(self.tenant, video_id)
        except NotFound:
            progress = await self.progress(video_id)
        return await self.wait(video_id) if progress.state is RunState.DONE else progress

    async def output_of(self, video_id: str) -> Path | None:
        """Where the video was asked to be saved, None if nowhere."""
        try:
            with _border(video_id):
                description = await self._handle(video_id).describe()
        except NotFound:
            return None
        output = await description.memo_value("output", None, type_hint=str)
        return Path(output) if output else None

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

    async def _start(self, video_id: str, request: VideoRequest, output: Path | None) -> None:
        await self.client.start_workflow(
            VideoGenerationWorkflow.run,
            self._ours(request),
            id=self._workflow_id(video_id),
            task_queue=CONTROL_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            memo=_memo(request, output),
            static_summary=_headline(request),
        )

    def _ours(self, request: VideoRequest) -> VideoRequest:
        """The request under this tenant's name: its video is recorded under it."""
        return request.model_copy(update={"tenant": self.tenant})

    def _workflow_id(self, video_id: str) -> str:
        return f"{self.tenant}/{video_id}"

    def _handle(self, video_id: str) -> WorkflowHandle[VideoGenerationWorkflow, Video]:
        return self.client.get_workflow_handle_for(VideoGenerationWorkflow.run, self._workflow_id(video_id))

    async def _state(self, video_id: str) -> RunState:
        with _border(video_id):
            return _state_of(await self._handle(video_id).describe())

    async def _request_of(self, video_id: str) -> VideoRequest:
        async for event in self._handle(video_id).fetch_history_events():
            payloads = event.workflow_execution_started_event_attributes.input.payloads
            [request] = await self.client.data_converter.decode(payloads, [VideoRequest])
            return VideoRequest.model_validate(request)
        raise _unknown(video_id)


@contextmanager
def _border(video_id: str) -> Iterator[None]:
    """Let Temporal's refusals be ours."""
    try:
        yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise _unknown(video_id) from error
        raise ServiceUnavailable(
            f"Temporal does not answer about {video_id!r}: {error.message}", mend="Try again in a moment"
        ) from error


def _unknown(video_id: str) -> NotFound:
    return NotFound(f"no video has the id {video_id!r}", mend="`qs list` shows those that there are")


def _state_of(run: WorkflowExecution) -> RunState:
    return _STATES.get(run.status or WorkflowExecutionStatus.FAILED, RunState.FAILED)


def _finished(record: records.VideoSummary) -> VideoSummary:
    return VideoSummary(
        id=record.id,
        title=record.title,
        state=RunState.DONE,
        started_at=record.recorded_at,
        storyboard_by=record.storyboard_by,
        duration_s=record.duration_s,
    )


async def _summary(video_id: str, run: WorkflowExecution) -> VideoSummary:
    title = (await run.memo()).get("title")
    return VideoSummary(id=video_id, title=title, state=_state_of(run), started_at=run.start_time)


def _memo(request: VideoRequest, output: Path | None) -> dict[str, str]:
    """What is kept beside a run; the output is absolute, for it may be asked for from another folder."""
    return {"title": _headline(request), "output": str(output.absolute()) if output else ""}


def _headline(request: VideoRequest) -> str:
    """The title until there is a storyboard: the prompt's first line, shortened."""
    if request.storyboard:
        return request.storyboard.title
    return request.prompt.strip().splitlines()[0].lstrip("#-* ")[:80] or "Untitled"


def _new_id(request: VideoRequest) -> str:
    words = re.findall(r"[a-z0-9]+", _headline(request).lower())[:4] or ["video"]
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
