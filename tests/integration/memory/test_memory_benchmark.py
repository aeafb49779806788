"""The graph that the benchmark of the memory generates is what it says, and our own code works on it."""

from __future__ import annotations

import psycopg
import pytest

from benchmarks.memory_graph import BIG, Size, generate, questions, topics
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import NODE_BUDGET, Walker
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow

SIZE = Size(nodes=5_000, edges=50_000, vectors=500, small_tenants=2)


def test_sentences_and_questions_are_many_and_always_the_same() -> None:
    assert len(set(topics())) == len(topics()) == 2_000
    assert questions(60) == questions(60)
    assert len(set(questions(60))) > 50


async def test_the_generated_graph_has_its_size_and_hubs(
    database_url: str, graph: Graph, administrator: psycopg.Connection
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        generate(owner, SIZE, SameForAll())
    for table, number in (("nodes", 0), ("edges", 1), ("chunks", 2)):
        counted = administrator.execute(f"SELECT tenant, count(*) FROM {table} GROUP BY tenant".encode())
        counts: dict[str, int] = dict(counted.fetchall())
        for tenant in SIZE.tenants:
            assert 0.8 * SIZE.of(tenant)[number] < counts[tenant] <= SIZE.of(tenant)[number]
    most = administrator.execute(
        "SELECT target, count(*) FROM edges WHERE tenant = %s AND valid_to IS NULL "
        "GROUP BY target ORDER BY count(*) DESC LIMIT 1",
        [BIG],
    ).fetchall()
    assert most[0][1] > 500
    async with open_database(database_url) as database:
        found = await Walker(database).walk(BIG, most[0][0], 3)
        hits = await Search(database, SameForAll()).by_words(BIG, topics()[0])
    assert (len(found.nodes), found.truncated) == (NODE_BUDGET, True)
    assert hits[0].text == topics()[0]
