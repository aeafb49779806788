"""Tenants: who is one, what each may have, and that all processes count together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.database import Connection, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keys import Keys, Scope
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.tenants import Quotas, Tenants, nodes_left, open_as_owner, take_request
from tests.sample_videos import video

Administrator = psycopg.Connection


async def test_who_has_rows_is_a_tenant_without_being_added(
    graph: Graph, owner: Connection, tenant: str
) -> None:
    await graph.record_video(video(tenant=tenant))
    assert tenant in {each.name for each in await Tenants(owner).list()}
    assert await Keys(owner).create(tenant, [Scope.READ])
    await Tenants(owner).add(tenant, Quotas(most_nodes=5))
    await graph.record_video(video("v2", tenant))
    (record,) = [each for each in await Tenants(owner).list() if each.name == tenant]
    assert record.most_nodes == 5, "a write took the quota away"


async def test_tenants_that_had_rows_before_there_was_a_list_are_on_it(
    another_database: Callable[[], str],
) -> None:
    url = another_database()
    (number,) = [step.number for step in migrations() if "tenants" in step.name]
    await migrate(url, migrations()[: number - 1])
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(
            "INSERT INTO quantumsketch.nodes (tenant, kind, name) "
            "VALUES ('old', 'model', 'm'), ('old', 'model', 'n')"
        )
    async with open_as_owner(url) as owner:
        assert [each.name for each in await Tenants(owner).list()] == ["old"]


async def test_nodes_are_counted_against_the_quota_of_their_tenant(
    graph: Graph, owner: Connection, tenant: str, administrator: Administrator
) -> None:
    async def left(of: str) -> int | None:
        async with graph.database.transaction(of, "count") as connection:
            return await nodes_left(connection)

    await graph.record_video(video(tenant=tenant))
    await graph.record_video(video(tenant=f"{tenant}-2"))
    assert await left(tenant) is None
    row = administrator.execute("SELECT count(*) FROM nodes WHERE tenant = %s", [tenant]).fetchone()
    assert row
    await Tenants(owner).add(tenant, Quotas(most_nodes=row[0] + 3))
    assert await left(tenant) == 3
    await Tenants(owner).add(tenant, Quotas(most_nodes=1))
    assert await left(tenant) == 0
    assert await left(f"{tenant}-2") is None


async def test_sixteen_connections_together_get_what_the_quota_allows(
    database_url: str, owner: Connection, tenant: str
) -> None:
    await Tenants(owner).add(tenant, Quotas(requests_per_minute=50))

    async def ask(gate: asyncio.Barrier) -> list[float]:
        async with open_database(database_url) as database:
            await gate.wait()
            return [await take_request(database, tenant) for _ in range(5)]

    gate = asyncio.Barrier(16)
    waits = [wait for asked in await asyncio.gather(*(ask(gate) for _ in range(16))) for wait in asked]
    assert waits.count(0.0) == 50
    assert all(0 <= wait <= 60 for wait in waits)


async def test_a_minute_later_the_next_ones_may(
    graph: Graph, owner: Connection, tenant: str, administrator: Administrator
) -> None:
    async def waits(requests: int) -> list[float]:
        return [await take_request(graph.database, tenant) for _ in range(requests)]

    assert await waits(5) == [0.0] * 5, "there was no quota"
    await Tenants(owner).add(tenant, Quotas(requests_per_minute=2))
    *allowed, wait = await waits(3)
    assert (allowed, 0 < wait <= 60) == ([0.0, 0.0], True)
    moved = administrator.execute(
        "UPDATE request_windows SET began_at = began_at - interval '1 minute' WHERE tenant = %s", [tenant]
    )
    assert moved.rowcount == 1
    *allowed, wait = await waits(3)
    assert (allowed, 0 < wait <= 60) == ([0.0, 0.0], True)
    # a clock that was set back holds nobody up for longer than a minute
    administrator.execute("UPDATE request_windows SET began_at = began_at + interval '1 day'")
    assert await waits(1) == [0.0]


async def test_one_tenants_requests_do_not_count_for_another(
    database_url: str, owner: Connection, tenant: str
) -> None:
    other = f"{tenant}-2"
    for name in (tenant, other):
        await Tenants(owner).add(name, Quotas(requests_per_minute=1))
    async with open_database(database_url) as database:
        assert await take_request(database, tenant) == 0.0
        assert await take_request(database, tenant) > 0
        assert await take_request(database, other) == 0.0
        with pytest.raises(QuantumSketchError, match="without a tenant"):
            await take_request(database, "")
