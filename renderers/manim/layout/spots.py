"""Where the label of a point, line, corner or area would like to stand: candidates with their costs.

Pure geometry; whether a candidate is free is the placer's business.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np

from renderers.manim.layout.placement import Floats, Point, Spot, Spots, sampled

LEADER_FROM = 0.42
"""A label farther than this from its anchor is tied to it by a thin line."""


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
    samples = sampled(line)
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
