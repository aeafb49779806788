"""Where a text is left in the database, whoever it belongs to."""

from __future__ import annotations

import psycopg
from psycopg import sql


def tables_that_hold(administrator: psycopg.Connection, text: str) -> set[str]:
    """The tables of which a row, written out, holds `text`."""
    tables = administrator.execute(
        "SELECT relname::text FROM pg_class "
        "WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind = 'r'"
    ).fetchall()
    found = set()
    for (table,) in tables:
        whole = sql.SQL("SELECT count(*) FROM {} AS t WHERE strpos(lower(t::text), lower(%s)) > 0").format(
            sql.Identifier(table)
        )
        if administrator.execute(whole, [text]).fetchone() != (0,):
            found.add(table)
    return found
