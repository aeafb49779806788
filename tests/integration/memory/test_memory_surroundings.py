"""What stands beside entities: present and past facts of a tenant, with their other ends, bounded at hubs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest_asyncio

from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.surroundings import surroundings
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

BY_USER = Provenance("run-1", "write", "user")
FIRST, THEN = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
SHOP, ADA, BOB = ("service", "shop"), ("person", "Ada"), ("person", "Bob")


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    """The module's database."""
    async with open_database(database_url) as database:
        yield database


async def _owned(store: Store, tenant: str) -> dict[tuple[str, str], UUID]:
    entities = [Entity(*SHOP, "Sells things.", properties={"city": "Porto"}), Entity(*ADA), Entity(*BOB)]
    facts = [
        Fact(SHOP, "owned_by", ADA, {"share": 1}, valid_from=FIRST),
        Fact(SHOP, "owned_by", BOB, valid_from=THEN),
    ]
    return (await store.upsert(tenant, entities, facts, BY_USER, embed=False)).ids


async def test_facts_are_told_from_both_ends_those_that_ended_last(
    database: Database, store: Store, tenant: str
) -> None:
    ids = await _owned(store, tenant)
    found = await surroundings(database, tenant, [ids[SHOP], ids[ADA]])
    told = [
        (fact.kind, fact.outward, fact.far_name, fact.valid_from, fact.valid_to)
        for fact in found.at(ids[SHOP])
    ]
    assert told == [("owned_by", True, "Bob", THEN, None), ("owned_by", True, "Ada", FIRST, THEN)]
    (past,) = found.at(ids[ADA])
    assert (past.outward, past.far_kind, past.far_name, past.properties) == (
        False,
        "service",
        "shop",
        {"share": 1},
    )
    state = found.states[ids[SHOP]]
    assert (state.name, state.description, state.properties) == ("shop", "Sells things.", {"city": "Porto"})
    assert state.closed_at is None


async def test_as_of_a_time_what_held_then_holds_and_what_came_later_is_not_told(
    database: Database, store: Store, tenant: str, administrator: psycopg.Connection
) -> None:
    ids = await _owned(store, tenant)
    known_since = FIRST - timedelta(days=9)
    administrator.execute("UPDATE nodes SET recorded_at = %s WHERE tenant = %s", [known_since, tenant])
    between = THEN - timedelta(days=30)
    (then,) = (await surroundings(database, tenant, [ids[SHOP]], as_of=between)).facts
    assert (then.far_name, then.valid_from, then.valid_to) == ("Ada", FIRST, None)
    assert (await surroundings(database, tenant, [ids[SHOP]], as_of=FIRST - timedelta(days=1))).facts == []


async def test_of_a_hub_only_the_newest_are_told_each_way(
    database: Database, store: Store, tenant: str
) -> None:
    hub, notes = ("tag", "all"), [("note", f"n{number:02}") for number in range(40)]
    facts = [
        Fact(note, "tagged", hub, valid_from=FIRST + timedelta(days=number))
        for number, note in enumerate(notes)
    ]
    ids = (
        await store.upsert(tenant, [Entity(*key) for key in [hub, *notes]], facts, BY_USER, embed=False)
    ).ids
    found = await surroundings(database, tenant, [ids[hub]], fan_out=5)
    assert [fact.far_name for fact in found.facts] == ["n39", "n38", "n37", "n36", "n35"]
    for fact in facts[:20]:
        await store.close(tenant, fact, BY_USER, at=THEN)
    found = await surroundings(database, tenant, [ids[hub]], fan_out=5)
    assert [fact.valid_to for fact in found.facts] == [None] * 5 + [THEN] * 5


async def test_a_closed_entity_tells_since_when_and_another_tenants_is_not_there(
    database: Database, store: Store, tenant: str
) -> None:
    ids = await _owned(store, tenant)
    await store.close(tenant, SHOP, BY_USER, at=THEN + timedelta(days=1))
    assert (await surroundings(database, tenant, [ids[SHOP]])).states[
        ids[SHOP]
    ].closed_at == THEN + timedelta(days=1)
    other = await surroundings(database, "t-another", [ids[SHOP]])
    assert (other.states, other.facts) == ({}, [])


async def test_what_leads_from_an_entity_to_itself_is_told_once(
    database: Database, store: Store, tenant: str
) -> None:
    method = ("method", "shop.Cart.total")
    calls_itself = Fact(method, "uses", method, valid_from=FIRST)
    (node,) = (
        await store.upsert(tenant, [Entity(*method)], [calls_itself], BY_USER, embed=False)
    ).ids.values()
    assert [fact.valid_to for fact in (await surroundings(database, tenant, [node])).facts] == [None]
    await store.close(tenant, calls_itself, BY_USER, at=THEN)
    assert [fact.valid_to for fact in (await surroundings(database, tenant, [node])).facts] == [THEN]


async def test_as_of_a_time_nothing_is_told_of_what_was_recorded_later(
    database: Database, store: Store, tenant: str
) -> None:
    ids = await _owned(store, tenant)
    then, spy = datetime.now(UTC), ("note", "Secret")
    told_later = [Fact(SHOP, "mentions", spy, {"pay": 9}, valid_from=FIRST), Fact(spy, "mentions", SHOP)]
    await store.upsert(tenant, [Entity(*spy)], told_later, BY_USER, embed=False)
    names = [fact.far_name for fact in (await surroundings(database, tenant, [ids[SHOP]])).facts]
    assert sorted(names) == ["Ada", "Bob", "Secret", "Secret"]
    names = [fact.far_name for fact in (await surroundings(database, tenant, [ids[SHOP]], as_of=then)).facts]
    assert names == ["Bob", "Ada"]
