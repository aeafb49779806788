"""How the host is prepared for an attempt: a secret in one more place, or somebody who listens."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from tests.escapes.stage import Stage

Address: TypeAlias = str | tuple[str, int]
LIBC = ctypes.CDLL(None, use_errno=True)
AT_CWD, MOST_HANDLE_BYTES = -100, 128


@contextmanager
def secret_at_home(stage: Stage) -> Iterator[None]:
    """The secret lies in the home folder."""
    file = Path.home() / f".{stage.token}"
    file.write_text(stage.secret)
    stage.facts["homes"] = [str(Path.home()), "/root", "/home/user"]
    yield
    file.unlink()


@contextmanager
def secret_in_shared_memory(stage: Stage) -> Iterator[None]:
    """The secret lies in the memory that all processes of the host share."""
    file = Path("/dev/shm", stage.token)
    file.write_text(stage.secret)
    yield
    file.unlink()


@contextmanager
def secret_of_another_call(stage: Stage) -> Iterator[None]:
    """The secret lies in the scratch folder of another call, which is in use."""
    with ExitStack() as at_the_end:
        for root in (stage.scratch_root, stage.outside.parent):
            neighbour = root / "neighbour"
            neighbour.mkdir(mode=0o700)
            (neighbour / "secret").write_text(stage.secret)
            stage.neighbours.append(neighbour)
            lock = os.open(neighbour, os.O_RDONLY)
            at_the_end.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def open_folder(stage: Stage) -> Iterator[None]:
    """A process of the host has the hidden folder open."""
    descriptor = os.open(stage.hidden, os.O_RDONLY)
    yield
    os.close(descriptor)


@contextmanager
def handle_of_the_secret(stage: Stage) -> Iterator[None]:
    """The probe is told the handle by which the kernel knows the secret's inode."""
    stage.facts["handle"] = _handle(stage.hidden / "secret").hex()
    yield


def no_handles() -> str:
    """Say why files cannot be opened by their handles here, if so."""
    try:
        handle, folder = _handle(Path(__file__)), os.open(Path(__file__).parent, os.O_RDONLY)
    except OSError as error:
        return f"this file system gives no handles: {error}"
    try:
        opened = LIBC.open_by_handle_at(folder, handle, os.O_RDONLY)
        if opened < 0:
            return "the kernel opens no files by their handles here"
        os.close(opened)
    finally:
        os.close(folder)
    return ""


def _handle(file: Path) -> bytes:
    handle = ctypes.create_string_buffer(struct.pack("=Ii", MOST_HANDLE_BYTES, 0), 8 + MOST_HANDLE_BYTES)
    if LIBC.name_to_handle_at(AT_CWD, str(file).encode(), handle, ctypes.byref(ctypes.c_int()), 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(file))
    return handle.raw


def listens(
    family: socket.AddressFamily, kind: socket.SocketKind, address: Callable[[Stage], Address]
) -> Callable[[Stage], AbstractContextManager[None]]:
    """Somebody on the host listens at an address; `at.address` and, where it has one, `at.port` tell it."""

    @contextmanager
    def setting(stage: Stage) -> Iterator[None]:
        with socket.socket(family, kind) as ear:
            ear.bind(address(stage))
            if kind != socket.SOCK_DGRAM:
                ear.listen()
            stage.ears.append(ear)
            stage.facts["address"] = ear.getsockname() if family != socket.AF_UNIX else str(address(stage))
            stage.facts["port"] = ear.getsockname()[1] if family != socket.AF_UNIX else 0
            yield

    return setting
