"""What a finished video says of itself, as nodes and edges. Pure; invents nothing that it does not say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain

from quantumsketch.memory.films.ideas import has_verified_scene, idea_of
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.usage import ModelCall, total
from quantumsketch.video import AssetRef, RenderedBeat, Video
from quantumsketch.visuals import ManimCode

Property = str | int | float | bool | None
NodeKey = tuple[NodeKind, str]
"""The natural key of a node within its tenant."""
RECORDED = (
    EdgeKind.ANSWERS, EdgeKind.FOLLOWS, EdgeKind.PLANNED_BY, EdgeKind.ASKED, EdgeKind.HAS_BEAT,
    EdgeKind.SHOWS, EdgeKind.RENDERED_AS, EdgeKind.WRITTEN_BY, EdgeKind.PUBLISHED_AS, EdgeKind.CAPTIONED_BY,
    EdgeKind.PICTURED_BY,
)  # fmt: skip
"""The relations that a video says of itself. What else is known of a video and its beats, others said."""


@dataclass(frozen=True)
class NodeFact:
    """A node to be there."""

    key: NodeKey
    properties: Mapping[str, Property] = field(default_factory=dict)
    document: str | None = None
    """The whole noun as JSON."""


@dataclass(frozen=True)
class EdgeFact:
    """An edge to be there."""

    source: NodeKey
    kind: EdgeKind
    target: NodeKey
    properties: Mapping[str, Property] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """All that one video adds to the graph."""

    nodes: list[NodeFact]
    edges: list[EdgeFact]

    @property
    def owners(self) -> list[NodeKey]:
        """The nodes that are this video's alone: what it no longer says of them does not hold any more."""
        return [node.key for node in self.nodes if node.key[0] in (NodeKind.VIDEO, NodeKind.BEAT)]


def facts_of(video: Video) -> Facts:
    """Return the nodes, each once, and the edges of `video`."""
    beats = [_of_beat(video, beat, at_s) for beat, at_s in zip(video.beats, starts(video), strict=True)]
    facts = list(chain(_of_video(video), *beats, _of_film(video)))
    nodes = {fact.key: fact for fact in facts if isinstance(fact, NodeFact)}
    edges = {(e.source, e.kind, e.target): e for e in facts if isinstance(e, EdgeFact)}
    return Facts(list(nodes.values()), list(edges.values()))


def starts(video: Video) -> list[float]:
    """Return the second of the film at which each beat begins."""
    ends = accumulate((rendered.clip.duration_s for rendered in video.beats), initial=0.0)
    return [round(end, 3) for end in list(ends)[:-1]]


def storable(text: str) -> str:
    """Return `text` with U+FFFD for U+0000, which Postgres can hold neither in text nor in jsonb."""
    return text.replace("\x00", "\ufffd")


def _of_video(video: Video) -> Iterator[NodeFact | EdgeFact]:
    key = (NodeKind.VIDEO, storable(video.id))
    prompt = (NodeKind.PROMPT, _sha256(video.prompt))
    storyboard = (NodeKind.STORYBOARD, _sha256(video.storyboard.model_dump_json()))
    model = (NodeKind.MODEL, storable(video.storyboard_by))
    yield NodeFact(
        key,
        {
            "title": video.storyboard.title,
            "summary": video.storyboard.summary,
            "storyboard_by": video.storyboard_by,
            "duration_s": video.film.duration_s,
            "quality": video.look.quality.value,
            "aspect": video.look.aspect.value,
            "theme": video.look.theme.value,
            "beats": len(video.beats),
            **_usage(video.calls),
            "cost_usd": video.cost_usd,
        },
        document=video.model_dump_json(),
    )
    yield NodeFact(prompt, {"text": video.prompt})
    yield NodeFact(
        storyboard,
        {"title": video.storyboard.title, "summary": video.storyboard.summary},
        document=video.storyboard.model_dump_json(),
    )
    yield NodeFact(model)
    yield EdgeFact(key, EdgeKind.ANSWERS, prompt)
    yield EdgeFact(key, EdgeKind.FOLLOWS, storyboard)
    yield EdgeFact(key, EdgeKind.PLANNED_BY, model)
    yield from _asked(key, [call for call in video.calls if call.beat_id is None])


def _of_beat(video: Video, rendered: RenderedBeat, at_s: float) -> Iterator[NodeFact | EdgeFact]:
    key = (NodeKind.BEAT, storable(f"{video.id}/{rendered.id}"))
    visual = rendered.beat.visual.model_dump_json()
    scene = (NodeKind.SCENE, _sha256(visual))
    clip = (NodeKind.CLIP, rendered.clip.asset.sha256)
    model = (NodeKind.MODEL, storable(rendered.model))
    calls = [call for call in video.calls if call.beat_id == rendered.id]
    yield NodeFact(
        key,
        {
            "title": rendered.beat.title,
            "narration": rendered.beat.narration,
            "outcome": rendered.outcome.value,
            "attempts": rendered.attempts,
            "cached": rendered.cached,
            "complaint": rendered.complaint,
            "at_s": at_s,
            "render_s": rendered.render_s,
            **_usage(calls),
        },
    )
    yield NodeFact(scene, _properties_of_scene(rendered), document=visual)
    yield NodeFact(clip, _properties_of_clip(rendered))
    yield NodeFact(model)
    yield EdgeFact((NodeKind.VIDEO, storable(video.id)), EdgeKind.HAS_BEAT, key, {"id": rendered.id})
    yield EdgeFact(key, EdgeKind.SHOWS, scene)
    yield EdgeFact(key, EdgeKind.RENDERED_AS, clip)
    yield EdgeFact(key, EdgeKind.WRITTEN_BY, model)
    yield from _of_idea(video, rendered, key)
    yield from _asked(key, calls)


def _of_idea(video: Video, rendered: RenderedBeat, key: NodeKey) -> Iterator[NodeFact | EdgeFact]:
    """What was to be animated, and whether the scene that came of it may serve again, for which frame."""
    if name := idea_of(rendered.beat):
        idea = (NodeKind.IDEA, name)
        made = {"aspect": video.look.aspect.value, "verified": has_verified_scene(rendered)}
        yield NodeFact(idea)
        yield EdgeFact(key, EdgeKind.FOLLOWS, idea, made)


def _asked(source: NodeKey, calls: list[ModelCall]) -> Iterator[NodeFact | EdgeFact]:
    """The models that were called for `source`, and what each of them took."""
    for name in dict.fromkeys(call.model for call in calls):
        model = (NodeKind.MODEL, storable(name))
        yield NodeFact(model)
        yield EdgeFact(source, EdgeKind.ASKED, model, _usage([c for c in calls if c.model == name]))


def _usage(calls: list[ModelCall]) -> dict[str, Property]:
    usage = total(calls)
    return {
        "model_calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
    }


def _properties_of_scene(rendered: RenderedBeat) -> dict[str, Property]:
    visual = rendered.beat.visual
    code = visual.code if isinstance(visual, ManimCode) else None
    return {"kind": visual.kind, "lines": code.count("\n") + 1 if code else None}


def _properties_of_clip(rendered: RenderedBeat) -> dict[str, Property]:
    clip = rendered.clip
    return {
        "media_type": clip.asset.media_type,
        "size": clip.asset.size,
        "duration_s": clip.duration_s,
        "width": clip.width,
        "height": clip.height,
        "fps": clip.fps,
    }


def _of_film(video: Video) -> Iterator[NodeFact | EdgeFact]:
    roles: list[tuple[EdgeKind, AssetRef]] = [
        (EdgeKind.PUBLISHED_AS, video.film.video),
        (EdgeKind.CAPTIONED_BY, video.film.captions_vtt),
        (EdgeKind.CAPTIONED_BY, video.film.captions_srt),
        (EdgeKind.PICTURED_BY, video.film.poster),
    ]
    for role, ref in roles:
        asset = (NodeKind.ASSET, ref.sha256)
        yield NodeFact(asset, {"media_type": ref.media_type, "size": ref.size})
        yield EdgeFact((NodeKind.VIDEO, storable(video.id)), role, asset)


def properties_json(properties: Mapping[str, Property]) -> str:
    """Return `properties` as JSON that Postgres can hold."""
    return json.dumps(
        {name: storable(value) if isinstance(value, str) else value for name, value in properties.items()}
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
