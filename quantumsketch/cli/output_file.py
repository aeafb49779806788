"""Where a command's bytes go: a file that is there when it is whole, or what takes them as they come.

Knows nothing of what is written, and tells its own failures alone: whatever else fails meanwhile is not the
output's fault. Only a plain file is ever replaced: a link stays a link, a device a device.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO

from quantumsketch.errors import BadInput, QuantumSketchError


@contextmanager
def written(output: Path | None, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Yield what takes the bytes for `output`, None for standard output.

    A file, also one that a link leads to, is replaced once nothing is missing, and has `mode`: its owner's
    eyes alone, unless others are named. A pipe or a device takes the bytes as they come; who opens a pipe
    waits for its reader. Raises BadInput if nothing can be written there, QuantumSketchError if that ends
    before all is written.
    """
    if output is None or _is_standard_output(output):
        out = _standard_output()
        yield out
        out.flush()  # else it fails when Python ends, after all was said to be done
        return
    try:
        opened = _opened(output, mode)
    except OSError as error:
        what = f"{str(output)!r} cannot be written: {error.strerror}"
        raise BadInput(what, mend="Name a file in a folder that is there.") from None
    with opened as out:
        yield out


def _is_standard_output(output: Path) -> bool:
    """Tell whether a path, such as /dev/stdout, leads to where standard output goes anyway."""
    try:
        return os.path.samestat(output.stat(), os.fstat(1))
    except OSError:
        return False


def _standard_output() -> BinaryIO:
    if sys.stdout is None:  # Python's word for a descriptor that was closed when it started
        raise BadInput("standard output is closed", mend="Name a file with -o.")
    return sys.stdout.buffer


def _opened(output: Path, mode: int) -> AbstractContextManager[BinaryIO]:
    if not _is_file_or_nothing(output):
        return BufferedWriter(_Told(output, output))
    target = Path(os.path.realpath(output))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    descriptor, part = mkstemp(dir=target.parent, prefix="qs-", suffix=".part")
    return _once_whole(BufferedWriter(_Told(descriptor, output)), Path(part), target, output, mode)


def _is_file_or_nothing(output: Path) -> bool:
    try:
        return stat.S_ISREG(output.stat().st_mode)
    except FileNotFoundError:
        return True


@contextmanager
def _once_whole(file: BinaryIO, part: Path, target: Path, output: Path, mode: int) -> Iterator[BinaryIO]:
    try:
        with file:
            yield file
            with suppress(PermissionError):  # where files have no modes
                os.fchmod(file.fileno(), mode)
        with _told(output):
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Told(FileIO):
    """A file opened for writing that says what cannot be written, by the name that a person gave."""

    def __init__(self, file: int | Path, output: Path) -> None:
        self._output = output  # first: what cannot be opened is closed too
        super().__init__(file, "wb")

    def write(self, data: Any, /) -> int:  # any buffer: Python 3.11 has no name for those
        with _told(self._output):
            return super().write(data)

    def close(self) -> None:
        with _told(self._output):
            super().close()


@contextmanager
def _told(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"{str(output)!r} cannot be written to its end: {error.strerror}"
        raise QuantumSketchError(what, mend="Make room, or give another place with -o.") from error
