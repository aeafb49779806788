"""Embedders that answer at once, for tests of what is done with vectors and not of what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SameForAll:
    """Gives every text the same vector."""

    model: str = "the same for all"
    dimensions: int = 384

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vector once for each text."""
        return [[1.0] + [0.0] * (self.dimensions - 1) for _ in texts]


@dataclass
class Fails:
    """Fails so many times, then gives every text the same vector."""

    failure: Exception
    times: int = 1_000_000
    failed: int = 0
    model: str = SameForAll().model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Raise the failure as long as it is to fail."""
        if self.failed < self.times:
            self.failed += 1
            raise self.failure
        return SameForAll().embed(texts)


@dataclass
class Counts:
    """Gives every text the same vector, and knows every text that it was asked for."""

    asked: list[str] = field(default_factory=list)
    model: str = SameForAll().model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Note the texts, and return the vector once for each."""
        self.asked += texts
        return SameForAll().embed(texts)
