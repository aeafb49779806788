"""The few system calls that all need who start and end processes: make and read pipes, kill, count."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True)
class Lines:
    """What leads to and from a process that is about to be started: our ends, and those to hand to it."""

    ours: ExitStack
    theirs: ExitStack

    def from_it(self) -> tuple[IO[bytes], int]:
        """Make a pipe that it writes to: our end, and its own."""
        ours, theirs = os.pipe()
        self.theirs.callback(os.close, theirs)
        return self.ours.enter_context(os.fdopen(ours, "rb", buffering=0)), theirs

    def to_it(self) -> tuple[IO[bytes], int]:
        """Make a pipe that it reads from: our end, and its own."""
        theirs, ours = os.pipe()
        self.theirs.callback(os.close, theirs)
        return self.ours.enter_context(os.fdopen(ours, "wb", buffering=0)), theirs

    def paper(self, name: str, text: bytes) -> int:
        """Write down, in memory, what it shall read: the descriptor to read from."""
        theirs = os.memfd_create(name, os.MFD_CLOEXEC)
        self.theirs.callback(os.close, theirs)
        os.write(theirs, text)
        os.lseek(theirs, 0, os.SEEK_SET)
        return theirs


@contextmanager
def lines() -> Iterator[Lines]:
    """Lend lines. Afterwards its ends are closed here, and ours as well if it could not be started."""
    with ExitStack() as ours, ExitStack() as theirs:
        yield Lines(ours, theirs)
        ours.pop_all()


def kill(handle: int) -> None:
    """Kill the process of a pidfd, if it still runs."""
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def pipe_of(end: IO[bytes] | None) -> IO[bytes]:
    """Return the pipe that Popen was asked for."""
    if end is None:
        raise AssertionError("Popen was asked for a pipe and gave none")
    return end


async def stream_of(pipe: IO[bytes]) -> asyncio.StreamReader:
    """Read a pipe without blocking; it is closed when its end is reached."""
    stream = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    return stream


def cpu_s_of(resources: resource.struct_rusage) -> float:
    """Return the processor seconds of a process and of those that it waited for.

    It tells no peak of memory: the kernel counts ours in it, from before the process was another program.
    """
    return resources.ru_utime + resources.ru_stime
