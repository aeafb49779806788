"""One file per kind of visual, each with `draw(scene, visual)`; imported only when it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from renderers.manim.scene import BeatScene

KINDS = (
    "title",
    "bullets",
    "derivation",
    "plot",
    "geometry",
    "bars",
    "number_line",
    "graph",
    "table",
    "code",
    "comparison",
    "timeline",
)


def draw_function(kind: str) -> Callable[[BeatScene, Any], None]:
    """What draws visuals of `kind`. Raises ValueError for a kind that the kit does not draw."""
    if kind not in KINDS:
        raise ValueError(f"the scene kit draws no {kind!r}; it draws {', '.join(KINDS)}")
    draw: Callable[[BeatScene, Any], None] = import_module(f"{__name__}.{kind}").draw
    return draw
