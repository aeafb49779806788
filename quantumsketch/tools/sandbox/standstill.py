"""Stops a call's processes for a moment, so that nothing changes while it is looked at. Kills nobody."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from quantumsketch.tools.sandbox.watcher import tree

SETTLING_S = 0.005  # who is in the middle of a system call first comes to its end


@contextmanager
def standstill(root: int) -> Iterator[None]:
    """Stop the descendants of a process, as far as they can be found, and let them go on afterwards.

    Not the process itself. It is ours, and ends the others if we are killed now and let nobody go on.
    """
    with ExitStack() as ends:
        for pid in (one for one in tree(root) if one != root):
            with suppress(OSError):  # it has ended meanwhile
                handle = os.pidfd_open(pid)
                ends.callback(os.close, handle)
                signal.pidfd_send_signal(handle, signal.SIGSTOP)
                ends.callback(_go_on, handle)
        time.sleep(SETTLING_S)
        yield


def _go_on(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGCONT)
