"""A word to avoid, from the request of a run to the code of its scene, and what the film says of it.

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
from temporalio.worker import Replayer

from quantumsketch.checking import SceneCheck, SceneCheckRequest
from quantumsketch.llm.types import Answer, ModelEntry
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.storyboard import Planned, Storyboard, Wording
from quantumsketch.video import Outcome, RenderedBeat, Video
from quantumsketch.visuals import ManimCode
from tests.animated_videos import to_animate
from tests.fences import outside_the_fences
from tests.scripted_films import ScriptedFilm, drawn, make, own_temporal
from workflows.beat import SCENES_AVOID_WORDS
from workflows.converter import PLUGIN
from workflows.jobs import AskJob, EarlierScenes, RenderAttempt, RenderJob, SceneJob
from workflows.worker import RUNNER, WORKFLOWS, Hands

pytestmark = pytest.mark.slow

MODEL = ModelEntry(id="a/b", litellm_id="a/b", reachable=True, why="a test")
BECAUSE = "without 'utilize' because you set that"
WORDING = Wording(avoid=("utilize",), because={"utilize": BECAUSE})
BOARD = Storyboard(title="Squares", summary="A square.", beats=[to_animate()])
PLANNED = Planned(storyboard=BOARD, storyboard_by=MODEL.id, cost_usd=0.0, because=[BECAUSE])


def showing(text: str) -> str:
    """A scene that shows a text."""
    return f"class Beat(Scene):\n    def construct(self):\n        self.add(Text('{text}'))"


LINE = "words: the scene shows 'utilize', which is to be avoided"
SHOWS, OTHER = showing("We utilize it"), showing("We use it")


@dataclass
class Scripted(ScriptedFilm):
    """Activities: a model that answers as told, a check that finds nothing, a graph that has nothing."""

    answers: list[str]
    asked: list[AskJob] = field(default_factory=list)
    recalled: list[SceneJob] = field(default_factory=list)

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        return [MODEL]

    @activity.defn
    async def ask_model(self, job: AskJob) -> Answer:
        self.asked.append(job)
        return Answer(text=self.answers[len(self.asked) - 1], model=MODEL.id, cost_usd=0.0)

    @activity.defn
    async def recall_scene(self, job: SceneJob) -> EarlierScenes:
        self.recalled.append(job)
        return EarlierScenes()

    @activity.defn
    async def check_scene(self, job: SceneCheckRequest) -> SceneCheck:
        return SceneCheck(code=job.beat.visual.model_dump()["code"], duration_s=3, animations=1)

    @activity.defn
    async def render_part(self, _: RenderJob) -> RenderAttempt:
        return drawn()

    async def make(self, client: Client, video_id: str, wording: Wording) -> Video:
        """Run a video that is planned already, with these activities."""
        hands = Hands(
            control=[
                self.list_models,
                self.ask_model,
                self.recall_scene,
                self.list_calls,
                self.record_video,
            ],
            render=[self.check_scene, self.render_part, self.merge_clips, self.take_poster],
            render_slots=2,
        )
        return await make(client, hands, PLANNED, video_id, wording)


@pytest_asyncio.fixture
async def client(qs_home: Path, endpoints: Endpoints) -> AsyncIterator[Client]:
    """A Temporal of this test's own."""
    async with own_temporal(qs_home, endpoints.database_url) as client:
        yield client


def code_of(beat: RenderedBeat) -> str | None:
    assert isinstance(beat.beat.visual, ManimCode)
    return beat.beat.visual.code


async def test_a_word_to_avoid_is_told_sent_back_and_noted_if_it_is_left(client: Client) -> None:
    mending = Scripted([SHOWS, OTHER])
    video = await mending.make(client, "mended", WORDING)
    [beat] = video.beats
    assert (beat.outcome, code_of(beat)) == (Outcome.REPAIRED, OTHER)
    assert (video.because, video.notes) == ([BECAUSE], [f"b01 repaired: {LINE}"])
    assert [job.avoid for job in mending.recalled] == [("utilize",)]
    for asked in mending.asked:
        system, user = asked.question.messages
        assert "utilize" in user.content
        assert "utilize" not in system.content + outside_the_fences(user.content)

    stubborn = Scripted([SHOWS, SHOWS])
    video = await stubborn.make(client, "left", WORDING)
    [beat] = video.beats
    assert (beat.outcome, code_of(beat), len(stubborn.asked)) == (Outcome.REPAIRED, SHOWS, 2)
    assert video.because == []
    assert video.notes == [
        f"b01 repaired: {LINE}",
        "left as it is: beat 1: the visual shows 'utilize', which is to be avoided",
    ]

    unasked = Scripted([SHOWS])
    video = await unasked.make(client, "unasked", Wording())
    assert [beat.outcome for beat in video.beats] == [Outcome.PLANNED]
    assert [await _marked(client, name) for name in ("mended", "left", "unasked")] == [True, True, False]


async def _marked(client: Client, video_id: str) -> bool:
    """Whether a run, which replays, has noted in its history that its scenes avoid words."""
    history = await client.get_workflow_handle(f"t/{video_id}").fetch_history()
    await Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, plugins=[PLUGIN]).replay_workflow(history)
    return any(SCENES_AVOID_WORDS.encode() in event.SerializeToString() for event in history.events)
