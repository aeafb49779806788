"""The walls between tenants stand in the database, whatever the statements say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.errors import NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.queries import query
from tests.sample_videos import video

Administrator = psycopg.Connection


@pytest.fixture
async def neighbours(graph: Graph, tenant: str) -> tuple[str, str]:
    """Two tenants with a video each, under the same id."""
    one, other = tenant, f"{tenant}-2"
    await graph.record_video(video("v1", one, prompt="The secret of one"))
    await graph.record_video(video("v1", other, prompt="The secret of the other"))
    return one, other


@contextmanager
def _as_product(database_url: str, tenant: str | None) -> Iterator[psycopg.Connection]:
    """A transaction as the product has it, for `tenant` or for none, rolled back afterwards."""
    with psycopg.connect(database_url) as connection:
        if tenant is None:
            connection.execute("SET LOCAL ROLE quantumsketch_app")
            connection.execute("SET LOCAL search_path = quantumsketch, public")
        else:
            connection.execute(query("enter_tenant"), {"tenant": tenant})
        yield connection
        connection.rollback()


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row
    return int(row[0])


async def test_one_tenant_finds_nothing_of_another_by_any_way_of_asking(
    graph: Graph, neighbours: tuple[str, str]
) -> None:
    one, other = neighbours
    walker = Walker(graph.database)
    assert (await graph.video(one, "v1")).prompt == "The secret of one"
    assert (await graph.video(other, "v1")).prompt == "The secret of the other"
    (own,), (foreign,) = await graph.videos(one), await graph.videos(other)
    assert own.node != foreign.node
    assert [hit.node for hit in await graph.similar(one, "The secret of the other", 50)] == [own.node]
    with pytest.raises(NotFound):
        await walker.walk(one, foreign.node)
    reached = {node.id for node in (await walker.walk(one, own.node, 8)).nodes}
    assert own.node in reached
    assert not reached & {node.id for node in (await walker.walk(other, foreign.node, 8)).nodes}


def test_without_a_tenant_there_is_no_row(
    database_url: str, administrator: Administrator, neighbours: tuple[str, str]
) -> None:
    for tenant in (None, ""):
        with _as_product(database_url, tenant) as connection:
            for table in ("nodes", "edges"):
                assert _count(connection, table) == 0
                assert _count(administrator, table) > 0


def test_a_statement_without_a_condition_sees_and_changes_the_own_rows_only(
    database_url: str, neighbours: tuple[str, str]
) -> None:
    with _as_product(database_url, neighbours[0]) as connection:
        for table in ("nodes", "edges"):
            tenants = connection.execute(f"SELECT DISTINCT tenant FROM {table}".encode()).fetchall()
            assert tenants == [(neighbours[0],)]
            changed = connection.execute(f"UPDATE {table} SET properties = '{{}}'".encode())
            assert changed.rowcount == _count(connection, table)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO nodes (tenant, kind, name) VALUES (%(other)s, 'model', 'forged')",
        "UPDATE nodes SET tenant = %(other)s WHERE kind = 'scene'",
        "UPDATE edges SET tenant = %(other)s",
        "INSERT INTO edges (tenant, source, kind, target) SELECT %(other)s, id, 'x', id FROM nodes",
    ],
)
def test_a_row_with_another_tenants_name_is_refused(
    database_url: str, neighbours: tuple[str, str], statement: str
) -> None:
    one, other = neighbours
    with (
        _as_product(database_url, one) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
    ):
        connection.execute(statement.encode(), {"other": other})


def test_an_edge_cannot_reach_another_tenants_node(
    database_url: str, administrator: Administrator, neighbours: tuple[str, str]
) -> None:
    one, other = neighbours
    foreign = administrator.execute("SELECT id FROM nodes WHERE tenant = %s LIMIT 1", [other]).fetchone()
    assert foreign
    with (
        _as_product(database_url, one) as connection,
        pytest.raises(psycopg.errors.ForeignKeyViolation),
    ):
        connection.execute(
            "INSERT INTO edges (tenant, source, kind, target) "
            "SELECT tenant, id, 'x', %s FROM nodes WHERE kind = 'video'",
            foreign,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM nodes", "DELETE FROM edges", "TRUNCATE edges", "DROP TABLE edges",
        "ALTER TABLE nodes DISABLE ROW LEVEL SECURITY", "DELETE FROM migrations", "CREATE TABLE mine ()",
        "UPDATE migrations SET sha256 = ''",
    ],
)  # fmt: skip
def test_the_product_may_not_delete_nor_alter(
    database_url: str, neighbours: tuple[str, str], statement: str
) -> None:
    with (
        _as_product(database_url, neighbours[0]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_every_table_with_tenants_is_walled_even_against_its_owner(administrator: Administrator) -> None:
    tables = administrator.execute(
        "SELECT relname::text, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
    ).fetchall()
    assert tables == [
        ("api_keys", False),  # its owner lists the keys of all; the product's role has no right to it at all
        ("chunks", True),
        ("cool_downs", False),
        ("edge_versions", True),
        ("edges", True),
        ("free_calls", False),
        ("migrations", False),
        ("model_calls", True),
        ("node_versions", True),
        ("nodes", True),
        ("recording_times", True),
        ("request_windows", False),  # as are the keys
        ("tenants", False),  # its owner lists all tenants; the product's role sees its own
    ]


def test_the_role_and_the_tenant_end_with_the_transaction(
    database_url: str, neighbours: tuple[str, str]
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": neighbours[0]})
        ask = "SELECT current_user <> session_user, current_setting('app.tenant', true)"
        assert connection.execute(ask).fetchone() == (True, neighbours[0])
        connection.commit()
        assert connection.execute(ask).fetchone() == (False, "")


async def test_an_owner_who_is_no_superuser_is_walled_too(
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
    await migrate(own_url)
    async with Graph.open(own_url) as graph:
        await graph.record_video(video(tenant="one"))
        assert len(await graph.videos("one")) == 1
        assert await graph.videos("two") == []
    with psycopg.connect(own_url) as owner:
        assert _count(owner, "quantumsketch.nodes") == 0
