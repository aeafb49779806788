"""Embedders that answer at once, for tests of what is done with vectors and not of what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SameForAll:
    """Gives every text the same vector."""

    model: str = "the same for all"
    dimensions: int = 384

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vector once for each text."""
        return [[1.0] + [0.0] * (self.dimensions - 1) for _ in texts]
