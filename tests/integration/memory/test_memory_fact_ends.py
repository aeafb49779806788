"""What a fact joins is there: the database sees to it, whoever writes and whoever else does meanwhile."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import psycopg
import pytest

from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Provenance

Administrator = psycopg.Connection
BY_TOOL = Provenance("run-1", "ingest", "tool")
ADA, ENGINE, LOOM = ("person", "Ada"), ("project", "Engine"), ("project", "Loom")
JOIN = "INSERT INTO edges (tenant, source, kind, target) VALUES (%s, %s, 'works_on', %s)"
DELETE = "DELETE FROM nodes WHERE id = %s"
LEFT_WITHOUT_END = (
    "SELECT count(*) FROM edges "
    "WHERE NOT EXISTS (SELECT FROM nodes WHERE tenant = edges.tenant AND id = source) "
    "OR NOT EXISTS (SELECT FROM nodes WHERE tenant = edges.tenant AND id = target)"
)

Row = tuple[str, UUID, UUID]
"""The tenant, the source, the target."""
Way = Callable[[psycopg.Connection, list[Row]], None]


def _insert(connection: psycopg.Connection, rows: list[Row]) -> None:
    values = ", ".join(["(%s, %s, 'works_on', %s)"] * len(rows))
    inserting = f"INSERT INTO edges (tenant, source, kind, target) VALUES {values}"
    connection.execute(inserting.encode(), [each for row in rows for each in row])


def _copy(connection: psycopg.Connection, rows: list[Row]) -> None:
    copying = "COPY edges (tenant, source, target, kind) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row((*row, "works_on"))


@pytest.fixture
async def nodes(store: Store, tenant: str) -> dict[tuple[str, str], UUID]:
    """Ada works on the engine; nobody works on the loom."""
    keys = (ADA, ENGINE, LOOM)
    said = [Entity(*key) for key in keys]
    written = await store.upsert(tenant, said, [Fact(ADA, "works_on", ENGINE)], BY_TOOL, embed=False)
    return {key: written.ids[key] for key in keys}


@pytest.fixture
def two_writers(administrator: Administrator, database_url: str) -> Iterator[list[psycopg.Connection]]:
    """Two transactions of the superuser at the same time; what they leave uncommitted is undone."""
    with ExitStack() as stack:
        writers = [stack.enter_context(psycopg.connect(database_url)) for _ in range(2)]
        for writer in writers:
            writer.execute("SET search_path = quantumsketch, public")
            writer.commit()
        yield writers
        for writer in writers:
            writer.rollback()


@pytest.mark.parametrize("end", ["source", "target"])
@pytest.mark.parametrize("way", [_insert, _copy])
async def test_a_fact_of_a_node_that_is_not_there_is_refused_with_all_that_is_said_beside_it(
    administrator: Administrator, nodes: dict[tuple[str, str], UUID], tenant: str, end: str, way: Way
) -> None:
    nowhere = uuid4()
    ends = (nowhere, nodes[LOOM]) if end == "source" else (nodes[ADA], nowhere)
    rows: list[Row] = [(tenant, nodes[ADA], nodes[LOOM]), (tenant, *ends)]
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=str(nowhere)):
        way(administrator, rows)
    counted = administrator.execute("SELECT count(*) FROM edges WHERE tenant = %s", [tenant])
    assert counted.fetchone() == (1,)
    administrator.execute(JOIN, rows[0])  # and by itself the first one can be said


@pytest.mark.parametrize("key", [ADA, ENGINE])
async def test_a_node_that_a_fact_joins_cannot_be_deleted_before_the_fact(
    administrator: Administrator, nodes: dict[tuple[str, str], UUID], tenant: str, key: tuple[str, str]
) -> None:
    administrator.execute(DELETE, [nodes[LOOM]])
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=str(nodes[key])):
        administrator.execute(DELETE, [nodes[key]])
    administrator.execute("UPDATE edges SET valid_to = clock_timestamp() WHERE tenant = %s", [tenant])
    with pytest.raises(psycopg.errors.ForeignKeyViolation):  # what has ended is history
        administrator.execute(DELETE, [nodes[key]])
    administrator.execute("DELETE FROM edges WHERE tenant = %s", [tenant])
    administrator.execute(DELETE, [nodes[key]])


async def test_a_fact_that_is_not_yet_committed_keeps_its_ends_from_being_deleted(
    two_writers: list[psycopg.Connection], nodes: dict[tuple[str, str], UUID], tenant: str
) -> None:
    speaker, eraser = two_writers
    speaker.execute(JOIN, [tenant, nodes[ADA], nodes[LOOM]])
    deleting = asyncio.create_task(asyncio.to_thread(eraser.execute, DELETE, [nodes[LOOM]]))
    await _waiting(speaker, eraser)
    speaker.commit()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=str(nodes[LOOM])):
        await deleting
    eraser.rollback()
    assert eraser.execute(LEFT_WITHOUT_END.encode()).fetchone() == (0,)


async def test_a_fact_waits_for_who_deletes_its_end_and_is_refused_then(
    two_writers: list[psycopg.Connection], nodes: dict[tuple[str, str], UUID], tenant: str
) -> None:
    speaker, eraser = two_writers
    eraser.execute(DELETE, [nodes[LOOM]])
    joining = asyncio.create_task(asyncio.to_thread(speaker.execute, JOIN, [tenant, nodes[ADA], nodes[LOOM]]))
    await _waiting(eraser, speaker)
    eraser.commit()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=str(nodes[LOOM])):
        await joining
    speaker.rollback()
    assert speaker.execute(LEFT_WITHOUT_END.encode()).fetchone() == (0,)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_nodes_are_not_deleted_by_who_would_look_for_facts_in_the_past(
    two_writers: list[psycopg.Connection], nodes: dict[tuple[str, str], UUID], isolation: str
) -> None:
    _, eraser = two_writers
    eraser.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="READ COMMITTED"):
        eraser.execute(DELETE, [nodes[LOOM]])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE edges SET target = %(another)s WHERE source = %(ada)s",
        "UPDATE edges SET source = %(another)s WHERE source = %(ada)s",
        "UPDATE edges SET tenant = tenant || 'x' WHERE source = %(ada)s",
        "UPDATE nodes SET id = %(another)s WHERE id = %(loom)s",
    ],
)
async def test_what_a_row_is_about_never_becomes_another(
    administrator: Administrator, nodes: dict[tuple[str, str], UUID], change: str
) -> None:
    parameters = {"another": uuid4(), "ada": nodes[ADA], "loom": nodes[LOOM]}
    administrator.execute("DELETE FROM chunks WHERE node = %(loom)s", parameters)
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="cannot become another"):
        administrator.execute(change.encode(), parameters)
    administrator.execute(
        "UPDATE edges SET source = source, target = target WHERE source = %(ada)s", parameters
    )


async def test_the_products_role_cannot_ask_by_the_checks_what_other_tenants_have(
    database_url: str, nodes: dict[tuple[str, str], UUID]
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(query("enter_tenant"), {"tenant": f"t-{secrets.token_hex(6)}"})
        connection.execute("CREATE TEMP TABLE mine (tenant text, id uuid)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="check_no_fact_is_left"):
            connection.execute(
                "CREATE TRIGGER ask AFTER DELETE ON mine REFERENCING OLD TABLE AS gone "
                "FOR EACH STATEMENT EXECUTE FUNCTION check_no_fact_is_left()"
            )
        connection.rollback()


async def _waiting(holder: psycopg.Connection, waiter: psycopg.Connection) -> None:
    """Return when `waiter` waits for what `holder` has locked."""
    asked = "SELECT %s = ANY (pg_blocking_pids(%s))"
    pids = [holder.info.backend_pid, waiter.info.backend_pid]
    for _ in range(3_000):
        if holder.execute(asked, pids).fetchone() == (True,):
            return
        await asyncio.sleep(0.02)
    pytest.fail("nobody waits for anybody")
