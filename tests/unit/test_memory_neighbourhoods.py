"""A graph in neighbourhoods: each entity in one, around what has most beside it; and their summaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.memory.finding.neighbourhoods import (
    LONGEST_SUMMARY,
    MOST_MEMBERS,
    Group,
    neighbourhoods,
    summary,
)
from quantumsketch.memory.finding.search import Hit
from quantumsketch.memory.finding.surroundings import FactBeside, State

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _id(number: int) -> UUID:
    return UUID(int=number)


def _fact(
    near: int, far: int, *, kind: str = "about", outward: bool = True, ended: bool = False
) -> FactBeside:
    source, target = (near, far) if outward else (far, near)
    return FactBeside(
        near=_id(near), source=_id(source), kind=kind, target=_id(target), properties={}, valid_from=NOW,
        valid_to=NOW if ended else None, far=_id(far), far_kind="note", far_name=f"n{far}",
    )  # fmt: skip


def _hit(number: int, text: str = "", *, superseded: bool = False) -> Hit:
    return Hit(
        id=_id(number), kind="note", name=f"n{number}", text=text or f"Text {number}.", score=1,
        similarity=0.5, why=[], superseded=superseded,
    )  # fmt: skip


def _state(number: int, description: str = "") -> State:
    return State(
        id=_id(number),
        kind="note",
        name=f"n{number}",
        description=description,
        properties={},
        changed_at=NOW,
        closed_at=None,
    )


def _groups(found: Sequence[int], facts: Sequence[FactBeside], most: int = 9) -> list[tuple[int, list[int]]]:
    groups = neighbourhoods([_id(number) for number in found], facts, most)
    return [(group.centre.int, [member.int for member in group.members]) for group in groups]


def test_groups_gather_around_what_has_most_of_them_beside_it() -> None:
    """2 to 5 are about 50, which was not found itself; 6 and 7 are joined; 1 stands alone."""
    facts = [*(_fact(number, 50) for number in (2, 3, 4, 5)), _fact(6, 7), _fact(7, 6, outward=False)]
    assert _groups([1, 2, 6, 3, 4, 7, 5], facts) == [(50, [2, 3, 4, 5]), (6, [6, 7]), (1, [1])]


def test_a_hub_takes_only_so_many_and_the_nearest_of_them() -> None:
    found = list(range(1, MOST_MEMBERS + 11))
    groups = _groups(found, [_fact(number, 99) for number in found])
    assert groups[0] == (99, found[:MOST_MEMBERS])
    assert groups[1] == (MOST_MEMBERS + 1, [MOST_MEMBERS + 1])


def test_what_ended_joins_nothing() -> None:
    assert _groups([1, 2], [_fact(1, 2, ended=True)]) == [(1, [1]), (2, [2])]


@given(
    found=st.lists(st.integers(1, 30), unique=True, max_size=20),
    ends=st.lists(st.tuples(st.integers(0, 19), st.integers(1, 40)), max_size=60),
    most=st.integers(1, 12),
)
def test_each_found_entity_is_in_one_group_at_most_and_the_same_graph_gives_the_same_groups(
    found: list[int], ends: list[tuple[int, int]], most: int
) -> None:
    facts = [_fact(found[at], far) for at, far in ends if at < len(found)]
    groups = _groups(found, facts, most)
    members = [member for _, group in groups for member in group]
    assert len(members) == len(set(members))
    assert set(members) <= set(found)
    assert len(groups) <= most
    assert bool(groups) == bool(found)
    assert len({centre for centre, _ in groups}) == len(groups)
    assert groups == _groups(found, facts, most)


def test_a_summary_counts_and_tells_members_with_their_facts_and_whether_they_hold() -> None:
    facts = [_fact(1, 9), _fact(2, 9), _fact(2, 1, kind="because", outward=False), _fact(2, 8, ended=True)]
    hits = {_id(1): _hit(1), _id(2): _hit(2, "Old\n text.", superseded=True)}
    told = summary(Group(_id(9), (_id(1), _id(2))), hits, {_id(9): _state(9, "The middle.")}, facts)
    assert told.splitlines() == [
        "2 found around note 'n9': 2 note. Relations: 2 about, 1 because.",
        "The middle.",
        "- note 'n1' [about note 'n9']: Text 1.",
        "- note 'n2' (superseded: no longer holds) [about note 'n9'; note 'n1' because this]: Old text.",
    ]


def test_a_summary_is_never_longer_than_is_read_and_says_what_it_leaves_out() -> None:
    hits = {_id(number): _hit(number, "long " * 200) for number in range(1, MOST_MEMBERS + 1)}
    told = summary(Group(_id(1), tuple(hits)), hits, {_id(1): _state(1, "d" * 1_000)}, [])
    assert len(told) <= LONGEST_SUMMARY + 20
    assert told.splitlines()[-1].startswith("- and ")
    assert "…" in told
