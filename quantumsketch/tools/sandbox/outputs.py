"""Takes declared output files out of a scratch folder whose writers are dead. Does not look into them.

A name in scratch can be anything: a link to a secret, a pipe that blocks for ever, a file of a terabyte.
Only a regular file with one link and an allowed size is copied, and never by following anything. A copy has a
mode of its own, and all its bytes take room, also those of a file that was hollow: at most what was declared.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import IO

CHUNK_BYTES = 2**20


class BadOutput(Exception):
    """A declared output is something else than a file of allowed size; the message says what."""


def collect(scratch: Path, declared: Mapping[str, int], keep: Path) -> dict[str, Path]:
    """Copy the declared outputs (name to most bytes) that are there; BadOutput if one is no honest file."""
    keep.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, most in declared.items():
        if name in {"", ".", ".."} or "/" in name:
            raise ValueError(f"{name!r} is no plain file name for an output")
        if _copy(scratch / name, most, keep / name):
            found[name] = keep / name
    return found


def _copy(source: Path, most: int, target: Path) -> bool:
    """Copy one file by its descriptor; False if there is none."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise BadOutput(f"the output {source.name!r} cannot be opened as a file: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise BadOutput(f"the output {source.name!r} is not a regular file of its own")
        if status.st_size > most:
            raise BadOutput(f"the output {source.name!r} has {status.st_size} bytes, {most} are allowed")
        target.unlink(missing_ok=True)
        with os.fdopen(descriptor, "rb", closefd=False) as bytes_in, target.open("xb") as bytes_out:
            _copy_bytes(bytes_in, bytes_out, status.st_size)
    finally:
        os.close(descriptor)
    return True


def _copy_bytes(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy at most so many bytes: the size was judged, and what comes after it was not."""
    while size > 0 and (chunk := source.read(min(size, CHUNK_BYTES))):
        target.write(chunk)
        size -= len(chunk)
