"""A child process that cannot outlive its parent, even one killed with SIGKILL. Knows nothing of servers."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def clean_environment() -> dict[str, str]:
    """What a server sees of the environment: no key, no setting of ours or of its own."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"}


async def start(
    command: Sequence[str], folder: Path, log: Path, lock: int, *, stdin: int = asyncio.subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """Start `command` in `folder`, printing to `log`. It holds the descriptor `lock` while it lives.

    Call it from the main thread: Linux ends the child with the thread that started it.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=clean_environment(),
            pass_fds=(lock,),
            preexec_fn=_bound_to(os.getpid()),
        )


def _bound_to(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: afterwards as little as possible may run

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before it could be watched
            os._exit(1)

    return bind
