"""A zygote seen from the host: starts it in bubblewrap, hands it orders, ends it. Knows no calls."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from quantumsketch.tools.sandbox import mounts
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT, SEPARATION
from quantumsketch.tools.sandbox.bubblewrapped import OUR_ENVIRONMENT
from quantumsketch.tools.sandbox.warm.order import CALLS, Order
from quantumsketch.tools.sandbox.warm.walls import ROOT
from quantumsketch.tools.tool import INPUTS, SCRATCH, Policy

MODULE = "quantumsketch.tools.sandbox.warm.zygote"
HOME_BYTES = 16 * 2**20
LAST_WORDS_BYTES = 2000
DYING_S = 5.0


@dataclass(frozen=True)
class Kind:
    """What a zygote is good for. Calls that differ in this need different ones."""

    scratch_root: Path
    """The folder that holds the calls' scratch folders. Only the zygote sees it."""
    readable: tuple[Path, ...]
    preload: tuple[str, ...]


class ZygoteProcess:
    """A running zygote. It dies with the thread that made this, and at the latest with the object."""

    def __init__(self, bubblewrap: Path, kind: Kind) -> None:
        """Start it without waiting for its imports; OSError if that is not possible."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ExitStack() as unless_started, theirs:
            unless_started.callback(self._control.close)
            self._control.setblocking(False)
            self._said = unless_started.enter_context(TemporaryFile())
            python = [sys.executable, "-m", MODULE, str(theirs.fileno()), *kind.preload]
            self._process = subprocess.Popen(  # noqa: S603  (arguments made by us, no shell)
                [bubblewrap, *isolation(kind), "--", *python],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                cwd="/",
                env=OUR_ENVIRONMENT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            unless_started.pop_all()
        self.useful = False
        """It has forked a call whose walls stood."""
        self._end = weakref.finalize(self, _end, self._process, self._control, self._said)

    def order(self, order: Order, files: Sequence[int]) -> None:
        """Hand over a call with its files; OSError if the zygote has ended or its orders pile up."""
        socket.send_fds(self._control, [order.encoded()], files)

    def last_words(self) -> str:
        """Return how it ended and the last line that it printed; empty if it has said nothing."""
        size = os.fstat(self._said.fileno()).st_size
        said = os.pread(self._said.fileno(), LAST_WORDS_BYTES, max(0, size - LAST_WORDS_BYTES))
        return said.decode(errors="replace").strip().rpartition("\n")[2]

    def has_ended(self) -> bool:
        """Tell whether nothing of it runs any more."""
        return self._process.poll() is not None

    def hang_up(self) -> None:
        """Give it no further orders: it goes on until its calls have ended, but not beyond `close`."""
        self._control.close()

    def close(self) -> None:
        """Kill it, and with it whatever it has forked."""
        self._end()


def isolation(kind: Kind) -> list[str]:
    """Return bubblewrap's arguments up to the command: what its calls may see, and where their scratch lies.

    Namespaces can be made inside, which is how a call gets its walls; nothing else is allowed to it.
    """
    environment = [part for item in ENVIRONMENT.items() for part in ("--setenv", *item)]
    parts = [*SEPARATION, "--clearenv", *environment]
    parts += mounts.read_only(Policy(readable=kind.readable, python=True))
    parts += ["--bind", str(kind.scratch_root), str(CALLS), "--dir", str(ROOT), "--dir", str(INPUTS)]
    # for what the modules write when they are imported; each call has its own scratch in this place
    parts += ["--size", str(HOME_BYTES), "--tmpfs", str(SCRATCH)]
    parts += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*parts, "--chdir", str(SCRATCH)]


def _end(process: subprocess.Popen[bytes], control: socket.socket, said: IO[bytes]) -> None:
    control.close()
    # bubblewrap ends last: when the zygote has, and all that it has forked
    for child in _children(process.pid):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    try:
        process.wait(DYING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    said.close()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []  # it has ended
