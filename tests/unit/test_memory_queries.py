"""The named statements, and the numbered steps of the schema."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from quantumsketch.memory.migrate import migrations
from quantumsketch.memory.queries import named_queries, query


def test_every_statement_is_used_and_every_one_used_is_there() -> None:
    package = Path(str(files("quantumsketch.memory")))
    sources = [file.read_text("utf-8") for file in package.rglob("*.py")]
    used = {name for source in sources for name in re.findall(r'query\("(\w+)"\)', source)}
    assert used == set(named_queries())
    assert len(used) > 5


def test_each_statement_ends_where_the_next_begins() -> None:
    for name, statement in named_queries().items():
        code = re.sub(rb"--[^\n]*", b"", statement).strip()
        assert code.count(b";") <= 1, name
        assert code, name


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        query("no_such_statement")


def test_the_steps_are_numbered_from_one_without_a_gap() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))
    assert migrations()[0].name == "0001_graph.sql"
