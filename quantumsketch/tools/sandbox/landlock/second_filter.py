"""What Landlock does not restrict, as a second system-call filter on top of the common one.

In bubblewrap a payload sees a few files and no foreign process. Here it sees names, and where the outer user
is not root it has that user's id: it must not read the attributes of that user's files, nor change the limits
and the scheduling of that user's processes. The kernel takes the stricter verdict.
"""

from __future__ import annotations

import errno

from quantumsketch.tools.sandbox.bpf import (
    MACHINES,
    Calls,
    by_argument,
    each_refused,
    only,
    program,
)

DENIED: Calls = {
    # scheduling, which may be another's
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "process_mrelease": (448, 448),
    # becoming somebody else
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setgroups": (116, 159),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setfsuid": (122, 151),
    "setfsgid": (123, 152),
    "lsm_set_self_attr": (460, 460),
    # what is mounted on the host, and where
    "statmount": (457, 457),
    "listmount": (458, 458),
    # speaking to others through a pair of sockets
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
}

MISSING: Calls = {
    # queues and semaphores of this user's other processes: whoever guesses the number or the name has them
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_unlink": (241, 181),
}

UNSUPPORTED: Calls = {
    # as on a file system that has no attributes: programs that copy files go on without them
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "getxattrat": (464, 464),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "listxattrat": (465, 465),
}

REFUSALS = ((DENIED, errno.EPERM), (MISSING, errno.ENOSYS), (UNSUPPORTED, errno.EOPNOTSUPP))

OWN_PROCESS = 0
HARMLESS_CONTROLS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Others change the flags of a file that
is open for reading only, or make and remove volumes in a folder."""
SIGNALLING = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: whom the kernel signals in our name


def second_filter(machine: str) -> bytes:
    """Return the filter for a `platform.machine()` as an array of struct sock_filter; else KeyError."""
    here = MACHINES[machine]
    judged = [
        *by_argument(here.prlimit64, 0, only((OWN_PROCESS,), errno.EPERM)),
        *by_argument(here.ioctl, 1, only(HARMLESS_CONTROLS, errno.ENOTTY)),
        *by_argument(here.fcntl, 1, each_refused(SIGNALLING)),
    ]
    return program(machine, REFUSALS, judged)
