"""`qs memory search` and `qs memory walk`: what they tell a person."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click
import pytest

from quantumsketch.cli.memory_search import hit_lines
from quantumsketch.cli.memory_walk import tree_lines
from quantumsketch.cli.moment import Moment
from quantumsketch.memory.finding.search import Hit
from quantumsketch.memory.records import GraphEdge, GraphNode, Neighbourhood


def hit(name: str, **changes: object) -> Hit:
    found = Hit(
        id=UUID(int=1), kind="note", name=name, text="One\n  two.", score=1, similarity=0.5,
        why=["its name holds 'tea'", "means something near the question (0.50)"], superseded=False,
    )  # fmt: skip
    return found.model_copy(update=changes)


def test_a_hit_is_told_with_its_text_why_it_was_found_and_whether_it_still_holds() -> None:
    told = [*hit_lines([hit("Tea"), hit("Old tea", superseded=True, text="", why=["superseded by 'Tea'"])])]
    assert told == [
        "note Tea",
        "    One two.",
        "    why: its name holds 'tea'; means something near the question (0.50)",
        "note Old tea (superseded)",
        "    why: superseded by 'Tea'",
    ]


def test_a_long_text_is_told_by_its_beginning() -> None:
    _, text, _ = hit_lines([hit("Tea", text="leaf " * 100)])
    assert len(text) == 4 + 300
    assert text.endswith("…")


def test_that_nothing_was_found_is_said() -> None:
    assert [*hit_lines([])] == ["Nothing was found."]


def node(number: int, depth: int, name: str = "") -> GraphNode:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return GraphNode(
        id=UUID(int=number),
        kind="class",
        name=name or f"n{number}",
        properties={},
        recorded_at=at,
        depth=depth,
    )


def edge(source: int, kind: str, target: int) -> GraphEdge:
    return GraphEdge(source=UUID(int=source), kind=kind, target=UUID(int=target), properties={})


def test_a_walk_is_told_as_a_tree_in_which_everything_stands_once() -> None:
    reached = Neighbourhood(
        nodes=[node(1, 0), node(2, 1), node(3, 1), node(4, 2)],
        edges=[edge(1, "uses", 3), edge(2, "inherits", 1), edge(3, "uses", 4), edge(2, "uses", 4)],
        truncated=False,
    )
    assert [*tree_lines(reached)] == [
        "class n1",
        "  <- inherits class n2",
        "  uses -> class n3",
        "    uses -> class n4",
        "... and 1 more fact between these things: --json shows them",
    ]


def test_a_walk_in_one_direction_is_told_in_that_direction_where_facts_lead_both_ways() -> None:
    both = [edge(2, "uses", 1), edge(1, "contains", 2)]
    reached = Neighbourhood(nodes=[node(1, 0), node(2, 1)], edges=both, truncated=True)
    assert [*tree_lines(reached, "out")][1] == "  contains -> class n2"
    assert [*tree_lines(reached, "in")][1] == "  <- uses class n2"
    assert [*tree_lines(reached)][-1].startswith("... and more: ")


def test_a_thing_with_nothing_around_it_is_told_alone() -> None:
    alone = Neighbourhood(nodes=[node(1, 0, "Pot")], edges=[], truncated=False)
    assert [*tree_lines(alone)] == ["class Pot"]


@pytest.mark.parametrize(
    "text", ["2026-01-31", "2026-01-31T12:00", "2026-01-31T12:00+01:00", "2026-01-31T12:00Z"]
)
def test_a_date_with_or_without_a_time_and_a_zone_is_a_moment(text: str) -> None:
    moment = Moment().convert(text, None, None)
    assert moment.tzinfo is UTC
    assert moment.date().isoformat() in {"2026-01-30", "2026-01-31", "2026-02-01"}


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00+23:00"])
def test_what_is_no_time_is_no_moment(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        Moment().convert(text, None, None)
