"""Which videos have to do with one, and why: what they share with it, how near they are in meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from quantumsketch.connections import RelatedVideo
from quantumsketch.memory.database import Connection
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query

Shared = Mapping[str, Mapping[str, list[str]]]
"""By the other video's id: by the kind of thing, the names of those that both have."""
_RELATIONS = [
    EdgeKind.EXPLAINS.value, EdgeKind.MENTIONS.value, EdgeKind.ANSWERS.value, EdgeKind.FOLLOWS.value,
    EdgeKind.SHOWS.value, EdgeKind.RENDERED_AS.value,
]  # fmt: skip
_FAN_OUT = 200
"""Videos and beats that are looked at for each thing that is shared."""
_CONCEPTS_TOLD = 3


@dataclass(frozen=True)
class _Weight:
    each: float
    most: float
    words: str


_WEIGHTS = {
    NodeKind.PROMPT: _Weight(0.3, 0.3, "was asked for in the same words"),
    NodeKind.STORYBOARD: _Weight(0.3, 0.3, "has the same storyboard"),
    NodeKind.CONCEPT: _Weight(0.2, 0.4, "speaks of {names} too"),
    NodeKind.IDEA: _Weight(0.15, 0.3, "animates {number} of the same ideas"),
    NodeKind.CLIP: _Weight(0.1, 0.2, "shares {number} of its clips"),
    NodeKind.SCENE: _Weight(0.05, 0.1, "shows {number} of the same pictures"),
}
"""How much each shared thing counts beside a cosine, and all of its kind; the weightiest first."""


async def shared_with(connection: Connection, video: object) -> Shared:
    """Return what the videos of the tenant have in common with the node `video`."""
    parameters = {"video": video, "relations": _RELATIONS, "fan_out": _FAN_OUT}
    rows = await connection.execute(query("shared_with_videos"), parameters, prepare=False)
    shared: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in await rows.fetchall():
        shared[row["video_id"]][row["kind"]].append(row["name"])
    return shared


def best_related(near: Mapping[str, float], shared: Shared, limit: int) -> list[tuple[str, list[str]]]:
    """Return the ids of at most `limit` videos, the most related first, and why each of them is."""
    found = {video: _weighed(near.get(video), shared.get(video, {})) for video in {*near, *shared}}
    best = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))[:limit]
    return [(video, why) for video, (_, why) in best]


async def told(
    connection: Connection, best: list[tuple[str, list[str]]], near: Mapping[str, float]
) -> list[RelatedVideo]:
    """Return the videos `best` with their titles; those that are gone are left out."""
    parameters = {"kinds": [NodeKind.VIDEO.value] * len(best), "names": [video for video, _ in best]}
    rows = await connection.execute(query("titles_of_videos"), parameters)
    titles = {row["id"]: row["title"] or row["id"] for row in await rows.fetchall()}
    return [
        RelatedVideo(id=video, title=titles[video], why=why, similarity=near.get(video))
        for video, why in best
        if video in titles
    ]


def _weighed(similarity: float | None, things: Mapping[str, list[str]]) -> tuple[float, list[str]]:
    weight, why = similarity or 0.0, []
    for kind, each in _WEIGHTS.items():
        if names := sorted(things.get(kind, [])):
            weight += min(each.each * len(names), each.most)
            why.append(each.words.format(names=_listed(names), number=_number(len(names))))
    if similarity is not None:
        why.append(f"means something near ({similarity:.2f})")
    return weight, why


def _listed(names: list[str]) -> str:
    more = len(names) - _CONCEPTS_TOLD
    return ", ".join(map(repr, names[:_CONCEPTS_TOLD])) + (f" and {more} more" if more > 0 else "")


def _number(number: int) -> str:
    return "one" if number == 1 else str(number)
