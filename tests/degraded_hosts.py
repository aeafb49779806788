"""Hosts that lack something which a sandbox stands on: an outer bubblewrap around everything takes it away.

Everything else of the machine stays as it is, so that what is found there is found for that reason.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import quantumsketch

NOBODY = "65534"
MASKED_PROC = ("--unshare-pid", "--proc", "/proc", "--ro-bind", "/usr", "/proc/irq")
"""A part of /proc is covered, as in Docker: then the kernel gives no new one below it."""
NO_NAMESPACES = (*MASKED_PROC, "--disable-userns")
"""In a process namespace of its own, so that nothing there can end anything here."""
LANDLOCK_CALLS = (444, 445, 446)
"""landlock_create_ruleset, landlock_add_rule, landlock_restrict_self: the same number on every machine."""
ENOSYS = 38


def host(*lacking: str, ordinary: bool = False) -> list[str]:
    """Return what to write before a command that shall run on a host which lacks something.

    With `ordinary` the command's user is nobody in particular; that takes root, and else is so anyway.
    """
    outer = ["bwrap", "--dev-bind", "/", "/", "--unshare-user", "--die-with-parent", *lacking, "--"]
    return [*_as_nobody(), *outer] if ordinary and os.geteuid() == 0 else outer


def _as_nobody() -> list[str]:
    """Become nobody, who then may read the interpreter and this project even if they lie in root's home."""
    home = Path.home()
    needed = {Path(sys.prefix), Path(sys.base_prefix), Path(str(quantumsketch.__file__)).parents[1]}
    opened = [part for path in sorted(needed) if path.is_relative_to(home) for part in _opened(path, home)]
    whole = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", str(home), *opened, "--die-with-parent", "--"]
    return [*whole, "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]


def _opened(path: Path, home: Path) -> Iterator[str]:
    """Give the options that show a folder in an empty home, the way there open to everybody."""
    for parent in reversed(path.relative_to(home).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(home / parent))
    yield from ("--ro-bind", str(path), str(path))


@contextmanager
def without_landlock() -> Iterator[tuple[Sequence[str], int]]:
    """Lend the options for a kernel that has no Landlock, and the descriptor that has to be passed on."""
    filter_ = os.memfd_create("no-landlock")
    try:
        os.write(filter_, _refusing(LANDLOCK_CALLS))
        os.lseek(filter_, 0, os.SEEK_SET)
        yield ("--seccomp", str(filter_)), filter_
    finally:
        os.close(filter_)


def _refusing(calls: Sequence[int]) -> bytes:
    """Return a filter (classic BPF) that answers system calls as a kernel which does not know them."""
    load_number, jump_if_equal, answer = 0x20, 0x15, 0x06
    steps = [(load_number, 0, 0, 0)]
    for call in calls:
        steps += [(jump_if_equal, 0, 1, call), (answer, 0, 0, 0x00050000 | ENOSYS)]
    steps.append((answer, 0, 0, 0x7FFF0000))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
