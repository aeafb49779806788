"""The layout audit: what it finds, and what it leaves alone."""

from __future__ import annotations

import pytest
from manim import (
    DOWN,
    RIGHT,
    UP,
    Circle,
    FullScreenRectangle,
    Line,
    MathTex,
    Mobject,
    NumberPlane,
    Square,
    SurroundingRectangle,
    Text,
    VGroup,
    tempconfig,
)

from quantumsketch.storyboard import Aspect
from quantumsketch.video import Finding
from renderers.manim.audit import MOST_FINDINGS, Auditor, belongs, ignore
from renderers.manim.stage import stage_for
from renderers.manim.writing.text import fitted_text


def words(text: str = "some words", size: float = 36) -> Mobject:
    return fitted_text(text, width=8, height=2, size=size)


def findings(*mobjects: Mobject) -> list[Finding]:
    auditor = Auditor(stage_for(Aspect.WIDE))
    auditor.look(mobjects, 1.5)
    return auditor.findings


def rules(*mobjects: Mobject) -> list[str]:
    return [finding.rule for finding in findings(*mobjects)]


def test_words_alone_in_the_middle_are_fine() -> None:
    assert rules(words()) == []


@pytest.mark.parametrize("place", [(6.5, 0, 0), (-6.5, 0, 0), (0, 3.6, 0), (0, -3.6, 0)])
def test_words_beyond_the_safe_area_are_found(place: tuple[float, float, float]) -> None:
    (found,) = findings(words().move_to(place))
    assert found.rule == "outside"
    assert found.at_s == 1.5
    assert "some words" in found.message


def test_a_shape_beyond_the_frame_is_found_and_a_background_is_not() -> None:
    assert rules(Square().move_to((7, 0, 0))) == ["outside"]
    with tempconfig({"frame_width": 8 * 16 / 9, "frame_height": 8}):
        assert rules(FullScreenRectangle(fill_opacity=1)) == []
        assert rules(NumberPlane()) == []


def test_overlapping_texts_are_found_once_and_named() -> None:
    auditor = Auditor(stage_for(Aspect.WIDE))
    on_screen = [words("first"), words("second").shift(0.2 * RIGHT)]
    auditor.look(on_screen, 1.0)
    auditor.look(on_screen, 2.0)
    (found,) = auditor.findings
    assert (found.rule, found.at_s) == ("overlap", 1.0)
    assert "first" in found.message
    assert "second" in found.message


def test_texts_side_by_side_are_fine() -> None:
    first = words("first")
    assert rules(first, words("second").next_to(first, DOWN, buff=0.05)) == []


def test_a_line_through_words_is_found() -> None:
    assert rules(words(), Line((-3, -0.1, 0), (3, 0.1, 0))) == ["overlap"]


def test_a_long_straight_line_that_passes_through_a_single_letter_is_found() -> None:
    assert rules(words("x").move_to((4, 2, 0)), Line((4, -3, 0), (4, 3, 0))) == ["overlap"]


def test_words_fully_inside_a_box_or_above_a_line_are_fine() -> None:
    text = words()
    assert rules(text, SurroundingRectangle(text, buff=0.15)) == []
    assert rules(text, Line((-3, 0, 0), (3, 0, 0)).next_to(text, DOWN, buff=0.05)) == []


def test_words_may_lie_on_what_they_belong_to_and_so_may_copies() -> None:
    text, line = words(), Line((-3, 0, 0), (3, 0, 0))
    belongs(text, line)
    assert rules(text, line) == []
    assert rules(text.copy(), line.copy()) == []
    assert rules(text, Line((-3, 0, 0), (3, 0, 0))) == ["overlap"]


def test_words_that_belong_to_a_group_may_lie_on_its_parts() -> None:
    text, group = words(), VGroup(Line((-3, 0, 0), (3, 0, 0)), Circle())
    belongs(text, group)
    assert rules(text, group) == []


def test_decoration_that_is_ignored_is_never_found() -> None:
    far = Square().move_to((7, 0, 0))
    ignore(far)
    assert rules(VGroup(far)) == []


def test_small_words_are_found_whether_written_or_scaled_down() -> None:
    assert rules(words(size=9)) == ["small"]
    assert rules(words(size=36).scale(0.25)) == ["small"]
    assert rules(words(size=14)) == []


def test_manims_own_text_types_are_judged_as_text() -> None:
    assert rules(Text("hello"), MathTex("a^2")) == ["overlap"]
    assert rules(Text("hello", font_size=8)) == ["small"]
    assert rules(MathTex("a^2", font_size=10)) == ["small"]
    assert rules(Text("hello"), MathTex("a^2").shift(UP)) == []


def test_what_cannot_be_seen_is_not_judged() -> None:
    hidden = words().move_to((7, 0, 0)).set_opacity(0)
    assert rules(hidden, Square(stroke_opacity=0).move_to((7, 0, 0))) == []


def test_a_heap_of_texts_is_told_by_a_few_of_its_faults() -> None:
    heap = [words(f"text {number}") for number in range(12)]
    assert len(findings(*heap)) == MOST_FINDINGS
