"""Judges each element by itself: whether it is inside the frame, and large enough to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from manim import Mobject

from renderers.manim.audit.boxes import apart
from renderers.manim.audit.sight import Seen
from renderers.manim.stage import Box, Stage
from renderers.manim.theme import NIGHT, UNITS_PER_POINT
from renderers.manim.writing.text import TextBlock

_EDGE = 0.06
_PIXELS_PER_UNIT = 90
"""Where the shorter side has 720."""
_TOLERANCE = 0.98


@dataclass(frozen=True)
class Appearance:
    """When an element came onto the screen."""

    mobject: Mobject
    """Kept, so that its id stays its own."""
    at_s: float
    look: int
    """The number of the look that saw it first."""


@dataclass(frozen=True)
class Fault:
    """One fault of layout; the same elements are not told of twice for one rule."""

    rule: str
    items: tuple[Seen, ...]
    message: str
    others: tuple[Seen, ...] = ()
    """Also named; another one of them is no other fault."""
    provisional: bool = False
    """To be forgotten if the first item comes back into the frame, or is taken off the scene."""


def outside(seen: Iterable[Seen], stage: Stage) -> Iterator[Fault]:
    """Texts that leave the safe area, and shapes that leave the frame."""
    for item in seen:
        if not item.is_finite:
            yield Fault(
                "outside", (item,),
                f"{item.name} goes to infinity: draw it only where it has a value, by its x_range",
            )  # fmt: skip
            continue
        limit = stage.safe if item.is_text else stage.frame
        if item.is_grid or _spans(item.box, limit) or (not item.is_text and item.box.contains(limit)):
            continue  # a background
        if apart(item.box, stage.frame):
            yield Fault(
                "outside", (item,),
                f"{item.name} is on the scene, but outside the frame: move it inwards, or FadeOut it if it is"
                " to go", provisional=True,
            )  # fmt: skip
            continue
        sides = {
            "left": limit.left - item.box.left, "right": item.box.right - limit.right,
            "bottom": limit.bottom - item.box.bottom, "top": item.box.top - limit.top,
        }  # fmt: skip
        side, excess = max(sides.items(), key=lambda pair: pair[1])
        if excess > _EDGE:
            yield Fault(
                "outside", (item,),
                f"{item.name} leaves the {'safe area' if item.is_text else 'frame'} by {excess:.2f} units at"
                f" the {side}: move it inwards, or make it smaller with scale_to_fit_width or"
                " scale_to_fit_height",
            )  # fmt: skip


def _spans(box: Box, limit: Box) -> bool:
    """Whether something thin goes right through the frame from side to side, as a dividing line does."""
    wide = box.left < limit.left and box.right > limit.right and box.height < 0.1
    high = box.bottom < limit.bottom and box.top > limit.top and box.width < 0.1
    return wide or high


def small(texts: Iterable[Seen], stage: Stage, zoom: float) -> Iterator[Fault]:
    """Texts that are too small to read; `zoom` is how much larger the camera shows them."""
    for item in texts:
        # the kit shrinks what is very full, and asks for no more than that it can be read at all
        kit = isinstance(item.mobject, TextBlock)
        points = NIGHT.type.least if kit else NIGHT.type.smallest * stage.type_factor
        smallest = points * UNITS_PER_POINT
        if item.em is not None and 0 < item.em * zoom < smallest * _TOLERANCE:
            em = item.em * zoom
            yield Fault(
                "small", (item,),
                f"{item.name} is {em * _PIXELS_PER_UNIT:.0f} pixels high at 720p: enlarge it by"
                f" {smallest / em:.1f} times or more, or say less",
            )  # fmt: skip
