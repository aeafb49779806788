"""Classic BPF as seccomp takes it: instructions, and programs that judge a system call.

Knows processors, but not which calls are good or bad.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
JUMP_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
JUMP_IF_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
JUMP_IF_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K

KILL_PROCESS = 0x80000000
REFUSE = 0x00050000  # SECCOMP_RET_ERRNO, the error in the low bits
ALLOW = 0x7FFF0000

NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16  # offsets in struct seccomp_data
X32_BIT = 0x40000000

Calls: TypeAlias = Mapping[str, tuple[int | None, int | None]]
"""Names of system calls, and their numbers on each machine; None where it has none."""


@dataclass(frozen=True)
class Machine:
    """What differs between processors: the audit number, the column in `Calls`, calls judged by argument."""

    audit: int
    column: int
    clone: int
    socket: int
    socketpair: int
    ioctl: int
    fcntl: int
    personality: int
    prlimit64: int
    utimensat: int
    close_range: int = 436


MACHINES = {
    "x86_64": Machine(0xC000003E, 0, 56, 41, 53, 16, 72, 135, 302, 280),
    "aarch64": Machine(0xC00000B7, 1, 220, 198, 199, 29, 25, 92, 261, 88),
}


def program(machine: str, refusals: Iterable[tuple[Calls, int]], judged: Iterable[bytes]) -> bytes:
    """Return a filter: foreign architectures kill, listed calls fail with their error, then what is judged.

    All else is allowed. An array of struct sock_filter; KeyError for an unknown `platform.machine()`.
    """
    here = MACHINES[machine]
    steps = [load(ARCHITECTURE_AT), *unless(JUMP_IF_EQUAL, here.audit, KILL_PROCESS), load(NUMBER_AT)]
    if machine == "x86_64":
        steps += when(JUMP_IF_AT_LEAST, X32_BIT, KILL_PROCESS)
    for calls, error in refusals:
        for columns in calls.values():
            number = columns[here.column]
            if number is not None:
                steps += when(JUMP_IF_EQUAL, number, REFUSE | error)
    return b"".join([*steps, *judged, verdict(ALLOW)])


def by_argument(call: int, argument: int, checks: list[bytes]) -> list[bytes]:
    """For one system call, run checks on the low half of an argument, then allow; other calls pass by."""
    body = [load(ARGUMENTS_AT + 8 * argument), *checks, verdict(ALLOW)]
    return [instruction(JUMP_IF_EQUAL, call, 0, len(body)), *body]


def each_refused(values: Iterable[int]) -> list[bytes]:
    """Refuse these values of the argument."""
    return [step for value in values for step in when(JUMP_IF_EQUAL, value, REFUSE | errno.EPERM)]


def any_bit_refused(bits: int) -> list[bytes]:
    """Refuse an argument that has one of these bits."""
    return when(JUMP_IF_ANY_BIT, bits, REFUSE | errno.EPERM)


def only(values: Iterable[int], error: int) -> list[bytes]:
    """Allow these values of the argument; all others fail with the error."""
    allowed = [step for value in values for step in when(JUMP_IF_EQUAL, value, ALLOW)]
    return [*allowed, verdict(REFUSE | error)]


def when(test: int, value: int, then: int) -> list[bytes]:
    """Give this verdict if the test holds."""
    return [instruction(test, value, 0, 1), verdict(then)]


def unless(test: int, value: int, then: int) -> list[bytes]:
    """Give this verdict if the test does not hold."""
    return [instruction(test, value, 1, 0), verdict(then)]


def load(offset: int) -> bytes:
    """Load a word of the call."""
    return instruction(LOAD_WORD, offset)


def verdict(value: int) -> bytes:
    """End with this verdict."""
    return instruction(RETURN, value)


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction; jumps count the instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
