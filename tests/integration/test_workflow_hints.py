"""A visual that could not be rendered: what is remembered is asked for, told, and learned from.

Temporal is real; the activities are scripted, for what models, sandbox and graph answer is not the question.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client

from quantumsketch.agent.review import Checked
from quantumsketch.errors import QuantumSketchError
from quantumsketch.incidents import SLOW, Change, Hint
from quantumsketch.llm.types import Answer, ModelEntry
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.storyboard import Beat, Planned, Storyboard
from quantumsketch.video import Outcome, Video
from quantumsketch.visuals import Bullet, BulletPoints
from tests.scripted_films import ScriptedFilm, drawn, make, own_temporal
from workflows.jobs import (
    AskJob,
    HintsJob,
    RenderAttempt,
    RenderJob,
)
from workflows.worker import Hands

pytestmark = pytest.mark.slow

MODEL = ModelEntry(id="a/b", litellm_id="a/b", reachable=True, why="a test")
TOO_SLOW = "the render took longer than 30 s"
HINT = Hint(error=f"{SLOW}: the render took longer than # s", text="A title was quick.", repair="r1")
POINTS = Beat(title="Points", narration="Here are points.", visual=BulletPoints(items=[Bullet(text="One")]))
BOARD = Storyboard(title="Points", summary="Some points.", beats=[POINTS])
TITLE = '{"visual": {"kind": "title", "heading": "Points"}}'


@dataclass
class Scripted(ScriptedFilm):
    """Activities: bullet points cannot be drawn in time, a title can, and a model knows that."""

    hints: list[Hint] | QuantumSketchError
    wanted: list[HintsJob] = field(default_factory=list)
    asked: list[AskJob] = field(default_factory=list)

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        return [MODEL]

    @activity.defn
    async def ask_model(self, job: AskJob) -> Answer:
        self.asked.append(job)
        return Answer(text=TITLE, model=MODEL.id, cost_usd=0.0)

    @activity.defn
    async def recall_hints(self, job: HintsJob) -> list[Hint]:
        self.wanted.append(job)
        if isinstance(self.hints, QuantumSketchError):
            raise self.hints
        return self.hints

    @activity.defn
    async def check_storyboard(self, _: Storyboard) -> Checked:
        return Checked()

    @activity.defn
    async def render_part(self, job: RenderJob) -> RenderAttempt:
        if job.request.beat.visual.kind == "bullets":
            return RenderAttempt(complaint=TOO_SLOW, too_slow=True)
        return drawn()

    async def make(self, client: Client, video_id: str) -> Video:
        """Run a video that is planned already, with these activities."""
        hands = Hands(
            control=[
                self.list_models,
                self.ask_model,
                self.recall_hints,
                self.list_calls,
                self.record_video,
            ],
            render=[self.check_storyboard, self.render_part, self.merge_clips, self.take_poster],
            render_slots=2,
        )
        planned = Planned(storyboard=BOARD, storyboard_by=MODEL.id, cost_usd=0.0)
        return await make(client, hands, planned, video_id)


@pytest_asyncio.fixture
async def client(qs_home: Path, endpoints: Endpoints) -> AsyncIterator[Client]:
    """A Temporal of this test's own."""
    async with own_temporal(qs_home, endpoints.database_url) as client:
        yield client


async def test_what_is_known_of_a_visual_that_failed_is_told_and_what_helped_is_learned(
    client: Client,
) -> None:
    scripted = Scripted(hints=[HINT])
    video = await scripted.make(client, "told")
    [wanted] = scripted.wanted
    assert (wanted.tenant, [each.error for each in wanted.complaints]) == ("t", [HINT.error])
    [asked] = scripted.asked
    system, user = asked.question.messages
    assert HINT.text in user.content
    assert HINT.text not in system.content

    [beat] = video.beats
    assert (beat.outcome, beat.render_s, beat.complaint) == (Outcome.REPAIRED, 1.5, TOO_SLOW)
    [incident] = beat.incidents
    assert (incident.complaint.error, incident.visual, incident.hints) == (HINT.error, "bullets", ["r1"])
    assert incident.mended
    assert incident.repair == Change(before="bullets", after="title", by="a/b")


async def test_a_graph_that_fails_costs_a_hint_and_no_video(client: Client) -> None:
    scripted = Scripted(hints=QuantumSketchError("the graph cannot be read"))
    video = await scripted.make(client, "untold")
    assert len(scripted.wanted) == 1, "a hint is not worth asking twice"
    assert [beat.outcome for beat in video.beats] == [Outcome.REPAIRED]
    assert [beat.incidents[0].hints for beat in video.beats] == [[]]
