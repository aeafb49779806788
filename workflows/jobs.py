"""What the workflows hand to their activities and get back: plans, references and findings, never bytes."""

from __future__ import annotations

from pydantic import Field

from quantumsketch.connections import EarlierScene
from quantumsketch.incidents import Complaint
from quantumsketch.llm.types import ModelEntry, Question
from quantumsketch.storyboard import Avoided, Beat, Look, Quality, Storyboard
from quantumsketch.video import AssetRef, Noun, RenderRequest, RenderResult

OFFLINE = "offline"
"""The last entry of the chain: the storyboarder that needs no model."""


class AskJob(Noun):
    """One question to one model."""

    model: ModelEntry
    question: Question
    purpose: str
    beat_id: str | None = None
    last_resort: bool = Field(default=False, description="no model is left to be asked after this one")
    tenant: str
    video_id: str
    max_cost_usd: float | None = Field(default=None, description="USD that the whole video may cost")


class CallsJob(Noun):
    """Whose calls to models are wanted."""

    tenant: str
    video_id: str


class FindJob(Noun):
    """What somebody who writes a scene wants to know of Manim."""

    query: str


class RecallJob(Noun):
    """What a tenant's graph is asked for."""

    tenant: str
    query: str
    avoid: Avoided = Field(default=(), description="what says or shows one of these words is no example")


class HintsJob(Noun):
    """What is wrong with a scene, or with a visual, of which a tenant's graph may know something."""

    tenant: str
    complaints: list[Complaint]
    quality: Quality


class SceneJob(Noun):
    """A beat whose scene is to be written, for which a tenant's graph may have one."""

    tenant: str
    beat: Beat
    look: Look
    avoid: Avoided = Field(default=(), description="a scene that shows one of these words is none")


class EarlierScenes(Noun):
    """What was found for a beat: at most one of the two."""

    same: EarlierScene | None = Field(default=None, description="of the same beat, to be used as it is")
    like: EarlierScene | None = Field(default=None, description="of one very much like it: an example")


class OfflineJob(Noun):
    prompt: str
    max_beats: int


class OfflineDraft(Noun):
    storyboard: Storyboard
    by: str


class RenderJob(Noun):
    """A beat to render, or the rest of one that did not fit into one call."""

    beat_id: str
    request: RenderRequest


class Part(Noun):
    """What one render call made: a whole beat, or as much as fitted into the call's time."""

    asset: AssetRef
    result: RenderResult
    notice: str | None = Field(default=None, description="what is to be said of the sandbox it was made in")


class RenderAttempt(Noun):
    """How one render call came out: a part, or the complaint that the repair starts from."""

    part: Part | None = None
    cached: bool = False
    complaint: str | None = None
    too_slow: bool = Field(default=False, description="the complaint is that it takes too long")
    took_s: float | None = Field(default=None, description="wall seconds; None: it was there already")


class JoinJob(Noun):
    """The parts of one beat, in order."""

    parts: list[Part]


class FilmBeat(Noun):
    title: str
    narration: str
    clip: AssetRef


class FilmJob(Noun):
    """The clips of a video, in order, with what the film says about itself."""

    title: str
    summary: str
    beats: list[FilmBeat]


class JoinedFilm(Noun):
    video: AssetRef
    captions_vtt: AssetRef
    captions_srt: AssetRef
    duration_s: float
    poster_s: float = Field(default=0.0, description="seconds into the film at which the picture is full")


class PosterJob(Noun):
    video: AssetRef
    at_s: float = Field(description="seconds into the film")
