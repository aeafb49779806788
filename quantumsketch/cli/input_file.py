"""Where a command's lines come from: a file, standard input or a pipe. Whoever gets them never waits for one.

What somebody else writes may stall for hours, and an event loop that waits for it hears no signal: so what is
no plain file is copied first, while the ordinary signals end the command. Knows nothing of what is read.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO

from quantumsketch.errors import BadInput, QuantumSketchError

_LONGEST_FIRST_LINE = 10_000
_LONGEST_LINE = 128_000_000
"""Bytes; what is longer comes in pieces. The longest document, with its quotes escaped, is shorter."""


@contextmanager
def lines_of(file: Path, check_first: Callable[[bytes], object]) -> Iterator[Iterator[bytes]]:
    """Yield the lines of `file`, of standard input for -, once `check_first` let the first one pass.

    The copy of a pipe has no name: nothing of it is left however the process ends. Raises BadInput for what
    cannot be read, and what `check_first` raises, before anything is copied.
    """
    with _opened(file) as opened:
        first = opened.readline(_LONGEST_FIRST_LINE)
        check_first(first)
        if _is_plain_file(opened):
            yield chain([first], _lines(opened))
            return
        with TemporaryFile() as copy:
            _copy(opened, copy, file)
            yield chain([first], _lines(copy))


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        if sys.stdin is None:  # Python's word for a descriptor that was closed when it started
            raise BadInput("standard input is closed", mend="Name a file, or send one by a pipe.")
        yield sys.stdin.buffer
        return
    try:
        opened = file.open("rb")
    except OSError as error:
        raise BadInput(f"{str(file)!r} cannot be read: {error.strerror}") from None
    with opened:
        yield opened


def _is_plain_file(opened: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(opened.fileno()).st_mode)
    except OSError:  # bytes that lie nowhere
        return False


def _copy(opened: BinaryIO, copy: BinaryIO, file: Path) -> None:
    try:
        shutil.copyfileobj(opened, copy)
        copy.seek(0)
    except OSError as error:
        what = f"{str(file)!r} cannot be copied to {gettempdir()!r}: {error.strerror}"
        mend = "Make room there, name another folder by TMPDIR, or import from a file."
        raise QuantumSketchError(what, mend=mend) from error


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    return iter(partial(opened.readline, _LONGEST_LINE), b"")
