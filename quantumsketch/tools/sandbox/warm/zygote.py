"""The zygote: imports modules once, then forks a process for each call that the host orders.

Runs inside bubblewrap as `python -m quantumsketch.tools.sandbox.warm.zygote SOCKET MODULE...`. It runs no
payload itself: what it forks puts up its own walls first (see `attendant`). Ends when the host hangs up.
"""

from __future__ import annotations

import gc
import os
import runpy
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from quantumsketch.tools.sandbox.warm.attendant import attend
from quantumsketch.tools.sandbox.warm.order import LARGEST_MESSAGE, MOST_FILES, Order, decoded

PAUSE_S = 0.1


def next_payload(host: socket.socket) -> Order | None:
    """Fork for each order of the host. Returns an order in the process that shall run it; else None.

    The order is read by the process that was forked for it: nothing of a call enters the zygote's memory,
    from where the next one would inherit it. SystemExit if there are threads, which a fork would lose.
    """
    waiting = select.poll()
    waiting.register(host, select.POLLIN)
    while True:
        waiting.poll()
        if threads := len(list(Path("/proc/self/task").iterdir())) - 1:
            sys.exit(f"{threads} threads run beside the zygote's own: a fork would lose them")
        try:
            child, told, tell = _fork()
        except OSError:
            time.sleep(PAUSE_S)  # no room at the moment: the calls at work must not end with this process
            continue
        if child == 0:
            order, files = _taken(host, tell)
            os.close(told)
            _attend_or_exit(order, files)
            return order
        os.close(tell)
        taken = os.read(told, 1)
        os.close(told)
        if not taken:
            host.close()
            _wait_for_calls()
            return None


def _fork() -> tuple[int, int, int]:
    """Fork; return the child (0 in the child itself), and the ends of a pipe between both."""
    told, tell = os.pipe()
    try:
        return os.fork(), told, tell
    except OSError:
        os.close(told)
        os.close(tell)
        raise


def _taken(host: socket.socket, tell: int) -> tuple[Order, list[int]]:
    """Read the next order, and tell the zygote that it is taken; ends this process if there is none."""
    message, files, _, _ = socket.recv_fds(host, LARGEST_MESSAGE, MOST_FILES)
    if not message:
        os._exit(0)  # the host has hung up
    os.write(tell, b".")
    os.close(tell)
    host.close()
    return decoded(message), files


def _attend_or_exit(order: Order, files: Sequence[int]) -> None:
    """Never let an error of a call's process come back into the zygote's loop."""
    try:
        attend(order, files)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def _reap(*_: object) -> None:
    """Take leave of those that have ended: they report themselves, but only so does their time count."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _wait_for_calls() -> None:
    """With this process the kernel ends all that it has forked: let those go on that are still at work."""
    with suppress(ChildProcessError):
        while True:
            os.wait()


def main() -> None:
    """Import, serve, and in the process of a payload run it as `python -m` does."""
    for module in sys.argv[2:]:
        import_module(module)
    gc.collect()
    gc.freeze()  # a collection in one call would touch, and so copy, all that they share
    signal.signal(signal.SIGCHLD, _reap)
    with socket.socket(fileno=int(sys.argv[1])) as host:
        order = next_payload(host)
    if order:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.argv = [order.module, *order.arguments]
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
