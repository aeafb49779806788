"""Ends Python code that does not end by itself, and says where it was. Knows no scene.

A signal is the one way in: it costs nothing while the code runs, and its error has the very line. Code in
C that never comes back to the interpreter is not ended by it: the sandbox's own clock is behind.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

_AGAIN_S = 0.2
"""A bare `except:` may swallow the first one."""


class TimeIsUp(BaseException):
    """The time that `at_most` allowed is over. No Exception: `except Exception` must not stop it."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the code inside after `seconds` of wall time. For the main thread only."""

    def strike(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp(f"it did not end within {seconds:.0f} s")

    began = time.monotonic()
    handler_before = signal.signal(signal.SIGALRM, strike)
    left_before, again_before = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if left_before:
            left = max(0.001, left_before - (time.monotonic() - began))
            signal.setitimer(signal.ITIMER_REAL, left, again_before)
