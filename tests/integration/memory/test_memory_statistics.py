"""What the planner knows of the tables holds no word of what tenants said: it outlives what is erased."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from quantumsketch.call_book import Limits, Wish
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.metered_calls import planned
from tests.sample_videos import video

BY_USER = Provenance("zqrun", "zqactivity", "user:zqada")
_SAMPLED = """
SELECT tablename::text, attname::text,
       concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text) AS sample
  FROM pg_stats WHERE schemaname = 'quantumsketch'
"""
Administrator = psycopg.Connection


def _sampled(administrator: Administrator) -> dict[tuple[str, str], str]:
    """What is known of each column and each expression of an index."""
    administrator.execute("ANALYZE")
    rows = administrator.execute(_SAMPLED.encode()).fetchall()
    return {(table, column): sample for table, column, sample in rows}


async def test_no_word_of_a_tenant_is_in_the_statistics(
    store: Store, graph: Graph, tenant: str, administrator: Administrator
) -> None:
    keys = [("note", f"zqname{n}") for n in range(30)]
    for word in ("zqfirst", "zqsecond"):
        notes = [Entity(*key, f"{word} {key[1]}", f"{word} body", {"p": word + key[1]}) for key in keys]
        facts = [Fact(keys[0], "related_to", key, {"p": word + key[1]}) for key in keys[1:]]
        await store.upsert(tenant, notes, facts, BY_USER)
    for n in range(3):
        await graph.record_video(video(f"zqvideo{n}", tenant=tenant, prompt="zqprompt"))
        call = planned(tenant, f"zqcall{n}", video_id=f"zqvideo{n}")
        await PostgresBook(graph.database).reserve(call, Wish(0.0, 0.0), Limits())
    sampled = _sampled(administrator)
    assert "related_to" in sampled["edges", "kind"]  # which is no tenant's word
    assert [place for place, sample in sampled.items() if "zq" in sample or tenant in sample] == []


async def test_what_an_earlier_version_let_the_statistics_keep_is_cleared(
    another_database: Callable[[], str],
) -> None:
    url = another_database()
    await migrate(url, migrations()[:27])
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(
            "INSERT INTO quantumsketch.nodes (tenant, kind, name, properties) "
            "SELECT 'a', 'note', 'zqname' || n, '{}' FROM generate_series(1, 50) AS n"
        )
        before = {place for place, sample in _sampled(administrator).items() if "zq" in sample}
        assert ("nodes", "name") in before
        await migrate(url)
        administrator.execute("UPDATE quantumsketch.nodes SET name = 'erased ' || id")
        assert [place for place, sample in _sampled(administrator).items() if "zq" in sample] == []
