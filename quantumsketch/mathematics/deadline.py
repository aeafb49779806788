"""A time limit for one piece of work in the main thread. Knows nothing of what the work is.

It counts the processor's time: on a busy machine nothing is found out less.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_S = 0.1
"""A callback of Python's own, such as the garbage collector's, may swallow the first one."""


class OutOfTime(BaseException):
    """The time is over. No `except Exception` on the way may swallow it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise OutOfTime inside the block when it has computed for `seconds`."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
