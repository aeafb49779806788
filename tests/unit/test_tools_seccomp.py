"""The filter, call by call."""

from __future__ import annotations

import errno
import fcntl
import resource
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.bpf import (
    ALLOW,
    ARGUMENTS_AT,
    KILL_PROCESS,
    MACHINES,
    REFUSE,
    X32_BIT,
    Calls,
)
from quantumsketch.tools.sandbox.seccomp import (
    LEASES,
    REFUSALS,
    RESERVATIONS,
    SHARES_FILES,
    filter_program,
)
from tests.bpf_interpreter import judged

EVERYDAY = {
    "x86_64": {
        "read": 0,
        "write": 1,
        "mmap": 9,
        "fork": 57,
        "execve": 59,
        "futex": 202,
        "openat": 257,
        "getrandom": 318,
    },
    "aarch64": {
        "read": 63,
        "write": 64,
        "mmap": 222,
        "execve": 221,
        "futex": 98,
        "openat": 56,
        "getrandom": 278,
    },
}
THREAD_FLAGS = 0x3D0F00  # what glibc gives clone for a thread
NEW_PROCESS = 0x1200011  # what glibc gives clone for a fork
NEW_USER, NEW_NET, NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000


def verdict(
    machine: str, number: int, *arguments: int, audit: int | None = None, network: bool = False
) -> int:
    """Run the filter on one system call."""
    return judged(filter_program(machine, network=network), machine, number, *arguments, audit=audit)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_every_program_needs_is_allowed(machine: str) -> None:
    assert {name: verdict(machine, n) for name, n in EVERYDAY[machine].items()} == dict.fromkeys(
        EVERYDAY[machine], ALLOW
    )


@pytest.mark.parametrize(("calls", "error"), REFUSALS)
@pytest.mark.parametrize("machine", MACHINES)
def test_each_listed_call_is_refused(machine: str, calls: Calls, error: int) -> None:
    numbers = [columns[MACHINES[machine].column] for columns in calls.values()]
    known = [number for number in numbers if number is not None]
    assert known
    assert len(known) == len(set(known))
    assert {verdict(machine, number) for number in known} == {REFUSE | error}


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_is_listed_twice(machine: str) -> None:
    here = MACHINES[machine]
    listed = [columns[here.column] for calls, _ in REFUSALS for columns in calls.values()]
    by_argument = [here.clone, here.socket, here.socketpair, here.ioctl, here.fcntl]
    by_argument += [here.personality, here.prlimit64, here.close_range]
    numbers = [*(n for n in listed if n is not None), *by_argument]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_may_be_made_but_no_namespaces(machine: str) -> None:
    clone = MACHINES[machine].clone
    assert verdict(machine, clone, THREAD_FLAGS) == ALLOW
    for flag in (NEW_USER, NEW_NET, NEW_MOUNTS):
        assert verdict(machine, clone, flag | 17) == REFUSE | errno.EPERM
        assert verdict(machine, clone, flag | 17 | 1 << 40) == REFUSE | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_no_thread_has_open_files_of_its_own(machine: str) -> None:
    here, refused = MACHINES[machine], REFUSE | errno.EPERM
    assert verdict(machine, here.clone, THREAD_FLAGS & ~SHARES_FILES) == refused
    assert verdict(machine, here.clone, NEW_PROCESS) == ALLOW
    assert [verdict(machine, here.close_range, 3, 2**32 - 1, flags) for flags in (0, 2, 4, 6)] == [
        ALLOW,
        refused,
        ALLOW,
        refused,
    ]


@given(family=st.integers(0, 2**32 - 1) | st.sampled_from([1, 2, 10]), network=st.booleans())
def test_sockets_are_made_only_where_there_is_a_network(family: int, network: bool) -> None:
    for machine, here in MACHINES.items():
        expected = ALLOW if network and family in (2, 10) else REFUSE | errno.EAFNOSUPPORT
        assert verdict(machine, here.socket, family, network=network) == expected


@given(flags=st.sampled_from([0, socket.SOCK_CLOEXEC, socket.SOCK_NONBLOCK]), network=st.booleans())
def test_only_local_pairs_that_stay_connected_are_made(flags: int, network: bool) -> None:
    kinds = {
        socket.SOCK_STREAM: ALLOW,
        socket.SOCK_SEQPACKET: ALLOW,
        socket.SOCK_DGRAM: REFUSE | errno.EPERM,
        socket.SOCK_RAW: REFUSE | errno.EPERM,
    }
    for machine, here in MACHINES.items():
        for kind, expected in kinds.items():
            found = verdict(machine, here.socketpair, socket.AF_UNIX, kind | flags, network=network)
            assert found == expected
        stream = socket.SOCK_STREAM | flags
        other = verdict(machine, here.socketpair, socket.AF_TIPC, stream, network=network)
        assert other == REFUSE | errno.EAFNOSUPPORT


@pytest.mark.parametrize("machine", MACHINES)
def test_no_personality_makes_memory_easier_to_guess(machine: str) -> None:
    personality = MACHINES[machine].personality
    assert [verdict(machine, personality, kind) for kind in (0, 0xFFFFFFFF)] == [ALLOW, ALLOW]
    for kind in (0x0040000, 0x0400000, 8):
        assert verdict(machine, personality, kind) == REFUSE | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_nobody_types_into_a_terminal(machine: str) -> None:
    ioctl = MACHINES[machine].ioctl
    assert (
        verdict(machine, ioctl, 0, 0x5412)
        == verdict(machine, ioctl, 0, 1 << 32 | 0x5412)
        == REFUSE | errno.EPERM
    )
    assert verdict(machine, ioctl, 0, 0x5413) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_no_disk_is_reserved_without_being_written(machine: str) -> None:
    for reservation in RESERVATIONS:
        assert verdict(machine, MACHINES[machine].ioctl, 3, reservation) == REFUSE | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_no_file_of_the_host_is_leased_or_watched(machine: str) -> None:
    commands = (fcntl.F_SETLEASE, fcntl.F_NOTIFY, 1 << 32 | fcntl.F_SETLEASE)
    assert {command & 0xFFFFFFFF for command in commands} < set(LEASES)
    found = {verdict(machine, MACHINES[machine].fcntl, 3, command) for command in commands}
    assert found == {REFUSE | errno.EPERM}
    everyday = (fcntl.F_DUPFD, fcntl.F_SETFD, fcntl.F_SETFL, fcntl.F_SETLK, fcntl.F_GETLEASE)
    assert {verdict(machine, MACHINES[machine].fcntl, 3, command) for command in everyday} == {ALLOW}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_limit_on_cores_cannot_be_changed(machine: str) -> None:
    limits = {name: value for name, value in vars(resource).items() if name.startswith("RLIMIT_")}
    number = MACHINES[machine].prlimit64
    for new in (1, 1 << 32, 0x7FFF_1234_0000):
        found = {name: verdict(machine, number, 0, kind, new) for name, kind in limits.items()}
        assert {name for name, how in found.items() if how != ALLOW} == {"RLIMIT_CORE"}
    assert verdict(machine, number, 0, resource.RLIMIT_CORE, 0) == ALLOW


@given(number=st.integers(0, 2**32 - 1), audit=st.integers(0, 2**32 - 1))
def test_calls_of_another_architecture_kill(number: int, audit: int) -> None:
    for machine, here in MACHINES.items():
        if audit != here.audit:
            assert verdict(machine, number, audit=audit) == KILL_PROCESS


@given(number=st.integers(X32_BIT, 2**32 - 1))
def test_calls_of_x32_kill(number: int) -> None:
    assert verdict("x86_64", number) == KILL_PROCESS


def test_arguments_are_read_where_the_kernel_puts_them() -> None:
    assert struct.calcsize("=IIQ") == ARGUMENTS_AT


@pytest.mark.parametrize("machine", MACHINES)
def test_the_times_of_files_cannot_be_set_but_programs_that_touch_go_on(machine: str) -> None:
    number = MACHINES[machine].utimensat
    assert verdict(machine, number, 3, 0, 0, 0) == REFUSE  # with no error: it returns 0, and does nothing
    assert verdict(machine, number, 3, 0, 0x7FFF0000, 0) == REFUSE | errno.EPERM
