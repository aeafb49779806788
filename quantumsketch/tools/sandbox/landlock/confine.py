"""Puts up the walls around itself, makes sure that they stand, and becomes the command.

Runs as a process of its own: `confine.py PLAN`, a descriptor with JSON in it (see plan.py). Its standard
input is the pipe that tells the host that all walls stand; the command gets an empty one. Standard library
only. Knows nothing of policies: the plan says what is readable and who to be.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from collections.abc import Callable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF, CLOSE_RANGE = 444, 445, 446, 436  # the same on every architecture
BENEATH_PATH = 1
EXECUTE, WRITE, READ, LIST, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
REMOVE_FOLDER, REMOVE_FILE, MAKE_FOLDER, MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
MAKE_FIFO, MAKE_LINK, MOVE = 1 << 10, 1 << 12, 1 << 13
OF_A_FILE = EXECUTE | WRITE | READ | TRUNCATE
SHOWN = EXECUTE | READ | LIST
MADE_AND_REMOVED = REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_FIFO | MAKE_LINK | MOVE
OWN = READ | WRITE | TRUNCATE | LIST | MADE_AND_REMOVED
"""Devices and sockets cannot be made there, and no program is started from there."""
DEVICES = {"/dev/null": READ | WRITE, "/dev/zero": READ | WRITE, "/dev/urandom": READ, "/dev/random": READ}

GET_SECCOMP, SET_SECCOMP, BY_FILTER = 21, 22, 2
DROP_FROM_BOUNDING, SET_NO_NEW_PRIVS, GET_NO_NEW_PRIVS, AMBIENT, CLEAR_ALL = 24, 38, 39, 47, 4
CAPABILITY_VERSION = 0x20080522
NICENESS = 10
FEW_THREADS = 64
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Confine this process as the plan says, look at the walls, tell the host, and become the command."""
    with os.fdopen(int(sys.argv[1])) as file:
        plan = json.load(file)
    try:
        confine(**plan["walls"])
    except (OSError, ValueError) as error:
        sys.exit(f"a wall cannot be put up: {error}")
    if missing := missing_walls(plan["walls"]["user"]):
        sys.exit(f"a wall is missing: {missing}")
    os.write(0, b".")
    become(plan["command"], plan["environment"])


def confine(
    scratch: str, readable: list[str], user: int | None, ceilings: dict[str, int], filters: list[str]
) -> None:
    """Put up all walls; OSError if one cannot be."""
    os.setsid()
    os.umask(0o077)
    os.nice(NICENESS)
    os.chdir(scratch)
    checked(libc.syscall(CLOSE_RANGE, 3, 2**32 - 1, 0))
    ruleset = rules(scratch, readable)  # first, because who we are about to be may not reach all of it
    give_up_privileges(user)
    limit(ceilings)
    checked(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    for program in filters:
        filter_calls(bytes.fromhex(program))


def rules(scratch: str, readable: list[str]) -> int:
    """Make the Landlock rules: whatever this kernel can refuse is refused, but for what is listed."""
    ruleset = create_ruleset(*(all_known(place) for place in range(3)))
    granted = dict.fromkeys(readable, SHOWN) | DEVICES | {scratch: OWN}
    for path, rights in granted.items():
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(opened).st_mode):
                rights &= OF_A_FILE
            rule = struct.pack("=Qi", rights, opened)
            checked(libc.syscall(ADD_RULE, ruleset, BENEATH_PATH, rule, 0))
        finally:
            os.close(opened)
    return ruleset


def all_known(place: int) -> int:
    """Return all that the kernel can refuse of one kind: files (0), network (1), signals and sockets (2)."""
    known = 0
    for bit in range(64):
        handled = [0, 0, 0]
        handled[place] = 1 << bit
        try:
            os.close(create_ruleset(*handled))
        except OSError:
            break
        known |= 1 << bit
    return known


def create_ruleset(*handled: int) -> int:
    """Make an empty set of rules about these rights and return its descriptor; OSError if one is unknown."""
    attributes = struct.pack("=QQQ", *handled)
    return checked(libc.syscall(CREATE_RULESET, attributes, len(attributes), 0))


def give_up_privileges(user: int | None) -> None:
    """Become that user and group and no other, if one is named, and keep no capability."""
    if user is not None:
        os.setgroups([])
        capability = 0
        while libc.prctl(DROP_FROM_BOUNDING, capability, 0, 0, 0) == 0:
            capability += 1
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    checked(libc.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0))
    checked(libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()))


def limit(ceilings: dict[str, int]) -> None:
    """Set the kernel's own limits on each process, and on the threads of this user."""
    for name, most in ceilings.items():
        kind = getattr(resource, f"RLIMIT_{name.upper()}")
        if name == "nproc":
            most += threads_elsewhere(kind)
        hardest = resource.getrlimit(kind)[1]
        most = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        resource.setrlimit(kind, (most, most))


def threads_elsewhere(kind: int) -> int:
    """Return a number that this user's threads are below.

    The kernel counts all that a user runs, also where it cannot be seen from here (another container):
    we find out by trying from which limit on it lets us fork.
    """
    hardest = resource.getrlimit(kind)[1]
    fewest = FEW_THREADS
    while True:
        resource.setrlimit(kind, (fewest, hardest))
        try:
            child = os.fork()
        except BlockingIOError:
            fewest *= 2
            continue
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return fewest


def filter_calls(program: bytes) -> None:
    """Put this process and all that it starts behind a system-call filter."""
    instructions = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    checked(libc.prctl(SET_SECCOMP, BY_FILTER, described, 0, 0))


def missing_walls(user: int | None) -> list[str]:
    """Return which walls around this process are missing."""
    sets = (ctypes.c_uint32 * 6)()
    asked = libc.capget((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), sets)
    found = {
        "no new privileges": libc.prctl(GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
        "the system-call filter": libc.prctl(GET_SECCOMP, 0, 0, 0, 0) == BY_FILTER,
        "no capabilities": asked == 0 and not any(sets),
        "a user of its own": user is None or os.getresuid() == (user, user, user),
        "files of the host are closed": refused(lambda: os.open("/", os.O_RDONLY)),
        "signals stay inside": refused(lambda: os.kill(os.getppid(), 0)),
    }
    return [name for name, stands in found.items() if not stands]


def refused(attempt: Callable[[], object]) -> bool:
    """Tell whether the kernel forbids something."""
    try:
        attempt()
    except PermissionError:
        return True
    return False


def become(command: list[str], environment: dict[str, str]) -> None:
    """Replace this process by the command, with an empty standard input."""
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python had them ignored, and the command would inherit that
    try:
        program = found(command[0], environment["PATH"])
        os.execve(program, command, environment)  # noqa: S606  (no shell, that is the point)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127)


def found(name: str, path: str) -> str:
    """Return where a program lies. Python's own search imports a module, which may be closed by now."""
    places = [name] if "/" in name else [f"{folder}/{name}" for folder in path.split(":")]
    return next((place for place in places if os.access(place, os.X_OK)), name)


def checked(result: int) -> int:
    """Return what a system call returned; OSError if that means an error."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main()
