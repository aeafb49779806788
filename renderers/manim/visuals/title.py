"""Draws a title card: a heading in the middle of the frame, a growing rule, and a line below."""

from __future__ import annotations

from manim import DOWN, UP, Create, FadeIn, Line, VGroup

from quantumsketch.narration import LEAD_S
from quantumsketch.visuals import TitleCard
from renderers.manim.scene import BeatScene
from renderers.manim.text import fitted_text


def draw(scene: BeatScene, visual: TitleCard) -> None:
    """Show the heading, then the rule and the subtitle."""
    theme, box = scene.theme, scene.stage.safe.inset(0.4, 1.0)
    heading = fitted_text(
        visual.heading, width=box.width, height=box.height * 0.5, size=theme.type.title, color=theme.text,
        align="center", bold=True,
    )  # fmt: skip
    rule = Line((-1.1, 0, 0), (1.1, 0, 0), color=theme.accent, stroke_width=theme.strokes.thick)
    card = VGroup(heading, rule).arrange(DOWN, buff=0.35)
    subtitle = None
    if visual.subtitle:
        subtitle = fitted_text(
            visual.subtitle, width=box.width * 0.9, height=box.height * 0.3, size=theme.type.body,
            color=theme.muted, align="center",
        )  # fmt: skip
        card.add(subtitle.next_to(rule, DOWN, buff=0.35))
    card.move_to((0, 0.15, 0))
    scene.reveal(0.1, FadeIn(heading, shift=0.25 * UP, lag_ratio=0.02), run_time=0.9)
    scene.reveal(LEAD_S, Create(rule), run_time=0.6)
    if subtitle is not None:
        scene.reveal(LEAD_S + 0.8, FadeIn(subtitle, shift=0.15 * UP), run_time=0.8)
    scene.emphasise(rule)
