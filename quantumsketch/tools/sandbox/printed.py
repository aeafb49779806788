"""Reads what a process prints without ever holding more than a limit. Knows nothing of processes."""

from __future__ import annotations

import asyncio

CHUNK_BYTES = 2**16
PAUSE_S = 0.005  # after the limit, a flood is drained at a pace that costs no processor


async def read_within(stream: asyncio.StreamReader, most: int) -> tuple[bytes, bool]:
    """Read to the end; return the first and the last half of `most` bytes, and whether more was dropped.

    The end of what was printed tells why a program failed, the beginning what it was about.
    """
    first, last, dropped = bytearray(), bytearray(), False
    half = most // 2
    while chunk := await stream.read(CHUNK_BYTES):
        room = half - len(first)
        first += chunk[:room]
        last += chunk[room:]
        if len(last) > half:
            del last[: len(last) - half]
            dropped = True
            await asyncio.sleep(PAUSE_S)
    return bytes(first + last), dropped
