"""Runs one asynchronous command so that Ctrl-C and SIGTERM end it in order: every `finally` runs.

Python's own answer to SIGTERM runs none, and would leave servers behind. A second signal ends at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal ended the command; the message says what became of the work."""


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run `work` to its end and return what it does; raise Interrupted if a signal cancelled it."""
    return asyncio.run(_until_signalled(work))


def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` that has no end of its own; a signal is its end, not an interruption."""
    with contextlib.suppress(Interrupted):
        run(work)


async def _until_signalled(work: Coroutine[Any, Any, _Result]) -> _Result:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    heard: list[signal.Signals] = []
    # what is ignored stays ignored: `nohup` ignores SIGHUP
    listening = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]

    def silence() -> None:
        for each in listening:
            loop.remove_signal_handler(each)

    def stop(number: signal.Signals) -> None:
        heard.append(number)
        silence()
        task.cancel()

    for each in listening:
        loop.add_signal_handler(each, stop, each)
    try:
        return await task
    except asyncio.CancelledError:
        if not heard:
            raise
        raise Interrupted("interrupted; `qs list` shows what goes on") from None
    finally:
        silence()
