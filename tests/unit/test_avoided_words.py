"""Whole words are found however they are written, and parts of words are not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.avoided_words import as_compared, says, texts_shown
from quantumsketch.visuals import Derivation, Graph, ManimCode, Node, Step, TitleCard

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        "We utilize\u2014that is, we use it",
        "utilize/employ",
        "(Utilize)",
        "UTILIZE!",
        "utilize's",
        "to\nutilize",
    ],
)
def test_a_word_is_found_beside_whatever_is_no_letter(text: str) -> None:
    assert says(text, "utilize")


@pytest.mark.parametrize("text", ["utilized", "reutilize", "utilize2", "utilize_it", "util ize", ""])
def test_a_part_of_a_longer_word_is_none(text: str) -> None:
    assert not says(text, "utilize")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        (unicodedata.normalize("NFD", "Der Café"), "café"),
        ("café", unicodedata.normalize("NFD", "CAFÉ")),
        ("Die Straße", "STRASSE"),
        ("don\u2019t", "don't"),
        ("in  order,\nto", "In order to"),
        ("これを利用する", "利用"),
    ],
)
def test_how_it_is_written_makes_no_difference(text: str, phrase: str) -> None:
    assert says(text, phrase)


def test_marks_and_joiners_are_of_the_word_that_they_stand_in() -> None:
    assert says("यह कम है", "कम")
    assert not says("यह कमा है", "कम")
    assert not says("می\u200cخواهم", "خواهم")


@given(before=WORDS, word=WORDS, after=WORDS)
def test_any_word_between_blanks_is_found(before: str, word: str, after: str) -> None:
    assert says(f"{before} {word} {after}", word)
    assert says(as_compared(f"{before} {word} {after}"), as_compared(word))


def test_all_texts_of_a_visual_are_shown_but_commands_of_tex_and_what_only_steers() -> None:
    step = Step(tex=r"\sum x = \text{all}", note="add them", cue="when said")
    assert [" ".join(text.split()) for text in texts_shown(Derivation(steps=[step]))] == [
        "x = {all}",
        "add them",
    ]
    graph = Graph(nodes=[Node(id="a", label="Home")], layout="tree")
    assert [*texts_shown(graph)] == ["a", "Home"]
    assert [*texts_shown(TitleCard(heading="A", subtitle="B"))] == ["A", "B"]


@pytest.mark.parametrize("code", ["(" * 5000, "'", "\x00", "x = '" + "a" * 19_000 + "'"])
def test_no_code_is_too_odd_to_be_read(code: str) -> None:
    assert isinstance([*texts_shown(ManimCode(code=code))], list)
