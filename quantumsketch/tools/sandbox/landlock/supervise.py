"""Starts one command on the host, waits for it, and ends it with everything that it has started.

Runs as a process of its own: `supervise.py CONTROL STATUS SECONDS COMMAND...`, the first two being pipes to
the host. It says "ready" and waits for a byte: then the command begins. It ends the command after some
seconds, or when the host closes the control pipe, as the kernel does for a host that was killed. Only when
nobody is left it says the exit code. Standard library only; knows nothing of files, limits and policies.

Why nobody can get away: all are in a Landlock domain that no signal leaves, so that one `kill(-1)` strikes
all of them at once, in whatever session and however stopped, and nobody else on the machine. Should this
process be killed, its deputy does the same.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import struct
import sys

CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same on every architecture
SCOPE_SIGNALS = 0b10
SET_DEATH_SIGNAL, SET_SUBREAPER, SET_NO_NEW_PRIVS = 1, 36, 38
BY_SIGNAL = 128
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Report that the command can begin, wait for the word, and run it."""
    control, status, seconds, command = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    for ours in (control, status):
        os.set_inheritable(ours, False)
    enclose_signals()
    control_process(SET_SUBREAPER, 1)
    os.write(status, b"ready\n")
    if os.read(control, 1):
        os.write(status, b"%d\n" % run(command, control, seconds))


def enclose_signals() -> None:
    """Enter a domain that no signal leaves, and make sure of it: `end_all` relies on that."""
    host = os.getppid()
    os.kill(host, 0)  # where that is refused anyway, the refusal below would show nothing
    control_process(SET_NO_NEW_PRIVS, 1)
    handled = struct.pack("=QQQ", 0, 0, SCOPE_SIGNALS)
    ruleset = checked(libc.syscall(CREATE_RULESET, handled, len(handled), 0))
    checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    try:
        os.kill(host, 0)
    except PermissionError:
        return
    sys.exit("Landlock does not keep signals inside")


def run(command: list[str], control: int, seconds: float) -> int:
    """Run the command to its end, or end it when told so or too late; return its exit code."""
    deputy = os.fork()
    if deputy == 0:
        be_deputy(command)
    ended = os.pidfd_open(deputy)
    happened, _, _ = select.select([ended, control], [], [], seconds)
    code = exit_code(os.waitpid(deputy, 0)[1]) if ended in happened else BY_SIGNAL + signal.SIGKILL
    end_all()
    return code


def be_deputy(command: list[str]) -> None:
    """Start the command and end with its exit code; if the supervisor dies, end everything in its place."""
    supervisor = os.getppid()
    signal.signal(signal.SIGTERM, replace_supervisor)
    control_process(SET_SUBREAPER, 1)
    control_process(SET_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != supervisor:
        os._exit(1)  # it died before we would have been told
    first = os.fork()
    if first == 0:
        try:
            os.execv(command[0], command)  # noqa: S606  (no shell, that is the point)
        finally:
            os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == first:
            os._exit(exit_code(status))


def replace_supervisor(_number: int, _frame: object) -> None:
    """End everything, and the deputy too."""
    end_all()
    os._exit(1)


def end_all() -> None:
    """Kill everybody else in the domain, and return when nobody is left.

    The kernel does it at one stroke: no fork gets through. Whoever loses its parent becomes our child.
    """
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    except (ProcessLookupError, ChildProcessError):
        return


def exit_code(status: int) -> int:
    """Return the exit code, 128 and its number for a signal."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else BY_SIGNAL - code


def control_process(option: int, value: int) -> None:
    """Call prctl; OSError if it is refused."""
    checked(libc.prctl(option, value, 0, 0, 0))


def checked(result: int) -> int:
    """Return what a system call returned; OSError if that means an error."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main()
