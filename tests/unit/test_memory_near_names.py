"""Which known names somebody may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.memory.films.concepts import LONGEST_CONCEPT, words_of
from quantumsketch.memory.films.near_names import MOST_NEAR, near_names

KNOWN = [
    "Pythagorean theorem",
    "Bayes' theorem",
    "binary search",
    "merge sort",
    "二分探索",
    "C++",
    "entropy",
    "?!",
]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Pythagoras", ["Pythagorean theorem"]),
        ("the theorem of Pythagoras", ["Pythagorean theorem"]),
        ("Pytagorean theorm", ["Pythagorean theorem"]),
        ("theorem", ["Bayes' theorem", "Pythagorean theorem"]),
        ("binary searching", ["binary search"]),
        ("an entropie", ["entropy"]),
        ("二分", ["二分探索"]),
        ("sort", ["merge sort"]),
        ("quantum foam", []),
        ("enthalpy of mixing", []),
        ("binary star", []),
        ("?!", []),
        ("theorem " * (LONGEST_CONCEPT + 1), []),
    ],
)
def test_a_name_is_near_another_if_nearly_all_its_words_are_in_it(name: str, near: list[str]) -> None:
    assert near_names(name, KNOWN) == near


def test_the_nearest_come_first_and_they_are_few() -> None:
    known = [f"theorem {letter * 3}" for letter in "abcdef"]
    assert near_names("theorem ddd", known)[0] == "theorem ddd"
    assert len(near_names("theorem", known)) == MOST_NEAR


@given(st.lists(st.text(max_size=12), max_size=6), st.text(max_size=12))
def test_whatever_is_known_what_is_near_is_known_and_any_name_is_near_itself(
    known: list[str], name: str
) -> None:
    near = near_names(name, {*known, name})
    assert set(near) <= {*known, name}
    assert near or not 0 < len(words_of(name)) <= LONGEST_CONCEPT
