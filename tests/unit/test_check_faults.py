"""Errors of scenes as faults: a stable rule, the line in the source, what is wrong, what would be right."""

from __future__ import annotations

import pytest

from quantumsketch.checking import Fault
from quantumsketch.storyboard import Look
from quantumsketch.time_limit import at_most
from renderers.manim.checking.dry_run import DryRun
from renderers.manim.checking.faults import fault_of_error
from renderers.manim.writing.complaints import widen_log
from tests.checked_scenes import scene

pytestmark = pytest.mark.slow

FIRST = 6
"""The line of a scene's source in which the body of its construct begins."""

FAULTS = {
    "an unknown name": ("self.play(Creat(Circle()))", "unknown-name", 0, ["'Creat'", "Create"]),
    "a misspelt variable": ("square = Square()\nself.add(sqare)", "unknown-name", 1, ["'sqare'", "square"]),
    "a name used too early": (
        "def later():\n    return thing\nself.add(later())\nthing = Circle()",
        "unknown-name", 1, ["before it gets a value"],
    ),
    "an unknown method": ("Circle().shfit(UP)", "unknown-attribute", 0, ["Circle", "'shfit'", "shift"]),
    "a method that Manim makes up": (
        "axes = Axes()\naxes.get_tangent_at(1, x=2)", "unknown-attribute", 1, ["'get_tangent_at'"],
    ),
    "a getter of nothing": ("Circle().get_middle()", "unknown-attribute", 0, ["'get_middle'"]),
    "a function that returns nothing": (
        "circle = print('x')\ncircle.shift(UP)", "unknown-attribute", 1, ["'shift'", "None"],
    ),
    "None given to an animation": ("self.play(Create(print('x')))", "wrong-arguments", 0, ["None"]),
    "an unknown keyword": ("Circle(radus=2)", "unknown-keyword", 0, ["Circle", "'radus'", "radius"]),
    "an inherited keyword misspelt": ("Text('a', fontsize=2)", "unknown-keyword", 0, ["font_size"]),
    "a missing argument": ("Arc3D = Cube\nAngle(Line())", "wrong-arguments", 1, ["line2", "Angle("]),
    "an object instead of an animation": ("self.play(Circle())", "wrong-arguments", 0, ["animate"]),
    "nothing to play": ("self.play()", "wrong-value", 0, ["no animations"]),
    "a module that is not there": ("import manim_physics", "no-such-module", 0, ["manim_physics", "numpy"]),
    "a file that is not there": ("open('/no/such/file')", "outside", 0, ["nothing outside"]),
    "a division by zero": ("1 / 0", "error", 0, ["ZeroDivisionError"]),
    "recursion without an end": (
        "def again():\n    return again()\nagain()", "endless", 1, ["last case"],
    ),
    "more memory than there is": ("np.ones((10**8, 10**8))", "memory", 0, ["memory"]),
    "leaving the program": ("raise SystemExit", "exit", 0, ["construct return"]),
    "a loop that plays for ever": (
        "while True:\n    self.play(Rotate(Square()))", "endless", 0, ["goes on"],
    ),
    "a loop that swallows errors": (
        "while True:\n    try:\n        self.wait(1)\n    except Exception:\n        pass", "endless", 0, [],
    ),
    "an animation of an hour": ("self.wait(3600)", "pace", 0, ["3600 s", "240 s"]),
    "an animation of ages": ("self.play(Create(Circle()), run_time=1e12)", "pace", 0, []),
    "a thousand animations": (
        "for _ in range(1000):\n    self.play(FadeIn(Dot()), run_time=0.1)", "pace", 1, ["animations"],
    ),
    "an unknown command of TeX": (
        "VGroup(\n    MathTex('a'),\n    MathTex(r'x + \\foo{y}'),\n)", "tex", 2,
        [r"\foo{y}", r"sequence: \foo"],
    ),
    "text mode without dollars": ("Tex(r'x_1')", "tex", 0, ["Missing $", "dollar signs"]),
    "a dollar in mathematics": ("MathTex('$x$')", "tex", 0, ["'$x$'", "dollar"]),
    "a letter that TeX has not": ("MathTex('x = π')", "tex", 0, ["π", "U+03C0"]),
    "a command cut in two": (
        "MathTex(r'\\sum_{n=1}^\\infty', tex_to_color_map={'n': RED})", "tex", 0, ["'n'", r"command \infty"],
    ),
    "a fraction that does not end": ("MathTex(r'\\frac{1{n}')", "tex", 0, ["\\frac{1{n}", "at '{1{n}'"]),
}  # fmt: skip


def failed(code: str, seconds: float = 20.0) -> Fault:
    widen_log()
    try:
        with at_most(seconds):
            DryRun(Look()).run(code)
    except BaseException as error:
        return fault_of_error(error, code)
    raise AssertionError("the scene has no fault")


@pytest.mark.parametrize(("body", "rule", "after", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_an_error_is_told_with_its_line_and_what_would_be_right(
    body: str, rule: str, after: int, said: list[str]
) -> None:
    fault = failed(scene(body))
    assert (fault.rule, fault.line) == (rule, FIRST + after), fault.message
    assert [words for words in said if words not in fault.message] == []
    assert f"{fault.line}: " in fault.excerpt
    assert len(fault.excerpt.splitlines()) <= 9


@pytest.mark.parametrize(
    ("code", "rule", "line", "said"),
    [
        ("class A(Scene)\n    pass", "syntax", 1, "expected ':'"),
        ("x = 1", "no-scene", None, "none"),
        ("class A(Scene): pass\nclass B(Scene): pass", "no-scene", None, "A, B"),
        ("import nothing_like_it\nclass A(Scene): pass", "no-such-module", 1, "nothing_like_it"),
    ],
)
def test_a_source_that_is_no_scene_is_told(code: str, rule: str, line: int | None, said: str) -> None:
    fault = failed(code)
    assert (fault.rule, fault.line) == (rule, line)
    assert said in fault.message


def test_a_computation_that_does_not_end_is_stopped_and_its_loop_is_named() -> None:
    fault = failed(scene("n = 0\nwhile n >= 0:\n    n += 1"), seconds=0.3)
    assert (fault.rule, fault.line) == ("endless", FIRST + 1)
    assert "while n >= 0" in fault.excerpt


def test_a_bare_except_does_not_keep_a_scene_going() -> None:
    fault = failed(
        scene("while True:\n    try:\n        sum(range(10**6))\n    except Exception:\n        pass"), 0.3
    )
    assert fault.rule == "endless"


def test_a_fault_in_a_function_of_its_own_shows_whose_it_is() -> None:
    code = "class A(Scene):\n    def label(self, text):\n        x = 1\n        return Txt(text)\n\n" + (
        "    def construct(self):\n        self.add(self.label('a'))\n"
    )
    assert failed(code).excerpt == "2:     def label(self, text):\n4:         return Txt(text)"


def test_an_error_inside_an_updater_is_told_at_the_updaters_line() -> None:
    body = "dot = Dot()\ndot.add_updater(lambda it, dt: it.move(dt))\nself.add(dot)\nself.wait(1)"
    fault = failed(scene(body))
    assert (fault.rule, fault.line) == ("unknown-attribute", FIRST + 1)
