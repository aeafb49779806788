"""Draws a title card: a heading, and a line below. With every sentence its rule and two corners grow on."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from manim import DOWN, UP, Animation, Arc, Create, FadeIn, Line, VGroup

from quantumsketch.narration import LEAD_S, speech_seconds
from quantumsketch.visuals import TitleCard
from renderers.manim.scene import BeatScene
from renderers.manim.theme import Theme
from renderers.manim.timing import moments
from renderers.manim.writing.text import fitted_text

_SHORTEST_RULE, _LONGEST_RULE = 2.2, 9.0
_RADII = (1.5, 1.15, 0.8)
"""Of the arcs around two corners: so small that no text reaches them."""
_GROWTH_S = 0.8


def draw(scene: BeatScene, visual: TitleCard) -> None:
    """Show the heading, then the rule and the subtitle; what grows is whole with the last sentence."""
    theme, box = scene.theme, scene.stage.safe.inset(0.4, 1.0)
    heading = fitted_text(
        visual.heading, width=box.width, height=box.height * 0.5, size=theme.type.title, color=theme.text,
        align="center", bold=True,
    )  # fmt: skip
    half = _SHORTEST_RULE / 2
    rule = Line((-half, 0, 0), (half, 0, 0), color=theme.accent, stroke_width=theme.strokes.thick)
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
    scene.emphasise(heading)
    _grow(scene, rule, min(box.width, max(_SHORTEST_RULE, min(_LONGEST_RULE, float(heading.width)))))


def _grow(scene: BeatScene, rule: Line, length: float) -> None:
    """Lengthen the rule and the arcs with every sentence but the first, in equal shares."""
    starts = [at for at, _ in moments((at, None) for at in _sentence_starts(scene.beat.narration)[1:])]
    shares = [index / max(1, len(starts)) for index in range(len(starts) + 1)]
    y = float(rule.get_center()[1])
    for at, (before, after) in zip(starts, pairwise(shares), strict=True):
        half = (_SHORTEST_RULE + (length - _SHORTEST_RULE) * after) / 2
        longer = rule.animate.put_start_and_end_on((-half, y, 0), (half, y, 0))
        scene.reveal(at, longer, *_arcs(scene, before, after), run_time=_GROWTH_S)


def _arcs(scene: BeatScene, start: float, end: float) -> list[Animation]:
    """A stretch of the quarter circles around two corners of the frame, from one share to another."""
    frame, theme = scene.stage.frame, scene.theme
    quarter = math.pi / 2
    return [
        Create(_arc(corner, radius, first + start * quarter, (end - start) * quarter, theme, index))
        for corner, first in (
            ((frame.right, frame.bottom, 0.0), quarter),
            ((frame.left, frame.top, 0.0), -quarter),
        )
        for index, radius in enumerate(_RADII)
    ]


def _arc(
    corner: tuple[float, float, float], radius: float, start: float, angle: float, theme: Theme, index: int
) -> Arc:
    return Arc(
        radius, start, angle, arc_center=corner, stroke_width=theme.strokes.normal,
        stroke_color=theme.series(index), stroke_opacity=0.7,
    )  # fmt: skip


def _sentence_starts(narration: str) -> list[float]:
    """When each sentence begins, in seconds from the start of the beat."""
    ends = [match.end() for match in re.finditer(r"[.!?…](?=\s)", narration)]
    return [LEAD_S + speech_seconds(narration[:end]) for end in (0, *ends)]
