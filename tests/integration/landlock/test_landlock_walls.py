"""The walls of the degraded backend, for root and for an ordinary user. What is refused works outside."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from tests.integration.landlock.attempts import (
    ON_ATTRIBUTES,
    ON_FILES,
    ON_PRIVILEGES,
    ON_PROCESSES,
    ON_SOCKETS,
    RESUME,
)
from tests.landlock_caller import NEEDED, OURSELVES, Caller, eventually

pytestmark = NEEDED


def belongings(somebody: Caller, name: str) -> Path:
    """Make a folder of the caller's own, in which everybody may do anything: only Landlock forbids it."""
    folder = somebody.home / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "empty").mkdir()
    for file in ("secret", "long", "taken", "removed"):
        (folder / file).write_text("a secret")
    shutil.copy("/bin/true", folder / "program")
    owner = somebody.home.stat()
    for path in (*folder.iterdir(), folder):
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(0o777)
    return folder


def state(folder: Path) -> dict[str, tuple[int, int, float]]:
    paths = {path.name: path.stat() for path in (*folder.iterdir(), folder)}
    return {name: (found.st_mode, found.st_size, found.st_mtime) for name, found in paths.items()}


def test_no_file_outside_scratch_is_read_changed_made_or_removed(somebody: Caller) -> None:
    free = somebody.outside(ON_FILES, str(belongings(somebody, "free")))
    assert set(free.values()) == {"done"}, free
    closed = belongings(somebody, "closed")
    before = state(closed)
    found = somebody.found(ON_FILES, str(closed))
    assert found.keys() == free.keys()
    assert set(found.values()) <= {"EACCES", "EXDEV"}, found
    assert state(closed) == before


def test_what_is_known_of_a_readable_file_cannot_be_changed(somebody: Caller) -> None:
    file = belongings(somebody, "shown") / "secret"
    before = state(file.parent)["secret"]
    free = somebody.outside(ON_ATTRIBUTES, str(file))
    assert {name for name, result in free.items() if result != "done"} <= {"attribute", "attributes", "flags"}
    assert state(file.parent)["secret"] != before
    file = belongings(somebody, "shown") / "secret"
    everything = state(file.parent)
    found = somebody.found(ON_ATTRIBUTES, str(file), readable=[str(file.parent)])
    assert found.keys() == free.keys()
    assert set(found.values()) <= {"EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOTTY"}, found
    assert state(file.parent) == everything


def test_another_process_is_neither_seen_nor_reached(somebody: Caller) -> None:
    pid = str(somebody.process.pid)
    free = somebody.outside(ON_PROCESSES, pid)
    assert set(free.values()) == {"done"}, free
    found = somebody.found(ON_PROCESSES, pid)
    assert found.keys() == free.keys()
    assert set(found.values()) <= {"EACCES", "EPERM"}, found


def test_a_signal_to_everybody_reaches_nobody_outside(somebody: Caller, mark: str) -> None:
    owner = somebody.home.stat().st_uid
    with subprocess.Popen(["/bin/sleep", mark], user=None if owner == OURSELVES else owner) as neighbour:
        try:
            neighbour.send_signal(signal.SIGSTOP)
            eventually(lambda: stopped(neighbour.pid))
            assert somebody.outside(RESUME, str(neighbour.pid)) == {str(neighbour.pid): "done"}
            eventually(lambda: not stopped(neighbour.pid))
            neighbour.send_signal(signal.SIGSTOP)
            eventually(lambda: stopped(neighbour.pid))
            found = somebody.found(RESUME, "-1", str(neighbour.pid))
            assert found == {"-1": "done", str(neighbour.pid): "EPERM"}
            assert stopped(neighbour.pid)
        finally:
            neighbour.kill()


def test_no_socket_of_the_host_is_reached(somebody: Caller) -> None:
    folder, name = somebody.home / "sockets", f"qs-test-{secrets.token_hex(4)}"
    folder.mkdir()
    with ExitStack() as opened:
        tcp = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = tcp.getsockname()[1]
        udp, stream, datagrams, abstract = (
            opened.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
                (socket.AF_UNIX, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        udp.bind(("127.0.0.1", port))
        stream.bind(str(folder / "stream"))
        datagrams.bind(str(folder / "datagrams"))
        abstract.bind(f"\0{name}")
        for path in (folder, *folder.iterdir()):
            path.chmod(0o777)
        stream.listen()
        abstract.listen()
        arguments = (str(port), str(folder), name)
        free = somebody.outside(ON_SOCKETS, *arguments)
        assert set(free.values()) == {"done"}, free
        for listener in (tcp, stream, abstract):
            listener.accept()[0].close()
        assert [udp.recv(9), datagrams.recv(9), datagrams.recv(9)] == [b"hello"] * 3
        found = somebody.found(ON_SOCKETS, *arguments, readable=[str(folder)])
        assert found.keys() == free.keys()
        assert set(found.values()) <= {"EAFNOSUPPORT", "EPERM"}, found
        for reached in (tcp, stream, abstract, udp, datagrams):
            reached.setblocking(False)
            with pytest.raises(BlockingIOError):
                reached.accept() if reached in (tcp, stream, abstract) else reached.recv(9)


def test_there_is_nothing_to_gain_and_nothing_to_learn(somebody: Caller) -> None:
    assert somebody.outside(ON_PRIVILEGES)["variables"]["QS_TEST_SECRET"]
    found = somebody.found(ON_PRIVILEGES)
    expected = {"capabilities": False, "no new privileges": 1, "filter": 2, "namespace": "EPERM"}
    expected |= {"root": "EPERM", "own user": "EPERM", "shared memory": "EACCES", "terminal": "EACCES"}
    assert found | expected == found
    assert {found[str(number)] for number in range(3, 64)} == {"EBADF"}
    (user,) = set(found["user"])
    assert user == somebody.home.stat().st_uid or (somebody.home.stat().st_uid == 0 and user > 60_000)
    assert set(found["groups"]) == {user} or user == OURSELVES
    assert found["variables"].keys() - {"LC_CTYPE"} == {*ENVIRONMENT, "PYTHONPATH"}


def stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"
