"""The controlling terminal of the process that makes the attempts."""

from __future__ import annotations

import os
import pty
from contextlib import suppress
from functools import cache
from typing import IO


@cache
def _taken() -> IO[bytes]:
    """Take a terminal and return its other end. What a session opens first becomes its controlling one."""
    master, slave = pty.openpty()
    os.open(os.ttyname(slave), os.O_RDWR)
    os.set_blocking(master, False)
    return os.fdopen(master, "rb", buffering=0)


def controlling_terminal() -> IO[bytes]:
    """Return the other end of the terminal, with nothing left to read; needs a session of its own."""
    with suppress(BlockingIOError):
        while _taken().read(1024):
            pass
    return _taken()
