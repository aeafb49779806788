"""A generated graph for the benchmark of the memory: one big tenant and many small ones, hubs included.

Some nodes have texts, the others bare names. Texts are sentences on some topics; their vectors lie about the
real vector of the topic, as those of texts on one topic do. Written by the owner, past our own code:
it is the ground on which that is measured.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector.psycopg import register_vector

from quantumsketch.memory.embedding import Embedder

BIG = "big"
SEED = 20
_SPREAD = 0.7
"""How far a text lies from its topic: a cosine of about 0.8 is left."""

_THINGS = (
    "tide sensor", "ledger", "greenhouse", "ferry timetable", "voice menu", "satellite dish", "bakery oven",
    "library catalogue", "wind turbine", "payment gateway", "river gauge", "school bus", "heat pump",
    "parcel locker", "weather balloon", "museum audio guide", "tram signal", "seed bank", "water meter",
    "concert ticket", "blood sample", "night train", "orchard robot", "harbour crane", "exam timetable",
)  # fmt: skip
_DOINGS = (
    "fails after an update", "is billed twice", "loses its settings", "needs a cheaper supplier",
    "runs too hot", "is replaced next spring", "reports the wrong time", "waits for a licence",
    "drops one message in ten", "is moved to another building",
)  # fmt: skip
_WHEN = (
    "in the northern region", "since the storm", "at the old depot", "during the night shift",
    "for new customers", "on the test line", "under heavy load", "without any warning",
)  # fmt: skip

_PLACES = [
    first + second + third
    for first, second, third in itertools.product(
        ("Kor", "Bel", "Mar", "Ost", "Lin", "Var", "Hal", "Tes"),
        ("ga", "de", "mi", "no", "ru", "wa"),
        ("ford", "stad", "burn", "vale", "mere"),
    )
]

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Size:
    """How much is generated, all tenants together."""

    nodes: int
    edges: int
    vectors: int
    small_tenants: int
    share_of_big: float = 0.6

    def of(self, tenant: str) -> tuple[int, int, int]:
        """Return how many nodes, edges and vectors `tenant` has."""
        share = self.share_of_big if tenant == BIG else (1 - self.share_of_big) / self.small_tenants
        return int(self.nodes * share), int(self.edges * share), int(self.vectors * share)

    @property
    def tenants(self) -> list[str]:
        return [BIG, *(f"small-{number:03}" for number in range(self.small_tenants))]


SMALL = Size(nodes=50_000, edges=500_000, vectors=20_000, small_tenants=20)
FULL = Size(nodes=1_000_000, edges=10_000_000, vectors=200_000, small_tenants=100)


def topics() -> list[str]:
    """Return the 2,000 sentences that the texts are made of, always the same."""
    told = itertools.product(_DOINGS, _WHEN, _THINGS)
    places = itertools.cycle(_PLACES)
    return [f"The {thing} of {next(places)} {doing} {when}." for doing, when, thing in told]


def questions(count: int) -> list[str]:
    """Return questions on these topics, in other words than the texts have."""
    choose = random.Random(SEED)
    asking = (
        "Which {}s had trouble in {}?",
        "Why is something wrong with a {} from {}?",
        "What do we know of any {} at {}?",
    )
    return [
        choose.choice(asking).format(choose.choice(_THINGS), choose.choice(_PLACES)) for _ in range(count)
    ]


def generate(owner: psycopg.Connection, size: Size, embedder: Embedder) -> None:
    """Fill the migrated and empty database that `owner`, a superuser, is connected to."""
    register_vector(owner)
    owner.execute("SET search_path = quantumsketch, public")
    owner.execute("SET session_replication_role = replica")  # what is written is known to be consistent
    for table in ("nodes", "chunks"):  # which nothing but their triggers gives their words
        owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER write_words".encode())
    owner.execute("SET work_mem = '512MB'")
    owner.execute("SET maintenance_work_mem = '1GB'")
    owner.execute("SELECT setseed(0.5)")
    sentences = topics()
    centres = np.array(embedder.embed(sentences), dtype=np.float32)
    indexes = _without_indexes(owner)
    for tenant in size.tenants:
        nodes, edges, vectors = size.of(tenant)
        owner.execute(_NODES, {"tenant": tenant, "nodes": nodes, "told": vectors, "topics": sentences})
        owner.execute(_EDGES, {"tenant": tenant, "nodes": nodes, "edges": edges})
        _copy_chunks(owner, tenant, embedder.model, sentences, vectors_about(centres, tenant, vectors))
    for definition in indexes:
        owner.execute(definition)
    owner.execute("VACUUM (ANALYZE) nodes, edges, chunks")


def vectors_about(centres: Vectors, tenant: str, count: int) -> Vectors:
    """Return the vectors of a tenant's texts, always the same: of each topic in turn."""
    noise = np.random.default_rng([SEED, *tenant.encode()])
    about = centres[np.arange(count) % len(centres)]
    # Noise among the topics' own directions: vectors of texts fill few of their dimensions.
    mixed = noise.standard_normal((count, 8), dtype=np.float32)
    others = centres[noise.integers(0, len(centres), (count, 8))]
    strayed = about + _SPREAD / 8**0.5 * np.einsum("nk,nkd->nd", mixed, others)
    return np.asarray(strayed / np.linalg.norm(strayed, axis=1, keepdims=True), dtype=np.float32)


def _without_indexes(owner: psycopg.Connection) -> list[bytes]:
    """Drop the indexes whose order the rows do not come in; return what makes them again."""
    rows = owner.execute(
        "SELECT pg_get_indexdef(indexrelid), indexrelid::regclass::text FROM pg_index "
        "WHERE indrelid IN ('nodes'::regclass, 'edges'::regclass, 'chunks'::regclass) "
        "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
    ).fetchall()
    for _, name in rows:
        owner.execute(f"DROP INDEX {name}".encode())
    return [definition.encode() for definition, _ in rows]


def _copy_chunks(
    owner: psycopg.Connection, tenant: str, model: str, sentences: Sequence[str], vectors: Vectors
) -> None:
    ids = owner.execute(
        "SELECT md5(%s || '/' || n)::uuid FROM generate_series(0, %s) AS n", [tenant, len(vectors) - 1]
    )
    columns = "tenant, node, place, text, embedding, embedding_model"
    with (
        owner.cursor() as cursor,
        cursor.copy(f"COPY chunks ({columns}) FROM STDIN (FORMAT binary)".encode()) as copy,
    ):
        copy.set_types(["text", "uuid", "int4", "text", "vector", "text"])
        for (node,), number, vector in zip(ids, itertools.count(), vectors, strict=False):
            copy.write_row((tenant, node, 0, sentences[number % len(sentences)], vector, model))


_NODES = """
INSERT INTO nodes (tenant, id, kind, name, description)
SELECT %(tenant)s, md5(%(tenant)s || '/' || n)::uuid, 'note',
       coalesce(text, initcap(substr(md5(n::text), 1, 9))) || ' ' || n, coalesce(text, '')
  FROM generate_series(0, %(nodes)s - 1) AS n
 CROSS JOIN LATERAL (
       SELECT CASE WHEN n < %(told)s THEN (%(topics)s::text[])[1 + n %% cardinality(%(topics)s::text[])] END
       ) AS told (text)"""

# Three targets in ten are hubs, the largest of which has thousands of edges. One edge in twenty has ended.
_EDGES = """
INSERT INTO edges (tenant, source, kind, target, valid_from, valid_to)
SELECT DISTINCT ON (source, kind, target) %(tenant)s, source, kind, target, since, until
  FROM (SELECT md5(%(tenant)s || '/' || floor(%(nodes)s * random())::int)::uuid AS source,
               md5(%(tenant)s || '/'
                   || floor(%(nodes)s * power(random(), 1 + 3 * (random() < 0.3)::int))::int)::uuid AS target,
               ('{related_to,mentions,depends_on,uses,about,because}'::text[])[1 + floor(6 * random())]
                   AS kind,
               now() - random() * interval '300 days' AS since,
               CASE WHEN random() < 0.05 THEN now() END AS until
          FROM generate_series(1, %(edges)s)) AS drawn
 WHERE source <> target"""
