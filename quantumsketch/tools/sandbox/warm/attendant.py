"""Attends one warm call: puts up its walls, forks its payload, waits for the end of all and reports it.

Runs inside, in the first process that the zygote forks for the call. That process stays outside the call's
own process namespace: nothing in there can see it or send it a signal.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence

from quantumsketch.tools.sandbox.guard_inside import missing_walls
from quantumsketch.tools.sandbox.warm import walls
from quantumsketch.tools.sandbox.warm.order import CLOCK, ENDED, GUARDED, READY, REFUSED, Order, tell

SLEEP = "/usr/bin/sleep"
BY_SIGNAL = 128
DESCRIPTORS = (3, 2**16)
"""Every file that a zygote could have open, except the standard ones."""


def attend(order: Order, files: Sequence[int]) -> None:
    """Make the call of an order; returns only in the payload's process, walled in and ready to run it.

    `files`: the call's standard output and error, the socket to report on, then its inputs.
    """
    stdout, stderr, report, *inputs = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=report) as listener:
        try:
            walls.separate()
            given = dict(zip(order.inputs, inputs, strict=True))
            walls.furnish(order.scratch, given, order.shared_memory_bytes)
        except OSError as error:
            tell(listener, REFUSED, str(error))
            os._exit(1)
        tell(listener, READY)
        if not listener.recv(1):
            os._exit(0)  # the host has let go of the call
        clock = _start_clock(order)
        tell(listener, CLOCK, files=[os.pidfd_open(clock)])
        payload = os.fork()
        if payload:
            walls.give_up_privileges(bytes.fromhex(order.seccomp))
            tell(listener, ENDED, _end_of(payload, clock))
            os._exit(0)
        _wall_in(order, stdout, stderr)
        tell(listener, GUARDED)
    os.closerange(*DESCRIPTORS)


def _start_clock(order: Order) -> int:
    """Fork the first process of the new namespace, which only waits: its end is the end of all others."""
    clock = os.fork()
    if clock == 0:
        walls.die_with_parent()
        walls.give_up_privileges(bytes.fromhex(order.seccomp))
        os.closerange(*DESCRIPTORS)
        os.execv(SLEEP, [SLEEP, str(order.clock_s)])  # noqa: S606  (no shell, that is the point)
    return clock


def _wall_in(order: Order, stdout: int, stderr: int) -> None:
    """Turn this process into the payload's: its own session, streams and limits, no privileges."""
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDONLY)
    for ours, standard in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(ours, standard)
    walls.limit(order.ceilings, order.niceness)
    walls.give_up_privileges(bytes.fromhex(order.seccomp))
    if missing := missing_walls():
        sys.exit(f"a wall is missing: {missing}")


def _end_of(payload: int, clock: int) -> dict[str, float]:
    """Wait for the payload, end what it has left behind, and return how it ended and what all of it used."""
    code = None
    while code is None:
        # the clock may end first: it has struck, or the host has ended the call
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status) if pid == payload else None
        if pid == clock:
            clock = 0
    if clock:
        os.kill(clock, signal.SIGKILL)
        os.waitpid(clock, 0)
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "code": code if code >= 0 else BY_SIGNAL - code,
        "cpu_s": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
    }
