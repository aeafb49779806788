"""The clock may go back, and a memory may come from where it is ahead: what is recorded later stays later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import psycopg
import pytest

from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.moving.exporting import export_tenant
from quantumsketch.memory.moving.importing import import_tenant
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.embedders import SameForAll

BY_USER = Provenance("run", "test", "user")
NOTE, OLD, NEW = ("note", "a"), ("person", "Old"), ("person", "New")
AHEAD = timedelta(minutes=4)
Administrator = psycopg.Connection


async def _begin(store: Store, tenant: str) -> None:
    people = [Entity(*key) for key in (OLD, NEW)]
    await store.upsert(tenant, [Entity(*NOTE, "first"), *people], [Fact(NOTE, "owned_by", OLD)], BY_USER)


def _put_ahead(administrator: Administrator, tenant: str) -> datetime:
    """Have all that was recorded be recorded where the clock is ahead; return when."""
    row = administrator.execute("SELECT clock_timestamp() + %s", [AHEAD]).fetchone()
    assert row
    for statement in (
        "UPDATE quantumsketch.nodes SET changed_at = %s, recorded_at = %s WHERE tenant = %s",
        "UPDATE quantumsketch.edges SET valid_from = %s, recorded_at = %s WHERE tenant = %s",
    ):
        administrator.execute(statement.encode(), [row[0], row[0], tenant])
    administrator.execute("DELETE FROM quantumsketch.edge_versions WHERE tenant = %s", [tenant])
    return datetime.fromisoformat(str(row[0]))


async def _goes_on(store: Store, tenant: str, before: datetime) -> None:
    """Say otherwise what is there, and find both what is said and what was."""
    said = await store.upsert(tenant, [Entity(*NOTE, "second")], [Fact(NOTE, "owned_by", NEW)], BY_USER)
    assert before < said.at < before + AHEAD
    then, now = await store.entity(tenant, NOTE, as_of=before), await store.entity(tenant, NOTE)
    assert (then.description, now.description) == ("first", "second")
    assert then.changed_at == before < now.changed_at == said.at
    assert [fact.target for fact in await store.facts(tenant, now.id)] == [said.ids[NEW]]
    (old,) = await store.facts(tenant, now.id, as_of=before, known_at=before)
    assert old.target == (await store.entity(tenant, OLD)).id
    assert await store.close(tenant, Fact(NOTE, "owned_by", NEW), BY_USER) == 1
    assert (await store.entity(tenant, NOTE, as_of=said.at)).description == "second"


async def test_what_is_said_of_a_memory_from_where_the_clock_is_ahead_comes_after_it(
    store: Store, database_url: str, tenant: str, administrator: Administrator
) -> None:
    await _begin(store, tenant)
    before = _put_ahead(administrator, tenant)
    file = BytesIO()
    async with open_database(database_url) as database:
        await export_tenant(database, tenant, file)
    twin = f"{tenant}-2"
    await import_tenant(database_url, twin, BytesIO(file.getvalue()))
    await _goes_on(store, twin, before)


async def test_what_a_version_without_recording_times_recorded_stays_earlier(
    another_database: Callable[[], str], tenant: str
) -> None:
    url = another_database()
    steps = migrations()
    this = next(step.number for step in steps if step.name == "0028_later_times.sql")
    await migrate(url, steps)
    async with open_database(url) as database:
        store = Store(database, SameForAll())
        await _begin(store, tenant)
        with psycopg.connect(url, autocommit=True) as administrator:
            before = _put_ahead(administrator, tenant)
            # as it was before that step, and was never taken back by anybody else
            administrator.execute("DROP TABLE quantumsketch.recording_times")
            administrator.execute("DELETE FROM quantumsketch.migrations WHERE number = %s", [this])
        await migrate(url)
        await _goes_on(store, tenant, before)


async def test_what_is_said_twice_in_one_turn_is_known_both_times(store: Store, tenant: str) -> None:
    async with store.turn(tenant, "say twice", BY_USER) as turn:
        for description in ("first", "second", "third"):
            await turn.say([Entity(*NOTE, description)], [])
        at = turn.turn.at
    assert (await store.entity(tenant, NOTE)).description == "third"
    assert (await store.entity(tenant, NOTE, as_of=at)).description == "first"


@pytest.mark.parametrize(("table", "column"), [("nodes", "changed_at"), ("edges", "recorded_at")])
async def test_whoever_changes_a_row_at_an_earlier_time_loses_no_version_of_it(
    store: Store, tenant: str, administrator: Administrator, table: str, column: str
) -> None:
    await _begin(store, tenant)
    change = f"UPDATE {table} SET properties = %s, {column} = {column} - interval '1 day' WHERE tenant = %s"
    for properties in ('{"n": 1}', '{"n": 2}'):
        administrator.execute(change.encode(), [properties, tenant])
    versions = f"SELECT properties ->> 'n' FROM {table[:-1]}_versions WHERE tenant = %s ORDER BY 1"
    kept = [value for (value,) in administrator.execute(versions.encode(), [tenant]).fetchall()]
    each = 3 if table == "nodes" else 1
    assert kept == ["1"] * each + [None] * each


async def test_a_clock_that_goes_back_makes_no_turn_earlier_and_one_that_goes_on_is_followed(
    store: Store, database_url: str, tenant: str, administrator: Administrator
) -> None:
    turns = [(await store.upsert(tenant, [Entity(*NOTE, str(n))], [], BY_USER)).at for n in range(2)]
    assert turns == sorted(set(turns))
    administrator.execute("UPDATE recording_times SET at = at - interval '1 day' WHERE tenant = %s", [tenant])
    later = await _next(store, tenant)
    assert timedelta(0) < later - turns[-1] < timedelta(hours=1)
    administrator.execute("UPDATE recording_times SET at = at + %s WHERE tenant = %s", [AHEAD, tenant])
    ahead = await _next(store, tenant)
    assert await _next(store, tenant) - ahead == timedelta(microseconds=1)


async def test_a_time_that_no_clock_can_have_is_not_gone_on_from(
    store: Store, tenant: str, administrator: Administrator
) -> None:
    before = await _next(store, tenant)
    administrator.execute(
        "UPDATE recording_times SET at = at + interval '400 days' WHERE tenant = %s", [tenant]
    )
    assert timedelta(0) < await _next(store, tenant) - before < timedelta(hours=1)


async def _next(store: Store, tenant: str) -> datetime:
    return (await store.upsert(tenant, [], [], BY_USER)).at
