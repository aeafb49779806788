"""Scenes in the installed Manim as good models write them; nothing in them is to be mended or named."""

from __future__ import annotations

from tests.manim_names import scene

CORRECT_SCENES = {
    "circle": scene(
        "circle = Circle(radius=1.5, color=BLUE, fill_opacity=0.5)  # round",
        "label = Text('a circle', font_size=36).next_to(circle, DOWN, buff=0.5)",
        "self.play(Create(circle), run_time=2)",
        "self.play(Write(label), circle.animate.set_fill(RED, opacity=0.3))",
        "self.wait()",
    ),
    "plot": scene(
        "axes = Axes(x_range=[-3, 3, 1], y_range=[0, 9, 3], x_length=7, axis_config={'include_tip': False})",
        "labels = axes.get_axis_labels(x_label='x', y_label='y')",
        "graph = axes.plot(lambda x: x**2, color=YELLOW, x_range=[-2.5, 2.5])",
        "area = axes.get_area(graph, x_range=(0, 2), color=GREEN, opacity=0.4)",
        "dot = Dot(axes.c2p(1, 1), radius=0.1)",
        "name = axes.get_graph_label(graph, 'x^2').set_fill(YELLOW)",
        "self.add(name)",
        "line = axes.get_vertical_line(axes.i2gp(2, graph), line_func=DashedLine)",
        "self.play(Create(axes), FadeIn(labels))",
        "self.play(Create(graph), rate_func=smooth)",
        "self.play(FadeIn(area, shift=UP), GrowFromCenter(dot), Create(line))",
    ),
    "formulas": scene(
        r"first = MathTex(r'\frac{a}{b}', '=', r'\sqrt{x^{2}}', substrings_to_isolate=['x'])",
        r"second = MathTex(r'{{a}} = b \cdot {{c}}', tex_to_color_map={'= b': RED})",
        r"third = Tex(r'A text with $x^2$ in it', font_size=40)",
        'fourth = MathTex("\\\\begin{bmatrix} 1 & 2 \\\\\\\\ 3 & 4 \\\\end{bmatrix}")',
        "VGroup(first, second, third, fourth).arrange(DOWN, buff=0.4)",
        "self.play(Write(first))",
        "self.play(TransformMatchingTex(first.copy(), second), run_time=1.5)",
        "self.play(FadeIn(third), first.animate.set_color_by_tex('x', BLUE))",
        "self.play(Circumscribe(second, color=YELLOW, time_width=2))",
    ),
    "formatted": scene(
        "for n in range(1, 4):",
        "    value = n**2",
        "    tex = MathTex(rf'{n}^{{2}} = {value}', rf'\\frac{{{n}}}{{2}}')",
        "    self.play(FadeIn(tex, scale=0.5))",
        "    self.play(FadeOut(tex))",
        "text = Text(f'{value:.2f} and {n!r}')",
        "self.add(text)",
        "self.wait(0.5)",
    ),
    "tracker": scene(
        "t = ValueTracker(0)",
        "dot = always_redraw(lambda: Dot(np.array([np.cos(t.get_value()), np.sin(t.get_value()), 0])))",
        "number = DecimalNumber(0, num_decimal_places=2).to_corner(UR)",
        "number.add_updater(lambda m: m.set_value(t.get_value()))",
        "path = TracedPath(dot.get_center, stroke_color=RED, stroke_width=4)",
        "self.add(dot, number, path)",
        "self.play(t.animate.set_value(TAU), run_time=3, rate_func=linear)",
        "number.clear_updaters()",
    ),
    "camera": scene(
        "square = Square(side_length=1)",
        "self.camera.frame.save_state()",
        "self.play(self.camera.frame.animate.scale(0.5).move_to(square))",
        "self.play(Restore(self.camera.frame))",
        base="MovingCameraScene",
    ),
    "space": scene(
        "axes = ThreeDAxes()",
        "surface = Surface(",
        "    lambda u, v: axes.c2p(u, v, np.sin(u) * np.cos(v)),",
        "    u_range=[-2, 2], v_range=[-2, 2], resolution=(8, 8),",
        ")",
        "self.set_camera_orientation(phi=70 * DEGREES, theta=-45 * DEGREES, zoom=0.8)",
        "title = Text('a surface').to_corner(UL)",
        "self.add_fixed_in_frame_mobjects(title)",
        "self.play(Create(axes), FadeIn(surface))",
        "self.begin_ambient_camera_rotation(rate=0.2)",
        "self.wait(2)",
        "self.stop_ambient_camera_rotation()",
        "self.move_camera(phi=0)",
        base="ThreeDScene",
    ),
    "table": scene(
        "table = Table([['1', '2'], ['3', '4']], col_labels=[Text('a'), Text('b')])",
        "table.get_cell((2, 2), color=RED)",
        "self.play(table.create())",
        "matrix = Matrix([[1, 0], [0, 1]]).next_to(table, RIGHT)",
        "whole = IntegerTable([[1, 2], [3, 4]])",
        "self.play(Write(matrix), FadeIn(whole))",
        "self.play(table.get_rows()[0].animate.set_color(YELLOW))",
    ),
    "chart": scene(
        "chart = BarChart(values=[1, 2, 3], bar_names=['a', 'b', 'c'], y_range=[0, 4, 1], y_length=4)",
        "labels = chart.get_bar_labels(font_size=24)",
        "self.play(Create(chart), Write(labels))",
        "self.play(chart.animate.change_bar_values([3, 2, 1]))",
        "line = NumberLine(x_range=[0, 10, 1], length=8, include_numbers=True)",
        "self.play(FadeOut(chart, labels), Create(line))",
    ),
    "network": scene(
        "graph = Graph([1, 2, 3], [(1, 2), (2, 3)], layout='circular', labels=True,",
        "              vertex_config={1: {'fill_color': RED}})",
        "self.play(Create(graph))",
        "self.play(graph.vertices[1].animate.set_color(RED), graph.edges[1, 2].animate.set_stroke(RED))",
        "arrow = CurvedArrow(LEFT, RIGHT, angle=-TAU / 4)",
        "brace = Brace(graph, DOWN, buff=0.2)",
        "self.play(GrowFromPoint(arrow, LEFT), GrowFromCenter(brace), Write(brace.get_text('wide')))",
    ),
    "code": scene(
        "source = 's = 0\\ni = 1\\nwhile i < 9:\\n\\ti += 1'",
        "self.add(Code(code_string=source))",
        "code = Code(code_string='print(1)\\nprint(2)', language='python', add_line_numbers=True)",
        "self.play(FadeIn(code))",
        "self.play(Indicate(code.code_lines[0]))",
        "bullets = BulletedList('one', 'two', buff=0.3)",
        "self.play(LaggedStart(*[FadeIn(b, shift=RIGHT) for b in bullets], lag_ratio=0.4))",
        "self.play(AnimationGroup(FadeOut(code), FadeOut(bullets), lag_ratio=0.2))",
    ),
    "helpers": '''"""A scene with a helper, a class of its own and its own imports."""
from __future__ import annotations

import math
import random as rnd
from collections import defaultdict

from manim import *

config.background_color = "#101010"
GOLDEN = (1 + math.sqrt(5)) / 2


class Tower(VGroup):
    def __init__(self, height: int = 3, **kwargs):
        super().__init__(**kwargs)
        self.floors = [Square(0.5) for _ in range(height)]
        self.add(*self.floors)
        self.arrange(UP, buff=0)

    def roof(self):
        return self.floors[-1]


class Towers(Scene):
    COUNT = 3

    def setup(self):
        self.towers = VGroup(*(Tower(n + 1) for n in range(self.COUNT)))

    def construct(self):
        rnd.seed(4)
        seen = defaultdict(list)
        self.towers.arrange(RIGHT, buff=1, aligned_edge=DOWN)
        for tower in self.towers:
            self.show(tower)
            seen[len(tower)].append(tower)
        tower = Tower()
        self.play(tower.roof().animate.set_fill(GOLD, 1), self.towers.animate.shift(LEFT * GOLDEN))
        while True:
            if len(seen) > 2:
                break

    def show(self, tower):
        self.play(FadeIn(tower, shift=0.5 * DOWN), run_time=0.5)
''',
    "prefixed": '''import manim as mn
import numpy as np


class Prefixed(mn.Scene):
    def construct(self):
        square = mn.Square(side_length=2, color=mn.BLUE)
        self.play(mn.Create(square), run_time=1)
        self.play(square.animate.rotate(np.pi / 4), rate_func=mn.rate_functions.ease_in_out_sine)
        self.wait(1)
''',
    "chosen imports": '''from manim import BLUE, Circle, Create, FadeOut, Scene, Text, UP
from manim.utils.rate_functions import ease_in_out_quad


class Chosen(Scene):
    def construct(self):
        circle = Circle(color=BLUE)
        self.play(Create(circle), rate_func=ease_in_out_quad)
        self.play(FadeOut(circle, shift=UP), Create(Text("“quoted” – and ‘so on’…")))
''',
    "bases": '''from manim import *


class Frame(Scene):
    title = "none"

    def headline(self):
        return Text(self.title).to_edge(UP)


class Shown(Frame):
    title = "shown"

    def construct(self):
        head = self.headline()
        self.play(Write(head))
        self.play(head.animate(run_time=2).scale(0.5).to_corner(UL))
        head.custom = 3
        print(head.custom, self.mobjects, self.renderer.time)
''',
    "old but working": scene(
        "square = Square().set_width(3).set_height(2)",
        "print(square.get_width(), square.get_height(), square.get_fill_color())",
        "self.play(ApplyMethod(square.shift, UP), Rotating(square, angle=PI, run_time=2))",
        "self.play(FadeToColor(square, color=RED), run_time=1)",
        "self.play(square.animate.become(Circle()))",
        "self.play(MoveAlongPath(Dot(), square), *[FadeOut(m) for m in self.mobjects])",
    ),
    "points": scene(
        "corners = [np.array([x, y, 0]) for x, y in ((0, 0), (3, 0), (0, 4))]",
        "triangle = Polygon(*corners, color=BLUE, fill_opacity=0.2).move_to(ORIGIN)",
        "angle = RightAngle(Line(ORIGIN, RIGHT), Line(ORIGIN, UP), length=0.3)",
        "arc = Angle(Line(ORIGIN, RIGHT), Line(ORIGIN, UP + RIGHT), radius=0.6, other_angle=False)",
        "sides = VGroup(*[MathTex(s) for s in 'abc'])",
        "for side, place in zip(sides, triangle.get_vertices()):",
        "    side.next_to(place, UR, buff=SMALL_BUFF)",
        "frame = SurroundingRectangle(triangle, buff=0.2, corner_radius=0.1, color=YELLOW)",
        "self.play(LaggedStartMap(FadeIn, VGroup(triangle, angle, arc), lag_ratio=0.3))",
        "self.play(Create(frame), ReplacementTransform(angle, sides))",
        "if config.frame_width > 10 and len(sides) == 3:",
        "    self.play(Wiggle(sides), Flash(ORIGIN, line_length=0.3, num_lines=8))",
    ),
    "what play and f-strings take": scene(
        "self.add(MathTex(rf'\\pi \\approx {3.14159:.2f} \\neq \\frac{{{22}}}{{{7}}}'))",
        "dot = Dot()",
        "self.play(dot.animate.shift(UP), path_arc=PI / 2, path_func=utils.paths.clockwise_path())",
    ),
    "TeX with an environment, comments and definitions of its own": scene(
        "lines = VGroup(",
        "    Tex('a &= b', tex_environment='align*'),",
        "    Tex(r'\\begin{equation*} x_1 = 5 \\end{equation*}'),",
        "    MathTex(r'x \\text{ where $y_{1} > 0$}'),",
        "    MathTex(r'\\newcommand{\\same}[1]{#1} \\same{2}'),",
        "    MathTex(r\"\"\"",
        "        x &= 1 \\\\ % the first line",
        "        y &= 2",
        "    \"\"\"),",
        ").arrange(DOWN)",
        "self.play(FadeIn(lines))",
    ),
    "a function with a self of its own": scene(
        "def turned(self, dt):",
        "    self.rotate(dt).shift(dt * UP)",
        "square = Square()",
        "square.add_updater(turned)",
        "self.play(Create(square))",
        "self.wait()",
    ),
    "matching": scene(
        "kind = 2",
        "match kind:",
        "    case 2 | 3 as number:",
        "        text = Text(str(number), weight=BOLD, slant=ITALIC, t2c={'2': RED})",
        "    case _:",
        "        text = Text('other')",
        "if (wide := text.width) > 3:",
        "    text.scale(3 / wide)",
        "def pulse(mobject, alpha):",
        "    mobject.set_opacity(there_and_back(alpha))",
        "self.play(UpdateFromAlphaFunc(text, pulse), run_time=2)",
        "self.play(*map(FadeOut, (text,)), subcaption='away')",
    ),
}  # fmt: skip
