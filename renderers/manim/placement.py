"""Finds a free place for each label of a figure: candidates by cost, tested against everything drawn so far.

Pure geometry on a raster of the figure's area. Does not know what a label says or how anything is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

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
LEADER_FROM = 0.42
"""A label farther than this from its anchor is tied to it by a thin line."""
SMALLER_COST = 0.2
"""What each step to a smaller form costs, in units of distance."""
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


@dataclass(frozen=True)
class Wish:
    """A label that wants a place: the sizes that it can take, best first, and where it would like to be."""

    key: Key
    sizes: Sequence[tuple[float, float]]
    spots: Spots


@dataclass(frozen=True)
class Placed:
    """Where a label goes: its centre, which of its sizes it takes, and its leader if it is far away."""

    center: Point
    size: int
    leader: tuple[Point, Point] | None


class Placer:
    """Keeps what is drawn in `area` as a raster, and places labels beside it."""

    def __init__(self, area: Box) -> None:
        self._area = area
        shape = (math.ceil(area.height / CELL) + 2, math.ceil(area.width / CELL) + 2)
        self._strokes: Grid = np.zeros(shape, dtype=np.bool_)
        self._solids: Grid = np.zeros(shape, dtype=np.bool_)

    def stroke(self, points: Sequence[Point]) -> None:
        """Mark the polyline through `points`: no label may touch it, but a leader may cross it."""
        rows, columns = self._cells(_sampled(points))
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
        rows, columns = self._cells(_sampled(leader))
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
                (spot.cost + SMALLER_COST * size, size, spot)
                for size, (width, height) in enumerate(wish.sizes)
                for spot in wish.spots(width, height)
            ),
            key=lambda candidate: candidate[0],
        )
        self.placed = [Placed(spot.center, size, spot.leader) for _, size, spot in found]
        self.centers: Floats = np.array([spot.center for _, _, spot in found]).reshape(-1, 2)
        self.halves: Floats = np.array([wish.sizes[size] for _, size, _ in found]).reshape(-1, 2) / 2


def _summed(grid: Grid) -> npt.NDArray[np.int64]:
    """Summed-area table: any rectangle's count of cells is four look-ups."""
    sums = np.zeros((grid.shape[0] + 1, grid.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = grid.cumsum(axis=0).cumsum(axis=1)
    return sums


def _sampled(points: Sequence[Point]) -> Floats:
    """Points along the polyline, closer together than a raster cell."""
    corners = np.array(points, dtype=np.float64)
    if len(corners) < 2:
        return corners.reshape(-1, 2)
    parts = []
    for start, end in itertools.pairwise(corners):
        count = 2 + int(float(np.hypot(*(end - start))) / (CELL / 2))
        parts.append(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))
    return np.concatenate(parts)


def around(
    anchor: Point, *, angle: float | None = None, nearest: float = 0.16, rings: Iterable[int] = range(8)
) -> Spots:
    """Spots in rings around a point, those in the direction `angle` (radians) first."""

    def spots(width: float, height: float) -> list[Spot]:
        found = []
        for ring in rings:
            distance = nearest + 0.22 * ring * (1 + 0.15 * ring)
            for turn in range(16):
                direction = turn * math.tau / 16
                x = anchor[0] + distance * math.cos(direction) + _support(math.cos(direction)) * width / 2
                y = anchor[1] + distance * math.sin(direction) + _support(math.sin(direction)) * height / 2
                off = 0.0 if angle is None else (1 - math.cos(direction - angle)) * 0.3
                leader = _leader(anchor, (x, y), width, height) if distance > LEADER_FROM else None
                found.append(Spot((x, y), distance + off + (0.35 if leader else 0.0), leader))
        return found

    return spots


def beside(line: Sequence[Point], *, away_from: Point | None = None, far: bool = True) -> Spots:
    """Spots along both sides of a polyline, its middle and the side away from a point first.

    Without `far` only spots so near that no leader is needed.
    """
    samples = _sampled(line)
    distances = (0.14, 0.3, 0.7, 1.2) if far else (0.14, 0.24)

    def spots(width: float, height: float) -> list[Spot]:
        found = []
        for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9):
            index = min(int(share * len(samples)), len(samples) - 1)
            at = samples[index]
            along = samples[min(index + 3, len(samples) - 1)] - samples[max(index - 3, 0)]
            length = float(np.hypot(*along)) or 1.0
            for side in (1, -1):
                normal = (-along[1] * side / length, along[0] * side / length)
                reach = abs(normal[0]) * width / 2 + abs(normal[1]) * height / 2
                inward = away_from is not None and _dot(normal, at, away_from) > 0
                for distance in distances:
                    center = tuple(at + np.array(normal) * (distance + reach))
                    leader = _leader(tuple(at), center, width, height) if distance > LEADER_FROM else None
                    cost = abs(share - 0.5) * 0.8 + distance + 0.25 * inward + (0.3 if leader else 0.0)
                    found.append(Spot(center, cost, leader))
        return found

    return spots


def on_poles(anchor: Point, others: Sequence[float], *, nearest: float = 0.24) -> Spots:
    """Spots straight above a point, on poles if need be, best where they cover none of the `others` (x)."""
    x, y = anchor

    def spots(width: float, height: float) -> list[Spot]:
        found = []
        for tier, share in itertools.product(range(7), (0.0, -0.25, 0.25, -0.45, 0.45)):
            left, bottom = x + (share - 0.5) * width, y + nearest + 0.42 * tier
            covered = sum(left - 0.1 < other < left + width + 0.1 for other in others)
            leader = ((x, y + 0.12), (x, bottom - 0.08)) if tier else None
            cost = 0.3 * tier + 0.2 * abs(share) + 0.45 * covered
            found.append(Spot((left + width / 2, bottom + height / 2), cost, leader))
        return found

    return spots


def ahead(tip: Point, direction: float, *, nearest: float = 0.1, farthest: float = 1.0) -> Spots:
    """Spots from a point on in one direction (radians), near enough to need no leader."""
    dx, dy = math.cos(direction), math.sin(direction)

    def spots(width: float, height: float) -> list[Spot]:
        steps = np.arange(nearest, farthest, 0.06)
        reach = abs(dx) * width / 2 + abs(dy) * height / 2
        places = [(tip[0] + dx * (step + reach), tip[1] + dy * (step + reach)) for step in steps]
        return [Spot(place, 0.4 * float(step)) for place, step in zip(places, steps, strict=True)]

    return spots


def within(polygon: Sequence[Point], *, step: float = 0.2) -> Spots:
    """Spots inside a closed polygon, nearest to its middle first."""
    corners = np.array(polygon)
    low, high, middle = corners.min(axis=0), corners.max(axis=0), corners.mean(axis=0)
    grid = [
        (float(x), float(y))
        for x in np.arange(low[0], high[0] + step, step)
        for y in np.arange(low[1], high[1] + step, step)
        if _inside(float(x), float(y), polygon)
    ]
    centers = [(float(middle[0]), float(middle[1])), *grid[:400]]

    def spots(_width: float, _height: float) -> list[Spot]:
        return [Spot(c, math.hypot(c[0] - middle[0], c[1] - middle[1]) * 0.3) for c in centers]

    return spots


def either(*choices: Spots, penalty: float = 1.0) -> Spots:
    """All spots of several kinds, each later kind less welcome by `penalty`."""

    def spots(width: float, height: float) -> list[Spot]:
        return [
            Spot(spot.center, spot.cost + rank * penalty, spot.leader)
            for rank, choice in enumerate(choices)
            for spot in choice(width, height)
        ]

    return spots


def _support(component: float) -> float:
    return max(-1.0, min(1.0, component * 1.5))


def _leader(anchor: Point, center: Point, width: float, height: float) -> tuple[Point, Point]:
    """From near the anchor to just before the nearest point of the label's box."""
    x = min(max(anchor[0], center[0] - width / 2), center[0] + width / 2)
    y = min(max(anchor[1], center[1] - height / 2), center[1] + height / 2)
    length = math.hypot(x - anchor[0], y - anchor[1]) or 1.0
    ux, uy = (x - anchor[0]) / length, (y - anchor[1]) / length
    return (anchor[0] + 0.1 * ux, anchor[1] + 0.1 * uy), (x - 0.1 * ux, y - 0.1 * uy)


def _dot(normal: Point, at: Floats, target: Point) -> float:
    return float(normal[0] * (target[0] - at[0]) + normal[1] * (target[1] - at[1]))


def _inside(x: float, y: float, polygon: Sequence[Point]) -> bool:
    """Even-odd rule."""
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside
