"""What is asked of the memory's speed, each beside what was measured on a generated graph."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Sequence
from functools import partial
from statistics import median
from uuid import UUID

import psycopg

from benchmarks.memory_clock import Clock, Timing
from benchmarks.memory_graph import BIG, Size, questions
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance

DEPTH = 3
STARTS, HUBS, QUESTIONS = 100, 20, 60
ENTITIES, FACTS, BATCHES = 5_000, 50_000, 4
Cost = tuple[float, float]
"""Seconds that a fact took: of the clock, and of the processors."""
BY_BENCH = Provenance("benchmark", "generate", "tool")


class Remembered:
    """An embedder that has a vector ready for each text that it has embedded before."""

    def __init__(self, embedder: Embedder) -> None:
        self.model = embedder.model
        self._embedder = embedder
        self._vectors: dict[str, list[float]] = {}

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        for text in texts:
            if text not in self._vectors:
                (self._vectors[text],) = self._embedder.embed([text])
        return [self._vectors[text] for text in texts]


def verdict(name: str, measured: str, asked: str, met: bool) -> None:
    """Print one line."""
    print(f"{name:<60}{measured:>54}   asked {asked:<16}{'met' if met else 'MISSED'}", flush=True)


def told(timing: Timing) -> str:
    first = f"(first tries {timing.first_p95:.1f})"
    return f"p50 {timing.p50:.1f}  p95 {timing.p95:.1f} {first}  CPU {timing.cpu:.1f} ms"


async def walks(database: Database, clock: Clock, owner: psycopg.Connection) -> None:
    """Walk from nodes chosen at random, and from those with the most edges."""
    walker = Walker(database)
    for name, starts in (("random starts", _some_nodes(owner)), ("hubs", _hubs(owner))):
        timing = await clock.time([partial(walker.walk, BIG, start, DEPTH) for start in starts])
        found = await walker.walk(BIG, starts[0], DEPTH)
        size = f"{len(found.nodes)} nodes, {len(found.edges)} edges"
        verdict(f"walk of depth {DEPTH}, {name} ({size})", told(timing), "p95 25 ms", timing.p95 <= 25)


async def by_meaning(
    database: Database, clock: Clock, owner: psycopg.Connection, size: Size, embedder: Embedder
) -> None:
    """Search by meaning, the questions embedded beforehand; and see what comparing all vectors finds."""
    remembered = Remembered(embedder)
    search, asked = Search(database, remembered), questions(QUESTIONS)
    for tenant, least in ((BIG, 0.95), (size.tenants[1], 1.0)):
        shares = []
        for question, vector in zip(asked, remembered.embed(asked), strict=True):
            nearest = _nearest(owner, tenant, vector)
            hits = await search.by_meaning(tenant, question, len(nearest))
            shares.append(len({hit.id for hit in hits} & nearest) / len(nearest))
        recall = sum(shares) / len(shares)
        vectors = f"{size.of(tenant)[2]:,} vectors"
        verdict(f"recall@10 by meaning, {vectors}", f"{recall:.3f}", f"{least:g}", recall >= least)
        timing = await clock.time([partial(search.by_meaning, tenant, question) for question in asked])
        verdict(f"search by meaning, question embedded, {vectors}", told(timing), "p50 5 ms", timing.p50 <= 5)


async def fused(database: Database, clock: Clock, size: Size, embedder: Embedder) -> None:
    """Ask by all ways together, the embedding of the question included."""
    search, asked = Search(database, embedder), questions(QUESTIONS)
    for tenant in (BIG, size.tenants[1]):
        timing = await clock.time([partial(search.find, tenant, question) for question in asked])
        verdict(
            f"fused retrieval with embedding, {size.of(tenant)[0]:,} nodes",
            told(timing), "p50 30 ms", timing.p50 <= 30,
        )  # fmt: skip


async def upserts(database: Database, clock: Clock, embedder: Embedder) -> None:
    """Write new facts of entities that are there, the same facts again, and those of two tenants at once.

    The batch in the middle counts.
    """
    store = Store(database, embedder)
    names = [Entity("note", f"Generated note {number}") for number in range(ENTITIES)]
    costs: dict[str, list[Cost]] = {"new facts": [], "the same again": [], "two tenants at once": []}
    for batch in range(BATCHES):
        facts = _facts([entity.key for entity in names], batch)
        one, two, three = (f"upserts-{secrets.token_hex(4)}" for _ in range(3))
        for tenant in (one, two, three):
            await store.upsert(tenant, names, [], BY_BENCH, embed=False)
        for name, tenants in zip(costs, ((one,), (one,), (two, three)), strict=True):
            began, cpu = time.perf_counter(), clock.cpu()
            calls = [store.upsert(tenant, [], facts, BY_BENCH, embed=False) for tenant in tenants]
            await asyncio.gather(*calls)
            written = FACTS * len(tenants)
            costs[name].append(((time.perf_counter() - began) / written, (clock.cpu() - cpu) / written))
    for name, each in costs.items():
        wall, cpu = (median(column) for column in zip(*each, strict=True))
        measured = f"{1 / wall:,.0f} facts/s  CPU {cpu * 1e6:.1f} us a fact"
        verdict(f"bulk upsert, {name}, {FACTS:,} a call", measured, "50,000 facts/s", 1 / wall >= 50_000)


def _facts(keys: list[Key], seed: int) -> list[Fact]:
    choose = random.Random(seed)
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < FACTS:
        source, target = choose.randrange(len(keys)), choose.randrange(len(keys))
        if source != target:
            pairs.add((source, target))
    return [Fact(keys[source], "related_to", keys[target]) for source, target in sorted(pairs)]


def _some_nodes(owner: psycopg.Connection) -> list[UUID]:
    rows = owner.execute("SELECT id FROM nodes WHERE tenant = %s ORDER BY id LIMIT %s", [BIG, STARTS])
    return [node for (node,) in rows]


def _hubs(owner: psycopg.Connection) -> list[UUID]:
    rows = owner.execute(
        "SELECT target FROM edges WHERE tenant = %s AND valid_to IS NULL "
        "GROUP BY target ORDER BY count(*) DESC LIMIT %s",
        [BIG, HUBS],
    )
    return [node for (node,) in rows]


def _nearest(owner: psycopg.Connection, tenant: str, vector: Sequence[float]) -> set[UUID]:
    rows = owner.execute(
        "SELECT node FROM chunks WHERE tenant = %s || '' ORDER BY embedding <=> %s::vector LIMIT 10",
        [tenant, str(vector)],
    )
    return {node for (node,) in rows}
