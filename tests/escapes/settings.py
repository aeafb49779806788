"""How the host is prepared for an attempt: a secret in one more place, or somebody who listens."""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from tests.escapes.onlooker import NAME_LENGTH
from tests.escapes.stage import Stage
from tests.escapes.terminal import controlling_terminal

Address: TypeAlias = str | tuple[str, int]
LIBC = ctypes.CDLL(None, use_errno=True)
AT_CWD, MOST_HANDLE_BYTES = -100, 128
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
JOIN_SESSION_KEYRING, SESSION_KEYRING = 1, -3
IPC_CREATE, IPC_REMOVE = 0o1000, 0


@contextmanager
def secret_at_home(stage: Stage) -> Iterator[None]:
    """The secret lies in the home folder."""
    file = Path.home() / f".{stage.token}"
    file.write_text(stage.secret)
    stage.facts["homes"] = [str(Path.home()), "/root", "/home/user"]
    try:
        yield
    finally:
        file.unlink()


@contextmanager
def secret_in_shared_memory(stage: Stage) -> Iterator[None]:
    """The secret lies in the memory that all processes of the host share."""
    file = Path("/dev/shm", stage.token)
    file.write_text(stage.secret)
    try:
        yield
    finally:
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
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def secret_in_the_environment(stage: Stage) -> Iterator[None]:
    """The secret is in the environment of whoever makes the call."""
    os.environ["SECRET"] = stage.secret
    try:
        yield
    finally:
        del os.environ["SECRET"]


@contextmanager
def secret_in_open_files(stage: Stage) -> Iterator[None]:
    """Whoever makes the call has the secret's file and its folder open, for every child to inherit."""
    with ExitStack() as at_the_end:
        for path in (stage.hidden, stage.hidden / "secret"):
            descriptor = os.open(path, os.O_RDONLY)
            at_the_end.callback(os.close, descriptor)
            os.set_inheritable(descriptor, True)
        yield


@contextmanager
def bystander(stage: Stage) -> Iterator[None]:
    """Another process runs on the host, with the secret in its name, its command line and its environment."""
    program = stage.hidden / stage.secret[:NAME_LENGTH]
    program.symlink_to("/bin/sh")
    with subprocess.Popen(
        [program, "-c", f"read _; : {stage.secret}"], stdin=subprocess.PIPE, env={"SECRET": stage.secret}
    ) as stage.bystander:
        stage.facts["bystander"] = stage.bystander.pid
        try:
            yield
        finally:
            stage.bystander.kill()


@contextmanager
def secret_key(stage: Stage) -> Iterator[None]:
    """Whoever makes the call has a key in its session's key ring; it is named after the secret, too."""
    LIBC.syscall(KEYCTL, JOIN_SESSION_KEYRING, None)
    word = stage.secret.encode()
    stage.facts["key"] = LIBC.syscall(ADD_KEY, b"user", word, word, len(word), SESSION_KEYRING)
    try:
        yield
    finally:
        LIBC.syscall(KEYCTL, JOIN_SESSION_KEYRING, None)


@contextmanager
def secret_in_a_queue(stage: Stage) -> Iterator[None]:
    """The secret waits in a message queue of the host."""
    key = int(stage.token[-7:], 16)
    queue = LIBC.msgget(key, IPC_CREATE | 0o600)
    LIBC.msgsnd(queue, struct.pack("=q", 1) + stage.secret.encode(), len(stage.secret), 0)
    stage.facts["queue"] = key
    try:
        yield
    finally:
        LIBC.msgctl(queue, IPC_REMOVE, None)


@contextmanager
def terminal(stage: Stage) -> Iterator[None]:
    """The terminal of whoever makes the call: its other end hears what is written or typed there."""
    stage.ears.append(controlling_terminal())
    yield


@contextmanager
def handle_of_the_secret(stage: Stage) -> Iterator[None]:
    """The probe is told the handle by which the kernel knows the secret's inode."""
    stage.facts["handle"] = _handle(stage.hidden / "secret").hex()
    yield


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
