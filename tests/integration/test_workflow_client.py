"""What a tenant's client hands to Temporal and finds there, on the real servers; nothing is rendered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from quantumsketch.errors import NotFound
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.settings import Settings
from quantumsketch.storyboard import VideoRequest
from quantumsketch.video import RunState
from tests.sample_videos import video
from workflows.bootstrap import open_studio
from workflows.client import Videos

REQUEST = VideoRequest(prompt="Explain why the sky is blue")
pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextlib.asynccontextmanager
async def videos_of(tenant: str, endpoints: Endpoints, home: Path) -> AsyncIterator[Videos]:
    async with open_studio(Settings(home=home, tenant=tenant), endpoints, worker=False) as studio:
        yield studio.videos


@contextlib.asynccontextmanager
async def started(videos: Videos, output: Path | None = None) -> AsyncIterator[str]:
    """A run that nobody works on, until the context is left."""
    video_id = await videos.start(REQUEST, output=output)
    try:
        yield video_id
    finally:
        await videos.runs.client.get_workflow_handle(f"{videos.runs.tenant}/{video_id}").terminate()


async def test_a_run_is_recorded_under_the_tenant_that_started_it(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    async with videos_of("client_a", endpoints, tmp_path) as videos, started(videos) as video_id:
        history = await videos.runs.client.get_workflow_handle(f"client_a/{video_id}").fetch_history()
        payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
        [request] = await videos.runs.client.data_converter.decode(payloads, [VideoRequest])
        assert request == REQUEST.model_copy(update={"tenant": "client_a"})


async def test_a_plan_that_nobody_waits_for_any_more_asks_no_model(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    async with videos_of("client_p", endpoints, tmp_path) as videos:
        planning = asyncio.create_task(videos.runs.plan("given-up", REQUEST))
        run = videos.runs.client.get_workflow_handle("client_p/plan/given-up")
        for _ in range(200):
            if await is_running(run):
                break
            await asyncio.sleep(0.1)
        planning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await planning
        assert (await run.describe()).status is WorkflowExecutionStatus.TERMINATED


async def is_running(run: WorkflowHandle[Any, Any]) -> bool:
    try:
        return (await run.describe()).status is WorkflowExecutionStatus.RUNNING
    except RPCError:
        return False


async def listed(videos: Videos, video_id: str) -> None:
    """Wait until the list shows just this run: Temporal's own list is a moment late."""
    for _ in range(100):
        if [summary.id for summary in await videos.list(10)] == [video_id]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{video_id} is not listed")


async def test_a_tenant_neither_sees_nor_stops_a_run_of_another(endpoints: Endpoints, tmp_path: Path) -> None:
    async with videos_of("client_b", endpoints, tmp_path) as ours, started(ours) as video_id:
        await listed(ours, video_id)
        # "_" stands for any character where a server searches by pattern
        async with videos_of("clientxb", endpoints, tmp_path) as others:
            assert await others.list(10) == []
            for ask in (others.show, others.progress, others.wait, others.resume, others.cancel):
                with pytest.raises(NotFound, match=video_id):
                    await ask(video_id)
            async with started(others) as other_id:
                await listed(others, other_id)
                assert [summary.id for summary in await ours.list(10)] == [video_id]


async def test_the_output_is_remembered_as_it_was_meant_not_where_it_is_asked_for(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with videos_of("client_c", endpoints, tmp_path) as videos:
        async with started(videos, Path("sky.mp4")) as video_id:
            monkeypatch.chdir("/")
            assert await videos.output_of(video_id) == tmp_path / "sky.mp4"
        async with started(videos) as video_id:
            assert await videos.output_of(video_id) is None


async def test_a_video_that_the_graph_alone_knows_is_done_and_can_be_resumed_and_cancelled_to_no_effect(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    imported = video("came-from-elsewhere-a1b2c3", tenant="client_i")
    async with videos_of("client_i", endpoints, tmp_path) as videos:
        await videos.graph.record_video(imported)
        await videos.resume(imported.id)
        await videos.cancel(imported.id)
        assert (await videos.progress(imported.id)).state is RunState.DONE
        assert await videos.wait(imported.id) == imported


async def test_a_video_that_is_not_finished_has_no_relatives_yet_and_that_is_said(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    async with videos_of("client_r", endpoints, tmp_path) as videos, started(videos) as video_id:
        for ask in (videos.related, videos.rebuild):
            with pytest.raises(NotFound, match=f"no video '{video_id}': its run is running"):
                await ask(video_id)
            with pytest.raises(NotFound, match="nothing-of-the-kind"):
                await ask("nothing-of-the-kind")
