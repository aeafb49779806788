"""Files that come into being at once: written aside, forced to disk, then moved to their place.

A writer holds a lock on its file as long as it lives, so the leftovers of dead writers can be told from the
files of living ones and are swept. Knows nothing of what is written.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Incoming:
    """The folder in which files are written before they have a name; on the file system of their targets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def new_file(self) -> Iterator[IncomingFile]:
        """Yield an empty file that is gone afterwards unless it was published."""
        incoming = self._create()
        try:
            yield incoming
        finally:
            incoming.discard()

    def _create(self) -> IncomingFile:
        while True:
            path = self._folder / secrets.token_hex(16)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return IncomingFile(path, os.fdopen(descriptor, "wb"))
            os.close(descriptor)  # swept between its creation and its lock: try again

    def sweep(self) -> None:
        """Remove the files of writers that are dead."""
        for path in self._folder.iterdir():
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # published or swept in this moment
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
            except BlockingIOError:
                continue  # its writer lives
            finally:
                os.close(descriptor)


class IncomingFile:
    """One file being written; nobody sees it under its final name before it is whole."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path = path
        self._stream = stream

    def write(self, block: bytes) -> None:
        """Append `block`."""
        self._stream.write(block)

    def publish(self, target: Path) -> None:
        """Give the file its name, in place of whatever had it; it survives a power cut from here on."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        _ensure_folder(target.parent)
        self._path.replace(target)
        _sync_folder(target.parent)

    def discard(self) -> None:
        """Close the file, and remove it if it was not published."""
        self._path.unlink(missing_ok=True)
        self._stream.close()


def _ensure_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
