"""Finds a free place for each label of a figure: candidates by cost, tested against everything drawn so far.

Pure geometry on a raster of the figure's area. Does not know what a label says or how anything is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from renderers.manim.stage import Box

Point = tuple[float, float]
Key = tuple[str, int]
"""Which part of the figure a label belongs to: its kind and its index."""
Grid = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

CELL = 0.04
"""Side of a raster cell in frame units."""
CLEARANCE = 0.09
"""Empty space kept around every label, in frame units."""
LEADER_GAP = 0.06
"""Of which leaders keep away from labels that are not their own."""
LARGEST_BY_ROUND = (0.0, 0.0, 0.34, 0.67)
"""Share of the sizes, from the largest on, that no label may take: round by round, until all are placed."""


@dataclass(frozen=True)
class Spot:
    """A place that a label could take: its centre, how far from ideal it is, and the leader it needs."""

    center: Point
    cost: float
    leader: tuple[Point, Point] | None = None


Spots = Callable[[float, float], list[Spot]]
"""The candidates for a label of this width and height."""


class Size(NamedTuple):
    """A size that a label can take, and how much worse it is than the best, in units of distance."""

    width: float
    height: float
    cost: float


@dataclass(frozen=True)
class Wish:
    """A label that wants a place: the sizes that it can take, best first, and where it would like to be."""

    key: Key
    sizes: Sequence[Size]
    spots: Spots


@dataclass(frozen=True)
class Placed:
    """Where a label goes: its centre, which of its sizes it takes, and its leader if it is far away."""

    center: Point
    size: int
    leader: tuple[Point, Point] | None
    regret: float
    """How much worse this is than the best that the label could wish for, in units of distance."""


class Placer:
    """Keeps what is drawn in `area` as a raster, and places labels beside it."""

    def __init__(self, area: Box) -> None:
        self._area = area
        shape = (math.ceil(area.height / CELL) + 2, math.ceil(area.width / CELL) + 2)
        self._strokes: Grid = np.zeros(shape, dtype=np.bool_)
        self._solids: Grid = np.zeros(shape, dtype=np.bool_)

    def stroke(self, points: Sequence[Point]) -> None:
        """Mark the polyline through `points`: no label may touch it, but a leader may cross it."""
        rows, columns = self._cells(sampled(points))
        self._strokes[rows, columns] = True

    def solid(self, box: Box) -> None:
        """Mark a box that neither a label nor a leader may touch."""
        rows, columns = self._cells(np.array([(box.left, box.bottom), (box.right, box.top)]), inside=False)
        (low, high), (left, right) = np.clip(rows, 0, None), np.clip(columns, 0, None)
        self._solids[low : high + 1, left : right + 1] = True

    def settle(self, wishes: Sequence[Wish]) -> dict[Key, Placed]:
        """Place as many labels as possible; those missing from the answer found no room.

        Labels are tried in the order given; after a round, those that failed come first in the next, and in
        the end all of them are kept small.
        """
        order, best = [_Candidates(wish) for wish in wishes], dict[Key, Placed]()
        before = self._strokes.copy(), self._solids.copy()
        for largest in LARGEST_BY_ROUND:
            self._strokes, self._solids = before[0].copy(), before[1].copy()
            placed = {wish.key: spot for wish in order if (spot := self._place(wish, largest))}
            if not best or len(placed) > len(best):
                best = placed
            if len(placed) == len(wishes):
                break
            order.sort(key=lambda wish: wish.key in placed)
        return best

    def _place(self, wish: _Candidates, largest: float) -> Placed | None:
        """The cheapest free spot, which is then taken; the first share `largest` of the sizes is left out."""
        for index in self._free(wish.centers, wish.halves):
            placed = wish.placed[index]
            if placed.size < int(largest * wish.sizes):
                continue
            if placed.leader is None or self._leader_is_free(placed.leader):
                (x, y), (half_width, half_height) = placed.center, wish.halves[index]
                box = Box(x - half_width, x + half_width, y - half_height, y + half_height)
                self.solid(box.inset(-LEADER_GAP))
                if placed.leader:
                    self.stroke(placed.leader)
                return placed
        return None

    def _free(self, centers: Floats, halves: Floats) -> list[int]:
        """Indices of the candidates that lie in the area and touch nothing."""
        if not len(centers):
            return []
        low, high, area = centers - halves, centers + halves, self._area
        inside = (low >= (area.left, area.bottom)).all(axis=1) & (high <= (area.right, area.top)).all(axis=1)
        sums = _summed(self._strokes | self._solids)
        bottom, left = self._cells(low - CLEARANCE)
        top, right = self._cells(high + CLEARANCE)
        taken = sums[top + 1, right + 1] - sums[bottom, right + 1] - sums[top + 1, left] + sums[bottom, left]
        return [int(index) for index in np.flatnonzero(inside & (taken == 0))]

    def _leader_is_free(self, leader: tuple[Point, Point]) -> bool:
        rows, columns = self._cells(sampled(leader))
        return not bool(self._solids[rows, columns].any())

    def _cells(
        self, points: Floats, *, inside: bool = True
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        columns = np.floor((points[:, 0] - self._area.left) / CELL).astype(np.intp)
        rows = np.floor((points[:, 1] - self._area.bottom) / CELL).astype(np.intp)
        height, width = self._solids.shape
        low = 0 if inside else -1
        return np.clip(rows, low, height - 1), np.clip(columns, low, width - 1)


class _Candidates:
    """A wish's spots at all its sizes, the cheapest first, as arrays."""

    def __init__(self, wish: Wish) -> None:
        self.key, self.sizes = wish.key, len(wish.sizes)
        found = sorted(
            (
                (spot.cost + form.cost, size, spot)
                for size, form in enumerate(wish.sizes)
                for spot in wish.spots(form.width, form.height)
            ),
            key=lambda candidate: candidate[0],
        )
        self.placed = [
            Placed(spot.center, size, spot.leader, cost - found[0][0]) for cost, size, spot in found
        ]
        self.centers: Floats = np.array([spot.center for _, _, spot in found]).reshape(-1, 2)
        self.halves: Floats = np.array([wish.sizes[size][:2] for _, size, _ in found]).reshape(-1, 2) / 2


def _summed(grid: Grid) -> npt.NDArray[np.int64]:
    """Summed-area table: any rectangle's count of cells is four look-ups."""
    sums = np.zeros((grid.shape[0] + 1, grid.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = grid.cumsum(axis=0).cumsum(axis=1)
    return sums


def sampled(points: Sequence[Point]) -> Floats:
    """Points along the polyline, closer together than a raster cell."""
    corners = np.array(points, dtype=np.float64)
    if len(corners) < 2:
        return corners.reshape(-1, 2)
    parts = []
    for start, end in itertools.pairwise(corners):
        count = 2 + int(float(np.hypot(*(end - start))) / (CELL / 2))
        parts.append(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))
    return np.concatenate(parts)
