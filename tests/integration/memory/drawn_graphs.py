"""Graphs of numbers for the tests of walking, and what a plain search finds in them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import psycopg

Administrator = psycopg.Connection


def draw(
    administrator: Administrator, tenant: str, edges: Iterable[tuple[int, int]], kind: str = "leads_to"
) -> None:
    """Make nodes named by numbers, unless they are there, and the edges between them."""
    pairs = list(edges)
    names = sorted({number for pair in pairs for number in pair})
    with administrator.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO nodes (tenant, id, kind, name, recorded_at, changed_at) "
            "VALUES (%s, %s, 'number', %s, '2020-01-01', '2020-01-01') ON CONFLICT DO NOTHING",
            [(tenant, UUID(int=number), str(number)) for number in names],
        )
        cursor.executemany(
            "INSERT INTO edges (tenant, source, kind, target) VALUES (%s, %s, %s, %s)",
            [(tenant, UUID(int=source), kind, UUID(int=target)) for source, target in pairs],
        )


def reached(edges: list[tuple[int, int]], start: int, depth: int) -> dict[int, int]:
    """What a plain search reaches, level by level."""
    found, frontier = {start: 0}, {start}
    for level in range(1, depth + 1):
        ends = {b for a, b in edges if a in frontier} | {a for a, b in edges if b in frontier}
        frontier = ends - set(found)
        found |= dict.fromkeys(frontier, level)
    return found
