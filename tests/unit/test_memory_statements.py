"""What can be said, and what cannot: nothing of a refused statement reaches the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from quantumsketch.errors import BadInput
from quantumsketch.memory.arrays import quoted_array
from quantumsketch.memory.ontology import RELATIONS, EdgeKind, NodeKind
from quantumsketch.memory.statements import Entity, Fact, Provenance, checked_entities, checked_facts

A, B = ("concept", "A"), ("concept", "B")
FAR_EAST = timezone(timedelta(hours=23, minutes=59))
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
LOOP: list[object] = []
LOOP.append(LOOP)


def _nested(depth: int) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("entity", "complaint"),
    [
        (Entity("dragon", "x"), "kind 'dragon'.*Declared are: video"),
        (Entity("note", ""), "0 characters"),
        (Entity("note", " \n\u2003"), "no name that can be seen"),
        (Entity("note", "\u200b\u2060\ufe0f\u3164 "), "no name that can be seen"),
        (Entity("note", "x" * 501), "501 characters"),
        (Entity("note", "a\x00b"), r"U\+0000"),
        (Entity("note", "\ud800"), "half of a surrogate"),
        (Entity("note", "x", description="\x00"), r"U\+0000"),
        (Entity("note", "x", description="x" * 20_001), "20001 characters"),
        (Entity("note", "x", body="\udfff"), "half of a surrogate"),
        (Entity("note", "x", body="x" * 1_000_001), "1000001 characters"),
        (Entity("note", "x", properties={"a": float("nan")}), "as JSON"),
        (Entity("note", "x", properties={"a": float("inf")}), "as JSON"),
        (Entity("note", "x", properties={"a": "b\x00"}), r"U\+0000"),
        (Entity("note", "x", properties={"a\x00": 1}), r"U\+0000"),
        (Entity("note", "x", properties={"a": "\ud800"}), "half of a surrogate"),
        (Entity("note", "x", properties={"a": "x" * 100_000}), "too long"),
        (Entity("note", "x", properties={"a": [1e308] * 400}), "too long: 124407 characters, with numbers"),
        (Entity("note", "x", properties={"a": [-1.5e-300] * 400}), "too long"),
        (Entity("note", "x", properties={"a": "\U0001f600" * 100_000}), "too long: 100009 characters"),
        (Entity("note", "x", properties={"a": 10**5_000}), "as JSON"),
        (Entity("note", "x", properties=_nested(65)), "nested too deep"),
        (Entity("note", "x", properties={"a": ["[" * 70, _nested(63)]}), "nested too deep"),
        (Entity("note", "x", properties=_nested(900)), "nested too deep"),
    ],
)  # fmt: skip
def test_an_entity_that_cannot_be_stored_is_bad_input(entity: Entity, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        checked_entities([entity])


WRONG: list[dict[str, Any]] = [
    {"kind": 7}, {"kind": []}, {"name": None}, {"name": b"x"}, {"description": 7}, {"body": ["x"]},
    {"properties": [1]}, {"properties": {1: 2}}, {"properties": {"a": {1}}}, {"properties": {"a": LOOP}},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_value_of_a_wrong_type_is_bad_input_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        checked_entities([Entity(**{"kind": "note", "name": "x", **wrong})])


@pytest.mark.parametrize(
    ("fact", "complaint"),
    [
        (Fact(A, "loves", B), "relation is called 'loves'.*Declared are: answers"),
        (Fact(A, "inherits", B), "'inherits' does not lead.*from class to class"),
        (Fact(A, "related_to", A), "to itself"),
        (Fact(("dragon", "x"), "about", B), "kind 'dragon'"),
        (Fact(A, "about", B, valid_from=datetime(2020, 1, 1)), "time zone"),
        (Fact(A, "about", B, valid_from=datetime.now(UTC) + timedelta(hours=1)), "future"),
        (Fact(A, "about", B, valid_from=datetime(1, 1, 1, tzinfo=FAR_EAST)), "years 1 to 9999"),
        (Fact(A, "about", B, {"a": float("nan")}), "as JSON"),
    ],
)
def test_a_fact_that_cannot_be_stored_is_bad_input(fact: Fact, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        checked_facts([fact])


WRONG_FACTS: list[list[Any]] = [
    [("concept",), "about", B], [A, "about", "concept"], [A, ["about"], B], [A, "about", ("concept", [])],
    [A, "about", B, {}, "yesterday"], [A, None, B], [None, "about", B], [A, "about", B, [1]],
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_FACTS)
def test_a_fact_of_wrong_types_is_bad_input_too(wrong: list[Any]) -> None:
    with pytest.raises(BadInput):
        checked_facts([Fact(*wrong)])


def test_a_time_in_a_zone_that_postgres_does_not_know_is_kept_as_that_time() -> None:
    (fact,) = checked_facts([Fact(A, "about", B, valid_from=datetime(2020, 1, 1, tzinfo=FAR_EAST))])
    assert fact.valid_from == datetime(2019, 12, 31, 0, 1, tzinfo=UTC)
    assert fact.valid_from.tzinfo is UTC


def test_recursion_uses_itself() -> None:
    recursive = ("function", "f")
    assert checked_facts([Fact(recursive, "uses", recursive)])


def test_what_is_said_twice_is_said_once_and_never_in_two_ways() -> None:
    assert len(checked_entities([Entity(*A, "x"), Entity(*A, "x")])) == 1
    with pytest.raises(BadInput, match="twice and differently"):
        checked_entities([Entity(*A, "x"), Entity(*A, "y")])


def test_a_fact_is_told_once_and_never_in_two_ways() -> None:
    fact = Fact(A, "requires", B, {"why": "x"})
    assert len(checked_facts([fact, Fact(A, "uses", B), fact])) == 3, "the same again says no more"
    for other in (Fact(A, "requires", B, {"why": "y"}), Fact(A, "requires", B, {"why": "x"}, LONG_AGO)):
        with pytest.raises(BadInput, match="described twice and differently"):
            checked_facts([fact, other])


def test_several_targets_of_a_relation_that_has_one_are_told_with_their_times() -> None:
    here, there = Fact(A, "status", ("tag", "x")), Fact(A, "status", ("tag", "y"))
    with pytest.raises(BadInput, match="two are told at once for 'status'"):
        checked_facts([here, there])
    with pytest.raises(BadInput, match="two are told at once for 'status'"):
        checked_facts([replace(here, valid_from=LONG_AGO), replace(there, valid_from=LONG_AGO)])
    assert len(checked_facts([replace(here, valid_from=LONG_AGO), there])) == 2


def test_what_is_nested_as_deep_as_is_possible_or_only_looks_deep_can_be_said() -> None:
    deep: JsonValue = []
    for _ in range(62):
        deep = [deep]
    wide: dict[str, JsonValue] = {"a": "[{" * 100, "b": [[] for _ in range(100)]}
    assert len(checked_entities([Entity(*A, properties={"a": deep}), Entity(*B, properties=wide)])) == 2
    with pytest.raises(BadInput, match="nested too deep"):
        checked_entities([Entity(*A, properties={"a": [deep]})])


def test_numbers_with_powers_texts_like_them_and_long_texts_of_any_script_can_be_said() -> None:
    told: dict[str, JsonValue] = {
        "n": [6.02214076e23, 1e308, -1.6e-19],
        "t": '1e+308"\\' * 8_000,
        "1e-300": 0,
    }
    assert (
        len(checked_entities([Entity(*A, properties=told), Entity(*B, properties={"a": "漢" * 99_000})])) == 2
    )


@pytest.mark.parametrize("name", ["\u200ba", "e\u0301", "\U0001f600", "\U0001fae8", "\ue000", "漢"])
def test_a_name_of_which_something_is_seen_is_one(name: str) -> None:
    assert checked_entities([Entity("note", name)])


def test_a_backslash_before_a_u_is_no_nul() -> None:
    (entity,) = checked_entities([Entity(*A, properties={"a": "\\u0000"})])
    assert entity.properties == '{"a": "\\\\u0000"}'


@pytest.mark.parametrize(
    "provenance", [("", "a", "tool"), ("r", "a", "somebody"), ("r", "a\x00", "tool"), (1, "a", "tool")]
)
def test_nothing_is_said_by_nobody(provenance: tuple[Any, Any, Any]) -> None:
    with pytest.raises(BadInput):
        Provenance(*provenance).as_json(datetime.now(UTC))
    assert "model:x" in Provenance("r", "a", "model:x").as_json(datetime.now(UTC))


def test_every_kind_of_relation_is_declared_and_joins_something() -> None:
    assert set(RELATIONS) == set(EdgeKind)
    for relation in RELATIONS.values():
        assert relation.sources
        assert relation.targets <= set(NodeKind)


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))))
def test_an_array_quotes_whatever_could_end_it(values: list[str]) -> None:
    text = quoted_array(values)
    inside = text[1:-1].replace("\\\\", "").replace('\\"', "")
    assert inside.count('"') == 2 * len(values)
