"""What the memory answers with. No I/O."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue


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
    theme: str | None = Field(default=None, description="None: not known")
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


class EntityHead(Record):
    """An entity without its body, which may be long."""

    id: UUID
    kind: str
    name: str
    description: str
    properties: dict[str, JsonValue]
    provenance: dict[str, JsonValue] = Field(description="who said what is told here")
    recorded_at: datetime = Field(description="since when it is known")
    changed_at: datetime = Field(description="since when it is as it is told here")
    closed_at: datetime | None = Field(description="from when it is no more; None: it is")
    merged_into: UUID | None = Field(description="the entity that this duplicate became part of")


class EntityRecord(EntityHead):
    """An entity as it is, or as it was recorded at a time that is past."""

    body: str


class FactRecord(Record):
    """A fact, when it held, and when that was our knowledge."""

    source: UUID
    kind: str
    target: UUID
    properties: dict[str, JsonValue]
    provenance: dict[str, JsonValue]
    valid_from: datetime
    valid_to: datetime | None = Field(description="None: it holds")
    recorded_at: datetime = Field(description="since when it is known as it is told here")
    recorded_to: datetime | None = Field(description="until when it was; None: it is known so now")


class Page(Record):
    """Some of the entities, and where the next ones begin."""

    entities: list[EntityHead]
    next: str | None = Field(description="the cursor of the next page; None: this is the last")


class FactPage(Record):
    """Some of the facts at an entity, and where the next ones begin."""

    facts: list[FactRecord]
    next: str | None = Field(description="the cursor of the next page; None: this is the last")


class Written(Record):
    """What statements changed."""

    at: datetime = Field(description="when it was recorded")
    ids: dict[tuple[str, str], UUID] = Field(description="of every entity that was named, by kind and name")
    added: int = Field(default=0, description="entities and facts that were not there")
    changed: int = Field(default=0, description="entities and facts of which something else is told now")
    closed: int = Field(default=0, description="facts that no longer hold")
    merged: list[tuple[str, str]] = Field(
        default=[],
        description="entities that were told and are part of another: of that one nothing was written",
    )
    without_vectors: str | None = Field(
        default=None, description="why what was written is not found by meaning yet; None: it is, or will be"
    )


class Merged(Record):
    """What became of the facts of a duplicate."""

    at: datetime
    into: UUID
    moved: int = Field(description="facts that hold of the survivor now")
    dropped: list[str] = Field(
        description="what was told of the duplicate, holds no more, and does not go on; and why"
    )


class Neighbourhood(Record):
    """What a walk reached, nearest first, and the edges that it followed."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    truncated: bool = Field(
        description="within this depth there may be more than the walk was allowed to show"
    )
    merged_from: UUID | None = Field(
        default=None, description="the duplicate that was asked for: the walk started at what it is part of"
    )
