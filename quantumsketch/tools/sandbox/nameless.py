"""Files that no folder lists any more but a process still holds, open or mapped, and the bytes they take.

Deleted files are such, and so is memory that processes share: the kernel keeps that as files of a file
system of its own. Whoever looks only into folders and at resident memory sees neither. Judges nothing.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from quantumsketch.tools.sandbox.contents import BLOCK_BYTES

File: TypeAlias = tuple[int, int]
"""A file's device and inode."""
DELETED = " (deleted)"
PATIENCE_S = 0.25  # a process that does nothing but fork keeps everybody waiting who asks what it has mapped


@dataclass(frozen=True)
class Mapped:
    """A stretch of a nameless file in a process's memory."""

    name: str
    """As below /proc/PID/map_files, where addresses have no leading zeros."""
    file: File
    end: int
    """The byte of the file at which the stretch ends."""


@dataclass(frozen=True)
class Held:
    """The bytes of nameless files that processes hold, each file counted once."""

    memory_bytes: int
    """Memory that processes share, touched lately or not."""
    disk_bytes: int
    complete: bool = True
    """Whether there was time to look at all of them."""


def held_by(holders: Iterable[int], patience_s: float = PATIENCE_S) -> Held:
    """Return what processes hold in nameless files, as far as that can be seen within the patience."""
    files: dict[File, int] = {}
    give_up = time.monotonic() + patience_s
    waiting = list(holders)
    while waiting and time.monotonic() <= give_up:
        for file, size in _nameless_files(waiting.pop()).items():
            files[file] = max(size, files.get(file, 0))
    memory = sum(size for (device, _), size in files.items() if device == _shared_memory_device())
    return Held(memory, sum(files.values()) - memory, complete=not waiting)


@cache
def _shared_memory_device() -> int:
    """Return the device on which the kernel keeps memory that processes share."""
    descriptor = os.memfd_create("device", os.MFD_CLOEXEC)
    try:
        return os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)


def _nameless_files(pid: int) -> Mapping[File, int]:
    """Return the bytes of the nameless files that a process holds; nothing if it has ended."""
    found = dict(_open(pid))
    try:
        # not read_text, which takes a carriage return in a hostile name for the end of a line
        maps = Path(f"/proc/{pid}/maps").read_bytes().decode(errors="replace")
    except OSError:
        return found
    ends: dict[File, int] = {}
    for mapped in mapped_files(maps):
        if mapped.file in found:
            continue
        exactly = _bytes_without_name(f"/proc/{pid}/map_files/{mapped.name}")
        if exactly is None:
            # Only root may ask. What is mapped tells something to others: at least up to there the file goes.
            ends[mapped.file] = max(mapped.end, ends.get(mapped.file, 0))
        else:
            found.update([exactly])
    return ends | found


def mapped_files(maps: str) -> Iterator[Mapped]:
    """Read the nameless files out of the text of /proc/PID/maps."""
    for line in maps.split("\n"):  # and nowhere else: splitlines knows more ends of lines
        if not line.endswith(DELETED):
            continue
        addresses, _, offset, device, inode, _ = line.split(maxsplit=5)
        start, stop = (int(address, 16) for address in addresses.split("-"))
        major, minor = (int(number, 16) for number in device.split(":"))
        file = (os.makedev(major, minor), int(inode))
        yield Mapped(f"{start:x}-{stop:x}", file, int(offset, 16) + stop - start)


def _open(pid: int) -> Iterator[tuple[File, int]]:
    folder = f"/proc/{pid}/fd"
    try:
        descriptors = os.listdir(folder)  # noqa: PTH208  (hundreds of names, four times a second)
    except OSError:
        return
    for descriptor in descriptors:
        if held := _bytes_without_name(f"{folder}/{descriptor}"):
            yield held


def _bytes_without_name(link: str) -> tuple[File, int] | None:
    """Return a nameless file and its bytes; None if it has a name, is no file, is gone or hidden from us."""
    try:
        status = os.stat(link)  # noqa: PTH116  (as above)
    except OSError:
        return None
    if status.st_nlink or not stat.S_ISREG(status.st_mode):
        return None
    return (status.st_dev, status.st_ino), status.st_blocks * BLOCK_BYTES
