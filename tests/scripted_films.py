"""Activities of a film whose clips, merge and record are not the question, run on a Temporal of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio import activity
from temporalio.client import Client

from quantumsketch.runtime.embedded import attach
from quantumsketch.settings import Settings
from quantumsketch.storyboard import USUAL_WORDING, Planned, VideoRequest, Wording
from quantumsketch.usage import ModelCall
from quantumsketch.video import AssetRef, RenderResult, Video
from tests.sample_videos import asset
from workflows.converter import PLUGIN
from workflows.jobs import CallsJob, FilmJob, JoinedFilm, Part, PosterJob, RenderAttempt
from workflows.policies import CONTROL_QUEUE
from workflows.video import VideoGenerationWorkflow
from workflows.worker import Hands, working


def drawn() -> RenderAttempt:
    """A clip of two seconds."""
    result = RenderResult(frames=30, width=854, height=480, fps=15)
    return RenderAttempt(part=Part(asset=asset("clip"), result=result), took_s=1.5)


class ScriptedFilm:
    """What every film needs once its clips are there."""

    @activity.defn
    async def merge_clips(self, _: FilmJob) -> JoinedFilm:
        return JoinedFilm(
            video=asset("film"), captions_vtt=asset("vtt"), captions_srt=asset("srt"), duration_s=2
        )

    @activity.defn
    async def take_poster(self, _: PosterJob) -> AssetRef:
        return asset("poster")

    @activity.defn
    async def list_calls(self, _: CallsJob) -> list[ModelCall]:
        return []

    @activity.defn
    async def record_video(self, _: Video) -> None:
        pass


async def make(
    client: Client, hands: Hands, planned: Planned, video_id: str, wording: Wording = USUAL_WORDING
) -> Video:
    """Run a video that is planned already, with these activities."""
    request = VideoRequest(prompt=planned.storyboard.title, planned=planned, tenant="t", wording=wording)
    async with working(client, hands):
        return await client.execute_workflow(
            VideoGenerationWorkflow.run, request, id=f"t/{video_id}", task_queue=CONTROL_QUEUE
        )


@asynccontextmanager
async def own_temporal(home: Path, database_url: str) -> AsyncIterator[Client]:
    """A client of a Temporal of its own: others work on the queues of the one that is shared."""
    async with attach(Settings.model_validate({"home": home, "database_url": database_url})) as own:
        assert own.temporal_address
        yield await Client.connect(own.temporal_address, plugins=[PLUGIN])
