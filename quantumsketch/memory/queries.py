"""The statements of queries.sql by their names. Knows no database."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def query(name: str) -> bytes:
    """Return the statement called `name`; raises KeyError if queries.sql has none."""
    return named_queries()[name]


@cache
def named_queries() -> dict[str, bytes]:
    """Return every statement of queries.sql; raises ValueError if two share a name."""
    text = (files(__package__) / "queries.sql").read_text("utf-8")
    _, *pieces = _HEADING.split(text)
    names, statements = pieces[::2], pieces[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"queries.sql gives a name twice: {sorted(names)!r}")
    return {name: statement.encode() for name, statement in zip(names, statements, strict=True)}
