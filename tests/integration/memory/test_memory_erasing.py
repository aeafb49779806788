"""What is erased is gone from every table, and nothing else is."""

from __future__ import annotations

import psycopg
import pytest

from quantumsketch.call_book import Limits, Wish
from quantumsketch.errors import NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.integration.memory.traces import tables_that_hold
from tests.metered_calls import planned
from tests.sample_videos import video

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "tool")
ADA, GRACE, ENGINE = ("person", "Ada"), ("person", "Grace"), ("project", "Engine")


async def _confide(store: Store, tenant: str, secret: str) -> None:
    """Say something of Ada that lies in every table of the store when it is said."""
    said = Entity(*ADA, f"{secret} is described", f"{secret} in a body", {secret: secret})
    facts = [Fact(ADA, "works_on", ENGINE, {"why": secret}), Fact(ENGINE, "owned_by", ADA, {"why": secret})]
    nick = ("person", f"{secret} the duplicate")
    await store.upsert(tenant, [said, Entity(*GRACE), Entity(*ENGINE), Entity(*nick, secret)], facts, BY_TEST)
    await store.upsert(tenant, [Entity(*ADA, f"{secret} again")], [Fact(ENGINE, "owned_by", GRACE)], BY_TEST)
    await store.close(tenant, Fact(ADA, "works_on", ENGINE), BY_TEST)
    await store.merge(tenant, nick, ADA, BY_TEST)


async def test_an_erased_entity_leaves_nothing_behind_and_the_others_stay(
    store: Store, tenant: str, administrator: Administrator
) -> None:
    secret = f"secret-of-{tenant}"
    await _confide(store, tenant, secret)
    everywhere = {"nodes", "edges", "chunks", "node_versions", "edge_versions"}
    assert tables_that_hold(administrator, secret) == everywhere
    ada = await store.entity(tenant, ADA)
    assert await store.erase(tenant, ADA) == 2
    assert tables_that_hold(administrator, secret) == set()
    assert tables_that_hold(administrator, str(ada.id)) == set()
    (owned,) = await store.facts(tenant, (await store.entity(tenant, ENGINE)).id)
    assert owned.target == (await store.entity(tenant, GRACE)).id
    for named in (ADA, ada.id):
        with pytest.raises(NotFound):
            await store.erase(tenant, named)


async def test_an_erased_tenant_leaves_nothing_behind_and_its_neighbour_stays(
    store: Store, graph: Graph, postgres_book: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    neighbour = f"n-{tenant}"
    for name in (tenant, neighbour):
        await _confide(store, name, f"secret of {name}.")
        await graph.record_video(video(tenant=name, prompt=f"A video of {name}."))
        await postgres_book.reserve(planned(name), Wish(0.0, 0.0), Limits())
    everywhere = {"nodes", "edges", "chunks", "node_versions", "edge_versions", "model_calls"}
    assert tables_that_hold(administrator, f"({tenant},") >= everywhere
    assert await store.erase_tenant(tenant) > 30
    assert tables_that_hold(administrator, f"({tenant},") == set()
    assert tables_that_hold(administrator, f"of {tenant}.") == set()
    assert tables_that_hold(administrator, f"({neighbour},") >= everywhere
    assert await store.erase_tenant(tenant) == 0


async def test_an_erased_video_goes_with_its_beats_and_calls_and_what_no_other_is_made_of(
    store: Store, graph: Graph, postgres_book: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    await graph.record_video(video("v1", tenant, "Prompt-of-one", "One", ("own", "common")))
    await graph.record_video(video("v2", tenant, "Prompt-of-two", "Two", ("common",)))
    await postgres_book.reserve(planned(tenant, "c1", video_id="v1"), Wish(0.0, 0.0), Limits())
    await postgres_book.reserve(planned(tenant, "c2", video_id="v2"), Wish(0.0, 0.0), Limits())
    other = await graph.provenance(tenant, "v2")
    await store.erase(tenant, ("video", "v1"))
    assert tables_that_hold(administrator, "Prompt-of-one") == set()
    assert await graph.provenance(tenant, "v2") == other
    kinds = administrator.execute(
        "SELECT kind, count(*) FROM nodes WHERE tenant = %s GROUP BY kind ORDER BY kind", [tenant]
    ).fetchall()
    assert dict(kinds) == {
        "video": 1, "prompt": 1, "storyboard": 1, "model": 1, "beat": 1, "scene": 1, "clip": 1, "asset": 4,
    }  # fmt: skip
    calls = administrator.execute("SELECT call_id FROM model_calls WHERE tenant = %s", [tenant]).fetchall()
    assert calls == [("c2",)]


async def test_nobody_erases_what_is_anothers(
    store: Store, tenant: str, database_url: str, administrator: Administrator
) -> None:
    other = f"{tenant}-2"
    await _confide(store, tenant, f"secret of {tenant}")
    ada = await store.entity(tenant, ADA)
    for named in (ADA, ada.id):
        with pytest.raises(NotFound):
            await store.erase(other, named)
    assert await store.erase_tenant(other) == 0
    assert (await store.entity(tenant, ADA)) == ada
    for statement in (b"SELECT erase_tenant()", b"SELECT erase_entity(gen_random_uuid())"):
        with psycopg.connect(database_url) as connection:
            connection.execute(query("enter_tenant"), {"tenant": ""})
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="without a tenant"):
                connection.execute(statement)


def test_a_stranger_erases_nothing(database_url: str, ordinary_login: str) -> None:
    with psycopg.connect(database_url, user=ordinary_login, autocommit=True) as stranger:
        for function in ("erase_tenant()", "erase_entity(gen_random_uuid())"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                stranger.execute(f"SELECT quantumsketch.{function}".encode())
