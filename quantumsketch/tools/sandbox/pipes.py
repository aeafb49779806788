"""The few system calls that everyone needs who starts and ends processes: read pipes, kill, count."""

from __future__ import annotations

import asyncio
import resource
import signal
from contextlib import suppress
from typing import IO


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
