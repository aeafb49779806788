"""Draws bullet points: each slides in as it is spoken of, and the earlier ones step back."""

from __future__ import annotations

from manim import LEFT, RIGHT, Dot, FadeIn, VGroup

from quantumsketch.visuals import BulletPoints
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.text import TextBlock, fitted_text
from renderers.manim.theme import UNITS_PER_POINT, Theme

_INDENT = 0.5


def draw(scene: BeatScene, visual: BulletPoints) -> None:
    """Show the points one by one."""
    texts = [item.text for item in visual.items]
    points = laid_out_points(texts, scene.stage.content.inset(0.2, 0.1), scene.theme, scene.theme.type.body)
    for at, point, earlier in zip(scene.cues(visual.items), points, [None, *points], strict=False):
        steps_back: list[Playable] = (
            [] if earlier is None else [earlier[1].animate.set_color(scene.theme.muted)]
        )
        scene.reveal(at, FadeIn(point, shift=0.3 * RIGHT), *steps_back)
        scene.emphasise(point[0])


def laid_out_points(texts: list[str], box: Box, theme: Theme, size: float) -> list[VGroup]:
    """Dot and text of each point, from top to bottom in `box`, all in one size, centred vertically."""
    share = box.height / len(texts)
    width = box.width - _INDENT

    def written(at_size: float) -> list[TextBlock]:
        return [
            fitted_text(text, width=width, height=share * 0.86, size=at_size, color=theme.text)
            for text in texts
        ]

    blocks = written(size)
    common = min(block.points_of_font for block in blocks)
    if common < size:
        blocks = written(common)
    points = [VGroup(_dot(block, theme), block) for block in blocks]
    gap = min(0.45, (box.height - sum(point.height for point in points)) / max(1, len(points) - 1))
    top = box.center[1] + (sum(point.height for point in points) + gap * (len(points) - 1)) / 2
    for point in points:
        point.shift((box.left - point.get_left()[0], top - point.get_top()[1], 0))
        top -= point.height + gap
    return points


def _dot(block: TextBlock, theme: Theme) -> Dot:
    em = block.points_of_font * UNITS_PER_POINT
    dot = Dot(radius=0.17 * em, color=theme.accent)
    dot.next_to(block, LEFT, buff=_INDENT - dot.width)
    return dot.set_y(block.get_top()[1] - 0.66 * em)
