"""What the linter mends by itself: each mistake becomes the one right thing, the rest stays as written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.manim.lint import mend
from renderers.manim.lint.script import parses
from tests.correct_scenes import CORRECT_SCENES
from tests.manim_names import installed, scene

CHANGES = r"""
# names of old versions and of ManimGL
self.play(ShowCreation(Circle()))
-> self.play(Create(Circle()))
self.play(Write(TextMobject('words')))
-> self.play(Write(Tex('words')))
self.play(Write(TexMobject('x')))
-> self.play(Write(MathTex('x')))
self.play(Write(TexText('words')), WiggleOutThenIn(Dot()))
-> self.play(Write(Tex('words')), Wiggle(Dot()))
self.play(FadeInFromDown(Dot()))
-> self.play(FadeIn(Dot(), shift=UP))
self.play(FadeInFrom(Dot(), LEFT))
-> self.play(FadeIn(Dot(), shift=-LEFT))
self.play(FadeInFrom(Dot(), direction=UP + LEFT))
-> self.play(FadeIn(Dot(), shift=-(UP + LEFT)))
self.play(FadeOutAndShift(Dot(), 2 * UP))
-> self.play(FadeOut(Dot(), shift=2 * UP))
self.play(FadeIn(Dot(), 0.5 * UP))
-> self.play(FadeIn(Dot(), shift=0.5 * UP))
self.play(FadeIn(Dot().move_to(UP_LEFT)))
-> self.play(FadeIn(Dot().move_to(UL)))
self.play(FadeIn(Line(ORIGIN, FRAME_WIDTH * UP)))
-> self.play(FadeIn(Line(ORIGIN, config.frame_width * UP)))
# spelling
self.play(Create(Cirlce()))
-> self.play(Create(Circle()))
self.play(Create(Numberplane()))
-> self.play(Create(NumberPlane()))
self.play(Create(Circle(color=blue)))
-> self.play(Create(Circle(color=BLUE)))
self.play(Create(Circle(color=DARK_GREY)))
-> self.play(Create(Circle(color=DARK_GREY)))
self.play(Create(Circle(color=LIGHT_GREEN)))
-> self.play(Create(Circle(color=SVGNAMES.LIGHTGREEN)))
self.play(Create(Circle(color='cyan')))
-> self.play(Create(Circle(color=SVGNAMES.CYAN)))
self.play(Create(Dot()), rate_func=ease_in_sine)
-> self.play(Create(Dot()), rate_func=rate_functions.ease_in_sine)
self.play(Create(Dot()), rate_func='linear')
-> self.play(Create(Dot()), rate_func=linear)
self.play(Write(Text('a', weight='bold')))
-> self.play(Write(Text('a', weight=BOLD)))
# keywords
self.add(Circle(colour=RED, strokewidth=2))
-> self.add(Circle(color=RED, stroke_width=2))
self.add(Text('a', fontsize=20))
-> self.add(Text('a', font_size=20))
self.play(Create(Dot()), duration=2)
-> self.play(Create(Dot()), run_time=2)
self.add(Dot()), self.wait(run_time=2)
-> self.add(Dot()), self.wait(duration=2)
self.add(Axes(x_min=-1, x_max=5, y_min=0, y_max=2))
-> self.add(Axes(x_range=[-1, 5], y_range=[0, 2]))
self.add(Axes(x_max=5, width=3, x_min=-1))
-> self.add(Axes(x_length=3, x_range=[-1, 5]))
self.add(Code(code='a = 1', style='monokai'))
-> self.add(Code(code_string='a = 1', formatter_style='monokai'))
self.add(VGroup(Dot(), Dot()).arrange_in_grid(n_rows=2))
-> self.add(VGroup(Dot(), Dot()).arrange_in_grid(rows=2))
self.add(Dot(opacity=0.5), Square(fill_color=RED, opacity=0.5))
-> self.add(Dot(fill_opacity=0.5), Square(fill_color=RED, fill_opacity=0.5))
self.add(Text('a', bold=True, italic=True))
-> self.add(Text('a', weight=BOLD, slant=ITALIC))
self.add(Code(code='a', font='Mono', style='vim', font_size=20))
-> self.add(Code(code_string='a', paragraph_config={"font": 'Mono', "font_size": 20}, formatter_style='vim'))
# methods
self.add(Axes().get_graph(lambda x: x, x_min=0, x_max=2))
-> self.add(Axes().plot(lambda x: x, x_range=[0, 2]))
self.add(Circle().set_colour(RED))
-> self.add(Circle().set_color(RED))
c = Code(code_string='a'); self.add(c.code[0])
-> c = Code(code_string='a'); self.add(c.code_lines[0])
self.add(Circle().scale_in_place(2))
-> self.add(Circle().scale(2))
self.add(Dot().set_width(2, stretch=True))
-> self.add(Dot().stretch_to_fit_width(2))
self.add(Dot()), self.sleep(2)
-> self.add(Dot()), self.wait(2)
self.set_background_color(WHITE); self.wait()
-> self.camera.background_color = WHITE; self.wait()
# animations
c = Circle(); self.play(c.shift, UP, FadeIn(Dot()))
-> c = Circle(); self.play(c.animate.shift(UP), FadeIn(Dot()))
c = Circle(); a = FadeIn(Dot()); self.play(c.shift, UP, a)
-> c = Circle(); a = FadeIn(Dot()); self.play(c.animate.shift(UP), a)
c = Circle(); self.play(c.shift(UP).scale(2))
-> c = Circle(); self.play(c.animate.shift(UP).scale(2))
self.add(FadeIn(Dot()))
-> self.play(FadeIn(Dot()))
FadeIn(Dot())
-> self.play(FadeIn(Dot()))
self.add(always_redraw(Dot(UP)))
-> self.add(always_redraw(lambda: Dot(UP)))
a = Dot(); self.add(a.add_updater(a.shift(UP)))
-> a = Dot(); self.add(a.add_updater(lambda _: a.shift(UP)))
# TeX
self.add(MathTex('\frac{a}{b}', '\theta'))
-> self.add(MathTex(r'\frac{a}{b}', r'\theta'))
self.add(MathTex('x = \sqrt{2}'))
-> self.add(MathTex(r'x = \sqrt{2}'))
self.add(MathTex('\\frac{1}{2} \nu'))
-> self.add(MathTex('\\frac{1}{2} \\nu'))
self.add(MathTex('\upsilon', '\xi'))
-> self.add(MathTex(r'\upsilon', r'\xi'))
self.add(MathTex(f'\frac{a}{b}'))
-> self.add(MathTex(r'\frac{a}{b}'))
n = 2; self.add(MathTex(rf'\frac{n}{b}'))
-> n = 2; self.add(MathTex(rf'\frac{n}{{b}}'))
n = 2; self.add(MathTex(rf'x_{max} = {n:.1f}'))
-> n = 2; self.add(MathTex(rf'x_{{max}} = {n:.1f}'))
n = 2; self.add(MathTex(rf'\sqrt{\pi} = {n}'))
-> n = 2; self.add(MathTex(rf'\sqrt{{\pi}} = {n}'))
self.add(MathTex('$x^2$'))
-> self.add(MathTex('x^2'))
self.add(MathTex('the area $x^2$ is'))
-> self.add(Tex('the area $x^2$ is'))
self.add(Tex(r'\frac{1}{2}'))
-> self.add(MathTex(r'\frac{1}{2}'))
self.add(Tex('x^2', isolate=['x']))
-> self.add(MathTex('x^2', substrings_to_isolate=['x']))
self.add(MathTex(r'2πr² ≤ α_1 × x₁₂'))
-> self.add(MathTex(r'2\pi r^{2} \leq \alpha_1 \times x_{12}'))
self.add(MathTex('λ → ∞'))
-> self.add(MathTex('\\lambda \\to \\infty'))
self.add(MathTex(r'50%'), Tex('50% of A & B'))
-> self.add(MathTex(r'50\%'), Tex('50\\% of A \\& B'))
parts = ['\frac{1}{2}', '\theta', 'a\nb']; self.add(*map(MathTex, parts))
-> parts = [r'\frac{1}{2}', r'\theta', 'a\nb']; self.add(*map(MathTex, parts))
# values
self.add(Dot([1, 2]), Polygon([0, 0], (1, 0), np.array([0, 1])), Arrow(UP, end=[1, 1]))
-> self.add(Dot([1, 2, 0]), Polygon([0, 0, 0], (1, 0, 0), np.array([0, 1, 0])), Arrow(UP, end=[1, 1, 0]))
self.add(Vector([1, 2]), VGroup(Dot())[0].shift([1, -2]), Dot().move_to((1, 2)))
-> self.add(Vector([1, 2]), VGroup(Dot())[0].shift([1, -2, 0]), Dot().move_to((1, 2, 0)))
self.add(Circle().set_fill_opacity(0.5))
-> self.add(Circle().set_fill(opacity=0.5))
self.add(Text(5), MathTex(-2))
-> self.add(Text("5"), MathTex("-2"))
self.add(Table([[1, 'b']], col_labels=['A', 'B']))
-> self.add(Table([["1", 'b']], col_labels=[Text('A'), Text('B')]))
"""
"""What is written, and below it what it becomes."""


def _lines() -> dict[str, str]:
    lines = [line for line in CHANGES.splitlines() if line and not line.startswith("#")]
    return {was: becomes.removeprefix("-> ") for was, becomes in zip(lines[::2], lines[1::2], strict=True)}


LINES = _lines()


@pytest.mark.parametrize("line", LINES)
def test_a_line_with_one_right_answer_becomes_it(line: str) -> None:
    mended = mend(scene("# as it was", line, "self.wait(1)  # and  so"), installed())
    assert mended.code == scene("# as it was", LINES[line], "self.wait(1)  # and  so")
    assert mended.faults == []
    assert bool(mended.mended) == (line != LINES[line])


CIRCLE = scene("self.play(Create(Circle()))")
HEAD = "from manim import *\n\n\n"

SOURCES = {
    "a code fence": (f"```python\n{CIRCLE}```", CIRCLE),
    "a fence and words": (f"Sure!\n\n```py\n{CIRCLE}```\nThis draws a circle.", CIRCLE),
    "several fences": (f"```bash\npip install manim\n```\nThen:\n```python\n{CIRCLE}```\n", CIRCLE),
    "an open fence": (f"```python\n{CIRCLE}", CIRCLE),
    "words around": (f"Here is the scene:\n\n{CIRCLE}\nIt draws a circle.", CIRCLE),
    "thoughts": (f"<think>A circle?\n```\nno\n```</think>\n{CIRCLE}", f"\n{CIRCLE}"),
    "escaped line ends": (CIRCLE.replace("\n", "\\n"), CIRCLE),
    "windows line ends": (CIRCLE.replace("\n", "\r\n"), CIRCLE),
    "HTML": (scene("if 1 &lt; 2:", "    self.add(Dot())"), scene("if 1 < 2:", "    self.add(Dot())")),
    "an indented source": ("".join(f"    {line}\n" for line in CIRCLE.splitlines()), CIRCLE),
    "typographic quotes": (scene("self.add(Text(“it’s”))".replace("’", "")), scene('self.add(Text("its"))')),
    "a no-break space": (scene("self.add(\u00a0Dot())"), scene("self.add( Dot())")),
    "a dash for a minus": (scene("self.add(Dot(\u22122 * UP))"), scene("self.add(Dot(-2 * UP))")),
    "no import": (CIRCLE.removeprefix(HEAD), CIRCLE.replace("\n\n\n", "\n")),
    "ManimGL's import": (CIRCLE.replace("manim ", "manimlib "), CIRCLE),
    "an old import": (CIRCLE.replace("manim ", "manimlib.imports "), CIRCLE),
    "a moved module": (
        CIRCLE.replace("import *", "import *\nfrom manim.mobject.geometry import Circle"),
        CIRCLE.replace("import *", "import *\nfrom manim import Circle"),
    ),
    "math without import": (scene("self.wait(math.pi)"), f"import math\n{scene('self.wait(math.pi)')}"),
    "math after the future": (
        f"from __future__ import annotations\n{scene('self.wait(math.pi)')}",
        f"from __future__ import annotations\nimport math\n{scene('self.wait(math.pi)')}",
    ),
    "a name of typing": (
        scene("def f(x: Any): self.add(x)", "f(Dot())"),
        f"from typing import Any\n{scene('def f(x: Any): self.add(x)', 'f(Dot())')}",
    ),
    "a class without base": (CIRCLE.replace("(Scene)", ""), CIRCLE),
    "an interactive scene": (CIRCLE.replace("(Scene)", "(InteractiveScene)"), CIRCLE),
    "construct without self": (CIRCLE.replace("(self)", "()"), CIRCLE),
    "construct misspelt": (CIRCLE.replace("construct", "constuct"), CIRCLE),
    "a bare construct": (
        f"{HEAD}def construct(self):\n    self.add(Dot())\n",
        f"{HEAD}class GeneratedScene(Scene):\n    def construct(self):\n        self.add(Dot())\n",
    ),
    "loose statements": (
        f"{HEAD}dot = Dot()\nself.add(dot)\n",
        scene("dot = Dot()", "self.add(dot)").replace("Shown", "GeneratedScene"),
    ),
    "an empty second scene": (f"{CIRCLE}class Rest(Scene):\n    def construct(self): pass\n", CIRCLE),
    "a frame in a plain scene": (
        scene("self.play(self.camera.frame.animate.scale(2))"),
        scene("self.play(self.camera.frame.animate.scale(2))", base="MovingCameraScene"),
    ),
    "ManimGL's frame": (
        scene("self.play(self.frame.animate.scale(2))"),
        scene("self.play(self.camera.frame.animate.scale(2))", base="MovingCameraScene"),
    ),
    "ManimGL's reorient": (
        scene("self.frame.reorient(20, 70)", "self.add(Sphere())"),
        scene(
            "self.set_camera_orientation(theta=20 * DEGREES, phi=70 * DEGREES)", "self.add(Sphere())",
            base="ThreeDScene",
        ),
    ),
    "space in a plain scene": (
        scene("self.set_camera_orientation(phi=1)", "self.add(Cube())"),
        scene("self.set_camera_orientation(phi=1)", "self.add(Cube())", base="ThreeDScene"),
    ),
    "ManimGL's fix_in_frame": (
        scene("t = Text('a')", "t.fix_in_frame()", "self.add(Cube())"),
        scene("t = Text('a')", "self.add_fixed_in_frame_mobjects(t)", "self.add(Cube())", base="ThreeDScene"),
    ),
    "CONFIG": (
        CIRCLE.replace("(Scene):", "(Scene):\n    CONFIG = {'n': 2, 'm': RED}"),
        CIRCLE.replace("(Scene):", "(Scene):\n    n = 2\n    m = RED"),
    ),
    "an interactive session": (scene("self.add(Dot())", "self.embed()"), scene("self.add(Dot())")),
    "a wait of nothing": (scene("self.add(Dot())", "self.wait(0)  # now"), scene("self.add(Dot())")),
    "names left out of the import": (
        scene("self.add(Dot(UP))").replace("*", "Scene"),
        scene("self.add(Dot(UP))").replace("*", "Scene, Dot, UP"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", SOURCES)
def test_a_source_with_one_right_answer_becomes_it(mistake: str) -> None:
    source, right = SOURCES[mistake]
    mended = mend(source, installed())
    assert mended.code == right
    assert mended.faults == []


EXAMPLES = [
    *CORRECT_SCENES.values(), *(scene(line) for line in LINES), *(source for source, _ in SOURCES.values())
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([line for line in LINES if ";" not in line]), min_size=1, max_size=4))
def test_lines_mended_together_become_what_they_become_alone(lines: list[str]) -> None:
    mended = mend(scene(*lines), installed())
    assert mended.code == scene(*(LINES[line] for line in lines))
    assert mend(mended.code, installed()).mended == []


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EXAMPLES), st.data())
def test_mending_twice_is_mending_once_whatever_is_missing(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 40)))
    cut = source[:start] + source[end:]
    once = mend(cut, installed())
    again = mend(once.code, installed())
    assert again.code == once.code
    assert again.faults == once.faults
    if parses(cut) or not any(fault.rule == "syntax" for fault in once.faults):
        assert parses(once.code)
