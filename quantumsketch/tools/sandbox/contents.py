"""What a scratch folder holds right now: bytes on disk and files. Judges and removes nothing.

Its owner is a hostile program that changes it meanwhile. Nothing here follows a link, or opens anything but a
folder; and it tells when names went away under its eyes, for behind those something may hide.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system
MOST_LEVELS = 64
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class TooMuch(Exception):
    """The scratch folder holds more than it may; the message says more of what."""


@dataclass(frozen=True)
class Contents:
    """What is in a folder, itself included. Of hollow files what is written counts, of hard links one."""

    bytes: int
    files: int
    """And folders, links, sockets: whatever has a name."""
    vanished: int
    """Names that were there and then were not."""


def contents(folder: Path, most_files: int) -> Contents:
    """Return what is in a folder; TooMuch if those are more than so many files, too deep, or locked."""
    counting = _Counting(most_files)
    with suppress(FileNotFoundError):
        counting.count(os.open(folder, FOLDER), 0)
    return Contents(counting.bytes, counting.files, counting.vanished)


class _Counting:
    """A walk through folders, by their descriptors: no name is resolved twice."""

    def __init__(self, most_files: int) -> None:
        self._most = most_files
        self._linked: set[tuple[int, int]] = set()
        self.bytes = self.files = self.vanished = 0

    def count(self, folder: int, level: int) -> None:
        """Count an open folder and what is in it, and close it."""
        try:
            self.bytes += os.fstat(folder).st_blocks * BLOCK_BYTES
            if level > MOST_LEVELS:
                raise TooMuch(f"more than {MOST_LEVELS} levels of folders in scratch")
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._count_entry(folder, entry, level)
        finally:
            os.close(folder)

    def _count_entry(self, folder: int, entry: os.DirEntry[str], level: int) -> None:
        self.files += 1
        if self.files > self._most:
            raise TooMuch(f"more than {self._most} files in scratch")
        try:
            status = entry.stat(follow_symlinks=False)
            inner = os.open(entry.name, FOLDER, dir_fd=folder) if stat.S_ISDIR(status.st_mode) else None
        except PermissionError as error:
            raise TooMuch("a folder in scratch that cannot be looked into") from error
        except OSError as error:
            if error.errno not in GONE:
                raise
            self.vanished += 1
            return
        if inner is not None:
            self.count(inner, level + 1)
        elif status.st_nlink == 1 or self._is_new(status):
            self.bytes += status.st_blocks * BLOCK_BYTES

    def _is_new(self, status: os.stat_result) -> bool:
        file = (status.st_dev, status.st_ino)
        known = file in self._linked
        self._linked.add(file)
        return not known
