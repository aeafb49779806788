"""Draws a comparison: two columns side by side, one above the other in a tall frame."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, UP, FadeIn, Line, RoundedRectangle, VGroup

from quantumsketch.visuals import Column, Comparison
from renderers.manim.layout.points import Point, points_in
from renderers.manim.scene import BeatScene
from renderers.manim.stage import Box
from renderers.manim.writing.text import fitted_text

_GAP = 0.35
_PADDING = 0.35
_LARGEST = 1.12
"""Of the body size."""


def draw(scene: BeatScene, visual: Comparison) -> None:
    """Show both headings, then the items of the left column, then those of the right."""
    content = scene.stage.content
    boxes = content.rows(1, 1, gap=_GAP) if scene.stage.tall else content.columns(1, 1, gap=_GAP)
    columns = (visual.left, visual.right)
    size = _LARGEST * scene.theme.type.body
    for _ in range(2):  # the second time in the size that the fuller column needs
        sides = [
            _side(scene, column, box, scene.theme.series(index), size)
            for index, (column, box) in enumerate(zip(columns, boxes, strict=True))
        ]
        size = min(row.block.points_of_font for _, rows in sides for row in rows)
    frames = _panels(scene, boxes, sides)
    scene.reveal(0.4, *(FadeIn(frame, shift=0.15 * UP) for frame in frames), run_time=0.6)
    items = [item for column in columns for item in column.items]
    points = [point for _, rows in sides for point in rows]
    for at, point in zip(scene.cues(items), points, strict=True):
        scene.reveal(at, FadeIn(point, shift=0.25 * RIGHT), run_time=0.6)
        scene.emphasise(point.dot)


def _side(scene: BeatScene, column: Column, box: Box, accent: str, size: float) -> tuple[VGroup, list[Point]]:
    """The heading with its rule, and the rows of the points."""
    theme, inner = scene.theme, box.inset(_PADDING, 0.25)
    heading = fitted_text(
        column.heading, width=inner.width, height=min(0.9, inner.height * 0.24), color=accent, bold=True,
        size=size, align="center",
    )  # fmt: skip
    heading.move_to((inner.center[0], inner.top - heading.height / 2, 0))
    bottom = float(heading.get_bottom()[1]) - 0.08
    rule = Line((inner.left, bottom, 0), (inner.right, bottom, 0), color=accent)
    rule.set_stroke(width=theme.strokes.thin, opacity=0.6)
    room = Box(inner.left, inner.right, inner.bottom, bottom - 0.3)
    texts = [item.text for item in column.items]
    return VGroup(heading, rule), points_in(room, texts, theme, size, accent, from_top=True)


def _panels(
    scene: BeatScene, boxes: Sequence[Box], sides: Sequence[tuple[VGroup, list[Point]]]
) -> list[VGroup]:
    """Panel and heading of each side; the panels are as high as the fuller side needs, centred together."""
    theme = scene.theme
    lowest = max(
        box.bottom - float(rows[-1].get_bottom()[1]) for box, (_, rows) in zip(boxes, sides, strict=True)
    )
    spare = max(0.0, -lowest - 0.35)
    frames = []
    for index, (box, (heading, rows)) in enumerate(zip(boxes, sides, strict=True)):
        panel = RoundedRectangle(
            width=box.width, height=box.height - spare, corner_radius=0.18, fill_opacity=1,
            stroke_width=theme.strokes.thin, stroke_color=theme.line, fill_color=theme.panel,
        ).move_to((box.center[0], box.center[1] + spare / 2, 0))  # fmt: skip
        down = spare if scene.stage.tall and index == 0 else 0.0 if scene.stage.tall else spare / 2
        VGroup(panel, heading, *rows).shift((0, -down, 0))
        frames.append(VGroup(panel, heading))
    return frames
