"""The runs of one tenant in Temporal: started, asked, stopped. The border where its refusals become ours.

Knows nothing of the graph and the store: what Temporal has forgotten is not found here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from quantumsketch.errors import NotFound, ServiceUnavailable
from quantumsketch.storyboard import Planned, VideoRequest
from quantumsketch.video import Progress, RunState, Video, VideoSummary
from workflows.failures import from_temporal
from workflows.policies import CONTROL_QUEUE
from workflows.video import StoryboardWorkflow, VideoGenerationWorkflow

QUERY_TIMEOUT = timedelta(seconds=15)
"""Longer than Temporal takes to see that the worker which had the run is dead."""
TERMINATE_TIMEOUT = timedelta(seconds=3)
_STATES = {
    WorkflowExecutionStatus.RUNNING: RunState.RUNNING,
    WorkflowExecutionStatus.COMPLETED: RunState.DONE,
    WorkflowExecutionStatus.CANCELED: RunState.CANCELLED,
}


class Runs:
    """Video runs by the video's id. Each method raises NotFound or ServiceUnavailable."""

    def __init__(self, client: Client, tenant: str) -> None:
        self.client = client
        self.tenant = tenant

    async def start(self, video_id: str, request: VideoRequest, output: Path | None) -> None:
        """Accept a request for good."""
        memo = _memo(request, output)
        with _border(video_id):
            await self.client.start_workflow(
                VideoGenerationWorkflow.run,
                self._ours(request),
                id=f"{self.tenant}/{video_id}",
                task_queue=CONTROL_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                memo=memo,
                static_summary=headline(request),
            )

    async def plan(self, plan_id: str, request: VideoRequest) -> Planned:
        """The storyboard alone; raises the error that its run ended with. If cancelled, so is the run."""
        workflow_id = f"{self.tenant}/plan/{plan_id}"
        with _border(plan_id):
            try:
                return await self.client.execute_workflow(
                    StoryboardWorkflow.run,
                    self._ours(request),
                    id=workflow_id,
                    task_queue=CONTROL_QUEUE,
                )
            except asyncio.CancelledError:
                # nobody can fetch it later, and the next worker would go on asking models for it
                run = self.client.get_workflow_handle(workflow_id)
                with suppress(RPCError):
                    await run.terminate(reason="nobody waits for it", rpc_timeout=TERMINATE_TIMEOUT)
                raise

    async def result(self, video_id: str) -> Video:
        """The finished video; raises the error that the run ended with."""
        with _border(video_id):
            return await self._handle(video_id).result()

    async def state(self, video_id: str) -> RunState:
        with _border(video_id):
            return _state_of(await self._handle(video_id).describe())

    async def progress(self, video_id: str) -> Progress:
        """A snapshot, of a run that is over as well; ServiceUnavailable if no worker answers."""
        with _border(video_id):
            return await self._handle(video_id).query(
                VideoGenerationWorkflow.progress, rpc_timeout=QUERY_TIMEOUT
            )

    async def planned(self, video_id: str) -> Planned | None:
        """The storyboard of a run, None if it has none yet."""
        with _border(video_id):
            return await self._handle(video_id).query(
                VideoGenerationWorkflow.planned, rpc_timeout=QUERY_TIMEOUT
            )

    async def cancel(self, video_id: str) -> None:
        """Ask a run to stop."""
        with _border(video_id):
            await self._handle(video_id).cancel()

    async def output(self, video_id: str) -> Path | None:
        """Where the video was asked to be saved, None if nowhere."""
        with _border(video_id):
            description = await self._handle(video_id).describe()
        output = await description.memo_value("output", None, type_hint=str)
        return Path(output) if output else None

    async def request(self, video_id: str) -> VideoRequest:
        """What the run was started for."""
        with _border(video_id):
            async for event in self._handle(video_id).fetch_history_events():
                payloads = event.workflow_execution_started_event_attributes.input.payloads
                [request, *_] = await self.client.data_converter.decode(payloads[:1], [VideoRequest])
                return VideoRequest.model_validate(request)
        raise _unknown(video_id)

    async def newest(self, limit: int) -> AsyncIterator[VideoSummary]:
        """The runs that Temporal still knows, the newest first."""
        prefix = f"{self.tenant}/"
        query = f"WorkflowType = 'VideoGenerationWorkflow' AND WorkflowId STARTS_WITH '{prefix}'"
        with _border("the list of runs"):
            async for run in self.client.list_workflows(query, limit=limit):
                yield VideoSummary(
                    id=run.id.removeprefix(prefix),
                    title=(await run.memo()).get("title"),
                    state=_state_of(run),
                    started_at=run.start_time,
                )

    def _ours(self, request: VideoRequest) -> VideoRequest:
        """The request under this tenant's name: its video is recorded under it."""
        return request.model_copy(update={"tenant": self.tenant})

    def _handle(self, video_id: str) -> WorkflowHandle[VideoGenerationWorkflow, Video]:
        return self.client.get_workflow_handle_for(VideoGenerationWorkflow.run, f"{self.tenant}/{video_id}")


@contextmanager
def _border(video_id: str) -> Iterator[None]:
    """Let what Temporal refuses, and what runs end with, be ours."""
    try:
        yield
    except WorkflowFailureError as failure:
        raise from_temporal(failure) from failure
    except WorkflowQueryFailedError as error:
        raise ServiceUnavailable(f"the run of {video_id!r} cannot be asked: {error.message}") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            raise _unknown(video_id) from error
        raise ServiceUnavailable(
            f"Temporal does not answer about {video_id!r}: {error.message}", mend="Try again in a moment"
        ) from error


def _unknown(video_id: str) -> NotFound:
    return NotFound(f"no video has the id {video_id!r}", mend="`qs list` shows those that there are")


def _state_of(run: WorkflowExecution) -> RunState:
    return _STATES.get(run.status or WorkflowExecutionStatus.FAILED, RunState.FAILED)


def _memo(request: VideoRequest, output: Path | None) -> dict[str, str]:
    """What is kept beside a run; the output is absolute, for it may be asked for from another folder."""
    return {"title": headline(request), "output": str(output.absolute()) if output else ""}


def headline(request: VideoRequest) -> str:
    """The title until there is a storyboard: the prompt's first line, shortened."""
    if request.storyboard:
        return request.storyboard.title
    return request.prompt.strip().splitlines()[0].lstrip("#-* ")[:80] or "Untitled"
