"""The one writable folder of a call: made private, lent, always removed.

Its content is written by code we do not trust, so nothing here follows a link, and no shape of tree can
stop the removal. It lies in a second folder that the payload never sees: whatever mode it gives to its own,
nobody else on this machine can walk to a program that it left there.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.uninterrupted import to_the_end
from quantumsketch.tools.tool import Limits

LENT = "scratch"
LONGEST_PATH = 2_000  # bytes; the kernel takes 4,096 at a time, of which one name has 255


@asynccontextmanager
async def scratch_folder(root: Path, name: str) -> AsyncIterator[Path]:
    """Make a folder that only we can enter below root, lend it, and remove it with all that is in it."""
    outer, lock = _make_locked(root, name)
    try:
        lent = outer / LENT
        lent.mkdir(mode=stat.S_IRWXU)
        yield lent
    finally:
        # on a thread, because removing what a hostile payload left can take seconds
        await to_the_end(asyncio.to_thread(_release, outer, lock))


def require_room(folder: Path, limits: Limits) -> None:
    """Refuse, as SandboxUnavailable, a call that could fill the disk that holds `folder`."""
    free = shutil.disk_usage(folder).free
    if free < limits.scratch_bytes:
        raise SandboxUnavailable(
            f"the disk that holds {str(folder)!r} has only {free} bytes free,"
            f" and a call may fill {limits.scratch_bytes}",
            mend="Make room on that disk, or keep QuantumSketch's files on another one.",
        )


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


def _remove(top: Path) -> None:
    """Remove a folder. No depth can hurt: an inner one whose path grows too long first moves up to the top.

    None moves without need: on a full disk the top may have no place for another name.
    """
    top.chmod(stat.S_IRWXU)
    waiting = [(top, _emptied(top))]
    while waiting:
        place, inner = waiting[-1]
        if inner:
            child = place / inner.pop()
            child.chmod(stat.S_IRWXU)  # the payload may have locked us out
            if len(os.fsencode(child)) > LONGEST_PATH:
                child = child.rename(top / os.urandom(12).hex())
            waiting.append((child, _emptied(child)))
        else:
            place.rmdir()
            waiting.pop()


def _emptied(place: Path) -> list[str]:
    """Remove what is no folder in a folder, and return the names of the folders in it."""
    with os.scandir(place) as entries:
        children = list(entries)
    for child in children:
        if not child.is_dir(follow_symlinks=False):
            os.unlink(child.path)  # noqa: PTH108  (thousands of them)
    return [child.name for child in children if child.is_dir(follow_symlinks=False)]
