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
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.storyboard import Planned, Storyboard
from quantumsketch.video import Outcome, Video
from quantumsketch.visuals import ManimCode
from tests.animated_videos import IDEA, code_of, to_animate
from tests.scripted_films import ScriptedFilm, drawn, make, own_temporal
from workflows.jobs import (
    EarlierScenes,
    RenderAttempt,
    RenderJob,
    SceneJob,
)
from workflows.worker import Hands

pytestmark = pytest.mark.slow

BEAT = to_animate()
CODE = code_of(BEAT)
MENDED = "ShowCreation is called Create"


@dataclass
class Scripted(ScriptedFilm):
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
        return drawn()

    async def make(self, client: Client) -> Video:
        """Run a video that is planned already, with these activities."""
        hands = Hands(
            control=[self.list_models, self.recall_scene, self.list_calls, self.record_video],
            render=[self.check_scene, self.render_part, self.merge_clips, self.take_poster],
            render_slots=2,
        )
        board = Storyboard(title="Squares", summary="A square.", beats=[BEAT])
        planned = Planned(storyboard=board, storyboard_by="another/model", cost_usd=0.0)
        return await make(client, hands, planned, "reused")


@pytest_asyncio.fixture
async def client(qs_home: Path, endpoints: Endpoints) -> AsyncIterator[Client]:
    """A Temporal of this test's own."""
    async with own_temporal(qs_home, endpoints.database_url) as client:
        yield client


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
