"""What a payload sees and reaches. Each test first shows that the same would work outside."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

import quantumsketch
from quantumsketch.tools.sandbox import checks
from quantumsketch.tools.sandbox.bubblewrap import isolation
from quantumsketch.tools.sandbox.probe import kernel_files, opens_for_writing
from quantumsketch.tools.tool import Ended, Policy
from tests.sandbox_calls import Command, outside, python, run, sandbox, shell

SECRET = "a-secret-that-stays-outside"

TRY_CALLS = """
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(call, *arguments):
    ctypes.set_errno(0)
    return "done" if call(*arguments) >= 0 else errno.errorcode[ctypes.get_errno()]
print(json.dumps({
    "trace": attempt(libc.ptrace, 0, 0, 0, 0),
    "unshare": attempt(libc.unshare, 0x10000000),
    "mount": attempt(libc.mount, b"none", b"/scratch", b"tmpfs", 0, None),
    "chroot": attempt(libc.chroot, b"/scratch"),
    "keyring": attempt(libc.syscall, {"x86_64": 250, "aarch64": 219}[os.uname().machine], 0, -3, 0),
    "own_files": attempt(libc.syscall, 436, 100, 200, 2),
    "closing": attempt(libc.syscall, 436, 100, 200, 0),
    "io_uring": attempt(libc.syscall, 425, 1, None),
    "vsock": attempt(libc.socket, 40, 1, 0),
    "netlink": attempt(libc.socket, 16, 3, 0),
    "unix": attempt(libc.socket, 1, 1, 0),
}))
"""

OF_ITS_OWN_PROCESS = "/proc/self/comm"
OF_THE_KERNEL = ("/proc/sys/kernel/core_pattern", "/proc/sys/fs/lease-break-time", "/proc/pressure/cpu")
OPEN_FOR_WRITING = """
import json, os, sys
def opens(file):
    try: os.close(os.open(file, os.O_WRONLY))
    except OSError: return False
    return True
print(json.dumps([file for file in sys.argv[1:] if opens(file)]))
"""

WORK_IN_PARALLEL = """
import asyncio, multiprocessing, subprocess, threading
from concurrent.futures import ProcessPoolExecutor
async def shell():
    child = await asyncio.create_subprocess_exec("/bin/echo", "child", stdout=-1)
    return (await child.communicate())[0]
if __name__ == "__main__":
    thread = threading.Thread(target=print, args=("thread",))
    thread.start(); thread.join()
    print(asyncio.run(shell()), subprocess.check_output(["/bin/echo", "subprocess"]))
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        print(list(pool.map(abs, [-1, -2])))
"""


def test_every_property_that_the_doctor_tries_holds_here() -> None:
    found = checks()
    assert len(found) > 20
    assert [check for check in found if not check.ok or check.degraded] == []


async def test_the_environment_of_the_caller_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_TEST_SECRET", SECRET)
    assert SECRET in outside("env")
    reply = await run(tmp_path, shell("env; cat /proc/[0-9]*/environ"))
    assert b"HOME=/scratch" in reply.ending.stdout
    assert SECRET.encode() not in reply.ending.stdout


async def test_files_of_the_host_are_not_seen_but_inputs_are(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    project = Path(quantumsketch.__file__).parents[1]
    hidden = [
        secret,
        Path("/etc/shadow"),
        Path("/etc/passwd"),
        project / "pyproject.toml",
        project / "tests",
        Path("/var/lib/dpkg"),
    ]
    assert all(path.exists() for path in hidden)
    names = " ".join(map(str, hidden))
    reply = await run(tmp_path, shell(f"ls -d {names}; cat /in/given"), inputs={"given": secret})
    assert reply.ending.stdout.decode() == SECRET


async def test_an_input_cannot_be_changed(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("as it was")
    reply = await run(tmp_path, shell("echo changed >/in/given"), inputs={"given": given})
    assert reply.ending.ended is Ended.ERROR
    assert given.read_text() == "as it was"


async def test_a_home_without_the_interpreter_does_not_exist_inside(tmp_path: Path) -> None:
    home = Path.home()
    assert home.is_dir()
    reply = await run(tmp_path, python(f"import os; print(sorted(os.listdir({str(home)!r})))"))
    needed = {Path(sys.prefix), Path(sys.base_prefix), Path(quantumsketch.__file__)}
    on_the_way = sorted({path.relative_to(home).parts[0] for path in needed if path.is_relative_to(home)})
    if on_the_way:
        assert reply.ending.stdout.decode().strip() == str(on_the_way)
    else:
        assert b"FileNotFoundError" in reply.ending.stderr


async def test_a_listener_on_the_loopback_of_the_host_is_not_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        call = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 1)"
        outside(*python(call).arguments)
        listener.accept()[0].close()
        reply = await run(tmp_path, python(call))
        assert reply.ending.ended is Ended.ERROR
        assert b"Address family not supported" in reply.ending.stderr
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_an_abstract_unix_socket_of_the_host_is_not_reached(tmp_path: Path) -> None:
    name = f"\0qs-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(name)
        reply = await run(tmp_path, python(f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"))
        assert b"Address family not supported" in reply.ending.stderr


async def test_files_of_the_kernel_and_of_processes_cannot_be_opened_for_writing(tmp_path: Path) -> None:
    tries = [sys.executable, "-I", "-S", "-c", OPEN_FOR_WRITING, *OF_THE_KERNEL, OF_ITS_OWN_PROCESS]
    open_to_root = [file for file in OF_THE_KERNEL if os.geteuid() == 0 and opens_for_writing(file)]
    walls = isolation(Policy(python=True), tmp_path, {})
    at = walls.index("--remount-ro")
    assert walls.pop(at) + walls.pop(at) == "--remount-ro/proc"
    without = json.loads(outside(str(sandbox().bubblewrap), *walls, "--", *tries))
    assert {OF_ITS_OWN_PROCESS, *open_to_root} <= set(without)
    reply = await run(tmp_path, Command(arguments=tries))
    assert json.loads(reply.ending.stdout) == []


def test_the_probe_finds_what_of_the_kernel_can_be_opened_for_writing() -> None:
    found = set(kernel_files())
    assert {file for file in OF_THE_KERNEL if Path(file).exists()} <= found
    assert len(found) > 100
    assert not {Path(file).parts[2] for file in found} & {str(os.getpid()), "1"}
    assert opens_for_writing(OF_ITS_OWN_PROCESS)
    assert not opens_for_writing("/proc/self/no-such-file")


async def test_dangerous_system_calls_are_refused(tmp_path: Path) -> None:
    harmless = TRY_CALLS.replace("libc.mount", "libc.umount2").replace("libc.chroot", "libc.chdir")
    allowed = json.loads(outside(*python(harmless).arguments))
    assert allowed["trace"] == allowed["own_files"] == "done"
    reply = await run(tmp_path, python(TRY_CALLS))
    refused = dict.fromkeys(("trace", "unshare", "mount", "chroot", "keyring", "own_files"), "EPERM")
    sockets = dict.fromkeys(("vsock", "netlink", "unix"), "EAFNOSUPPORT")
    others = {"io_uring": "ENOSYS", "closing": "done"}
    assert json.loads(reply.ending.stdout) == refused | sockets | others


async def test_threads_processes_and_event_loops_work(tmp_path: Path) -> None:
    reply = await run(tmp_path, python(WORK_IN_PARALLEL))
    assert reply.ending.stderr == b""
    assert reply.ending.stdout.split() == [b"thread", b"b'child\\n'", b"b'subprocess\\n'", b"[1,", b"2]"]


async def test_an_open_file_of_the_caller_is_not_passed_on(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        listing = "import os; print(sorted(os.listdir('/proc/self/fd')))"
        assert f"'{file.fileno()}'" in outside(*python(listing).arguments)
        reply = await run(tmp_path, python(listing))
    # the fourth is the listing itself
    assert reply.ending.stdout.decode().strip() == "['0', '1', '2', '3']"


async def test_processes_of_the_host_are_not_seen(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("cat /proc/[0-9]*/comm"))
    assert set(reply.ending.stdout.split()) <= {b"timeout", b"sh", b"cat"}
    assert b"timeout" in reply.ending.stdout
