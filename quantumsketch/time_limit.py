"""Ends Python code in the main thread that does not end by itself. Knows nothing of what the code is.

A signal is the one way in: it costs nothing while the code runs, and its error has the very line. Code in
C that never comes back to the interpreter is not ended by it: whoever runs it needs a clock outside.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

_AGAIN_S = 0.1
"""A bare `except:`, or a callback such as the garbage collector's, may swallow the first one."""


class TimeIsUp(BaseException):
    """The time that `at_most` allowed is over. No Exception: `except Exception` must not stop it."""


@dataclass(frozen=True)
class Clock:
    """What is counted, and what strikes."""

    timer: int
    strikes: int
    now: Callable[[], float]


WALL = Clock(signal.ITIMER_REAL, signal.SIGALRM, time.monotonic)
PROCESSOR = Clock(signal.ITIMER_PROF, signal.SIGPROF, time.process_time)
"""On a busy machine nothing has less time by it."""


@contextlib.contextmanager
def at_most(seconds: float, clock: Clock = WALL) -> Iterator[None]:
    """Raise TimeIsUp in the code inside after `seconds` by the clock."""

    def strike(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp(f"it did not end within {seconds:.0f} s")

    began = clock.now()
    handler_before = signal.signal(clock.strikes, strike)
    left_before, again_before = signal.setitimer(clock.timer, max(seconds, 0.001), _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(clock.timer, 0)
        signal.signal(clock.strikes, handler_before)
        if left_before:
            left = max(0.001, left_before - (clock.now() - began))
            signal.setitimer(clock.timer, left, again_before)
