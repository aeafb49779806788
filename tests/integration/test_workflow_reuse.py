"""A scene that is used again is told as this run saw it: what its first video went through is not this one's.

Temporal is real; the activities are scripted, for what models, sandbox and graph answer is not the question.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client

from quantumsketch.checking import SceneCheck, SceneCheckRequest
from quantumsketch.connections import EarlierScene
from quantumsketch.llm.types import ModelEntry
from quantumsketch.runtime.embedded import Endpoints, attach
from quantumsketch.settings import Settings
from quantumsketch.storyboard import Planned, Storyboard, VideoRequest
from quantumsketch.usage import ModelCall
from quantumsketch.video import AssetRef, Outcome, RenderResult, Video
from quantumsketch.visuals import ManimCode
from tests.animated_videos import IDEA, code_of, to_animate
from tests.sample_videos import asset
from workflows.converter import PLUGIN
from workflows.jobs import (
    CallsJob,
    EarlierScenes,
    FilmJob,
    JoinedFilm,
    Part,
    PosterJob,
    RenderAttempt,
    RenderJob,
    SceneJob,
)
from workflows.policies import CONTROL_QUEUE
from workflows.video import VideoGenerationWorkflow
from workflows.worker import Hands, working

pytestmark = pytest.mark.slow

BEAT = to_animate()
CODE = code_of(BEAT)
MENDED = "ShowCreation is called Create"


@dataclass
class Scripted:
    """Activities: the graph has a scene of the same beat, and no model can be asked."""

    earlier: EarlierScene

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        return []

    @activity.defn
    async def recall_scene(self, _: SceneJob) -> EarlierScenes:
        return EarlierScenes(same=self.earlier)

    @activity.defn
    async def check_scene(self, job: SceneCheckRequest) -> SceneCheck:
        assert isinstance(job.beat.visual, ManimCode)
        return SceneCheck(code=job.beat.visual.code or "", mended=[MENDED], duration_s=3, animations=1)

    @activity.defn
    async def render_part(self, _: RenderJob) -> RenderAttempt:
        result = RenderResult(frames=30, width=854, height=480, fps=15)
        return RenderAttempt(part=Part(asset=asset("clip"), result=result), took_s=1.5)

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

    async def make(self, client: Client) -> Video:
        """Run a video that is planned already, with these activities."""
        hands = Hands(
            control=[self.list_models, self.recall_scene, self.list_calls, self.record_video],
            render=[self.check_scene, self.render_part, self.merge_clips, self.take_poster],
            render_slots=2,
        )
        board = Storyboard(title="Squares", summary="A square.", beats=[BEAT])
        planned = Planned(storyboard=board, storyboard_by="another/model", cost_usd=0.0)
        request = VideoRequest(prompt="Squares", planned=planned, tenant="t")
        async with working(client, hands):
            return await client.execute_workflow(
                VideoGenerationWorkflow.run, request, id="t/reused", task_queue=CONTROL_QUEUE
            )


@pytest_asyncio.fixture
async def client(qs_home: Path, endpoints: Endpoints) -> AsyncIterator[Client]:
    """A client of a Temporal of its own: others work on the queues of the one that is shared."""
    settings = Settings.model_validate({"home": qs_home, "database_url": endpoints.database_url})
    async with attach(settings) as own:
        assert own.temporal_address
        yield await Client.connect(own.temporal_address, plugins=[PLUGIN])


async def test_a_reused_scene_that_was_repaired_once_has_no_complaint_and_one_attempt_now(
    client: Client,
) -> None:
    earlier = EarlierScene(
        video_id="first",
        video_title="First",
        beat=BEAT.model_copy(update={"visual": ManimCode(idea=IDEA, code=CODE)}),
        by="a/model",
        repaired=True,
        mended=["something of then"],
        complaint="the square touched the circle",
    )
    video = await Scripted(earlier).make(client)
    [beat] = video.beats
    assert (beat.reused, beat.model) == ("first", "a/model"), "the scene was not used again"
    assert (beat.outcome, beat.attempts, beat.complaint) == (Outcome.PLANNED, 1, None)
    assert beat.mended == [MENDED]
    assert beat.incidents == []
