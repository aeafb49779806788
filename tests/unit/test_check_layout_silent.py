"""Scenes that are laid out right: the audit must say nothing of them. Each is an idiom of good scenes."""

from __future__ import annotations

import pytest

from quantumsketch.storyboard import Aspect
from tests.checked_scenes import audited

pytestmark = pytest.mark.slow

SILENT = {
    "labels in boxes": """
        boxes = VGroup(*[VGroup(Square(1.8), Text(word, font_size=32)) for word in ("in", "to", "out")])
        boxes.arrange(RIGHT, buff=0.6)
        self.play(LaggedStart(*[FadeIn(box) for box in boxes]))
    """,
    "a filled box below its label": """
        box = Rectangle(width=4, height=1.5, fill_color=BLUE_E, fill_opacity=1)
        self.play(FadeIn(box))
        self.play(Write(Text("kernel")))
    """,
    "a brace and its text": """
        line = Line(3 * LEFT, 3 * RIGHT)
        brace = Brace(line, DOWN)
        self.play(Create(line), GrowFromCenter(brace), Write(brace.get_text("six units")))
    """,
    "axes with labels and numbers": """
        axes = Axes(x_range=[-3, 3], y_range=[-2, 2], x_length=9, y_length=5,
                    axis_config={"include_numbers": True})
        self.play(Create(axes), Write(axes.get_axis_labels("x", "y")))
    """,
    "a curve over the numbers of its axes": """
        axes = Axes(x_range=[-3, 3, 1], y_range=[-1, 9, 1], x_length=9, y_length=6,
                    axis_config={"include_numbers": True})
        curve = axes.plot(lambda x: x**2, color=YELLOW)
        self.play(Create(axes))
        self.play(Create(curve))
        self.wait(1)
    """,
    "an arrow that ends at a text": """
        cause, effect = Text("cause").shift(3 * LEFT), Text("effect").shift(3 * RIGHT)
        self.play(Write(cause), Write(effect))
        self.play(GrowArrow(Arrow(cause.get_right(), effect.get_left(), buff=0.1)))
    """,
    "a formula with a ground of its own on a plane": """
        self.add(NumberPlane())
        formula = MathTex("y = 2x + 1").to_corner(UL)
        formula.add_background_rectangle()
        self.play(Write(formula))
    """,
    "a number with a ground of its own on an edge": """
        edge = Line(2 * LEFT, 2 * RIGHT)
        self.play(Create(edge))
        self.play(Write(MathTex("5").add_background_rectangle(opacity=1)))
    """,
    "a formula on an opaque rectangle on a plane": """
        self.add(NumberPlane())
        formula = MathTex("y = 2x + 1").shift(2 * UP)
        ground = SurroundingRectangle(formula, color=WHITE, fill_color=BLACK, fill_opacity=0.9)
        self.play(FadeIn(ground), Write(formula))
    """,
    "a text on a faint plane": """
        plane = NumberPlane(background_line_style={"stroke_opacity": 0.2})
        plane.axes.set_stroke(opacity=0.3)
        self.add(plane)
        self.play(Write(Text("on a faint grid")))
    """,
    "a text with a halo over a line": """
        self.play(Create(Line(5 * LEFT, 5 * RIGHT)))
        text = Text("halo")
        text.set_stroke(BLACK, width=8, background=True)
        self.play(Write(text))
    """,
    "a frame around a part of a formula": """
        formula = MathTex("f(x)", "=", "x^2", "+", "3x")
        self.play(Write(formula))
        self.play(Create(SurroundingRectangle(formula[2], buff=0.1)))
    """,
    "a frame that moves from part to part": """
        formula = MathTex("a^2", "+", "b^2", "=", "c^2", font_size=72)
        frame = SurroundingRectangle(formula[0])
        self.play(Write(formula), Create(frame))
        self.play(Transform(frame, SurroundingRectangle(formula[2])))
        self.play(ReplacementTransform(frame, SurroundingRectangle(formula[4])))
    """,
    "a transparent highlight over words": """
        words = Text("this matters")
        self.play(Write(words))
        self.play(FadeIn(Rectangle(width=6, height=1, fill_color=YELLOW, fill_opacity=0.2, stroke_width=0)))
    """,
    "a matrix": """
        matrix = Matrix([[1, 2], [3, 4]])
        self.play(Write(matrix))
        self.play(matrix.get_rows()[0].animate.set_color(RED))
    """,
    "a table with labels": """
        table = Table([["1", "2"], ["3", "4"]], row_labels=[Text("a"), Text("b")],
                      col_labels=[Text("x"), Text("y")], include_outer_lines=True).scale(0.7)
        self.play(Create(table))
    """,
    "numbers on a number line": """
        line = NumberLine(x_range=[-5, 5], length=10, include_numbers=True)
        dot = Dot(line.n2p(2), color=RED)
        self.play(Create(line))
        self.play(FadeIn(dot), Write(MathTex("x").next_to(dot, UP)))
    """,
    "a code block": """
        code = Code(code_string="def f(n):\\n    return n * f(n - 1)\\n", language="python")
        self.play(FadeIn(code))
    """,
    "a formula that becomes the next one": """
        first = MathTex("a", "^2", "-", "b", "^2")
        second = MathTex("(", "a", "+", "b", ")", "(", "a", "-", "b", ")")
        self.play(Write(first))
        self.wait(1)
        self.play(TransformMatchingTex(first, second))
        self.wait(1)
    """,
    "Transform, and the first name goes on": """
        shown = Text("one", font_size=60)
        self.play(Write(shown))
        self.play(Transform(shown, Text("two", font_size=60)))
        self.play(Transform(shown, Circle()))
        self.play(Write(Text("a circle").to_edge(DOWN)))
    """,
    "letters that have become a shape": """
        word = Text("circle", font_size=72)
        self.play(Write(word))
        self.play(Transform(word, Circle(2)))
        self.play(Write(Text("round")))
    """,
    "groups that become each other": """
        first = VGroup(Text("a"), Text("b")).arrange(RIGHT, buff=1)
        second = VGroup(Text("a longer one"), Text("and another")).arrange(DOWN, buff=1)
        self.play(Write(first))
        self.play(Transform(first, second))
    """,
    "what has faded to nothing": """
        gone = Text("gone")
        self.play(Write(gone))
        self.play(gone.animate.set_opacity(0))
        self.play(Write(Text("here")))
    """,
    "what has been faded out": """
        gone = Text("gone")
        self.play(Write(gone))
        self.wait(1)
        self.play(FadeOut(gone))
        self.play(Write(Text("here")))
    """,
    "an underline and a strike": """
        wrong = Text("wrong")
        self.play(Write(wrong), Create(Underline(wrong)))
        self.play(Create(Line(wrong.get_left(), wrong.get_right(), color=RED)), Create(Cross(wrong)))
    """,
    "a dividing line from side to side": """
        self.play(Create(Line(9 * LEFT, 9 * RIGHT)))
        self.play(Write(Text("above").shift(UP)), Write(Text("below").shift(DOWN)))
    """,
    "letters that are coloured one by one": """
        word = Text("energy")
        self.play(Write(word))
        self.play(*[letter.animate.set_color(YELLOW) for letter in word[:3]])
        self.play(word.animate.shift(UP))
    """,
    "a number that counts": """
        value = ValueTracker(0)
        circle = Circle()
        number = always_redraw(lambda: DecimalNumber(value.get_value()).next_to(circle, DOWN))
        self.add(circle, number)
        self.play(value.animate.set_value(5))
    """,
    "a circle that rolls out of the frame": """
        wheel = Circle(0.5)
        self.play(Create(wheel))
        self.play(wheel.animate.shift(10 * RIGHT))
    """,
    "a label that comes in from outside": """
        label = Text("incoming").shift(12 * LEFT)
        self.add(label)
        self.wait(0.5)
        self.play(label.animate.move_to(ORIGIN))
    """,
    "a spring that is computed step by step": """
        ball = Dot(2 * RIGHT)
        ball.speed = 0.0
        def swing(it, dt):
            it.speed -= 40 * it.get_x() * dt
            it.shift(it.speed * dt * RIGHT)
        ball.add_updater(swing)
        self.add(ball, TracedPath(ball.get_center))
        self.wait(5)
    """,
    "a bar chart": """
        chart = BarChart([3, 5, 2], bar_names=["a", "b", "c"], y_range=[0, 6, 2], x_length=7, y_length=4)
        self.play(Create(chart))
        self.play(Write(chart.get_bar_labels(color=WHITE, font_size=36)))
    """,
    "points and their names": """
        triangle = Polygon([-3, -2, 0], [3, -2, 0], [0, 2, 0])
        names = VGroup(*[MathTex(name).next_to(corner, corner - DOWN * 0.5, buff=0.2)
                         for name, corner in zip("ABC", triangle.get_vertices())])
        self.play(Create(triangle))
        self.play(Write(names))
    """,
    "a dimmed text": """
        past = Text("before").shift(2 * UP)
        self.play(Write(past))
        self.play(past.animate.set_opacity(0.3), Write(Text("now")))
    """,
    "a foreground on an area": """
        axes = Axes(x_range=[0, 4], y_range=[0, 4], x_length=6, y_length=4)
        area = axes.get_area(axes.plot(lambda x: x), x_range=[0, 3], opacity=0.4)
        self.play(Create(axes), FadeIn(area))
        self.play(Write(MathTex("A").move_to(axes.c2p(2.3, 0.8))))
    """,
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT.keys())
def test_nothing_is_said_of_a_scene_that_is_laid_out_right(body: str) -> None:
    assert [finding.message for finding in audited(body)] == []


def test_nothing_is_said_where_the_camera_comes_nearer() -> None:
    body = """
        words = VGroup(Text("near"), Text("far").shift(5 * RIGHT))
        self.play(Write(words))
        self.play(self.camera.frame.animate.scale(0.5))
    """
    assert audited(body, "MovingCameraScene") == []


def test_nothing_is_said_where_the_camera_goes_to_what_was_outside() -> None:
    body = """
        self.add(Text("here"), Text("there").shift(14 * RIGHT))
        self.play(self.camera.frame.animate.shift(14 * RIGHT))
        self.wait(1)
    """
    assert audited(body, "MovingCameraScene") == []


def test_nothing_is_said_of_things_in_space_and_of_words_fixed_in_the_frame() -> None:
    body = """
        self.set_camera_orientation(phi=1.2, theta=0.5)
        title = Text("a surface").to_edge(UP)
        self.add_fixed_in_frame_mobjects(title)
        self.play(Create(ThreeDAxes()), Create(Sphere(resolution=(6, 6))))
    """
    assert audited(body, "ThreeDScene") == []


def test_nothing_is_said_of_a_scene_that_keeps_to_a_tall_frame() -> None:
    body = """
        words = VGroup(Text("tall"), Text("frame")).arrange(DOWN).move_to(3 * UP)
        self.play(Write(words), Create(Circle().shift(2 * DOWN)))
    """
    assert audited(body, aspect=Aspect.TALL) == []
