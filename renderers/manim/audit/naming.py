"""Names a shape so that whoever wrote the scene finds it: its colour, its type, where it is."""

from __future__ import annotations

import numpy as np
from manim import Mobject, VMobject

from renderers.manim.stage import Box

_COLOURS = {
    "white": (255, 255, 255), "black": (0, 0, 0), "grey": (136, 136, 136), "red": (252, 98, 85),
    "dark red": (140, 40, 30), "green": (131, 193, 103), "dark green": (60, 110, 40), "blue": (88, 196, 221),
    "dark blue": (35, 107, 142), "yellow": (255, 255, 0), "gold": (240, 172, 95), "orange": (255, 134, 47),
    "purple": (154, 114, 172), "pink": (209, 71, 189), "teal": (92, 208, 179), "maroon": (197, 95, 115),
}  # fmt: skip
_MIDDLE = 0.8
"""Units from the centre within which something is in the middle."""


def shape_name(mobject: Mobject, box: Box, part_of: str | None) -> str:
    """Such as 'the blue Circle at the upper left'."""
    colour = f"{_colour(mobject)} " if isinstance(mobject, VMobject) else ""
    kind = f"{type(mobject).__name__} of the {part_of}" if part_of else type(mobject).__name__
    return f"the {colour}{kind} {_where(box)}"


def _colour(mobject: VMobject) -> str:
    filled = mobject.get_fill_opacity() > mobject.get_stroke_opacity() * (mobject.get_stroke_width() > 0)
    colour = mobject.get_fill_color() if filled else mobject.get_stroke_color()
    shade = np.array(colour.to_rgb() if colour is not None else (1, 1, 1)) * 255
    return min(_COLOURS, key=lambda name: float(np.abs(np.array(_COLOURS[name]) - shade).sum()))


def _where(box: Box) -> str:
    x, y, _ = box.center
    down = "upper" if y > _MIDDLE else "lower" if y < -_MIDDLE else ""
    across = "left" if x < -_MIDDLE else "right" if x > _MIDDLE else ""
    if not down and not across:
        return "in the middle"
    if down and not across:
        return f"in the {down} middle"
    return f"at the {f'{down} {across}'.strip()}"
