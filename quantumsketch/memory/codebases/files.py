"""Which files of a folder are read as Python, and which are not and why. Follows no links; parses nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from quantumsketch.errors import BadInput

MOST_FILES = 20_000
LARGEST_FILE = 1024 * 1024
"""Bytes."""
MOST_BYTES = 64 * 1024 * 1024
"""Of all files together: their syntax takes about fifty times as much memory."""
_NEVER = {"__pycache__", "node_modules", "site-packages", "venv", "env"}
_MADE = {"build", "dist"}
"""Left out unless they are packages."""
_TESTS = {"tests", "test"}


@dataclass(frozen=True)
class Skipped:
    """Something that was not read."""

    path: str
    """Relative to the folder."""
    why: str


@dataclass
class Sources:
    """The Python files of a folder, by their paths relative to it."""

    texts: dict[PurePosixPath, bytes] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    complete: bool = True
    """Whether all that is there is in one of the two."""


def read_sources(
    folder: Path, *, tests: bool = True, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
) -> Sources:
    """Return what lies in `folder`; hidden folders, environments and what was built are left out silently.

    Raises BadInput if there is no such folder, or it cannot be looked into.
    """
    sources = Sources()
    if not _is_folder(folder):
        raise BadInput(f"{str(folder)!r} is no folder", mend="Give the folder of a package or a repository.")
    left = most_bytes
    for path in _python_files(folder, sources, tests=tests):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if len(sources.texts) == most_files or left < 0:
            why = f"more than {most_files:,} files or {most_bytes:,} bytes: the others were not read"
            sources.skipped.append(Skipped(".", why))
            sources.complete = False
            break
        try:
            sources.texts[relative] = _contents(path)
            left -= len(sources.texts[relative])
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            sources.skipped.append(Skipped(str(relative), why))
    return sources


def _python_files(folder: Path, sources: Sources, *, tests: bool) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        place = Path(error.filename or folder)
        if place == folder:
            raise BadInput(f"{str(folder)!r} cannot be looked into: {error.strerror}") from error
        sources.skipped.append(Skipped(place.relative_to(folder).as_posix(), error.strerror or "unreadable"))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        folders[:] = sorted(name for name in folders if _is_entered(here / name, tests=tests))
        for name in [*folders]:
            if (here / name).is_symlink():
                folders.remove(name)
                sources.skipped.append(Skipped((here / name).relative_to(folder).as_posix(), "a link"))
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith(".") and (tests or not _is_test(name)):
                yield here / name


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # its name is too long, or lies where we may not look
        return False


def _is_entered(folder: Path, *, tests: bool) -> bool:
    name = folder.name
    if name.startswith(".") or name in _NEVER or name.endswith(".egg-info"):
        return False
    if name in _MADE and not (folder / "__init__.py").exists():
        return False
    if (folder / "pyvenv.cfg").exists():
        return False
    return tests or name not in _TESTS


def _is_test(name: str) -> bool:
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def _contents(path: Path) -> bytes:
    """Read a regular file, whatever takes its place meanwhile; raises OSError or ValueError if it is none."""
    if path.is_symlink():
        raise ValueError("a link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no regular file")
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE:,} bytes")
    return data
