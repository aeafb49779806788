"""How good an order of found things is, held against how relevant each is. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(found: Sequence[str], relevant: Mapping[str, int], at: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first `at` things: 1 is the best order."""
    best = _gain(sorted(relevant.values(), reverse=True)[:at])
    return _gain([relevant.get(thing, 0) for thing in found[:at]]) / best


def recall(found: Sequence[str], relevant: Mapping[str, int], least: int = 2, at: int = 10) -> float:
    """Return the share of the things of grade `least` or more that are among the first `at`."""
    wanted = {thing for thing, grade in relevant.items() if grade >= least}
    return len(wanted & set(found[:at])) / len(wanted)


def separation(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return how often an answerable question has more than an unanswerable one: 0.5 is chance."""
    pairs = [(a > u) + (a == u) / 2 for a in answerable for u in unanswerable]
    return sum(pairs) / len(pairs)


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))
