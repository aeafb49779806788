"""The formulas of a source are set in one run of TeX, to the very curves that Manim sets one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from manim import MathTex, Tex, VMobject, config, tempconfig

from renderers.manim.film.tex_ahead import set_ahead

pytestmark = pytest.mark.slow

CODE = r"""
MathTex("a^2", "+", "b^2")
MathTex(r"\frac{a}{b}", font_size=60, color=unknown)
Tex("some words and $x^2$")
Tex("a sentence that goes on and on until it is longer than the width of a usual page can be, I think")
MathTex(r"a &= b \\ c &= d")
MathTex(r"\sum_{k=1}^9 k^2", substrings_to_isolate=["k"])
MathTex("E = m c^2", tex_to_color_map={"m": RED})
Tex(r"left \\ aligned", tex_environment="flushleft")
MathTex(f"{not_written_out}")
MathTex(*several)
raise SystemExit("nothing of this is run")
"""
WRITTEN_OUT = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """Where Manim keeps what is set."""
    with tempconfig({"media_dir": str(tmp_path)}):
        yield Path(config.get_dir("tex_dir"))


def curves(text: VMobject) -> npt.NDArray[np.float64]:
    return np.concatenate([part.points for part in text.family_members_with_points()])


def build() -> list[VMobject]:
    return [
        MathTex("a^2", "+", "b^2"),
        MathTex(r"\frac{a}{b}", font_size=60),
        Tex("some words and $x^2$"),
        Tex("a sentence that goes on and on until it is longer than the width of a usual page can be,"
            " I think"),
        MathTex(r"a &= b \\ c &= d"),
        MathTex(r"\sum_{k=1}^9 k^2", substrings_to_isolate=["k"]),
        MathTex("E = m c^2", tex_to_color_map={"m": "#FF0000"}),
        Tex(r"left \\ aligned", tex_environment="flushleft"),
    ]  # fmt: skip


def test_formulas_set_ahead_are_found_and_are_the_same_to_the_last_curve(store: Path, tmp_path: Path) -> None:
    set_ahead(CODE)
    set_before = {file: file.stat().st_mtime_ns for file in store.glob("*.svg")}
    assert len(set_before) == WRITTEN_OUT
    found = build()
    assert {file: file.stat().st_mtime_ns for file in store.glob("*.svg")} == set_before
    with tempconfig({"media_dir": str(tmp_path / "one-by-one")}):
        for ahead, alone in zip(found, build(), strict=True):
            assert [len(part.submobjects) for part in ahead] == [len(part.submobjects) for part in alone]
            assert curves(ahead) == pytest.approx(curves(alone), abs=1e-6)


@pytest.mark.parametrize(
    "code",
    [
        'MathTex("x")\nMathTex(r"\\nonsense")\nMathTex("y")',
        'MathTex("x")\nMathTex(r"\\end{align*}\\newpage\\begin{align*} y")',
        'MathTex("x"',
        "x = 1",
        "MathTex()\nTex(1 + 1)",
    ],
)
def test_what_cannot_be_set_in_one_run_is_left_to_the_scene(code: str, store: Path) -> None:
    set_ahead(code)
    assert [*store.glob("*.svg")] == []


def test_where_numbers_are_shown_their_digits_are_set_ahead(store: Path) -> None:
    set_ahead("DecimalNumber(tracker.get_value())")
    set_before = {*store.glob("*.svg")}
    assert len(set_before) == len("0123456789.,-")
    for character in "0123456789.,-":
        MathTex(character)
    assert {*store.glob("*.svg")} == set_before
