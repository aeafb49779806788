"""Boxes, outlines and areas of Manim objects as arrays. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from manim import VMobject

from renderers.manim.stage import Box

Points = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.float64]
"""Rows of left, right, bottom, top."""
Mask = npt.NDArray[np.bool_]
_SAMPLE_EVERY = 0.08
_MOST_STEPS = 400


def box_of(points: Points) -> Box:
    """The smallest box around `points`."""
    low, high = points.min(axis=0), points.max(axis=0)
    return Box(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def row(box: Box) -> Boxes:
    """The box as the one row of an array."""
    return np.array([[box.left, box.right, box.bottom, box.top]])


def apart(a: Box, b: Box) -> bool:
    """Whether two boxes have no point in common."""
    return a.right < b.left or b.right < a.left or a.top < b.bottom or b.top < a.bottom


def overlap(a: Box, b: Box) -> tuple[float, float]:
    """How far two boxes reach into each other, across and down; negative if they do not."""
    return min(a.right, b.right) - max(a.left, b.left), min(a.top, b.top) - max(a.bottom, b.bottom)


def shared(a: Box, b: Box) -> float:
    """The share of the smaller box that lies in the other one."""
    across, down = overlap(a, b)
    smaller = min(a.width * a.height, b.width * b.height)
    return max(0.0, across) * max(0.0, down) / smaller if smaller > 0 else 0.0


def touching(a: Boxes, b: Boxes, by: float) -> Mask:
    """For each box of `a` (rows) and of `b` whether they overlap by more than `by`, across and down."""
    across = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
    down = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 2], b[None, :, 2])
    return np.asarray((across > by) & (down > by))


def touching_pairs(boxes: Sequence[Box], by: float) -> list[tuple[int, int]]:
    """The places of every two boxes that overlap by more than `by`, across and down."""
    rows = np.concatenate([np.empty((0, 4)), *map(row, boxes)])
    return [(int(one), int(other)) for one, other in np.argwhere(np.triu(touching(rows, rows, by), k=1))]


def in_boxes(points: Points, boxes: Boxes) -> Mask:
    """Which points lie strictly inside any of the boxes."""
    x, y = points[:, 0, None], points[:, 1, None]
    return np.asarray(
        ((x > boxes[:, 0]) & (x < boxes[:, 1]) & (y > boxes[:, 2]) & (y < boxes[:, 3])).any(axis=1)
    )


def along(shape: VMobject) -> Points:
    """Points on the curves of `shape`, close enough to each other that no letter lies between."""
    curves = shape.points[: len(shape.points) // 4 * 4].reshape(-1, 4, 3)
    chords = np.linalg.norm(np.diff(curves, axis=1), axis=2).sum(axis=1)
    steps = int(min(_MOST_STEPS, max(2, np.ceil(chords.max(initial=0.0) / _SAMPLE_EVERY))))
    t = np.linspace(0.0, 1.0, steps + 1)[:, None, None]
    a, b, c, d = (curves[None, :, index] for index in range(4))
    sampled = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return np.asarray(sampled, dtype=np.float64).reshape(-1, 3)


def inside(points: Points, shape: VMobject) -> Mask:
    """Which points lie in the area that `shape` fills, holes left out."""
    crossings = np.zeros(len(points), dtype=int)
    for path in shape.get_subpaths():
        corners = _corners(np.asarray(path, dtype=np.float64))
        nexts = np.roll(corners, -1, axis=0)
        x, y = points[:, 0, None], points[:, 1, None]
        spans = (corners[:, 1] > y) != (nexts[:, 1] > y)
        rise = np.where(nexts[:, 1] == corners[:, 1], 1.0, nexts[:, 1] - corners[:, 1])
        at = corners[:, 0] + (y - corners[:, 1]) * (nexts[:, 0] - corners[:, 0]) / rise
        crossings += (spans & (x < at)).sum(axis=1)
    return np.asarray(crossings % 2 == 1)


def _corners(path: Points) -> Points:
    curves = path[: len(path) // 4 * 4].reshape(-1, 4, 3)
    a, b, c, d = (curves[:, index] for index in range(4))
    middle = (a + 3 * b + 3 * c + d) / 8
    return np.stack([a, middle], axis=1).reshape(-1, 3)
