"""The one writable folder of a call: made private, measured while in use, always removed.

Its content is written by code we do not trust, so nothing here follows a link, and no shape of tree can
stop the removal.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from quantumsketch.tools.sandbox.uninterrupted import to_the_end

BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system
MOST_ENTRIES = 5_000
MOST_LEVELS = 64


class TooMuch(Exception):
    """The scratch folder holds more than it may; the message says more of what."""


@asynccontextmanager
async def scratch_folder(root: Path, name: str) -> AsyncIterator[Path]:
    """Make a folder that only we can enter below root, lend it, and remove it with all that is in it."""
    folder, lock = _make_locked(root, name)
    try:
        yield folder
    finally:
        # on a thread, because removing what a hostile payload left can take seconds
        await to_the_end(asyncio.to_thread(_release, folder, lock))


def _release(folder: Path, lock: int) -> None:
    try:
        _remove(folder)
    finally:
        os.close(lock)


def sweep(root: Path) -> None:
    """Remove the scratch folders whose owner has died; those in use are locked and stay."""
    for folder in root.iterdir() if root.is_dir() else ():
        with suppress(OSError):  # in use, no folder, or another sweep was faster
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                raise
            _release(folder, lock)


def used_bytes(folder: Path) -> int:
    """Return the bytes that a scratch folder takes on disk; TooMuch if its files are too many or too deep."""
    total = entries = 0
    waiting = [(folder, 0)]
    while waiting:
        place, level = waiting.pop()
        for entry in _entries(place):
            entries += 1
            with suppress(OSError):  # it is gone meanwhile
                status = entry.stat(follow_symlinks=False)
                total += status.st_blocks * BLOCK_BYTES
                if stat.S_ISDIR(status.st_mode):
                    waiting.append((Path(entry.path), level + 1))
            if entries > MOST_ENTRIES or level > MOST_LEVELS:
                raise TooMuch(f"more than {MOST_ENTRIES} files or {MOST_LEVELS} levels of folders in scratch")
    return total


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return list(found)
    except PermissionError as error:
        raise TooMuch("a folder in scratch that cannot be looked into") from error
    except OSError:
        return []  # removed meanwhile


def _make_locked(root: Path, name: str) -> tuple[Path, int]:
    """Return a fresh folder (mode 0700) and the open lock that tells a sweep it is in use."""
    root.mkdir(parents=True, exist_ok=True)
    while True:
        folder = Path(mkdtemp(prefix=f"{name}-", dir=root))
        with suppress(OSError):  # a sweep came between: try again with another
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_nlink:
                    return folder, lock
            except OSError:
                pass
            os.close(lock)


def _remove(folder: Path) -> None:
    """Remove a folder; inner folders first move up to the top, so that no depth can hurt."""
    waiting = [folder]
    while waiting:
        place = waiting[-1]
        place.chmod(stat.S_IRWXU)  # the payload may have locked us out
        with os.scandir(place) as entries:
            children = list(entries)
        for child in children:
            if child.is_dir(follow_symlinks=False):
                waiting.append(_moved_up(Path(child.path), folder))
            else:
                os.unlink(child.path)  # noqa: PTH108  (thousands of them)
        if not children:
            waiting.pop().rmdir()


def _moved_up(inner: Path, top: Path) -> Path:
    inner.chmod(stat.S_IRWXU)
    return inner.rename(top / os.urandom(12).hex())
