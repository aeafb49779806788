"""A scene as it should be: shown to the models, and held to the check of theirs. Text; never run here."""

from __future__ import annotations

WORKED_SCENE = r"""
from manim import *


class Beat(Scene):
    def construct(self):
        # disc around (-5.2, 0); strips from x = -2.6 to 3.5, y = -1.3 to 1.1; formula around (0.6, 2.3)
        n, blues = 8, [BLUE_C, BLUE_E]
        rings, strips = VGroup(), VGroup()
        for k in range(n):
            ring = Annulus(inner_radius=k / n, outer_radius=(k + 1) / n, color=blues[k % 2], stroke_width=0)
            rings.add(ring.move_to([-5.2, 0, 0]))
            width = TAU * (k + 0.5) / n
            strip = Rectangle(width=width, height=0.3, color=blues[k % 2], fill_opacity=1, stroke_width=0)
            strips.add(strip.move_to([-2.6 + width / 2, -1.2 + 0.3 * (n - 1 - k), 0]))
        self.play(FadeIn(rings), run_time=1.5)
        self.wait(1.5)
        for k in reversed(range(n)):
            self.play(ReplacementTransform(rings[k], strips[k]), run_time=0.7)
        base, side = Brace(strips, DOWN), Brace(strips, LEFT)
        self.play(FadeIn(base, base.get_tex(r"2 \pi r")), run_time=1)
        self.play(FadeIn(side, side.get_tex("r")), run_time=1)
        self.wait(2)
        area = MathTex(r"A = \tfrac{1}{2} \cdot 2 \pi r \cdot r = \pi r^2").move_to([0.6, 2.3, 0])
        self.play(Write(area), run_time=2)
""".strip()
"""Of the worked animation's idea, in a wide frame: places in numbers first, then the narration's pace."""
