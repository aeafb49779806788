"""A tenant's memory into a file, complete and as it was at one moment. Knows no file's place.

Not in it: vectors, which are made again of the texts; keys and quotas, which belong to the installation; and
the films themselves, which lie in the asset store.
"""

from __future__ import annotations

from typing import BinaryIO

from quantumsketch.errors import NotFound
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.moving.portable import Counts, Header, end_line
from quantumsketch.memory.queries import query

_AT_ONCE = 1_000
"""Rows that are held in memory."""


async def export_tenant(database: Database, tenant: str, out: BinaryIO) -> Counts:
    """Write the memory of `tenant` to `out`, while others go on writing; raises NotFound if it has none.

    All lines but the first are the same whenever nothing was changed.
    """
    parts: tuple[tuple[str, bytes, dict[str, bool]], ...] = (
        ("node", query("export_nodes"), {"duplicates": False}),
        ("node", query("export_nodes"), {"duplicates": True}),
        ("node_version", query("export_node_versions"), {}),
        ("edge", query("export_edges"), {}),
        ("edge_version", query("export_edge_versions"), {}),
        ("chunk", query("export_chunks"), {}),
        ("model_call", query("export_model_calls"), {}),
    )
    async with database.snapshot(tenant, "export a tenant") as connection:
        row = await (await connection.execute(query("has_memory"), {"tenant": tenant})).fetchone()
        if not row or not row["it_has"]:
            raise NotFound(f"the memory of the tenant {tenant!r} is empty")
        begun = await (await connection.execute(query("begin_export"))).fetchone()
        assert begun  # noqa: S101 - a SELECT without FROM has one row
        out.write(Header(tenant=tenant, exported_at=begun["at"]).model_dump_json().encode() + b"\n")
        counts = dict.fromkeys(Counts.model_fields, 0)
        for part, statement, parameters in parts:
            counts[part] += await _write(connection, statement, parameters, out)
    whole = Counts(**counts)
    out.write(end_line(whole))
    return whole


async def _write(connection: Connection, statement: bytes, parameters: dict[str, bool], out: BinaryIO) -> int:
    """Write the lines of a statement, some at a time; return how many those were."""
    count = 0
    async with connection.cursor("exported") as cursor:
        cursor.itersize = _AT_ONCE
        await cursor.execute(statement, parameters)
        async for row in cursor:
            out.write(row["line"].encode() + b"\n")
            count += 1
    return count
