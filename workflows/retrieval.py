"""What has to do with a question, as it is put before a model: found, reached along relations, or summed up.

Each passage tells whether it holds, since when it does not, and how it stands to others. Asks no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from quantumsketch.agent.passages import LONGEST_TEXT, Passage, Relation
from quantumsketch.answered import Source
from quantumsketch.errors import NotFound
from quantumsketch.excerpts import Excerpt, Room
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import EmbedderFailed
from quantumsketch.memory.finding.neighbourhoods import Group, neighbourhoods, summary
from quantumsketch.memory.finding.search import MOST_HITS, Hit, Search
from quantumsketch.memory.finding.surroundings import FactBeside, State, Surroundings, surroundings
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.records import GraphNode

MOST_NEIGHBOURHOODS = 12
_WALKED_FROM = 3
"""So many of the best hits are walked from."""
_DEPTH, _FAN_OUT, _BUDGET = 2, 12, 60
"""Steps, edges of one entity each way, and entities of such a walk."""
_FARTHER = 0.1
"""So much nearer to the question must be what lies two steps away, to count as much as what lies one away."""
_FOUND, _REACHED = (Room(together, least=800, most=LONGEST_TEXT) for together in (24_000, 12_000))
"""What one search shows of texts, and one walk: the best whole if short, of each a piece at least."""
_REASONS = 3
"""Of those why something was found, so many are told."""


@dataclass(frozen=True)
class Retrieval:
    """Looks for what has to do with one question in one tenant's graph."""

    database: Database
    search: Search
    walker: Walker
    tenant: str
    query: str
    top_k: int
    as_of: datetime | None

    async def find(self, phrase: str) -> list[Passage]:
        """The best hits of one fused search."""
        hits = await self.search.find(self.tenant, phrase, self.top_k, as_of=self.as_of)
        return await self._passages(phrase, hits, _FOUND)

    async def follow(self, passages: Sequence[Passage]) -> list[Passage]:
        """What relations lead to from the best of these: the nearer in steps and in meaning the better."""
        known = {passage.source.id for passage in passages}
        steps: dict[UUID, int] = {}
        for passage in passages[:_WALKED_FROM]:
            for node in await self._walked(UUID(passage.source.id)):
                if str(node.id) not in known:
                    steps[node.id] = min(node.depth, steps.get(node.id, node.depth))
        reached = sorted(steps, key=steps.__getitem__)[:MOST_HITS]
        hits = await self.search.compare(self.tenant, self.query, reached, self.as_of) if reached else []
        hits.sort(key=lambda hit: (hit.similarity or 0.0) - _FARTHER * steps[hit.id], reverse=True)
        why = {
            node: [f"{depth} {'step' if depth == 1 else 'steps'} along relations"]
            for node, depth in steps.items()
        }
        nearest = [hit.model_copy(update={"why": [*why[hit.id], *hit.why]}) for hit in hits[: self.top_k]]
        return await self._passages(self.query, nearest, _REACHED)

    async def survey(self) -> list[Passage]:
        """Summaries of the neighbourhoods of what is nearest to the question."""
        try:
            found = await self.search.by_meaning(self.tenant, self.query, MOST_HITS, as_of=self.as_of)
        except EmbedderFailed:
            found = await self.search.find(self.tenant, self.query, MOST_HITS, as_of=self.as_of)
        hits = {hit.id: hit for hit in found}
        around = await self._around(list(hits))
        groups = neighbourhoods(list(hits), around.facts, min(self.top_k, MOST_NEIGHBOURHOODS))
        states = (await self._around([group.centre for group in groups])).states
        alone = [hits[group.centre] for group in groups if len(group.members) == 1]
        shown = {passage.source.id: passage for passage in await self._passages(self.query, alone, _FOUND)}
        return [
            shown.get(str(group.centre)) or _summed_up(group, hits, states, around)
            for group in groups
            if group.centre in states
        ]

    async def _walked(self, start: UUID) -> list[GraphNode]:
        try:
            walk = await self.walker.walk(
                self.tenant, start, _DEPTH, as_of=self.as_of, fan_out=_FAN_OUT, budget=_BUDGET
            )
        except NotFound:  # erased in this moment
            return []
        return walk.nodes

    async def _around(self, nodes: Sequence[UUID]) -> Surroundings:
        return await surroundings(self.database, self.tenant, nodes, as_of=self.as_of)

    async def _passages(self, phrase: str, hits: Sequence[Hit], room: Room) -> list[Passage]:
        nodes = [hit.id for hit in hits]
        around = await self._around(nodes)
        texts = await self.search.excerpts(self.tenant, phrase, nodes, room, self.as_of) if nodes else {}
        return [
            _passage(hit, texts.get(hit.id), around.states[hit.id], around.at(hit.id))
            for hit in hits
            if hit.id in around.states
        ]


def _summed_up(
    group: Group, hits: Mapping[UUID, Hit], states: Mapping[UUID, State], around: Surroundings
) -> Passage:
    centre = states[group.centre]
    return Passage(
        Source(
            id=str(centre.id),
            kind=centre.kind,
            name=centre.name,
            text=summary(group, hits, states, around.facts),
            similarity=max(hits[node].similarity or 0.0 for node in group.members),
            why=f"{len(group.members)} entities near the question are, or stand beside, this one",
            superseded=centre.id in hits and hits[centre.id].superseded,
        )
    )


def _passage(hit: Hit, excerpt: Excerpt | None, state: State, facts: Sequence[FactBeside]) -> Passage:
    """`excerpt`: of what it says by itself; a video and the like are told by what they are found by."""
    return Passage(
        Source(
            id=str(hit.id),
            kind=hit.kind,
            name=hit.name,
            text=(excerpt.text if excerpt else "") or hit.text[:LONGEST_TEXT],
            similarity=hit.similarity or 0.0,
            why="; ".join(
                [*hit.why[:_REASONS], *(hit.why[-1:] if hit.superseded and len(hit.why) > _REASONS else [])]
            ),
            superseded=hit.superseded,
        ),
        written=f"{state.changed_at:%Y-%m-%d}",
        status=_status(hit, state, facts),
        properties=_json(state.properties),
        relations=tuple(_relation(fact) for fact in facts),
        excerpt=excerpt,
    )


def _status(hit: Hit, state: State, facts: Sequence[FactBeside]) -> str:
    """Since when it does not hold, as far as that is known, and what replaced it; empty: it holds."""
    if not hit.superseded:
        return ""
    successions = [
        f"since {fact.valid_from:%Y-%m-%d}, {how} {fact.far_kind} {fact.far_name!r}"
        for fact in facts
        if fact.valid_to is None and (how := _SUCCESSIONS.get((fact.kind, fact.outward)))
    ]
    closed = [f"since {state.closed_at:%Y-%m-%d}"] if state.closed_at else []
    return "; ".join([*successions, *closed]) or hit.why[-1]


_SUCCESSIONS = {
    ("replaced_by", True): "replaced by",
    ("supersedes", False): "superseded by",
    ("deprecates", False): "deprecated by",
}
"""Relations that end what they are at, with whether they lead from it."""


def _relation(fact: FactBeside) -> Relation:
    return Relation(
        kind=fact.kind,
        outward=fact.outward,
        other_id=str(fact.far),
        other_kind=fact.far_kind,
        other_name=fact.far_name,
        since=f"{fact.valid_from:%Y-%m-%d}",
        until=f"{fact.valid_to:%Y-%m-%d}" if fact.valid_to else None,
        properties=_json(fact.properties),
    )


def _json(properties: Mapping[str, JsonValue]) -> str:
    return json.dumps(properties, ensure_ascii=False) if properties else ""
