"""What has no one right answer is named: by a rule, with its line, and the names that may have been meant."""

from __future__ import annotations

import pytest

from quantumsketch.time_limit import at_most
from renderers.manim.lint import mend
from tests.manim_names import installed, scene

LINES = [
    ("self.add(NumberBox(7))", "unknown-name", "NumberLine"),
    ("here = Dot(); self.add(hree)", "unknown-name", "here"),
    ("self.add(Circle(color=NO_SUCH))", "unknown-name", "NO_SUCH"),
    ("self.add(Circle(color='no such'))", "wrong-value", "no such"),
    ("self.play(Create(Dot()), rate_func=rate_functions.swing)", "unknown-name", "swing"),
    ("self.add(Dot(UP * config.frames_per_second))", "unknown-name", "frames_per_second"),
    ("self.add(Circle(wobble=2))", "unknown-keyword", "Circle"),
    ("self.add(Axes().plot(lambda x: x, x_span=[0, 1]))", "unknown-keyword", "x_range"),
    ("self.add(Axes().get_tangent_at(1))", "unknown-attribute", "slope_of_tangent"),
    ("a = Axes(); b = a; b.sparkle(); self.add(b)", "unknown-attribute", "sparkle"),
    ("self.play(Circle().animate.sparkle())", "unknown-attribute", "sparkle"),
    ("self.add(Dot().set_sparkle(3))", "unknown-attribute", "set_sparkle"),
    ("self.twinkle()", "unknown-attribute", "twinkle"),
    ("self.add(Dot()), open('a.csv')", "outside", "file"),
    ("self.add(Text(input()))", "outside", "input"),
    ("self.add(ImageMobject('a.png'))", "outside", "draw it"),
    ("self.add(SVGMobject(f'{1}.svg'))", "outside", "draw it"),
    ("self.add_sound('a.wav')", "outside", "sound"),
    ("import os; self.add(Text(os.environ['HOME']))", "outside", "os.environ"),
    ("import requests; self.add(Dot())", "outside", "network"),
    ("import subprocess; self.add(Dot())", "outside", "subprocess"),
    ("from threading import Thread; self.add(Dot())", "outside", "threading"),
    ("import manim_physics; self.add(Dot())", "no-such-module", "manim_physics"),
    ("from manim import Sparkle; self.add(Dot())", "no-such-module", "Sparkle"),
    ("import sys; sys.exit()", "exit", "construct() return"),
    ("while 1: self.wait()", "endless", "never ends"),
    ("self.play(FadeIn(Dot()), run_time=0)", "wrong-value", "0 s"),
    ("self.wait(-2)", "wrong-value", "-2 s"),
]


@pytest.mark.parametrize(("line", "rule", "words"), LINES, ids=[line for line, _, _ in LINES])
def test_what_has_no_one_right_answer_is_named_with_its_line(line: str, rule: str, words: str) -> None:
    source = scene("self.play(Create(Square()))", line)
    mended = mend(source, installed())
    assert mended.code == source
    [fault] = mended.faults
    assert (fault.rule, fault.line) == (rule, 7)
    assert words in fault.message
    assert line in fault.excerpt


SOURCES = {
    "nothing at all": ("", "no-scene"),
    "only words": ("I cannot do that.", "syntax"),
    "a bracket left open": (scene("self.add(Dot()"), "syntax"),
    "cut off in the middle": (scene("self.add(Dot())", "for x in (1,"), "syntax"),
    "null bytes": (scene("self.add(\0Dot())"), "syntax"),
    "deeper than Python can": ("(" * 5000 + ")" * 5000, "syntax"),
    "braces deeper than Python can": (scene("f'\\\\frac" + "{\\\\a" * 2_500 + "}" * 2_500 + "'"), "syntax"),
    "a chain without end": (scene("self.add(Dot()" + ".shift(UP)" * 1500 + ")"), "syntax"),
    "no scene": ("from manim import *\n\nx = Circle()\n", "no-scene"),
    "a base that is nowhere": (scene("self.add(Dot())", base="Sparkles"), "no-scene"),
    "two scenes": (scene("self.wait()") + scene("self.wait(2)").replace("Shown", "Other"), "no-scene"),
    "a class that is its own base": ("from manim import *\nclass A(A, Scene):\n    x = 1\n", "no-scene"),
    "a scene of nothing": (scene("pass"), "empty"),
    "a scene without construct": ("from manim import *\nclass A(Scene):\n    x = 1\n", "empty"),
    "ManimGL's graphs": (scene("self.setup_axes()", base="GraphScene"), "no-scene"),
    "a frame in space": (scene("self.camera.frame.scale(2)", base="ThreeDScene"), "unknown-attribute"),
}


@pytest.mark.parametrize("mistake", SOURCES)
def test_a_source_that_is_no_scene_is_named(mistake: str) -> None:
    source, rule = SOURCES[mistake]
    assert rule in {fault.rule for fault in mend(source, installed()).faults}


def test_a_fault_shows_few_lines() -> None:
    many = [f"        {n}," for n in range(200)]
    [fault] = mend(scene("self.add(Circle(wobble=[", *many, "]))"), installed()).faults
    assert len(fault.excerpt.splitlines()) <= 8
    assert "wobble" in fault.excerpt


def test_what_is_no_scene_at_all_has_no_more_faults_than_anybody_reads() -> None:
    faults = mend(scene(*[f"word{n}" for n in range(90)]), installed()).faults
    assert len(faults) == 30


HARD_TO_READ = {
    "a string that is not closed": '"""' + "\\a" * 9_000,
    "classes that descend from each other in many ways": "\n".join([
        "from manim import *", "class A0(Scene): x = 1", "class A1(A0): x = 1",
        *(f"class A{n}(A{n - 1}, A{n - 2}): x = 1" for n in range(2, 60)),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("source", HARD_TO_READ)
def test_no_source_keeps_the_linter_busy(source: str) -> None:
    with at_most(5):
        assert mend(HARD_TO_READ[source], installed()).faults


def test_line_numbers_are_those_of_the_mended_source() -> None:
    mended = mend(f"Look:\n\n```python\n{scene('self.add(Sparkle())')}```", installed())
    [fault] = mended.faults
    assert fault.line is not None
    assert "Sparkle" in mended.code.splitlines()[fault.line - 1]


def test_what_a_scene_defines_itself_is_not_named() -> None:
    source = scene(
        "class Blob(VGroup):",
        "    def sparkle(self, wobble=1):",
        "        return self",
        "def Sparkle(wobble):",
        "    return Blob()",
        "blob = Blob().sparkle(wobble=2)",
        "blob.glow = 3",
        "self.glow = blob.glow",
        "self.add(blob, Sparkle(wobble=2), *[dot for dot in (Dot(),)])",
        "self.wait(self.glow)",
    )
    assert mend(source, installed()).faults == []
