"""Where things may be in the frame, for each aspect. Pure geometry; knows nothing of Manim.

The shorter side of the frame always has 8 units, so that one type scale serves all aspects.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantumsketch.storyboard import Aspect

SHORTER_SIDE = 8.0


@dataclass(frozen=True)
class Box:
    """A rectangle in Manim units; y points up."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def center(self) -> tuple[float, float, float]:
        return ((self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0)

    def inset(self, horizontal: float, vertical: float | None = None) -> Box:
        """The box with margins taken off each side."""
        vertical = horizontal if vertical is None else vertical
        return Box(
            self.left + horizontal, self.right - horizontal, self.bottom + vertical, self.top - vertical
        )

    def columns(self, *shares: float, gap: float = 0.0) -> list[Box]:
        """Split from left to right in proportion to `shares`, with `gap` units between."""
        boxes, left = [], self.left
        unit = (self.width - gap * (len(shares) - 1)) / sum(shares)
        for share in shares:
            boxes.append(Box(left, left + share * unit, self.bottom, self.top))
            left += share * unit + gap
        return boxes

    def rows(self, *shares: float, gap: float = 0.0) -> list[Box]:
        """Split from top to bottom in proportion to `shares`, with `gap` units between."""
        boxes, top = [], self.top
        unit = (self.height - gap * (len(shares) - 1)) / sum(shares)
        for share in shares:
            boxes.append(Box(self.left, self.right, top - share * unit, top))
            top -= share * unit + gap
        return boxes

    def contains(self, other: Box, tolerance: float = 1e-6) -> bool:
        """Whether `other` lies within this box."""
        return (
            other.left >= self.left - tolerance
            and other.right <= self.right + tolerance
            and other.bottom >= self.bottom - tolerance
            and other.top <= self.top + tolerance
        )


@dataclass(frozen=True)
class Stage:
    """The frame of one aspect and its regions."""

    aspect: Aspect
    frame: Box
    safe: Box
    """Nothing legible leaves this."""
    header: Box
    """The beat's title."""
    content: Box
    """The visual: below the header, above the band where players draw captions."""

    @property
    def type_factor(self) -> float:
        """How much larger than the type scale text may start: a tall frame is seen on a phone."""
        return 1.2 if self.tall else 1.0

    @property
    def tall(self) -> bool:
        return self.frame.height > self.frame.width


def stage_for(aspect: Aspect) -> Stage:
    """The stage of `aspect`."""
    if aspect is Aspect.WIDE:
        return _stage(aspect, SHORTER_SIDE * 16 / 9, SHORTER_SIDE, margin=0.45, header=0.75, captions=0.95)
    if aspect is Aspect.TALL:
        return _stage(aspect, SHORTER_SIDE, SHORTER_SIDE * 16 / 9, margin=0.45, header=1.5, captions=2.1)
    return _stage(aspect, SHORTER_SIDE, SHORTER_SIDE, margin=0.4, header=0.85, captions=0.9)


def _stage(
    aspect: Aspect, width: float, height: float, *, margin: float, header: float, captions: float
) -> Stage:
    frame = Box(-width / 2, width / 2, -height / 2, height / 2)
    safe = frame.inset(margin, margin if width >= height else 2 * margin)
    gap = 0.2
    return Stage(
        aspect=aspect,
        frame=frame,
        safe=safe,
        header=Box(safe.left, safe.right, safe.top - header, safe.top),
        content=Box(safe.left, safe.right, frame.bottom + captions, safe.top - header - gap),
    )
