"""Finding entities by what they mean, by their words, by what they stand beside, and by all of it together.

Every hit says why it was found. One tenant at a time. Writes nothing, asks no model but the embedding one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from pydantic import Field

from quantumsketch.errors import BadInput
from quantumsketch.excerpts import Excerpt, Room
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.embedding import Embedder, EmbedderFailed, vector_of_question
from quantumsketch.memory.finding.candidates import Candidate, as_they_were, known_of
from quantumsketch.memory.finding.fusing import Ranking, best_first, recency, reciprocal_ranks
from quantumsketch.memory.finding.question import Question
from quantumsketch.memory.finding.rankings import Asked, Found, Worded, beside, by_meaning, by_words
from quantumsketch.memory.finding.told_texts import told_texts
from quantumsketch.memory.ontology import node_kind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.memory.statements import checked_time

_LOG = logging.getLogger(__name__)
MOST_HITS = 100
_LEAST_RANKED = 40
_SEEDS = 5
"""So many of the best hits are looked at for what stands beside them."""
_BY_MEANING, _BY_WORDS, _BY_NAME, _BESIDE = 1.0, 0.5, 0.25, 0.1
"""How much each way of finding counts."""
_SPARE = 15
"""So many more are looked at closely than are wanted: what no longer holds may lose its place."""
_FOUND_BY_TODAY = "its text is that of then; it was found by what it says now"
_SUCCESSIONS = 3
"""What replaced what was found is found too, and what replaced that."""


class Hit(Record):
    """An entity that was found."""

    id: UUID
    kind: str
    name: str
    text: str = Field(description="the piece of it that is nearest to the question")
    score: float = Field(description="for the order within one answer; it means nothing elsewhere")
    similarity: float | None = Field(
        description="cosine: 1 means the same, 0 unrelated; None: nothing to compare"
    )
    why: list[str] = Field(description="the reasons, in words")
    superseded: bool = Field(description="it no longer holds, or something else took its place")


class Search:
    """Search in the graph of any tenant, and find that tenant's entities only.

    What is written or erased meanwhile may be half in an answer: `find` looks in three transactions, and
    `excerpts` in two.

    Vectors that the embedder's model did not make are not compared. `kinds`, if given, are the only ones to
    be found. With `as_of` what was recorded later is left out, and the facts are those that
    held then; texts are those of then, found and compared by those of now. All raise BadInput, and
    ServiceUnavailable if nobody answers.
    """

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def find(
        self,
        tenant: str,
        question: str,
        limit: int = 10,
        kinds: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> list[Hit]:
        """Return the best `limit` entities by all ways together, the best first."""
        unembedded = self._unembedded(tenant, question, limit, kinds, as_of)
        if not unembedded.question.text:
            return []
        # Each on a connection of its own, which it gives back before the other's result is needed.
        (asked, meaning), words = await asyncio.gather(self._meaning(unembedded), self._words(unembedded))
        async with self._looking_up(tenant, "search") as connection:
            ways = [(_BY_MEANING, meaning), (_BY_WORDS, words.all), (_BY_NAME, words.called)]
            if meaning.order:
                ways.append((_BY_MEANING, words.for_meaning(_scores(ways), meaning)))
            first = _scores(ways)
            seeds = dict(sorted(first.items(), key=lambda each: -each[1])[:_SEEDS])
            ways.append((_BESIDE, await beside(connection, asked, seeds)))
            hits = await _hits(connection, asked, ways, limit, recent=True)
        if not hits and asked.vector is None:
            raise _found_nothing(asked)
        return hits

    async def by_meaning(
        self,
        tenant: str,
        question: str,
        limit: int = 10,
        kinds: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> list[Hit]:
        """Return the entities that mean most nearly what the question does, however far that may be."""
        asked = await self._asked(tenant, question, limit, kinds, as_of)
        if not asked.question.text:
            return []
        if asked.vector is None:
            raise _found_nothing(asked)
        async with self._looking_up(tenant, "search by meaning") as connection:
            return await _hits(connection, asked, [(1, await by_meaning(connection, asked, -1))], limit)

    async def by_words(
        self,
        tenant: str,
        question: str,
        limit: int = 10,
        kinds: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> list[Hit]:
        """Return the entities that hold the words of the question, in names or texts."""
        asked = await self._asked(tenant, question, limit, kinds, as_of)
        async with self._looking_up(tenant, "search by words") as connection:
            words = await by_words(connection, asked)
            return await _hits(connection, asked, [(_BY_WORDS, words.all), (_BY_NAME, words.called)], limit)

    async def compare(
        self, tenant: str, question: str, nodes: Sequence[UUID], as_of: datetime | None = None
    ) -> list[Hit]:
        """Return those of `nodes`, at most 100, that there are, the nearest in meaning first."""
        asked = await self._asked(tenant, question, MOST_HITS, None, as_of)
        given = Found(list(nodes)[:MOST_HITS])
        with_successors = MOST_HITS * (1 + _SUCCESSIONS)
        async with self._looking_up(tenant, "compare with a question") as connection:
            hits = await _hits(connection, asked, [(1, given)], with_successors)
        wanted = [hit for hit in hits if hit.id in set(given.order)]
        return sorted(wanted, key=lambda hit: -(hit.similarity or 0.0))

    async def excerpts(
        self, tenant: str, question: str, nodes: Sequence[UUID], room: Room, as_of: datetime | None = None
    ) -> dict[UUID, Excerpt]:
        """Return what `nodes` say: those that find room whole, of others what is around the nearest piece."""
        asked = self._unembedded(tenant, question, MOST_HITS, None, as_of)
        async with self._looking_up(tenant, "read texts") as connection:
            texts = await told_texts(connection, asked, nodes, room.most)
        there = [node for node in nodes if node in texts]
        shares = dict(zip(there, room.shares([texts[node].length for node in there]), strict=True))
        if long := [node for node in there if texts[node].length > shares[node]]:
            asked = await self._embedded(asked)
            async with self._looking_up(tenant, "read what is nearest of long texts") as connection:
                texts |= await told_texts(connection, asked, long, room.most, nearest=True)
        return {node: texts[node].excerpt(share) for node, share in shares.items() if node in texts}

    @asynccontextmanager
    async def _looking_up(self, tenant: str, action: str) -> AsyncIterator[Connection]:
        async with self._database.transaction(tenant, action) as connection:
            await connection.execute(query("prefer_kept_plans"))
            yield connection

    async def _meaning(self, unembedded: Asked) -> tuple[Asked, Found]:
        asked = await self._embedded(unembedded)
        if asked.vector is None:
            return asked, Found()
        async with self._database.transaction(asked.tenant, "search by meaning") as connection:
            return asked, await by_meaning(connection, asked)

    async def _words(self, asked: Asked) -> Worded:
        async with self._database.transaction(asked.tenant, "search for words") as connection:
            return await by_words(connection, asked)

    async def _embedded(self, asked: Asked) -> Asked:
        """The question with its vector, or why it has none: then it is searched by words, and hits say so."""
        if not asked.question.text:
            return asked
        try:
            vector = await vector_of_question(self._embedder, asked.question.text)
        except EmbedderFailed as failure:  # hits do not tell why: that is of the installation
            _LOG.warning("a question was not embedded: %s", failure)
            return replace(asked, unembedded=str(failure))
        return replace(asked, vector=vector, unembedded="")

    async def _asked(
        self, tenant: str, text: str, limit: int, kinds: Sequence[str] | None, as_of: datetime | None
    ) -> Asked:
        return await self._embedded(self._unembedded(tenant, text, limit, kinds, as_of))

    def _unembedded(
        self, tenant: str, text: str, limit: int, kinds: Sequence[str] | None, as_of: datetime | None
    ) -> Asked:
        if not isinstance(text, str):
            raise BadInput(f"a question is text, not {type(text).__name__}")
        if not isinstance(limit, int) or not 1 <= limit <= MOST_HITS:
            raise BadInput(
                f"a search cannot be limited to {limit!r} hits", mend=f"1 to {MOST_HITS} are possible."
            )
        return Asked(
            tenant,
            Question.of(text),
            None,
            "there is no question",
            self._embedder.model,
            None if kinds is None else [node_kind(kind).value for kind in kinds],
            as_of and checked_time(as_of, datetime.max.replace(tzinfo=UTC)),
            max(_LEAST_RANKED, 2 * limit),
        )


def _found_nothing(asked: Asked) -> EmbedderFailed:
    """Nothing was found, and might have been: that is not the same as that there is nothing."""
    return EmbedderFailed(
        f"{asked.question.text[:80]!r} could not be searched by meaning: {asked.unembedded}"
    )


def _scores(ways: Iterable[tuple[float, Found]]) -> dict[UUID, float]:
    return reciprocal_ranks([Ranking(weight, found.order, found.strengths) for weight, found in ways])


async def _hits(
    connection: Connection,
    asked: Asked,
    ways: list[tuple[float, Found]],
    limit: int,
    *,
    recent: bool = False,
) -> list[Hit]:
    """The best of what was found, with all reasons; with `recent` it counts when something changed last."""
    scores = _scores(ways)
    if asked.kinds is None and asked.as_of is None:  # else what follows may leave out any number of them
        scores = dict(sorted(scores.items(), key=lambda each: -each[1])[: limit + _SPARE])
    why: dict[UUID, list[str]] = defaultdict(list)
    for _, found in ways:
        for node, reasons in found.why.items():
            why[node] += reasons
    candidates = await known_of(connection, asked, scores)
    now = asked.as_of or datetime.now(UTC)
    scores = {
        node: scores[node] * (recency(each.changed_at, now) if recent else 1)
        for node, each in candidates.items()
    }
    for _ in range(_SUCCESSIONS):
        successors = {each.successor for each in candidates.values() if each.successor} - candidates.keys()
        if not successors:
            break
        candidates |= await known_of(connection, asked, successors)
    _raise_successors(candidates, scores, why)
    superseded = {node: reason for node, each in candidates.items() if (reason := each.superseded)}
    best = best_first(scores, superseded, limit)
    if asked.as_of:
        changed = [node for node, _ in best if candidates[node].changed_at > asked.as_of]
        candidates |= await as_they_were(connection, candidates, changed, asked.as_of)
        for node in changed:
            why[node].append(_FOUND_BY_TODAY)
    return [
        _hit(candidates[node], score, [*why[node], *candidates[node].reservations(asked)])
        for node, score in best
    ]


def _raise_successors(
    candidates: Mapping[UUID, Candidate], scores: dict[UUID, float], why: dict[UUID, list[str]]
) -> None:
    """What took the place of something that was found counts as much as that did."""
    for _ in range(_SUCCESSIONS):
        for each in candidates.values():
            successor = each.successor
            if successor is not None and successor in candidates and each.id in scores:
                reason = f"took the place of {each.name!r}"
                if reason not in why[successor]:
                    why[successor].append(reason)
                scores[successor] = max(scores.get(successor, 0), scores[each.id])


def _hit(found: Candidate, score: float, why: list[str]) -> Hit:
    return Hit(
        id=found.id,
        kind=found.kind,
        name=found.name,
        text=found.text,
        score=score,
        similarity=found.similarity,
        why=why,
        superseded=found.superseded is not None,
    )
