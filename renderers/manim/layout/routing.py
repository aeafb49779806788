"""Routes the edges of a graph: straight if nothing is in the way, else in an arc, else around the nodes.

Pure geometry; knows boxes and points, neither nodes nor drawing.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence

from renderers.manim.stage import Box

Point = tuple[float, float]

CLEARANCE = 0.12
"""Distance that an edge keeps from boxes that are not its own."""
_BENDS = (0.0, 0.14, -0.14, 0.28, -0.28, 0.45, -0.45)
_STEP = 0.12


def route(start: Box, end: Box, others: Sequence[Box], area: Box) -> list[Point]:
    """A polyline from the rim of one box to the rim of another that keeps clear of all others."""
    inflated = [box.inset(-CLEARANCE) for box in others]
    a, b = start.center[:2], end.center[:2]
    for bend in _BENDS:
        path = _trimmed(_arc(a, b, bend), start, end)
        if len(path) > 1 and all(_within(point, area) for point in path) and not _hits(path, inflated):
            return path
    path = _trimmed(_around(a, b, inflated, area) or _arc(a, b, 0.0), start, end)
    return path if len(path) > 1 else [a, b]


def _arc(start: Point, end: Point, bend: float) -> list[Point]:
    """A quadratic curve whose middle lies `bend` times the distance beside the straight line."""
    (ax, ay), (bx, by) = start, end
    cx, cy = (ax + bx) / 2 - 2 * bend * (by - ay), (ay + by) / 2 + 2 * bend * (bx - ax)
    count = max(24, int(math.hypot(bx - ax, by - ay) / 0.05))
    shares = [index / count for index in range(count + 1)]
    return [
        (
            (1 - t) ** 2 * ax + 2 * t * (1 - t) * cx + t**2 * bx,
            (1 - t) ** 2 * ay + 2 * t * (1 - t) * cy + t**2 * by,
        )
        for t in shares
    ]


def _trimmed(path: Sequence[Point], start: Box, end: Box) -> list[Point]:
    """The part of the path outside both of its own boxes, a little air included."""
    first, last = start.inset(-0.04), end.inset(-0.06)
    begin = max((index for index, point in enumerate(path) if _within(point, first)), default=0)
    stop = min(
        (index for index, point in enumerate(path) if index > begin and _within(point, last)),
        default=len(path),
    )
    return list(path[begin + 1 : stop])


def _within(point: Point, box: Box) -> bool:
    return box.left <= point[0] <= box.right and box.bottom <= point[1] <= box.top


def _hits(path: Sequence[Point], boxes: Sequence[Box]) -> bool:
    return any(_within(point, box) for box in boxes for point in path)


def _around(start: Point, end: Point, blocked: Sequence[Box], area: Box) -> list[Point]:
    """The shortest way over a fine grid that enters no blocked box, rounded; empty if there is none."""
    across, up = int(area.width / _STEP), int(area.height / _STEP)

    def place(cell: tuple[int, int]) -> Point:
        return area.left + cell[0] * _STEP, area.bottom + cell[1] * _STEP

    def cell_of(point: Point) -> tuple[int, int]:
        return round((point[0] - area.left) / _STEP), round((point[1] - area.bottom) / _STEP)

    walls = {
        cell
        for cell in itertools.product(range(across + 1), range(up + 1))
        if any(_within(place(cell), box) for box in blocked)
    }
    cells = _shortest(cell_of(start), cell_of(end), walls, (across, up))
    if not cells:
        return []
    corners = _straightened([start, *map(place, cells[1:-1]), end], blocked)
    return _dense(_rounded(corners, blocked))


def _shortest(
    start: tuple[int, int], goal: tuple[int, int], walls: set[tuple[int, int]], most: tuple[int, int]
) -> list[tuple[int, int]]:
    """A* with eight neighbours."""
    queue = [(math.dist(start, goal), 0.0, start)]
    came: dict[tuple[int, int], tuple[int, int]] = {}
    best = {start: 0.0}
    while queue:
        _, cost, cell = heapq.heappop(queue)
        if cell == goal:
            path = [cell]
            while path[-1] != start:
                path.append(came[path[-1]])
            return path[::-1]
        for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            near = (cell[0] + di, cell[1] + dj)
            if near in walls or not (0 <= near[0] <= most[0] and 0 <= near[1] <= most[1]):
                continue
            longer = cost + math.hypot(di, dj)
            if longer < best.get(near, math.inf) - 1e-9:
                best[near], came[near] = longer, cell
                heapq.heappush(queue, (longer + math.dist(near, goal), longer, near))
    return []


def _straightened(path: Sequence[Point], blocked: Sequence[Box]) -> list[Point]:
    """The path with every corner left out that can be skipped without hitting anything."""
    kept, index = [path[0]], 0
    while index < len(path) - 1:
        index = next(
            (
                later
                for later in range(len(path) - 1, index + 1, -1)
                if not _hits(_dense([path[index], path[later]]), blocked)
            ),
            index + 1,
        )
        kept.append(path[index])
    return kept


def _rounded(corners: Sequence[Point], blocked: Sequence[Box]) -> list[Point]:
    """Corners cut twice (Chaikin), as far as that hits nothing."""
    path = list(corners)
    for _ in range(3):
        smoother = [path[0]]
        for a, b in itertools.pairwise(path):
            smoother += [_between(a, b, 0.25), _between(a, b, 0.75)]
        smoother.append(path[-1])
        if _hits(_dense(smoother), blocked):
            break
        path = smoother
    return path


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _dense(corners: Sequence[Point]) -> list[Point]:
    """The polyline with points at most 0.05 units apart."""
    path = [corners[0]]
    for a, b in itertools.pairwise(corners):
        count = max(1, math.ceil(math.dist(a, b) / 0.05))
        path += [_between(a, b, index / count) for index in range(1, count + 1)]
    return path
