"""A tenant's memory out of a file: all of it or nothing, and only where there is none yet.

Ids, times, histories and who said what stay as they were: what can have come about is believed. It is written
as the owner of the tables, for the product's role may not write what was held before; behind the walls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import groupby

import psycopg
from psycopg.rows import dict_row

from quantumsketch.errors import AlreadyThere, BadInput
from quantumsketch.memory.database import Connection
from quantumsketch.memory.failures import translated
from quantumsketch.memory.films.preferences import THE_USER
from quantumsketch.memory.keeping.writing import wait_for_turn
from quantumsketch.memory.moving.inspection import check_join
from quantumsketch.memory.moving.portable import PARTS, Counts, read_header, read_lines
from quantumsketch.memory.ontology import RELATIONS
from quantumsketch.memory.queries import query

_MOST_LINES = 1_000
_MOST_CHARACTERS = 8_000_000
"""Of the lines that are sent at once."""


async def import_tenant(database_url: str, tenant: str, file: Iterable[bytes]) -> Counts:
    """Make the memory in the lines of `file` that of `tenant`; return what it holds.

    The lines must be at hand: whatever waits for one stops the event loop, and holds the tenant's turn.
    Raises BadInput for a file that is not whole or that no memory can have become, AlreadyThere if the
    tenant has one: then nothing is changed. The login must own the tables, of a database that is migrated.
    """
    rest = iter(file)
    header = read_header(next(rest, b""))
    statements = {
        "node": query("import_nodes"),
        "node_version": query("import_node_versions"),
        "edge": query("import_edges"),
        "edge_version": query("import_edge_versions"),
        "chunk": query("import_chunks"),
        "model_call": query("import_model_calls"),
    }
    counts = dict.fromkeys(PARTS, 0)
    async with _owner(database_url, tenant) as connection:
        await wait_for_turn(connection, tenant)
        found = await (await connection.execute(query("has_memory"), {"tenant": tenant})).fetchone()
        if found and found["it_has"]:
            raise AlreadyThere(
                f"the tenant {tenant!r} has a memory already",
                mend="Import into another one, or let it forget everything first.",
            )
        for part, lines in _batches(rest):
            await connection.execute(statements[part], {"tenant": tenant, "lines": lines})
            counts[part] += len(lines)
        await connection.execute(
            query("import_user"), {"tenant": tenant, "before": header.tenant, "user": THE_USER}
        )
        await connection.execute(query("import_recording_time"), {"tenant": tenant})
        await _check_history(connection, tenant)
        await _check_quota(connection, tenant)
    return Counts(**counts)


def _batches(file: Iterator[bytes]) -> Iterator[tuple[str, list[str]]]:
    """The lines of a file in their order, some of a kind at a time."""
    for part, lines in groupby(read_lines(file), key=lambda each: each[0]):
        batch: list[str] = []
        size = 0
        for _, line in lines:
            batch.append(line)
            size += len(line)
            if len(batch) == _MOST_LINES or size > _MOST_CHARACTERS:
                yield part, batch
                batch, size = [], 0
        if batch:
            yield part, batch


async def _check_history(connection: Connection, tenant: str) -> None:
    """Raise BadInput unless the rows, each of which can be, can be together."""
    rows = await (await connection.execute(query("imported_joins"), {"tenant": tenant})).fetchall()
    for row in rows:
        check_join(**row)
    functional = [kind.value for kind, relation in RELATIONS.items() if relation.functional]
    found = await connection.execute(query("imported_faults"), {"tenant": tenant, "functional": functional})
    if fault := await found.fetchone():
        raise BadInput(f"the file fits no memory: {fault['fault']}", mend="Export it again.")


async def _check_quota(connection: Connection, tenant: str) -> None:
    row = await (await connection.execute(query("nodes_beyond_quota"), {"tenant": tenant})).fetchone()
    if row and row["nodes"] > 0:
        raise BadInput(
            f"the memory has {row['nodes']:,} nodes more than the tenant {tenant!r} may have",
            mend="Let it have more by `qs tenant add`, or import into another one.",
        )


@asynccontextmanager
async def _owner(database_url: str, tenant: str) -> AsyncIterator[Connection]:
    """Yield one transaction of the login itself that sees one tenant's rows."""
    with translated("import a tenant"):
        async with await psycopg.AsyncConnection.connect(
            database_url, row_factory=dict_row, connect_timeout=10
        ) as connection:
            await connection.execute(query("enter_as_owner"), {"tenant": tenant})
            try:
                yield connection
            except psycopg.IntegrityError as error:
                raise BadInput(_misfit(error), mend="Export it again.") from error


def _misfit(error: psycopg.IntegrityError) -> str:
    """What is wrong with rows that each by itself can be."""
    told, which = error.diag.message_primary, error.diag.message_detail
    match error:
        case psycopg.errors.UniqueViolation():
            return f"the file tells the same twice, in {error.diag.table_name}: {which}"
        case psycopg.errors.ForeignKeyViolation():
            return f"the file speaks of what is not in it: {which or told}"
    return f"the file fits no memory: {told}"
