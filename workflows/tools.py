"""Every tool of the product: what is not in this list, no toolbox runs."""

from __future__ import annotations

from quantumsketch.mathematics.tools import CHECK_MATHEMATICS
from quantumsketch.tools.registry import Registry
from renderers.ffmpeg.tools import JOIN_PARTS, MAKE_FILM, POSTER, PROBE
from renderers.manim.knowledge.tools import DESCRIBE_MANIM
from renderers.manim.tools import CHECK_FORMULAS, CHECK_SCENE, RENDER_BEAT

TOOLS = Registry(
    [
        CHECK_MATHEMATICS,
        CHECK_FORMULAS,
        DESCRIBE_MANIM,
        CHECK_SCENE,
        RENDER_BEAT,
        PROBE,
        JOIN_PARTS,
        MAKE_FILM,
        POSTER,
    ]
)
