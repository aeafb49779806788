"""The statements of the .sql files of this package and its rooms, by their names. Knows no database."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_ROOMS = ("keeping", "finding", "films", "codebases", "moving")
_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def query(name: str) -> bytes:
    """Return the statement called `name`; raises KeyError if no file has it."""
    return named_queries()[name]


@cache
def named_queries() -> dict[str, bytes]:
    """Return every statement of every file; raises ValueError if two share a name."""
    names: list[str] = []
    statements: list[bytes] = []
    for folder in (package := files(__package__), *(package / room for room in _ROOMS)):
        for file in folder.iterdir():
            if file.name.endswith(".sql"):
                _, *pieces = _HEADING.split(file.read_text("utf-8"))
                names += pieces[::2]
                statements += [statement.encode() for statement in pieces[1::2]]
    if len(set(names)) != len(names):
        raise ValueError(f"a name is given twice: {sorted(names)!r}")
    return dict(zip(names, statements, strict=True))
