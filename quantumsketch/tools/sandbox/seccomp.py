"""The system-call filter of the sandbox, as a classic BPF program. Knows no mounts and no policies.

It takes away what a render never needs and what kernels were most often broken through: tracing, mounting,
namespaces, key rings, loading code into the kernel, io_uring, memory and disk that are taken without being
written, shared memory that no file or process accounts for, threads whose open files are not those of their
process, holding up others who open a file or watching them, and sockets other than Unix, and IP where there
is a network.
Ordinary threads, asyncio, subprocesses and multiprocessing keep working. Numbers: Linux `asm/unistd_64.h`
(x86_64) and `asm-generic/unistd.h` (aarch64).
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass

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

NAMESPACE_FLAGS = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS: the low half of clone's first argument."""
SHARES_FILES, IS_THREAD = 0x400, 0x10000  # CLONE_FILES, CLONE_THREAD
OWN_FILES = 0x2  # CLOSE_RANGE_UNSHARE
LOCAL_FAMILIES, NETWORK_FAMILIES = (socket.AF_UNIX,), (socket.AF_INET, socket.AF_INET6)
TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
LEASES = (
    1024,
    1026,
    1040,
)  # F_SETLEASE, F_NOTIFY, F_SETDELEG: whoever opens the file elsewhere waits, or is seen
RESERVATIONS = (0x40305828, 0x40305829, 0x4030582A, 0x4030582B, 0x40305839)  # FS_IOC_RESVSP… and ZERO_RANGE


@dataclass(frozen=True)
class Machine:
    """What differs between processors: the audit number of the architecture and its column in `DENIED`."""

    audit: int
    column: int
    clone: int
    socket: int
    ioctl: int
    fcntl: int
    close_range: int = 436


MACHINES = {
    "x86_64": Machine(audit=0xC000003E, column=0, clone=56, socket=41, ioctl=16, fcntl=72),
    "aarch64": Machine(audit=0xC00000B7, column=1, clone=220, socket=198, ioctl=29, fcntl=25),
}

DENIED: dict[str, tuple[int | None, int | None]] = {
    # looking into and steering other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # key rings
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # wide doors into the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "memfd_secret": (447, 447),
    "modify_ldt": (154, None),
    # the machine itself
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
}

MISSING: dict[str, tuple[int | None, int | None]] = {
    # refused as if the kernel had none, so that libraries fall back (clone3's flags lie behind a pointer)
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # a user has few of them in all, and they tell which of the host's files others open
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
}

UNSUPPORTED: dict[str, tuple[int | None, int | None]] = {
    # a whole disk in a few milliseconds, which no watcher sees in time; glibc falls back to writing
    "fallocate": (285, 47),
}

REFUSALS = ((DENIED, errno.EPERM), (MISSING, errno.ENOSYS), (UNSUPPORTED, errno.EOPNOTSUPP))


def filter_program(machine: str, *, network: bool = False) -> bytes:
    """Return the filter for a `platform.machine()` as an array of struct sock_filter; else KeyError."""
    here = MACHINES[machine]
    program = [
        _load(ARCHITECTURE_AT),
        *_unless(JUMP_IF_EQUAL, here.audit, KILL_PROCESS),
        _load(NUMBER_AT),
    ]
    if machine == "x86_64":
        program += _when(JUMP_IF_AT_LEAST, X32_BIT, KILL_PROCESS)
    for calls, error in REFUSALS:
        for columns in calls.values():
            number = columns[here.column]
            if number is not None:
                program += _when(JUMP_IF_EQUAL, number, REFUSE | error)
    program += _by_argument(here.clone, 0, [*_any_bit_refused(NAMESPACE_FLAGS), *_threads_share_files()])
    program += _by_argument(here.close_range, 2, _any_bit_refused(OWN_FILES))
    program += _by_argument(here.ioctl, 1, _each_refused(TERMINAL_INJECTION + RESERVATIONS))
    program += _by_argument(here.fcntl, 1, _each_refused(LEASES))
    families = LOCAL_FAMILIES + (NETWORK_FAMILIES if network else ())
    program += _by_argument(here.socket, 0, _only(families))
    return b"".join([*program, _return(ALLOW)])


def _by_argument(call: int, argument: int, checks: list[bytes]) -> list[bytes]:
    """For one system call, run checks on the low half of an argument, then allow; other calls pass by."""
    body = [_load(ARGUMENTS_AT + 8 * argument), *checks, _return(ALLOW)]
    return [_instruction(JUMP_IF_EQUAL, call, 0, len(body)), *body]


def _each_refused(values: tuple[int, ...]) -> list[bytes]:
    return [step for value in values for step in _when(JUMP_IF_EQUAL, value, REFUSE | errno.EPERM)]


def _any_bit_refused(bits: int) -> list[bytes]:
    return _when(JUMP_IF_ANY_BIT, bits, REFUSE | errno.EPERM)


def _threads_share_files() -> list[bytes]:
    """Refuse threads with open files of their own: the watcher sees those of the process."""
    refused = _any_bit_refused(IS_THREAD)
    return [_instruction(JUMP_IF_ANY_BIT, SHARES_FILES, len(refused), 0), *refused]


def _only(values: tuple[int, ...]) -> list[bytes]:
    allowed = [step for value in values for step in _when(JUMP_IF_EQUAL, value, ALLOW)]
    return [*allowed, _return(REFUSE | errno.EAFNOSUPPORT)]


def _when(test: int, value: int, verdict: int) -> list[bytes]:
    return [_instruction(test, value, 0, 1), _return(verdict)]


def _unless(test: int, value: int, verdict: int) -> list[bytes]:
    return [_instruction(test, value, 1, 0), _return(verdict)]


def _load(offset: int) -> bytes:
    return _instruction(LOAD_WORD, offset)


def _return(verdict: int) -> bytes:
    return _instruction(RETURN, verdict)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
