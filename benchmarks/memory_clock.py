"""How long questions to the memory take: wall time of the caller, processor time of it and of its Postgres.

A question is asked several times on end. What the first try took, for which Postgres fetches what others have
driven out of its buffers, is told apart; of the tries after it every one counts.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import quantiles

REPEATS = 3


@dataclass(frozen=True)
class Timing:
    """Milliseconds that one question of many took."""

    p50: float
    p95: float
    first_p95: float
    """Of the first try of each question."""
    cpu: float
    """Mean of all tries, ours and that of Postgres together."""


class Clock:
    """Times what is done with the Postgres whose data lies in a folder."""

    def __init__(self, data: Path) -> None:
        self._postmaster = int((data / "postmaster.pid").read_text().split()[0])

    async def time(
        self, questions: Sequence[Callable[[], Awaitable[object]]], repeats: int = REPEATS
    ) -> Timing:
        """Ask each of at least two questions so many times after the first."""
        await questions[0]()
        cpu = self.cpu()
        walls = [[await _wall(question) for _ in range(1 + repeats)] for question in questions]
        cpu = (self.cpu() - cpu) / (len(questions) * (1 + repeats))
        first, later = (each[0] for each in walls), chain.from_iterable(each[1:] for each in walls)
        cuts = _twentieths(later)
        return Timing(p50=cuts[9], p95=cuts[18], first_p95=_twentieths(first)[18], cpu=cpu * 1000)

    def cpu(self) -> float:
        """Return the seconds of processor time that this process and those of Postgres have used."""
        return time.process_time() + sum(_cpu_of(pid) for pid in self._processes())

    def _processes(self) -> list[str]:
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text()
        return [str(self._postmaster), *children.split()]


def _twentieths(seconds: Iterable[float]) -> list[float]:
    return [cut * 1000 for cut in quantiles(seconds, n=20, method="inclusive")]


async def _wall(question: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await question()
    return time.perf_counter() - began


def _cpu_of(pid: str) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended
