"""Hosts that lack something which a sandbox stands on: an outer bubblewrap around a command takes it away.

Everything else of the machine stays as it is, so that what is found there is found for that reason.
"""

from __future__ import annotations

import errno
import os
import platform
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import quantumsketch
from quantumsketch.tools.sandbox.bpf import MACHINES, any_bit_refused, by_argument, program

PROJECT = Path(str(quantumsketch.__file__)).parents[1]
NOBODY = "65534"
BUBBLEWRAP = "/usr/bin/bwrap"
OWN_PROCESSES = ("--unshare-pid", "--proc", "/proc")
"""bubblewrap covers a part of the /proc it makes."""
COVERED_PROC = (*OWN_PROCESSES, "--ro-bind", "/usr", "/proc/irq")
"""As in Docker: where a part of /proc is covered, the kernel gives no new one below it."""
NEW_USER_NAMESPACE = 0x10000000
UNSHARE = {"x86_64": 272, "aarch64": 97}
CLONE3 = {"clone3": (435, 435)}
LANDLOCK = {
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}


@dataclass(frozen=True)
class Host:
    """What a host has, and who runs commands on it."""

    new_proc: bool = True
    """Whether the kernel gives a new /proc to a new process namespace."""
    user_namespaces: bool = True
    landlock: bool = True
    bubblewrap: Path = Path(BUBBLEWRAP)
    """What lies where bubblewrap is looked for."""
    ordinary_user: bool = False
    """Whether commands run as nobody in particular. That takes root; for others it is always so."""

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, in the project's folder, with some variables more than we have."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("QS_")}
        filter_ = os.memfd_create("filter")
        try:
            os.write(filter_, self._filter())
            os.lseek(filter_, 0, os.SEEK_SET)
            return subprocess.run(
                [*self._outer(), "--seccomp", str(filter_), "--", *self._as_user(), *command],
                pass_fds=[filter_], capture_output=True, text=True, timeout=200, check=False,
                cwd=PROJECT, env=ours | variables,
            )  # fmt: skip
        finally:
            os.close(filter_)

    def qs(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one command of `qs` there."""
        return self.run(str(Path(sys.executable).with_name("qs")), *arguments, **variables)

    def _outer(self) -> list[str]:
        """Return the outer bubblewrap, in which anybody may read the interpreter and the project."""
        needed = sorted({Path(sys.prefix), Path(sys.base_prefix), PROJECT})
        covered = sorted({Path.home(), *(folder for path in needed for folder in _closed(path)[:1])})
        shown = [part for folder in covered for part in ("--tmpfs", str(folder))]
        for path in needed:
            if below := [folder for folder in covered if path.is_relative_to(folder)]:
                shown += _opened(path, below[0])
        # whatever takes bubblewrap's place ends processes without a namespace around them: not ours
        apart = () if self.user_namespaces and self.bubblewrap == Path(BUBBLEWRAP) else OWN_PROCESSES
        lacking = apart if self.new_proc else COVERED_PROC
        lacking = (*lacking, "--ro-bind", str(self.bubblewrap), BUBBLEWRAP)
        return ["bwrap", "--dev-bind", "/", "/", *shown, *lacking, "--die-with-parent"]

    def _as_user(self) -> list[str]:
        if not (self.ordinary_user and os.geteuid() == 0):
            return []
        return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]

    def _filter(self) -> bytes:
        """Return a filter that answers as a kernel which does not have or allow what is lacking."""
        machine = platform.machine()
        missing = {**(CLONE3 if not self.user_namespaces else {}), **({} if self.landlock else LANDLOCK)}
        calls = (MACHINES[machine].clone, UNSHARE[machine]) if not self.user_namespaces else ()
        judged = [
            step for call in calls for step in by_argument(call, 0, any_bit_refused(NEW_USER_NAMESPACE))
        ]
        return program(machine, [(missing, errno.ENOSYS)], judged)


def _closed(path: Path) -> list[Path]:
    """Return the folders on the way to a path that their owner alone may enter, the outermost first."""
    return [folder for folder in reversed(path.parents) if not folder.stat().st_mode & stat.S_IXOTH]


def _opened(path: Path, cover: Path) -> Iterator[str]:
    """Give the options that show a folder in an empty one, the way there open to everybody."""
    for parent in reversed(path.relative_to(cover).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(cover / parent))
    yield from ("--ro-bind", str(path), str(path))
