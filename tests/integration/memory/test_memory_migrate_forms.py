"""A step of the schema that was released in two forms: whoever had the earlier one gets to the same place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg

from quantumsketch.memory.migrate import migrate, migrations


async def test_a_database_with_the_earlier_form_of_a_step_becomes_like_every_other(
    another_database: Callable[[], str],
) -> None:
    urls = [another_database(), another_database()]
    earlier = Path(__file__).with_name("earlier_0004_search.sql").read_bytes()
    first = list(migrations()[:5])
    first[3] = replace(first[3], statements=earlier)
    await migrate(urls[0], tuple(first))
    assert _functions(urls[0]) != _functions(urls[1])
    for url in urls:
        await migrate(url)
    assert _functions(urls[0]) == _functions(urls[1])
    assert any("edges_seen" in str(function) for (function,) in _functions(urls[0]))


def _functions(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc "
            "WHERE pronamespace = to_regnamespace('quantumsketch') AND prokind = 'f' ORDER BY 1"
        ).fetchall()
