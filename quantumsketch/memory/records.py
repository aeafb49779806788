"""What the graph answers with. No I/O."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class NodeKind(StrEnum):
    """What a node stands for; in brackets what names it."""

    VIDEO = "video"
    """[the video's id]"""
    PROMPT = "prompt"
    """[sha256 of its text]"""
    STORYBOARD = "storyboard"
    """[sha256 of its JSON]"""
    BEAT = "beat"
    """[the video's id/the beat's id]"""
    SCENE = "scene"
    """What a beat shows. [sha256 of the visual's JSON]"""
    CLIP = "clip"
    """[sha256 of its bytes]"""
    ASSET = "asset"
    """A file of the finished film. [sha256 of its bytes]"""
    MODEL = "model"
    """Who wrote something. [a model's id, 'offline: ...' or 'you']"""


class EdgeKind(StrEnum):
    """How the source stands to the target."""

    ANSWERS = "answers"
    FOLLOWS = "follows"
    PLANNED_BY = "planned_by"
    ASKED = "asked"
    """Calls to the model, answered or not: how many, with how many tokens, for how much."""
    HAS_BEAT = "has_beat"
    SHOWS = "shows"
    RENDERED_AS = "rendered_as"
    WRITTEN_BY = "written_by"
    PUBLISHED_AS = "published_as"
    CAPTIONED_BY = "captioned_by"
    PICTURED_BY = "pictured_by"


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VideoSummary(Record):
    """One line of a list of videos."""

    id: str
    node: UUID = Field(description="where a walk can start")
    recorded_at: datetime
    title: str
    summary: str
    storyboard_by: str
    duration_s: float
    quality: str
    aspect: str
    beats: int
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = Field(default=None, description="None: not known")


class VideoHit(VideoSummary):
    """A video found by meaning."""

    similarity: float = Field(description="cosine: 1 means the same, 0 unrelated")


class GraphNode(Record):
    id: UUID
    kind: str
    name: str
    properties: dict[str, JsonValue]
    recorded_at: datetime
    depth: int = Field(description="steps from where the walk started")


class GraphEdge(Record):
    source: UUID
    kind: str
    target: UUID
    properties: dict[str, JsonValue]


class Neighbourhood(Record):
    """What a walk reached, nearest first, and the edges that it followed."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    truncated: bool = Field(
        description="within this depth there may be more than the walk was allowed to show"
    )
