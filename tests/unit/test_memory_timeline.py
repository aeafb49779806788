"""What a statement changes of when facts held: whatever the order in which statements come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.memory.keeping.timeline import Spell, Stored, said

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _at(hour: int) -> datetime:
    return NOON + timedelta(hours=hour)


def _told(*statements: tuple[str, int], among_others: bool = False) -> list[Spell]:
    spells: list[Spell] = []
    for target, hour in statements:
        spells = said(spells, target, "{}", _at(hour), among_others=among_others)
    return spells


def _holding(spells: list[Spell], hour: int) -> list[str]:
    return [spell.target for spell in spells if spell.holds(_at(hour))]


def test_a_new_target_ends_the_one_before_when_it_begins() -> None:
    assert sorted(_told(("a", 1), ("b", 5)), key=lambda s: s.target) == [
        Spell("a", _at(1), _at(5), "{}"),
        Spell("b", _at(5), None, "{}"),
    ]


def test_an_older_statement_that_comes_late_ends_no_newer_one() -> None:
    spells = _told(("a", 1), ("c", 9), ("b", 5))
    assert [_holding(spells, hour) for hour in (0, 1, 5, 9, 99)] == [[], ["a"], ["b"], ["c"], ["c"]]


def test_what_is_known_already_begins_no_later_and_may_have_begun_earlier() -> None:
    assert _told(("a", 5), ("a", 9)) == [Spell("a", _at(5), None, "{}")]
    assert _told(("a", 5), ("a", 1)) == [Spell("a", _at(1), None, "{}")]


def test_what_was_known_as_it_is_said_changes_nothing() -> None:
    known = _told(("a", 1), ("b", 5))
    assert said(known, "b", "{}", _at(7)) is known
    assert said(known, "b", '{"x": 1}', _at(7)) is not known
    assert said(known, "a", "{}", _at(7)) is not known
    assert said(known, "b", "{}", _at(7), among_others=True) is not known


def test_properties_that_are_not_said_stay_those_of_what_goes_on() -> None:
    known = [Spell("a", _at(1), _at(5), '{"x": 1}'), Spell("b", _at(5), None, '{"x": 2}')]
    assert said(known, "b", None, _at(7)) is known
    again = said(known, "b", None, _at(7), among_others=True)
    assert again[-1] == Spell("b", _at(7), None, '{"x": 2}')
    earlier = said([known[1]], "b", None, _at(3))
    assert earlier == [Spell("b", _at(3), None, '{"x": 2}')]
    assert said(known, "b", "{}", _at(7))[-1].properties == "{}", "that there are none can be said"
    assert said(known, "c", None, _at(7))[-1] == Spell("c", _at(7), None, "{}")


def test_among_others_what_was_said_again_cannot_be_undone_by_what_comes_late() -> None:
    spells = _told(("a", 1), ("a", 9), ("b", 5), among_others=True)
    assert [_holding(spells, hour) for hour in (1, 5, 9)] == [["a"], ["b"], ["a"]]


def test_the_end_of_what_was_stored_is_told_from_a_change_and_from_news() -> None:
    stored = Spell("a", _at(1), None, "{}", Stored(_at(1), None, "{}"))
    (same,) = said([stored], "a", "{}", _at(3))
    (other,) = said([stored], "a", '{"x": 1}', _at(3))
    ended, new = said([stored], "b", "{}", _at(3))
    assert [(s.is_new, s.is_changed, s.is_ended) for s in (same, other, ended, new)] == [
        (False, False, False), (False, True, False), (False, True, True), (True, False, False),
    ]  # fmt: skip


def test_what_ended_where_it_began_begins_anew_as_the_row_that_it_was() -> None:
    empty = Spell("a", _at(1), _at(1), "{}", Stored(_at(1), _at(1), "{}"))
    assert said([empty], "a", "{}", _at(1)) == [Spell("a", _at(1), None, "{}", empty.stored)]


def test_history_is_not_rewritten_by_saying_again_what_has_ended() -> None:
    ended = Spell("a", _at(1), _at(5), '{"x": 1}', Stored(_at(1), _at(5), '{"x": 1}'))
    assert said([ended], "a", '{"x": 2}', _at(3)) == [ended]
    assert said([ended], "a", '{"x": 2}', _at(1))[0].properties == '{"x": 2}'


@given(st.permutations([("abc"[n % 3], 3 * n) for n in range(7)]))
def test_the_order_in_which_statements_come_does_not_matter(order: list[tuple[str, int]]) -> None:
    spells = _told(*order, among_others=True)
    for hour in range(25):
        expected = ["abc"[(hour // 3 if hour < 21 else 6) % 3]]
        assert _holding(spells, hour) == expected
    assert sum(spell.valid_to is None for spell in spells) == 1
