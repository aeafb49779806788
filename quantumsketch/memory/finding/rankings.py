"""Ways of finding nodes, each an order of them with reasons: by meaning, words, name, and what is beside.

Each is one statement in a transaction of the tenant. Knows not how they are made one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from quantumsketch.memory.comparison import nearest_chunks
from quantumsketch.memory.database import Connection
from quantumsketch.memory.finding.question import Question
from quantumsketch.memory.queries import query

LEAST_SIMILARITY = 0.2
"""A cosine: texts that have nothing to do with each other have up to this."""
_NEARLY_THE_SAME = 0.6
_CHUNKS_A_NODE = (2, 4, 8, 16, 32)
"""So many times more chunks are looked at than nodes are wanted: some nodes have several, or very many."""
_LEAST_OF_A_NAME = 0.2
_LEAST_STRENGTH = 0.01
_WORDS_FOR_MEANING = 0.4
"""A cosine: for so near is taken what holds all words of a question and was not compared."""
_FAN_OUT_BESIDE = 32


@dataclass(frozen=True)
class Asked:
    """A question to the graph of one tenant."""

    tenant: str
    question: Question
    vector: list[float] | None
    """None: the question has none, for `unembedded`."""
    unembedded: str
    model: str
    kinds: list[str] | None
    as_of: datetime | None
    most: int
    """Nodes that each way may find: twice as many as are wanted, or more."""

    @cached_property
    def compared(self) -> dict[str, object]:
        """What statements that compare vectors have to know."""
        vector = self.vector or []
        told = f"[{','.join(f'{number:.9g}' for number in vector)}]"  # numbers of 32 bits have no more digits
        return {"vector": told if vector else None, "model": self.model, "dimensions": len(vector)}


@dataclass(frozen=True)
class Found:
    """Nodes in order, the best first, why each was found, and how well, from 0 to 1; None: all as well."""

    order: list[UUID] = field(default_factory=list)
    why: dict[UUID, list[str]] = field(default_factory=dict)
    strengths: dict[UUID, float] | None = None


@dataclass(frozen=True)
class Worded:
    """Nodes that were found by words."""

    all: Found
    called: Found
    """Those whose names hold the words."""
    uncompared: frozenset[UUID]
    """Those with texts, and without a vector."""

    def for_meaning(self, scores: Mapping[UUID, float], meaning: Found) -> Found:
        """Rank what has no vector by its words in place of what it means, in the order of `scores`.

        More weakly than what was compared, and not nothing: else whatever is a little near stands before it.
        What is in `meaning` by a duplicate, or by another piece, was compared.
        """
        strengths = self.all.strengths or {}
        left = self.uncompared.difference(meaning.order)
        order = sorted(left, key=lambda node: (-scores[node], node))
        return Found(order, strengths={node: _WORDS_FOR_MEANING * strengths[node] for node in order})


async def by_meaning(connection: Connection, asked: Asked, least: float = LEAST_SIMILARITY) -> Found:
    """Find the nodes of which a chunk means most nearly what the question does; none if it has no vector."""
    if asked.vector is None:
        return Found()
    similarities = await _nearest(connection, asked, asked.vector, least)
    found = dict(list(similarities.items())[: asked.most])
    strengths = {node: max(value, _LEAST_STRENGTH) for node, value in found.items()}
    return Found(list(found), {node: [_nearness(value)] for node, value in found.items()}, strengths)


async def _nearest(
    connection: Connection, asked: Asked, vector: list[float], least: float
) -> dict[UUID, float]:
    """The nodes of the nearest chunks, each with how near it is.

    The nearest may all be of a few long texts: then it is looked again, for more and without those.
    """
    similarities: dict[UUID, float] = {}
    speakers: set[UUID] = set()
    for limit in (asked.most * chunks for chunks in _CHUNKS_A_NODE):
        rows = await _nearest_chunks(connection, asked, vector, limit, speakers)
        for node, similarity, speaker in rows:
            speakers.add(speaker)
            if similarity >= least:
                similarities.setdefault(node, similarity)
        if len(similarities) >= asked.most // 2 or len(rows) < limit or rows[-1][1] < least:
            break
    return similarities


async def _nearest_chunks(
    connection: Connection, asked: Asked, vector: list[float], limit: int, without: Collection[UUID]
) -> list[tuple[UUID, float, UUID]]:
    parameters = {
        **asked.compared,
        "tenant": asked.tenant,
        "kinds": asked.kinds,
        "as_of": asked.as_of,
        "without": list(without),
        "limit": limit,
        "ef_search": str(min(max(80, limit), 1_000)),
    }
    # Bound here: all values are constants to the planner, and three statements are one message.
    statements = [query("prefer_own_index"), nearest_chunks(len(vector)), query("allow_sorting")]
    async with psycopg.AsyncClientCursor(connection, row_factory=tuple_row) as cursor:
        await cursor.execute(b"".join(statements), parameters)
        cursor.nextset()
        return await cursor.fetchall()


async def by_words(connection: Connection, asked: Asked) -> Worded:
    """Find the nodes that hold words of the question, the fullest first.

    As strong as the share of the question that they hold: of a long one nearly all hold a word or two.
    """
    parameters = {
        "question": asked.question.searchable,
        "words": list(asked.question.words),
        "parts": asked.question.parts,
        "kinds": asked.kinds,
        "as_of": asked.as_of,
        "model": asked.model,
        "limit": asked.most,
    }
    rows = await (await connection.execute(query("search_words"), parameters)).fetchall()
    why: dict[UUID, list[str]] = defaultdict(list)
    held: dict[UUID, set[str]] = defaultdict(set)
    share: dict[UUID, float] = defaultdict(float)
    for row in rows:
        node = row["node"]
        holds = "holds" if asked.question.words else "fits"
        why[node] += _words_held(holds, row["named"], row["told"], row["duplicate"])
        held[node].update(row["named"], row["told"])
        named = sum(map(len, row["named"])) / max(row["length"], 1)
        share[node] = min(max(share[node], named), 1.0)
    names = sorted((node for node in why if share[node] >= _LEAST_OF_A_NAME), key=lambda node: -share[node])
    asked_for = max(len(asked.question.words), 1)
    strengths = {node: max(min(len(held[node]) / asked_for, 1.0), _LEAST_STRENGTH) for node in why}
    uncompared = frozenset(row["node"] for row in rows if row["uncompared"])
    return Worded(Found(list(why), dict(why), strengths), Found(names, strengths=dict(share)), uncompared)


async def beside(connection: Connection, asked: Asked, scores: Mapping[UUID, float]) -> Found:
    """Find the nodes one step from those in `scores`: the more of them, and the fewer others, the better."""
    parameters = {"nodes": list(scores), "fan_out": _FAN_OUT_BESIDE, "as_of": asked.as_of}
    rows = await connection.execute(query("steps_beside"), parameters, prepare=True)
    steps: dict[tuple[UUID, UUID], str] = {}
    neighbours: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await rows.fetchall():
        steps.setdefault((row["far"], row["near"]), f"one step from {row['name']!r} by {row['kind']}")
        neighbours[row["near"]].add(row["far"])
    sums: dict[UUID, float] = defaultdict(float)
    why: dict[UUID, list[str]] = defaultdict(list)
    for (far, near), reason in steps.items():
        sums[far] += scores[near] / math.log2(1 + len(neighbours[near]))
        why[far].append(reason)
    order = sorted(sums, key=lambda node: (-sums[node], node))[: asked.most]
    most = sum(scores.values())
    return Found(order, {node: why[node] for node in order}, {node: sums[node] / most for node in order})


def _nearness(similarity: float) -> str:
    if similarity < LEAST_SIMILARITY:
        return f"means something far from the question ({similarity:.2f})"
    how = "nearly the question" if similarity >= _NEARLY_THE_SAME else "something near the question"
    return f"means {how} ({similarity:.2f})"


def _words_held(holds: str, named: list[str], told: list[str], duplicate: str | None) -> list[str]:
    of_it = "its {}" if duplicate is None else f"the {{}} of its duplicate {duplicate!r}"
    held = [("name", named), ("text", told)]
    reasons = [f"{of_it.format(what)} {holds} {', '.join(map(repr, words))}" for what, words in held if words]
    return reasons or [f"{of_it.format('name or text')} holds the question as it is written"]
