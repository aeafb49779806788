"""Several rankings of the same things into one, and what no longer holds below what does. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

RANK_CONSTANT = 60
"""The larger, the less the first places of a ranking stand out from those behind them."""
SUPERSEDED = 0.5
"""What of its score is left to what no longer holds."""
RECENCY = 0.03
"""So much more counts what has changed just now; half of that after 30 days, and so on."""
_HALF_LIFE_DAYS = 30.0

Thing = TypeVar("Thing", bound=Hashable)


class Ranking(NamedTuple, Generic[Thing]):
    """Things in order, the best first, and how much that order counts."""

    weight: float
    order: Sequence[Thing]
    strengths: Mapping[Thing, float] | None = None
    """From 0 to 1, how well each was found: the best of a poor lot is none of a good one."""


def reciprocal_ranks(rankings: Sequence[Ranking[Thing]]) -> dict[Thing, float]:
    """Return the score of each thing in any of `rankings`: the sum of weight * strength / (60 + place)."""
    scores: dict[Thing, float] = defaultdict(float)
    for weight, order, strengths in rankings:
        for place, thing in enumerate(order, 1):
            strength = 1.0 if strengths is None else strengths[thing]
            scores[thing] += weight * strength / (RANK_CONSTANT + place)
    return dict(scores)


def recency(changed_at: datetime, now: datetime) -> float:
    """Return the factor, 1 to 1.03, by which something counts that changed at that time."""
    days = max((now - changed_at).total_seconds(), 0) / 86_400
    return 1 + RECENCY * math.exp2(-days / _HALF_LIFE_DAYS)


def best_first(
    scores: Mapping[Thing, float], superseded: Collection[Thing], limit: int
) -> list[tuple[Thing, float]]:
    """Return the best `limit` things with their scores; behind what holds stands what is superseded.

    That still takes part with half its score: what has little to do with the question does not crowd it out.
    """
    halved = {thing: score * (SUPERSEDED if thing in superseded else 1) for thing, score in scores.items()}
    chosen = sorted(halved.items(), key=lambda each: -each[1])[:limit]
    holding = [each for each in chosen if each[0] not in superseded]
    lowest = holding[-1][1] if holding else float("inf")
    return holding + [(thing, min(score, lowest)) for thing, score in chosen if thing in superseded]
