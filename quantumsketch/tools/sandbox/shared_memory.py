"""Counts the files in a call's shared memory, seen from the host. Judges nothing.

They may be empty: each takes a kilobyte of the kernel's own memory, and their file system has a place for
millions.
"""

from __future__ import annotations

import os
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108  (a call's own is looked at, the host's is left out)


def files_in_shared_memory(first: int) -> int:
    """Return how many files the call with this first process has there; 0 if it has none of its own."""
    inside = Path(f"/proc/{first}/root", *PLACE.parts[1:])
    try:
        if inside.stat().st_dev == PLACE.stat().st_dev:
            return 0
        room = os.statvfs(inside)
    except OSError:
        return 0  # it has ended
    return room.f_files - room.f_ffree
