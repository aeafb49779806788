"""The system-call filter of the sandbox, as a classic BPF program. Knows no mounts and no policies.

It takes away what a render never needs and what kernels were most often broken through: tracing, mounting,
namespaces, key rings, loading code into the kernel, io_uring, memory and disk that are taken without being
written, shared memory that no file or process accounts for, threads whose open files are not those of their
process, holding up others who open a file or watching them, and sockets but for connected pairs. Where there
is a network IP sockets can be made; Unix ones never: no mount keeps them from sockets in a visible folder.
Ordinary threads, asyncio, subprocesses and multiprocessing keep working. Numbers: Linux `asm/unistd_64.h`
(x86_64) and `asm-generic/unistd.h` (aarch64).
"""

from __future__ import annotations

import errno
import resource
import socket

from quantumsketch.tools.sandbox.bpf import (
    ARGUMENTS_AT,
    JUMP_IF_ANY_BIT,
    JUMP_IF_EQUAL,
    MACHINES,
    REFUSE,
    Calls,
    any_bit_refused,
    by_argument,
    each_refused,
    instruction,
    load,
    only,
    program,
    unless,
    verdict,
    when,
)

NAMESPACE_FLAGS = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS: the low half of clone's first argument."""
SHARES_FILES, IS_THREAD = 0x400, 0x10000  # CLONE_FILES, CLONE_THREAD
OWN_FILES = 0x2  # CLOSE_RANGE_UNSHARE
INTERNET_FAMILIES = (socket.AF_INET, socket.AF_INET6)
DATAGRAMS = 0b10
"""The bit that SOCK_DGRAM and SOCK_RAW have: what such a pair sends may go to any socket that has a name."""
AS_IF_DONE = REFUSE | 0  # the call returns 0, and the kernel does nothing
PERSONALITIES = (0, 0xFFFFFFFF)  # the usual one, and the question which it is
TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
LEASES = (1024, 1026, 1040)
"""F_SETLEASE, F_NOTIFY, F_SETDELEG: whoever opens the file elsewhere waits, or is seen."""
RESERVATIONS = (0x40305828, 0x40305829, 0x4030582A, 0x4030582B, 0x40305839)  # FS_IOC_RESVSP… and ZERO_RANGE


DENIED: Calls = {
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
    # modes, owners, times: where root starts us, the host's devices in /dev would be the payload's to change
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "file_setattr": (469, 469),
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

MISSING: Calls = {
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
    "setrlimit": (160, 164),  # prlimit64 is judged by what it limits
    # a user has few of them in all, and they tell which of the host's files others open
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
}

UNSUPPORTED: Calls = {
    # a whole disk in a few milliseconds, which no watcher sees in time; glibc falls back to writing
    "fallocate": (285, 47),
    # as on a file system that has no attributes: programs that copy files go on without them
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
}

REFUSALS = ((DENIED, errno.EPERM), (MISSING, errno.ENOSYS), (UNSUPPORTED, errno.EOPNOTSUPP))


def filter_program(machine: str, *, network: bool = False) -> bytes:
    """Return the filter for a `platform.machine()` as an array of struct sock_filter; else KeyError."""
    here = MACHINES[machine]
    families = INTERNET_FAMILIES if network else ()
    judged = [
        *by_argument(here.clone, 0, [*any_bit_refused(NAMESPACE_FLAGS), *_threads_share_files()]),
        *by_argument(here.close_range, 2, any_bit_refused(OWN_FILES)),
        *by_argument(here.ioctl, 1, each_refused(TERMINAL_INJECTION + RESERVATIONS)),
        *by_argument(here.fcntl, 1, each_refused(LEASES)),
        *by_argument(here.prlimit64, 1, _limit_on_cores_stays()),
        *by_argument(here.utimensat, 2, _now_is_the_only_time()),
        *by_argument(here.personality, 0, only(PERSONALITIES, errno.EPERM)),
        *by_argument(here.socket, 0, only(families, errno.EAFNOSUPPORT)),
        *by_argument(here.socketpair, 0, _only_connected_pairs()),
    ]
    return program(machine, REFUSALS, judged)


def _limit_on_cores_stays() -> list[bytes]:
    """Refuse to set what a process may leave as a core; to ask for it, without a new one, is allowed."""
    new = ARGUMENTS_AT + 8 * 2  # a pointer: none if both of its halves are zero
    refused = [
        step for half in (new, new + 4)
        for step in (load(half), *unless(JUMP_IF_EQUAL, 0, REFUSE | errno.EPERM))
    ]  # fmt: skip
    return [instruction(JUMP_IF_EQUAL, resource.RLIMIT_CORE, 0, len(refused)), *refused]


def _now_is_the_only_time() -> list[bytes]:
    """Refuse to set the times of files; to now, as `touch` does, is answered as if it were done."""
    return [*when(JUMP_IF_EQUAL, 0, AS_IF_DONE), verdict(REFUSE | errno.EPERM)]


def _only_connected_pairs() -> list[bytes]:
    """Refuse pairs that can talk to others than each other: a datagram goes wherever it is addressed."""
    local = unless(JUMP_IF_EQUAL, socket.AF_UNIX, REFUSE | errno.EAFNOSUPPORT)
    return [*local, load(ARGUMENTS_AT + 8), *any_bit_refused(DATAGRAMS)]


def _threads_share_files() -> list[bytes]:
    """Refuse threads with open files of their own: the watcher sees those of the process."""
    refused = any_bit_refused(IS_THREAD)
    return [instruction(JUMP_IF_ANY_BIT, SHARES_FILES, len(refused), 0), *refused]
