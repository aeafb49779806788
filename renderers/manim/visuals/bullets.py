"""Draws bullet points: each slides in as it is spoken of, and the earlier ones step back."""

from __future__ import annotations

from itertools import pairwise

from manim import RIGHT, FadeIn

from quantumsketch.visuals import BulletPoints
from renderers.manim.layout.points import points_in
from renderers.manim.scene import BeatScene

_FEW, _FEW_SIZE = 5, 1.3
"""As few points as this are set so much larger than the body size."""


def draw(scene: BeatScene, visual: BulletPoints) -> None:
    """Show the points one by one."""
    theme = scene.theme
    texts = [item.text for item in visual.items]
    size = theme.type.body * (_FEW_SIZE if len(texts) <= _FEW else 1.0)
    points = points_in(scene.stage.content.inset(0.2, 0.1), texts, theme, size, theme.accent)
    times = scene.cues(visual.items)
    scene.reveal(times[0], FadeIn(points[0], shift=0.3 * RIGHT))
    scene.emphasise(points[0].dot)
    for at, (earlier, point) in zip(times[1:], pairwise(points), strict=True):
        scene.reveal(at, FadeIn(point, shift=0.3 * RIGHT), earlier.block.animate.set_color(theme.muted))
        scene.emphasise(point.dot)
