"""What somebody writes who looks a name up, and what he is told of it: the installed Manim's own names."""

from __future__ import annotations

import re

import pytest

from renderers.manim.knowledge.lookup import exactly
from renderers.manim.knowledge.naming import named
from renderers.manim.knowledge.telling import told
from tests.manim_names import installed

QUERIES = {
    "Axes.plot": "Axes.plot",
    "manim.Axes.plot": "Axes.plot",
    "how is Axes.plot called?": "Axes.plot",
    "manim.mobject.geometry.arc.Circle": "Circle",
    "ShowCreation": "Create",
    "get_graph": "CoordinateSystem.plot",
    "ThreeDAxes.get_graph": "ThreeDAxes.plot",
    "circle": "Circle",
    "Cirlce": "Circle",
    "ease_in_out_sine": "rate_functions.ease_in_out_sine",
    "RED": "RED",
    "TexMobject": "MathTex",
    "set_fill": "VMobject.set_fill",
    "self.wait": "Wait",
    "move it UP": "UP",
    "make a Circle and colour it": "Circle",
    "the old TextMobject of ManimGL": "Tex",
    "fade in with fadeIn": "FadeIn",
    "Text font_size": "Text",
    "axes.plot": "Axes.plot",
    "self.axes.c2p(1, 2)": "Axes.c2p",
    "circle.animate.shift": "Circle.shift",
    "label_1.animate.shift": "Mobject.shift",
    "camera": "Camera",
    "config": "config",
}
"""And what comes first."""

WISHES = (
    "fade something out of the picture",
    "how do I make a label that follows a moving dot",
    "I want a 3D surface plot",
    "How can I zoom the camera on a moving object?",
    "Count from 1 to 10",
    "Draw a triangle",
    "Make text bold",
    "In the middle of the screen",
    "Up and down",
    "A circle around text",
    "Animate a number going up",
    "Highlight a cell of a table",
)
"""Sentences: what is written like a name in them is a word."""

NOTES = {
    "ShowCreation": "ShowCreation is not in this Manim; now Create",
    "FadeInFromDown": "FadeInFromDown is not in this Manim; now FadeIn(…, shift=UP)",
    "TextMobject": "TextMobject is not in this Manim; now Tex",
    "ThreeDAxes.get_graph": "ThreeDAxes.get_graph is not in this Manim; now ThreeDAxes.plot",
    "FRAME_WIDTH": "FRAME_WIDTH is not in this Manim; now config.frame_width",
    "set_width": "set_width is not in this Manim; now Mobject.scale_to_fit_width(…)",
    "OpenGLMobject": "OpenGLMobject is for the other renderer: a scene here cannot show it",
    "Cirlce": "Cirlce is not in this Manim; nearest: Circle",
    "CONFIG = {}": "CONFIG is not in this Manim; now arguments of __init__",
    "make_it_blink now": "make_it_blink is not in this Manim",
    "camera.frame": "frame: attribute, no argument, of MovingCamera, Label",
    "t_max of ParametricFunction": "t_max: attribute, no argument, of ParametricFunction",
}

KEYWORDS = {
    "include_numbers": ("include_numbers: keyword of NumberLine", "NumberLine"),
    "t_range": ("t_range: keyword of ParametricFunction", "ParametricFunction"),
    "lag_ratio": ("lag_ratio: keyword of Animation, ", "Animation"),
    "stroke_width": ("stroke_width: keyword of VMobject, ", "VMobject"),
    "axis_config include_numbers": ("axis_config: keyword of Axes", "Axes"),
    "TransformMatchingTex key_map": ("key_map: keyword of TransformMatchingTex, ", "TransformMatchingTex"),
    "run_time keyword of Create": ("run_time: keyword of Create, ", "Create"),
    "get_riemann_rectangles dx": (
        "dx: keyword of CoordinateSystem.get_riemann_rectangles", "CoordinateSystem.get_riemann_rectangles"
    ),
    "color": ("color: keyword of Mobject, ", "Mobject"),
    "x_axis_length": ("x_axis_length is no keyword in this Manim; now x_length", "CoordinateSystem"),
}  # fmt: skip
"""What begins a note, and the first entry."""


@pytest.mark.parametrize("query", QUERIES)
def test_a_name_is_answered_with_what_it_stands_for_before_anything_else(query: str) -> None:
    found = named(installed(), query)
    assert found.entries[0].name == QUERIES[query]
    assert QUERIES[query] in told(found.entries, notes=found.notes)


@pytest.mark.parametrize("query", WISHES)
def test_a_wish_in_plain_words_names_nothing(query: str) -> None:
    found = named(installed(), query)
    assert (found.entries, found.notes, found.guesses) == ([], [], [])


@pytest.mark.parametrize("query", NOTES)
def test_what_is_not_there_is_said_not_to_be(query: str) -> None:
    notes = named(installed(), query).notes
    assert any(note == NOTES[query] or note.startswith(f"{NOTES[query]}, ") for note in notes), notes


@pytest.mark.parametrize("query", KEYWORDS)
def test_a_keyword_is_answered_with_those_that_take_it(query: str) -> None:
    found, (note, first) = named(installed(), query), KEYWORDS[query]
    assert any(each.startswith(note) for each in found.notes), found.notes
    assert found.entries[0].name == first


def test_what_takes_a_keyword_is_told_with_its_default() -> None:
    for query, default in {
        "axis_config include_numbers": "include_numbers=False",
        "font_size": "font_size=DEFAULT_FONT_SIZE",
        "stroke_width": "stroke_width=DEFAULT_STROKE_WIDTH",
        "key_map": "key_map=None",
    }.items():
        crowd = [entry for name in ("Table", "Code", "BarChart") for entry in exactly(installed(), name)]
        assert default in told([*named(installed(), query).entries, *crowd]), query


def test_only_a_word_that_stands_alone_is_guessed_at_and_the_guesses_are_apart() -> None:
    alone = named(installed(), "Circel")
    assert alone.guesses
    assert not named(installed(), "a Circel and_more").guesses
    vague = named(installed(), "Circumference")
    assert vague.entries == []
    assert "nearest: " in vague.notes[0]


def test_the_classes_of_the_other_renderer_own_no_answer() -> None:
    for name in ("set_width", "add_updater", "set_color_by_gradient", "rotate", "OpenGLMobject.rotate"):
        assert not [entry.name for entry in exactly(installed(), name) if entry.name.startswith("OpenGL")]
    assert [entry.name for entry in exactly(installed(), "add_updater")][:2] == [
        "Mobject.add_updater", "Scene.add_updater",
    ]  # fmt: skip


def test_under_a_class_stand_the_methods_that_a_scene_calls() -> None:
    text = told(exactly(installed(), "Line"))
    assert "  .get_angle()" in text
    assert "  .set_length(length)" in text
    assert ".generate_points" not in text
    for animation in ("Create", "FadeIn", "TransformMatchingTex", "AnimationGroup", "Wait"):
        assert "\n  ." not in told(exactly(installed(), animation)), animation
    brace = told(exactly(installed(), "Brace"))
    assert "  .get_tex(" in brace
    assert ".handle_commands" not in brace


def test_no_line_is_cut_and_what_is_left_out_is_hinted_at() -> None:
    index = installed()
    for name in ("Text", "Axes", "SVGMobject", "BarChart", "Code", "ZoomedScene", "MathTex"):
        entries = [
            entry
            for one in (name, "Text", "Code", "Axes", "BarChart", "Table")
            for entry in exactly(index, one)
        ]
        text = told(entries, {name: ["a remark " * 20]}, ["a note"])
        assert len(text) <= 2_000
        for line in text.splitlines()[1:]:
            assert line.startswith("  ") or re.fullmatch(r"[\w.]+\(.*\)( -> \S.*)?( - .+)?", line), line
    crowd = [entry for one in ("Text", "Code", "Axes", "BarChart", "Table") for entry in exactly(index, one)]
    (svg,) = exactly(index, "SVGMobject")
    heads = [line for line in told([*crowd, svg, *crowd]).splitlines() if line.startswith("SVGMobject")]
    assert re.match(r"SVGMobject\(.*…\)", heads[0])
    assert "svg" in told([svg]).splitlines()[0].lower()
    assert "stroke_width=None" in told([svg]).splitlines()[0]


def test_what_is_told_of_a_name_has_its_parameters_with_their_defaults() -> None:
    text = told(exactly(installed(), "Axes.plot"), {"Axes.plot": ["makes use of: ParametricFunction"]})
    assert text.startswith("Axes.plot(function, x_range=None")
    assert "NumberPlane" in text
    assert "\n  makes use of: ParametricFunction" in text
    assert told([]) != ""


def test_a_heading_of_a_documentation_is_no_summary() -> None:
    index = installed()
    gradient = index.method("Mobject", "set_color_by_gradient")
    assert gradient is not None
    assert gradient.about == ""
    abouts = [
        one.about for entry in index.entries for one in (entry, *entry.methods) if entry.kind != "constant"
    ]
    assert not [about for about in abouts if "---" in about or "  " in about]
    assert not [about for about in abouts if re.search(r"Mobject s\b", about)]
    assert sum(map(bool, abouts)) > 800
