"""The product's nouns once something is rendered: clips, outcomes, progress, the finished video. No I/O."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quantumsketch.incidents import Incident
from quantumsketch.storyboard import Beat, CheckedMathematics, Look, Storyboard
from quantumsketch.usage import ModelCall, Usage

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AssetRef(Noun):
    """A reference to stored bytes: what passes through Temporal instead of them."""

    sha256: Sha256
    media_type: str
    size: int = Field(ge=0, description="bytes")


class Finding(Noun):
    """One fault of layout, as the audit saw it."""

    rule: str = Field(
        description="outside | overlap | left-over | hidden | small | contrast | pace | formula"
    )
    objects: list[str]
    at_s: float = Field(allow_inf_nan=False, description="seconds from the start of the beat")
    message: str = Field(description="what is wrong, by how much, and a fix in words")


class RenderRequest(Noun):
    """One call of the render tool: a beat, or the rest of one."""

    beat: Beat
    look: Look
    first_animation: int = Field(default=0, ge=0, description="animations before this one are skipped")


class RenderResult(Noun):
    """What the render tool says of the clip it made (`clip.mp4` in its scratch folder).

    A scene in Manim code can write this itself: whatever is computed from it must stand any value in it.
    """

    frames: int = Field(ge=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    fps: int = Field(ge=1)
    next_animation: int | None = Field(
        default=None, ge=1, description="the time ran out here: call again with this as first_animation"
    )
    findings: list[Finding] = []

    @property
    def duration_s(self) -> float:
        return self.frames / self.fps


class Clip(Noun):
    """The rendered picture of one beat, silent, ready to be joined."""

    asset: AssetRef
    duration_s: float
    width: int
    height: int
    fps: int
    findings: list[Finding] = []


class Outcome(StrEnum):
    """How a beat came out; never better than it was."""

    PLANNED = "planned"
    REPAIRED = "repaired"
    SIMPLIFIED = "simplified"
    CARD = "card"


class RenderedBeat(Noun):
    """A beat as it stands in the video."""

    id: str = Field(description="b01, b02, …")
    beat: Beat
    outcome: Outcome
    attempts: int = Field(ge=1)
    model: str = Field(description="who wrote what is shown: a model's id, or 'offline: …', or 'you'")
    clip: Clip
    cached: bool
    complaint: str | None = Field(default=None, description="why it is not as planned")
    mended: list[str] = Field(default=[], description="what was mended in its code without a model")
    reused: str | None = Field(
        default=None, description="the id of the video whose scene for the same beat this is; None: its own"
    )
    incidents: list[Incident] = Field(default=[], description="its faults, and what became of each")
    render_s: float | None = Field(
        default=None,
        ge=0,
        description="wall seconds of its render calls; None: of one at least it is not known",
    )


class Film(Noun):
    """What the merge makes."""

    video: AssetRef
    captions_vtt: AssetRef
    captions_srt: AssetRef
    poster: AssetRef
    duration_s: float


class MadeWith(Noun):
    """The versions that decide what a clip looks like, and what the check of a scene finds."""

    manim: str
    kit: str = Field(description="digest of the sources that draw")
    check: str = Field(description="digest of the sources that check, and of the kit")


class Video(Noun):
    """A finished video."""

    id: str
    prompt: str
    tenant: str
    storyboard: Storyboard
    storyboard_by: str
    look: Look
    beats: list[RenderedBeat]
    film: Film
    stages: dict[str, float] = Field(description="seconds by stage")
    cost_usd: float | None = Field(description="None: not known")
    notes: list[str] = Field(default=[], description="whatever came out worse than asked")
    because: list[str] = Field(default=[], description="what a person's preferences made of it, and why")
    calls: list[ModelCall] = Field(default=[], description="every call to a model, by stage and beat")
    mathematics: CheckedMathematics | None = Field(default=None, description="None: nothing was checked")
    made_with: MadeWith | None = Field(default=None, description="None: not known")


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class VideoSummary(Noun):
    """One line of the list of videos."""

    id: str
    title: str
    state: RunState
    started_at: datetime
    storyboard_by: str | None = None
    duration_s: float | None = None


class BeatState(StrEnum):
    WAITING = "waiting"
    WRITING = "writing"
    RENDERING = "rendering"
    REPAIRING = "repairing"
    DONE = "done"


class BeatProgress(Noun):
    id: str
    title: str
    kind: str
    state: BeatState = BeatState.WAITING
    outcome: Outcome | None = None
    cached: bool = False


class Stage(StrEnum):
    STORYBOARD = "storyboard"
    BEATS = "beats"
    MERGE = "merge"
    RECORD = "record"
    DONE = "done"


class Progress(Noun):
    """A snapshot of a run, answered by query at any time."""

    stage: Stage
    state: RunState = RunState.RUNNING
    title: str | None = None
    storyboard_by: str | None = None
    beats: list[BeatProgress] = []
    stages: dict[str, float] = Field(default={}, description="seconds of the stages that are over")
    notes: list[str] = []
    because: list[str] = []
    usage: Usage | None = Field(default=None, description="what the models were asked so far")
    waiting: str | None = Field(default=None, description="which model is waited for, until when, and why")
