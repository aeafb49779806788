"""Text and formulas: they always fit, and stand on one baseline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import VMobject

from renderers.manim.theme import NIGHT
from renderers.manim.writing.characters import COMMANDS as CHARACTERS
from renderers.manim.writing.formulas import TexSource, formula, highlighted, prepare
from renderers.manim.writing.inline import split_formulas
from renderers.manim.writing.text import TextBlock, fitted_tex, fitted_text
from tests.storyboards import texts

GERMAN, ARABIC, HINDI = "Größe und Übermaß", "مرحبا بالعالم", "नमस्ते दुनिया"


def glyphs(block: TextBlock) -> list[VMobject]:
    return [
        part for part in block.get_family() if isinstance(part, VMobject) and part.get_fill_opacity() > 0.5
        and len(part.points)
    ]  # fmt: skip


def bottom(mobject: VMobject) -> float:
    return float(mobject.get_bottom()[1])


@settings(max_examples=25, derandomize=True, database=None, deadline=None)
@given(
    text=st.one_of(texts(120), st.text(min_size=1, max_size=120), st.just("W" * 120), st.just("$" * 7)),
    width=st.floats(1.0, 13.0),
    height=st.floats(0.3, 5.0),
    align=st.sampled_from(("left", "center", "right")),
)
def test_every_text_fits_its_room(text: str, width: float, height: float, align: str) -> None:
    block = fitted_text(text, width=width, height=height, size=36, align=align)
    assert block.width <= width * 1.001
    assert block.height <= height * 1.001
    assert block.points_of_font <= 36


@pytest.mark.parametrize("text", [GERMAN, ARABIC, HINDI, "русский ελληνικά"])
def test_text_of_many_scripts_becomes_glyphs(text: str) -> None:
    assert len(glyphs(fitted_text(text, width=9, height=2, size=36))) >= 5


def test_a_long_text_wraps_before_it_shrinks() -> None:
    block = fitted_text("some words that need lines " * 3, width=4, height=4, size=36)
    assert block.points_of_font == 36
    assert block.height > 2 * fitted_text("one line", width=4, height=4, size=36).height


def test_lines_of_one_size_have_one_height_whatever_their_letters() -> None:
    heights = [fitted_text(text, width=9, height=2, size=30).height for text in ("a", "gÅ", "--", "$x$")]
    assert heights == pytest.approx([heights[0]] * 4)


def test_an_inline_formula_stands_on_the_baseline_of_its_words() -> None:
    letters = glyphs(fitted_text("H$x$H", width=9, height=2, size=36))
    lows = [bottom(letter) for letter in letters]
    assert len(letters) == 3
    assert max(lows) - min(lows) < 0.02  # a round letter reaches a hair below


@pytest.mark.parametrize("text", [r"$\frac{a}{b}$ begins", r"ends with $\frac{a}{b}$", r"($\sqrt{x}$)"])
def test_an_inline_formula_touches_no_letter(text: str) -> None:
    block = fitted_text(text, width=9, height=2, size=36)
    spans = sorted((float(part.get_left()[0]), float(part.get_right()[0])) for part in glyphs(block)[-3:])
    words = glyphs(fitted_text(text.partition("$")[0] or text.rpartition("$")[2], width=9, height=2, size=36))
    assert len(glyphs(block)) > len(words) > 0
    assert block.width > words[0].width + spans[-1][1] - spans[0][0]


@pytest.mark.parametrize("text", ["costs $5", "from $5 to $10 a day", r"a $\no$ b", r"$\frac{a$", "$$"])
def test_dollar_signs_that_hold_no_formula_stay_as_they_are(text: str) -> None:
    shown = len(glyphs(fitted_text(text, width=9, height=2, size=36)))
    assert shown == len(text.replace(" ", ""))


def test_only_the_formulas_between_dollars_are_formulas() -> None:
    parts = list(split_formulas("a $x$, $5 or $y^2$"))
    assert parts == ["a ", TexSource("x"), ", $", "5 or ", TexSource("y^2"), ""]


def test_tex_that_is_refused_is_shown_as_text() -> None:
    block = fitted_tex(r"\undefined{x} + 1", width=9, height=1, size=40)
    assert len(glyphs(block)) == len(r"\undefined{x}+1")


def test_one_bad_formula_does_not_harm_the_others_of_its_run() -> None:
    sources = [TexSource(tex) for tex in ("a_1", "{", r"\nope", "b}", r"\end{document}", "c%", "d^2")]
    prepare(sources)
    accepted = [formula(source) is not None for source in sources]
    assert accepted == [
        True,
        False,
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("tex", [r"\input{/etc/passwd}", r"\def\x{1}\x", r"\write18{ls}", r"\catcode`\%=12"])
def test_tex_that_programs_or_reads_files_is_no_formula(tex: str) -> None:
    assert formula(TexSource(tex)) is None


def test_a_long_formula_breaks_over_lines_before_it_becomes_illegible() -> None:
    block = fitted_tex(" + ".join(["x^2 + y_1"] * 17), width=7, height=3, size=44)
    assert block.width <= 7.001
    assert block.points_of_font > NIGHT.type.smallest


def test_highlighted_parts_have_their_own_colour() -> None:
    block = fitted_tex(
        "a^2 + b^2 = c^2", width=9, height=1, size=40, highlight=["b^2"], highlight_color="#FF0000"
    )
    assert len(block.highlights) == 2
    assert {part.get_fill_color().to_hex() for part in block.highlights} == {"#FF0000"}
    assert sum(part.get_fill_color().to_hex() == "#FF0000" for part in glyphs(block)) == 2


@pytest.mark.parametrize(
    ("tex", "part", "found"),
    [
        (r"\frac{a}{b}", "a", 1),
        (r"\begin{matrix}a\end{matrix}", "a", 1),
        (r"x^2", "2", 1),
        (r"\alpha", "a", 0),
        (r"{a}", "{a", 0),
    ],
)
def test_highlighting_never_cuts_a_command(tex: str, part: str, found: int) -> None:
    assert highlighted(tex, [part]).count("color push") == found
    assert formula(TexSource(tex, True, (part,))) is not None


def test_a_formula_and_its_highlighted_twin_have_the_same_size() -> None:
    plain, marked = (formula(TexSource("a + b = c", True, parts)) for parts in ((), ("b", "=")))
    assert plain is not None
    assert marked is not None
    assert plain.width == pytest.approx(marked.width)


def test_the_block_is_centred_at_the_origin() -> None:
    for block in (
        fitted_text("words", width=5, height=1, size=30),
        fitted_tex("x^2", width=5, height=1, size=30),
    ):
        assert np.allclose(block.get_center(), 0, atol=1e-6)


def test_every_declared_character_may_stand_in_a_formula_and_in_its_words() -> None:
    sources = [TexSource(f"{char} x") for char in CHARACTERS] + [
        TexSource(r"\text{5 µm at 20 °C}"),
        TexSource("πr²"),
    ]
    prepare(sources)
    assert [source.tex for source in sources if formula(source) is None] == []
