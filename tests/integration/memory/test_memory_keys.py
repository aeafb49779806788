"""Tenants and their keys: who is let in, and that the product's role cannot read who else would be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import BadInput, NotFound, QuantumSketchError
from quantumsketch.memory.database import Connection, open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keys import Doorkeeper, Identity, Keys, Scope, new_key, public_id
from quantumsketch.memory.queries import query
from quantumsketch.memory.tenants import Quotas, Tenants, open_as_owner

Administrator = psycopg.Connection
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def doorkeeper(database_url: str, owner: Connection) -> AsyncIterator[Doorkeeper]:
    async with open_database(database_url) as database:
        yield Doorkeeper(database)


@pytest_asyncio.fixture
async def key(owner: Connection, tenant: str) -> str:
    """A key to read and write, of the tenant that is added for it."""
    await Tenants(owner).add(tenant)
    return await Keys(owner).create(tenant, [Scope.WRITE, Scope.READ], "for a test")


@contextmanager
def _as_product(database_url: str, tenant: str) -> Iterator[psycopg.Connection]:
    """A transaction as the product has it, rolled back afterwards."""
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": tenant})
        yield connection
        connection.rollback()


async def test_a_key_tells_whose_it_is_and_what_it_may(doorkeeper: Doorkeeper, key: str, tenant: str) -> None:
    expected = Identity(tenant, frozenset({Scope.READ, Scope.WRITE}), public_id(key))
    assert await doorkeeper.verify(key) == expected
    assert await doorkeeper.verify(new_key()) is None
    assert await doorkeeper.verify(f"{key[:-1]}!") is None


async def test_a_revoked_key_opens_nothing_and_a_key_beside_it_still_does(
    doorkeeper: Doorkeeper, owner: Connection, key: str, tenant: str
) -> None:
    keys = Keys(owner)
    another = await keys.create(tenant, [Scope.ADMIN])
    revoked = await keys.revoke(public_id(key))
    assert revoked.revoked_at
    assert await doorkeeper.verify(key) is None
    assert await doorkeeper.verify(another)
    assert await keys.revoke(key) == revoked, "it was revoked a second time"
    assert [each.state(datetime.now(UTC)) for each in await keys.list(tenant)] == ["revoked", "valid"]


async def test_a_key_ends_when_it_was_told_to(
    doorkeeper: Doorkeeper, owner: Connection, tenant: str, administrator: Administrator
) -> None:
    await Tenants(owner).add(tenant)
    key = await Keys(owner).create(tenant, [Scope.READ], expires_at=datetime.now(UTC) + HOUR)
    assert await doorkeeper.verify(key)
    administrator.execute("UPDATE api_keys SET expires_at = now() WHERE id = %s", [public_id(key)])
    assert await doorkeeper.verify(key) is None
    with pytest.raises(BadInput, match="which is past"):
        await Keys(owner).create(tenant, [Scope.READ], expires_at=datetime.now(UTC) - HOUR)


async def test_a_key_is_nowhere_in_the_database_only_its_hash_is(
    key: str, tenant: str, administrator: Administrator
) -> None:
    (row,) = administrator.execute(
        "SELECT to_jsonb(api_keys)::text, sha256 FROM api_keys WHERE tenant = %s", [tenant]
    ).fetchall()
    assert public_id(key) in row[0]
    assert key[len(public_id(key)) :][:8] not in row[0]
    assert row[1] == hashlib.sha256(key.encode()).digest()


async def test_that_a_key_was_used_is_written_down_once_a_minute(
    doorkeeper: Doorkeeper, owner: Connection, key: str, tenant: str, administrator: Administrator
) -> None:
    async def used() -> datetime | None:
        (record,) = await Keys(owner).list(tenant)
        return record.last_used_at

    assert await used() is None
    await doorkeeper.verify(key)
    first = await used()
    assert first
    assert datetime.now(UTC) - first < HOUR
    await asyncio.gather(*(doorkeeper.verify(key) for _ in range(8)))
    assert await used() == first
    long_ago = first - HOUR
    administrator.execute("UPDATE api_keys SET last_used_at = %s WHERE tenant = %s", [long_ago, tenant])
    await doorkeeper.verify(key)
    again = await used()
    assert again
    assert again > first - HOUR / 2


async def test_keys_are_listed_of_one_tenant_or_of_all(owner: Connection, key: str, tenant: str) -> None:
    keys = Keys(owner)
    await Tenants(owner).add(f"{tenant}-2")
    other = await keys.create(f"{tenant}-2", [Scope.READ])
    (record,) = await keys.list(tenant)
    assert (record.id, record.note, record.scopes) == (
        public_id(key),
        "for a test",
        [Scope.READ, Scope.WRITE],
    )
    assert {public_id(key), public_id(other)} <= {each.id for each in await keys.list()}


async def test_a_key_is_not_revoked_for_another_tenant(
    doorkeeper: Doorkeeper, owner: Connection, key: str, tenant: str
) -> None:
    with pytest.raises(NotFound, match=public_id(key)) as caught:
        await Keys(owner).revoke(key, f"{tenant}-2")
    assert key not in str(caught.value)
    assert await doorkeeper.verify(key)
    with pytest.raises(NotFound):
        await Keys(owner).revoke(new_key())


async def test_a_key_of_a_tenant_that_is_not_there_is_not_made(owner: Connection, tenant: str) -> None:
    with pytest.raises(NotFound, match=f"qs tenant add {tenant}"):
        await Keys(owner).create(tenant, [Scope.READ])
    with pytest.raises(BadInput, match="Allowed are read, write, admin"):
        await Keys(owner).create(tenant, [])


async def test_with_a_tenant_its_keys_and_quotas_are_erased_and_no_others(
    store: Store, doorkeeper: Doorkeeper, owner: Connection, key: str, tenant: str
) -> None:
    await Tenants(owner).add(f"{tenant}-2")
    other = await Keys(owner).create(f"{tenant}-2", [Scope.READ])
    await store.erase_tenant(tenant)
    assert await doorkeeper.verify(key) is None
    assert await doorkeeper.verify(other)
    names = {each.name for each in await Tenants(owner).list()}
    assert f"{tenant}-2" in names
    assert tenant not in names


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM api_keys", "SELECT sha256 FROM api_keys", "UPDATE api_keys SET revoked_at = NULL",
        "DELETE FROM api_keys", "COPY api_keys TO STDOUT", "SELECT FROM request_windows",
        "UPDATE request_windows SET taken = 0", "UPDATE tenants SET most_nodes = NULL", "DELETE FROM tenants",
        "INSERT INTO tenants (tenant) VALUES ('forged')",
        "INSERT INTO api_keys (id, tenant, sha256, scopes) VALUES ('qsk_forged__', 'a', '', '{admin}')",
        "ALTER FUNCTION identify_key SECURITY INVOKER", "ALTER TABLE tenants DISABLE ROW LEVEL SECURITY",
    ],
)  # fmt: skip
async def test_the_products_role_neither_reads_keys_nor_changes_quotas(
    database_url: str, key: str, tenant: str, statement: str
) -> None:
    with (
        _as_product(database_url, tenant) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


async def test_the_products_role_sees_its_own_tenants_line_only(
    database_url: str, owner: Connection, key: str, tenant: str
) -> None:
    await Tenants(owner).add(f"{tenant}-2")
    with _as_product(database_url, tenant) as connection:
        assert connection.execute("SELECT tenant FROM tenants").fetchall() == [(tenant,)]
    with _as_product(database_url, "") as connection:
        assert connection.execute("SELECT tenant FROM tenants").fetchall() == []


async def test_a_table_of_the_callers_own_is_not_taken_for_the_keys(
    database_url: str, key: str, tenant: str
) -> None:
    sha256 = hashlib.sha256(b"forged").digest()
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TEMPORARY TABLE api_keys (LIKE quantumsketch.api_keys)")
        connection.execute(
            "INSERT INTO api_keys (id, tenant, sha256, scopes, note, created_at) "
            "VALUES ('qsk_forged__', %s, %s, '{admin}', '', now())",
            [tenant, sha256],
        )
        connection.execute(query("enter_tenant"), {"tenant": ""})
        connection.execute("SET LOCAL search_path = pg_temp, quantumsketch")
        ask = "SELECT tenant FROM quantumsketch.identify_key(%s)"
        assert connection.execute(ask, [sha256]).fetchall() == []
        real = connection.execute(ask, [hashlib.sha256(key.encode()).digest()]).fetchall()
        assert real == [(tenant,)]
        connection.rollback()


def test_only_the_products_role_may_ask(administrator: Administrator, ordinary_login: str) -> None:
    functions = ["identify_key(bytea)", "take_request()", "enlist_tenant()"]

    def may(role: str) -> list[bool]:
        ask = "SELECT has_function_privilege(%s, %s, 'EXECUTE')"
        rows = [administrator.execute(ask, [role, name]).fetchone() for name in functions]
        return [bool(row and row[0]) for row in rows]

    assert may("quantumsketch_app") == [True, True, False]
    assert may(ordinary_login) == [False, False, False]


async def test_an_owner_who_is_no_superuser_keeps_tenants_and_keys_too(
    ordinary_login: str, another_database: Callable[[], str]
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute("CREATE EXTENSION vector")
        administrator.execute(
            f"GRANT CREATE ON DATABASE {administrator.info.dbname} TO {ordinary_login}".encode()
        )
        administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
    own_url = make_conninfo(url, user=ordinary_login)
    async with open_as_owner(own_url) as owner, open_database(own_url) as database:
        await Tenants(owner).add("one", Quotas(requests_per_minute=1))
        key = await Keys(owner).create("one", [Scope.READ])
        identity = await Doorkeeper(database).verify(key)
        assert identity
        assert [await Doorkeeper(database).take(identity) > 0 for _ in range(2)] == [False, True]
        async with database.transaction("two", "write") as connection:
            await connection.execute("INSERT INTO nodes (tenant, kind, name) VALUES ('two', 'model', 'm')")
        assert [each.name for each in await Tenants(owner).list()] == ["one", "two"]
        assert [each.id for each in await Keys(owner).list()] == [public_id(key)]


async def test_a_login_that_owns_nothing_cannot_make_keys(
    database_url: str, ordinary_login: str, key: str, tenant: str, administrator: Administrator
) -> None:
    administrator.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
    async with open_as_owner(make_conninfo(database_url, user=ordinary_login)) as connection:
        with pytest.raises(QuantumSketchError, match="does not allow this login to create a key"):
            await Keys(connection).create(tenant, [Scope.ADMIN])
