"""The degraded backend, as root and as an ordinary user. What is refused inside works outside."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.landlock import landlock_abi, supervise
from quantumsketch.tools.sandbox.landlock.landlocked import LEAST_ABI
from quantumsketch.tools.tool import Ended
from tests.degraded_hosts import OWN_PROCESSES, Host
from tests.landlock_caller import Caller, caller
from tests.sandbox_calls import alive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(landlock_abi() < LEAST_ABI, reason="needs Linux 6.12 or newer with Landlock enabled"),
]

ORDINARY = 64124
OURSELVES = os.geteuid()
USERS = {"as root": 0, "as an ordinary user": ORDINARY} if OURSELVES == 0 else {"as this user": OURSELVES}
MIB = 2**20
GIVE_UP_S = 20.0

ATTEMPT = """
import errno, json, os, sys
found = {}
def attempt(name, try_it):
    try:
        try_it()
        found[name] = "done"
    except OSError as error:
        found[name] = errno.errorcode.get(error.errno, str(error))
"""
TELL = """
print(json.dumps(found))
"""

ON_FILES = (
    ATTEMPT
    + """
there = sys.argv[1]
attempt("read", lambda: open(f"{there}/secret").read())
attempt("append", lambda: open(f"{there}/secret", "a").write("!"))
attempt("truncate", lambda: os.truncate(f"{there}/long", 0))
attempt("list", lambda: os.listdir(there))
attempt("make a file", lambda: open(f"{there}/new", "x"))
attempt("make a folder", lambda: os.mkdir(f"{there}/folder"))
attempt("make a pipe", lambda: os.mkfifo(f"{there}/pipe"))
attempt("make a link", lambda: os.symlink("anywhere", f"{there}/link"))
attempt("hard link", lambda: os.link(f"{there}/secret", "linked"))
attempt("take away", lambda: os.rename(f"{there}/taken", "taken"))
open("own", "w").close()
attempt("bring", lambda: os.rename("own", f"{there}/brought"))
attempt("remove", lambda: os.unlink(f"{there}/removed"))
attempt("remove a folder", lambda: os.rmdir(f"{there}/empty"))
os.symlink(f"{there}/secret", "alias")
attempt("read by a link", lambda: open("alias").read())
way = os.open(there, os.O_PATH)
attempt("read by a descriptor", lambda: os.open("secret", os.O_RDONLY, dir_fd=way))
attempt("execute", lambda: os.posix_spawn(f"{there}/program", ["program"], {}))
os.chdir(there)
attempt("read from there", lambda: open("secret").read())
"""
    + TELL
)

ON_ATTRIBUTES = (
    ATTEMPT
    + """
import fcntl, struct
file = sys.argv[1]
opened = os.open(file, os.O_RDONLY)
def flag():
    flags = struct.unpack("i", fcntl.ioctl(opened, 0x80086601, bytes(4)))[0]
    fcntl.ioctl(opened, 0x40086602, struct.pack("i", flags | 0x40))  # no dump: no program minds it
attempt("mode", lambda: os.chmod(file, 0o600))
attempt("mode by descriptor", lambda: os.fchmod(opened, 0o600))
attempt("owner", lambda: os.chown(file, os.getuid(), os.getgid()))
attempt("times", lambda: os.utime(file, (1, 1)))
attempt("times by descriptor", lambda: os.utime(opened, (1, 1)))
attempt("attribute", lambda: os.setxattr(file, "user.mark", b"x"))
attempt("attributes", lambda: os.listxattr(file))
attempt("flags", flag)
attempt("lease", lambda: fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK))
"""
    + TELL
)

ON_PROCESSES = (
    ATTEMPT
    + """
import ctypes, resource, signal
pid, libc = int(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
def by_thread():
    call = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
    if libc.syscall(call, pid, pid, 0):
        raise OSError(ctypes.get_errno(), "tgkill")
attempt("environment", lambda: open(f"/proc/{pid}/environ").read())
attempt("command line", lambda: open(f"/proc/{pid}/cmdline").read())
attempt("open files", lambda: os.listdir(f"/proc/{pid}/fd"))
attempt("an open file", lambda: os.readlink(f"/proc/{pid}/fd/0"))
attempt("others", lambda: os.listdir("/proc"))
attempt("signal", lambda: os.kill(pid, 0))
attempt("signal a thread", by_thread)
attempt("signal by handle", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))
attempt("limits", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)))
attempt("processors", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(pid)))
"""
    + TELL
)

RESUME = (
    ATTEMPT
    + """
import signal
for process in sys.argv[1:]:
    attempt(process, lambda: os.kill(int(process), signal.SIGCONT))
"""
    + TELL
)

ON_SOCKETS = (
    ATTEMPT
    + """
import socket
port, folder, abstract = int(sys.argv[1]), sys.argv[2], "\\0" + sys.argv[3]
def stream(family, address):
    with socket.socket(family) as caller:
        caller.connect(address)
def datagram(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", address)
def pair():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    here.sendto(b"hello", f"{folder}/datagrams")
attempt("tcp", lambda: stream(socket.AF_INET, ("127.0.0.1", port)))
attempt("udp", lambda: datagram(socket.AF_INET, ("127.0.0.1", port)))
attempt("unix", lambda: stream(socket.AF_UNIX, f"{folder}/stream"))
attempt("unix datagram", lambda: datagram(socket.AF_UNIX, f"{folder}/datagrams"))
attempt("through a pair", pair)
attempt("abstract", lambda: stream(socket.AF_UNIX, abstract))
attempt("listen", lambda: socket.create_server(("127.0.0.1", 0)))
"""
    + TELL
)

ON_PRIVILEGES = (
    ATTEMPT
    + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if function(*arguments):
        raise OSError(ctypes.get_errno(), "refused")
sets = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), sets)
found["capabilities"] = any(sets)
found["no new privileges"] = libc.prctl(39, 0, 0, 0, 0)
found["filter"] = libc.prctl(21, 0, 0, 0, 0)
found["user"] = os.getresuid()
found["groups"] = [*os.getresgid(), *os.getgroups()]
found["variables"] = dict(os.environ)
attempt("root", lambda: os.setuid(0))
attempt("own user", lambda: os.setuid(os.getuid()))
attempt("namespace", lambda: call(libc.unshare, 0x10000000))
attempt("shared memory", lambda: os.open("/dev/shm", os.O_RDWR | os.O_TMPFILE))
attempt("terminal", lambda: os.open("/dev/tty", os.O_RDWR))
for number in range(3, 64):
    attempt(number, lambda: os.fstat(number))
"""
    + TELL
)

WORK_IN_PARALLEL = """
import asyncio, os, socket, subprocess, threading
async def shell():
    child = await asyncio.create_subprocess_exec("/bin/echo", "child", stdout=-1)
    return (await child.communicate())[0].decode().strip()
thread = threading.Thread(target=print, args=("thread",), kwargs={"flush": True})
thread.start(); thread.join()
here, there = socket.socketpair()
here.send(b"pair")
child = os.fork()
if child == 0:
    os._exit(7)
print(asyncio.run(shell()), subprocess.check_output(["/bin/echo", "subprocess"], text=True).strip(),
      there.recv(9).decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

LEAVE_BEHIND = """
trap '' HUP INT TERM QUIT USR1
mkfifo up
sleep {mark} &
(setsid sh -c 'setsid sh -c "echo up >up; exec sleep {mark}"' &)
read told <up; echo $told
sleep 0.2; kill -STOP $!
"""
"""One that ignores signals and has left its parent and the session, and one that is stopped."""
ONE_CALL = """
import asyncio, tempfile
from pathlib import Path
from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.tool import Backend, Policy
async def call(command):
    async with scratch_folder(Path(tempfile.gettempdir()), "qs-landlock") as scratch:
        return await Sandbox(Backend.LANDLOCK, None, b"").run(command, Policy(), scratch, {})
ending = asyncio.run(call(["/bin/echo", "works"]))
print(ending.ended, ending.stdout)
"""
HOG = "kept = [bytearray(16 * 2**20) for _ in range(15)]\nimport time; time.sleep({})"
CROWD = "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; wait"


@pytest.fixture(scope="module", params=[*USERS.values()], ids=[*USERS])
def somebody(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Who makes the calls, once as each user."""
    with caller(request.param) as found:
        yield found


@pytest.fixture
def mark() -> str:
    """A number of seconds that only this test's processes sleep."""
    return f"1000.{secrets.randbelow(10**9):09d}1"


def eventually(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_S
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


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


def inside(somebody: Caller, script: str, *arguments: str, **more: Any) -> dict[str, Any]:
    """Run a program in a call, and return what it found."""
    answer = somebody.python(script, *arguments, **more)
    assert answer["ended"] == Ended.OK, answer
    found: dict[str, Any] = json.loads(answer["stdout"])
    return found


def test_no_file_outside_scratch_is_read_changed_made_or_removed(somebody: Caller) -> None:
    free = somebody.outside(ON_FILES, str(belongings(somebody, "free")))
    assert set(free.values()) == {"done"}, free
    closed = belongings(somebody, "closed")
    before = state(closed)
    found = inside(somebody, ON_FILES, str(closed))
    assert found.keys() == free.keys()
    assert set(found.values()) <= {"EACCES", "EXDEV"}, found
    assert state(closed) == before


def test_what_is_known_of_a_readable_file_cannot_be_changed(somebody: Caller) -> None:
    file = belongings(somebody, "shown") / "secret"
    free = somebody.outside(ON_ATTRIBUTES, str(file))
    assert {name for name, result in free.items() if result != "done"} <= {"attribute", "attributes", "flags"}
    file = belongings(somebody, "shown") / "secret"
    before = state(file.parent)
    found = inside(somebody, ON_ATTRIBUTES, str(file), readable=[str(file.parent)])
    assert found.keys() == free.keys()
    assert "done" not in found.values(), found
    assert state(file.parent) == before


def test_another_process_is_neither_seen_nor_reached(somebody: Caller) -> None:
    pid = str(somebody.process.pid)
    free = somebody.outside(ON_PROCESSES, pid)
    assert set(free.values()) == {"done"}, free
    found = inside(somebody, ON_PROCESSES, pid)
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
            found = inside(somebody, RESUME, "-1", str(neighbour.pid))
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
        found = inside(somebody, ON_SOCKETS, *arguments, readable=[str(folder)])
        assert found.keys() == free.keys()
        assert set(found.values()) <= {"EAFNOSUPPORT", "EPERM"}, found
        for reached in (tcp, stream, abstract, udp, datagrams):
            reached.setblocking(False)
            with pytest.raises(BlockingIOError):
                reached.accept() if reached in (tcp, stream, abstract) else reached.recv(9)


def test_there_is_nothing_to_gain_and_nothing_to_learn(somebody: Caller) -> None:
    assert somebody.outside(ON_PRIVILEGES)["variables"]["QS_TEST_SECRET"]
    found = inside(somebody, ON_PRIVILEGES)
    expected = {"capabilities": False, "no new privileges": 1, "filter": 2, "namespace": "EPERM"}
    expected |= {"root": "EPERM", "own user": "EPERM", "shared memory": "EACCES", "terminal": "EACCES"}
    assert found | expected == found
    assert {found[str(number)] for number in range(3, 64)} == {"EBADF"}
    (user,) = set(found["user"])
    assert user == somebody.home.stat().st_uid or (somebody.home.stat().st_uid == 0 and user > 60_000)
    assert set(found["groups"]) == {user} or user == OURSELVES
    assert found["variables"].keys() - {"LC_CTYPE"} == {*ENVIRONMENT, "PYTHONPATH"}


def test_threads_processes_pairs_and_event_loops_work(somebody: Caller) -> None:
    answer = somebody.python(WORK_IN_PARALLEL)
    assert (answer["stdout"], answer["stderr"]) == ("thread\nchild subprocess pair 7\n", "")


def test_inputs_are_read_at_their_usual_place_and_stay_as_they_are(somebody: Caller) -> None:
    given = somebody.home / "given"
    given.write_text("as it was")
    read_and_write = """
import sys
file = sys.argv[1]
print(open(file).read())
for way in (lambda: open(file, "w"), lambda: __import__("os").unlink(file), lambda: open(file + "2", "x")):
    try: way()
    except PermissionError: print("refused")
"""
    answer = somebody.python(read_and_write, "/in/name", inputs={"name": str(given)})
    assert answer["stdout"].split("\n") == ["as it was", "refused", "refused", "refused", ""], answer
    assert given.read_text() == "as it was"


def test_outputs_come_back_and_scratch_is_removed(somebody: Caller) -> None:
    answer = somebody.shell(
        "cat request.json | wc -l; mkdir a; echo made >a/b; mv a/b made", outputs={"made": 9}
    )
    assert answer["files"] == {"made": "made\n"}, answer
    assert list((somebody.home / "scratch").iterdir()) == []


def test_nothing_that_a_call_leaves_behind_outlives_it(somebody: Caller, mark: str) -> None:
    answer = somebody.shell(LEAVE_BEHIND.format(mark=mark))
    assert (answer["ended"], answer["stdout"]) == (Ended.OK, "up\n"), answer
    assert alive(mark) == []


def test_all_of_a_call_that_takes_too_long_is_dead_when_it_returns(somebody: Caller, mark: str) -> None:
    somebody.ask(
        {
            "command": ["/bin/sh", "-c", LEAVE_BEHIND.format(mark=mark) + f"sleep {mark}"],
            "limits": {"wall_s": 2},
        }
    )
    eventually(lambda: len(alive(mark)) >= 3)
    assert somebody.answer()["ended"] == Ended.TIMEOUT
    assert alive(mark) == []


@pytest.mark.parametrize("who", ["supervise.py", "deputy"])
def test_nobody_survives_who_was_to_end_them(somebody: Caller, mark: str, who: str) -> None:
    somebody.ask(staying(mark))
    eventually(lambda: len(alive(mark)) >= 3)
    supervisor = children(somebody.process.pid)[0]
    (deputy,) = children(supervisor)
    os.kill(deputy if who == "deputy" else supervisor, signal.SIGKILL)
    answer = somebody.answer()
    assert (answer["ended"], answer["exit_code"]) == (Ended.KILLED, 128 + signal.SIGKILL), answer
    eventually(lambda: alive(mark) == [])


def test_the_clock_beside_the_call_strikes_while_its_caller_is_stopped(somebody: Caller, mark: str) -> None:
    somebody.ask(
        {
            "command": ["/bin/sh", "-c", LEAVE_BEHIND.format(mark=mark) + f"sleep {mark}"],
            "limits": {"wall_s": 2},
        }
    )
    eventually(lambda: len(alive(mark)) >= 3)
    somebody.process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: alive(mark) == [])
    finally:
        somebody.process.send_signal(signal.SIGCONT)
    assert somebody.answer()["ended"] == Ended.TIMEOUT


@pytest.mark.parametrize("user", [*USERS.values()], ids=[*USERS])
def test_killing_the_caller_kills_the_call(user: int, mark: str) -> None:
    with caller(user) as doomed:
        doomed.ask(staying(mark))
        eventually(lambda: len(alive(mark)) >= 3)
        doomed.process.kill()
        doomed.process.wait()
        eventually(lambda: alive(mark) == [])


def test_memory_and_processes_are_limited(somebody: Caller) -> None:
    enough = somebody.python(HOG.format(0), limits={"memory_bytes": 400 * MIB})
    assert enough["exit_code"] == 0, enough
    assert somebody.python(HOG.format(9), limits={"memory_bytes": 200 * MIB})["ended"] == Ended.OUT_OF_MEMORY
    assert somebody.shell(CROWD.replace("5", "0"))["ended"] == Ended.OK
    assert somebody.shell(CROWD, limits={"processes": 8})["ended"] == Ended.KILLED


def test_how_a_command_ended_is_told(somebody: Caller) -> None:
    assert somebody.shell("exit 3")["exit_code"] == 3
    died = somebody.shell("kill -SEGV $$")
    assert (died["ended"], died["exit_code"]) == (Ended.KILLED, 128 + signal.SIGSEGV)
    somebody.ask({"command": ["no-such-program"]})
    missing = somebody.answer()
    assert (missing["exit_code"], missing["stderr"]) == (127, "no-such-program: No such file or directory\n")
    assert somebody.shell("true", domains=["example.org"])["ended"] == Ended.UNAVAILABLE


@pytest.mark.skipif(OURSELVES != 0, reason="needs root, whose calls run as somebody else")
def test_what_only_root_may_enter_is_named_as_the_reason(somebody: Caller) -> None:
    private = somebody.home / "private"
    (private / "shown").mkdir(parents=True, exist_ok=True)
    private.chmod(0o700)
    answer = somebody.shell("true", readable=[str(private / "shown")])
    if somebody.home.stat().st_uid == 0:
        assert answer["ended"] == Ended.UNAVAILABLE
        assert f"may not enter {str(private)!r}" in answer["detail"]
    private.chmod(0o755)
    assert somebody.shell("true", readable=[str(private / "shown")])["ended"] == Ended.OK


@pytest.mark.parametrize("ordinary_user", [False, True])
def test_it_works_where_no_namespace_can_be_made(ordinary_user: bool) -> None:
    bare = Host(new_proc=False, user_namespaces=False, ordinary_user=ordinary_user)
    assert bare.run("unshare", "--user", "true").returncode != 0
    done = bare.run(sys.executable, "-c", ONE_CALL)
    assert done.stdout == "ok b'works\\n'\n", done


@pytest.mark.skipif(OURSELVES != 0, reason="needs root, of whom something can be taken away")
@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        (("--unshare-user", "--uid", "0"), "knows no user that root could become"),
        (("--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", "--cap-add", "CAP_SETUID"), "CAP_KILL, CAP_SETGID"),
    ],
)
def test_a_root_that_cannot_become_another_is_told_why(lacking: tuple[str, ...], told: str) -> None:
    outer = ("bwrap", "--dev-bind", "/", "/", *OWN_PROCESSES, "--die-with-parent", *lacking, "--")
    done = subprocess.run(
        [*outer, sys.executable, "-c", ONE_CALL], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr.splitlines()[-1], done.stderr


def test_no_supervisor_begins_where_signals_could_leave() -> None:
    command = (sys.executable, "-I", "-S", supervise.__file__, "0", "1", "5", "/bin/echo", "ran")
    done = Host(landlock=False, user_namespaces=False).run(*command)  # in a process namespace of its own
    assert (done.returncode, done.stdout) == (1, "")
    assert "Function not implemented" in done.stderr


def stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def staying(mark: str, **limits: float) -> dict[str, Any]:
    """Ask for a call that stays, and has left others behind."""
    return {"command": ["/bin/sh", "-c", LEAVE_BEHIND.format(mark=mark) + f"sleep {mark}"], "limits": limits}


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
