"""Concepts, ideas and what is on screen are read off a video by code alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.llm.offline.outline import outline
from quantumsketch.memory.films.concepts import (
    by_normal_form,
    concepts_in,
    normal_form,
    speaks_of,
    subject_of,
    unsearchable_part,
    without_article,
)
from quantumsketch.memory.films.depicted import words_on_screen
from quantumsketch.memory.films.ideas import has_verified_scene, idea_of, is_verified
from quantumsketch.outlines import is_outline
from quantumsketch.storyboard import Beat
from quantumsketch.video import Finding, Outcome, RenderedBeat
from quantumsketch.visuals import Bar, BarChart, ManimCode, TitleCard, Visual
from tests.sample_videos import rendered_beat, video

CODE = "from manim import *\n\nclass Beat(Scene):\n    pass\n"


def _beat(title: str = "Circle", narration: str = "A circle is drawn.", visual: Visual | None = None) -> Beat:
    return Beat(title=title, narration=narration, visual=visual or ManimCode(idea="A circle grows."))


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Pythagoras: why it holds", "Pythagoras"),
        ("What is a derivative?", "derivative"),
        ("The theorem of Pythagoras", "theorem of Pythagoras"),
        ("Bayes' theorem – in pictures", "Bayes' theorem"),
        ("Euler–Lagrange equations", "Euler–Lagrange equations"),
        ("二分探索: 速い探し方", "二分探索"),
        ("How binary search works", "binary search"),
        ("How does a transformer work?", "transformer"),
        ("How it works", "How it works"),
        ("Why is the sky blue?", "Why is the sky blue"),
        ("An introduction to entropy", "entropy"),
        ("Part 2: Entropy", "Entropy"),
        ("Chapter IV \N{EN DASH} the gas laws", "gas laws"),
        ("Parts of speech", "Parts of speech"),
        ("C++: references", "C++"),
        ("Part 2", None),
        ("Introduction", None),
        ("Chapter 3.", None),
        ("?!", None),
        (":-)", None),
    ],
)
def test_the_subject_is_what_the_title_names(title: str, subject: str | None) -> None:
    assert subject_of(video(title=title, model="a/b")) == subject


@given(
    st.lists(
        st.sampled_from(
            [
                "How",
                "does",
                "the",
                "entropy",
                "works",
                "work",
                "What is",
                "Introduction to",
                "'",
                ":",
                "?",
                "\u2026",
            ]
        ),
        min_size=1,
        max_size=6,
    ).filter(lambda pieces: len(" ".join(pieces)) <= 80)  # longer ones are no titles
)
def test_whatever_the_title_a_subject_has_words_and_none_that_the_title_has_not(pieces: list[str]) -> None:
    title = " ".join(pieces)
    subject = subject_of(video(title=title, model="a/b"))
    assert subject is None or (normal_form(subject) and subject in title)
    assert subject or "entropy" not in pieces


def test_a_worked_example_is_about_what_its_title_names() -> None:
    made = video(title="Big O notation", model="offline: worked example 'big_o'")
    assert subject_of(made) == "Big O notation"


def test_a_question_that_nobody_answered_explains_nothing_and_an_outline_of_a_text_does() -> None:
    notes = "# Photosynthesis\n\nPlants turn light into sugar. They need water and carbon dioxide for it."
    subjects = []
    for prompt in ("What is a monad?", notes):
        board, by = outline(prompt, 8)
        assert is_outline(by)
        subjects.append(subject_of(video().model_copy(update={"storyboard": board, "storyboard_by": by})))
    assert subjects == [None, "Photosynthesis"]


def test_concepts_are_found_whatever_their_case_and_number_and_only_as_whole_words() -> None:
    concepts = ["Right triangle", "Bayes' theorem", "Art", "e", "二分探索", "merge sort"]
    names = by_normal_form((name, name) for name in concepts)
    assert "e" not in names
    texts = [
        "All right triangles, and bayes theorem.",
        "A party of parts",
        "e is a number",
        "これは二分探索です",
    ]
    assert concepts_in(texts, names) == ["Bayes' theorem", "Right triangle", "二分探索"]
    assert concepts_in(["they merge; sort them"], names) == ["merge sort"]
    assert concepts_in(["merge", "sort"], names) == []


def test_signs_behind_a_word_are_part_of_it() -> None:
    names = by_normal_form((name, name) for name in ("C", "C++", "C#", "\N{SCRIPT SMALL E}", "\u03c0"))
    assert set(names.values()) == {"C++", "C#", "\u03c0"}, "a letter alone stands in every text"
    assert concepts_in(["In C++, and in c#.", "2\u03c0"], names) == ["C#", "C++"]
    assert concepts_in(["C, a + b, A#minor, C+D"], names) == []
    assert not speaks_of("the letter C", "C++")
    assert speaks_of("written in c++", "C++")


def test_what_a_search_by_words_does_not_find_is_told_apart() -> None:
    assert unsearchable_part("直角三角形 and 直角") == "直角三角形"
    assert unsearchable_part("lists in C#") == "C#"
    assert unsearchable_part("a right triangle, 1 + 2") is None


def test_an_article_in_front_of_a_name_is_left_out_and_no_other_word() -> None:
    named = {
        "the Pythagorean theorem": "Pythagorean theorem",
        "A  ring": "ring",
        "an angle": "angle",
        "The": "The",
        "a": "a",
        "a + b": "a + b",
        "theorem": "theorem",
        "the the": "the",
    }
    assert {name: without_article(name) for name in named} == named


def test_a_text_speaks_of_what_its_words_name_one_behind_the_other() -> None:
    assert speaks_of("Halve the Lists!", "halve the list")
    assert not speaks_of("the list to halve", "halve the list")
    assert not speaks_of("a party", "art")
    assert not speaks_of("anything", "?!")


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_name_is_found_in_a_text_that_holds_it(name: str, around: str) -> None:
    names = by_normal_form([(name, name)])
    assert set(names) <= {normal_form(name)}
    assert concepts_in([f"{around} {name} {around}"], names) == list(names.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [("10⁶", "106"), ("x²", "x2"), ("A", "a"), ("F = ma", "f = MA"), ("n!", "n"), ("½", "1⁄2")],
)
def test_beats_that_show_different_signs_have_different_ideas(one: str, other: str) -> None:
    for field in ("title", "narration"):
        ideas = [idea_of(_beat().model_copy(update={field: f"We see {sign}"})) for sign in (one, other)]
        assert ideas[0] != ideas[1]
    drawn = [idea_of(_beat(visual=ManimCode(idea=f"{sign} is drawn"))) for sign in (one, other)]
    assert drawn[0] != drawn[1]


def test_beats_have_one_idea_whatever_their_white_space() -> None:
    idea = idea_of(_beat())
    assert idea
    assert idea == idea_of(_beat(narration=" A  circle\nis drawn."))
    assert idea == idea_of(_beat(visual=ManimCode(idea="A circle  grows.", code=CODE)))
    assert idea_of(_beat("Caf\u00e9")) == idea_of(_beat("Cafe\u0301"))
    others = [_beat("Square"), _beat(narration="Another."), _beat(visual=ManimCode(idea="It shrinks."))]
    assert idea not in {idea_of(other) for other in others}
    assert idea_of(_beat(visual=ManimCode(code=CODE))) is None
    assert idea_of(_beat(visual=TitleCard(heading="A circle grows."))) is None


def _shown(outcome: Outcome, visual: Visual, *findings: Finding) -> RenderedBeat:
    made = rendered_beat(1, "x")
    clip = made.clip.model_copy(update={"findings": list(findings)})
    return made.model_copy(update={"outcome": outcome, "beat": _beat(visual=visual), "clip": clip})


def test_only_what_came_out_without_a_fault_is_verified() -> None:
    scene, fault = ManimCode(code=CODE), Finding(rule="overlap", objects=[], at_s=1.0, message="they touch")
    assert has_verified_scene(_shown(Outcome.PLANNED, scene))
    assert has_verified_scene(_shown(Outcome.REPAIRED, scene))
    for rendered in (
        _shown(Outcome.SIMPLIFIED, scene),
        _shown(Outcome.CARD, scene),
        _shown(Outcome.PLANNED, scene, fault),
    ):
        assert not is_verified(rendered)
        assert not has_verified_scene(rendered)
    assert not has_verified_scene(_shown(Outcome.PLANNED, TitleCard(heading="x")))


def test_what_is_on_screen_is_said_in_words_and_nothing_that_steers_the_drawing() -> None:
    chart = BarChart(bars=[Bar(label="Steam", value=1, cue="first"), Bar(label="Ice", value=2)], unit="kg")
    assert set(words_on_screen(chart).split("\n")) == {"Steam", "Ice", "kg"}
    assert words_on_screen(ManimCode(idea="A circle grows.", code=CODE)) == "A circle grows."
    assert words_on_screen(ManimCode(code=CODE)) == ""
