"""Degraded hosts: what holds where bubblewrap cannot work, and that nothing runs where no walls stand.

Under Landlock a payload sees the host's own paths and process ids, and on most machines it is the user
that started it: what keeps it from that user's files and processes is tried one by one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox.bubblewrap import isolation, limited
from quantumsketch.tools.sandbox.bubblewrapped import Bubblewrapped, Invocation
from quantumsketch.tools.sandbox.guard import guarded
from quantumsketch.tools.sandbox.landlock import landlock_abi
from quantumsketch.tools.sandbox.launcher import Call, launch
from quantumsketch.tools.sandbox.processes import Processes
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.tool import Backend, Ended, Policy
from quantumsketch.tools.toolbox import Toolbox
from tests.degraded_hosts import Host
from tests.escapes.case import Case, Harm, Kind, Setting
from tests.escapes.harms import changed, learnt, reached
from tests.escapes.onlooker import pids_of
from tests.escapes.settings import listens, secret_in_shared_memory
from tests.escapes.stage import NotHere, Seen, Stage
from tests.escapes.test_time_and_processes import (
    DAEMON,
    ONE_SECOND,
    STAY,
    a_victim,
    stayed,
    victim_suffered,
)
from tests.escapes.users import SYSTEM_PYTHON, User
from tests.escapes.ways import command, said
from tests.sandbox_calls import QUICK, Command, sandbox, tool

pytestmark = pytest.mark.slow
KIND = Kind.DEGRADED_HOSTS
NEEDED_ABI = 6
LANDLOCK = Sandbox(Backend.LANDLOCK, None, b"")


def lacks_landlock() -> str:
    """What this machine lacks for the degraded sandbox."""
    if landlock_abi() < NEEDED_ABI:
        return f"the kernel has Landlock {landlock_abi()}, {NEEDED_ABI} is needed: Linux 6.12 or newer"
    return "" if Path(SYSTEM_PYTHON).exists() else f"{SYSTEM_PYTHON} is needed: apt-get install python3"


async def under_landlock(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the degraded sandbox, with an interpreter that everybody may start."""
    if lacking := lacks_landlock():
        raise NotHere(lacking)
    called = tool(Policy(readable=(stage.readable,), limits=case.limits), case.outputs)
    arguments = [SYSTEM_PYTHON, *command(case, stage, Path("../in/given"))[1:]]
    reply = await Toolbox(Registry([called]), LANDLOCK, stage.scratch_root).call(
        called, Command(arguments=arguments), inputs={"given": stage.given}, keep=stage.keep
    )
    assert reply.ending.backend is Backend.LANDLOCK
    return Seen(said(reply), (), reply.ending, tuple(pids_of(stage.token)))


def tries(name: str, probe: str, harm: Harm, setting: Setting = nullcontext) -> Case:
    """A case under Landlock."""
    limits = ONE_SECOND if harm is stayed else QUICK
    return Case(
        name=name, probe=probe, harm=harm, setting=setting, attack=under_landlock, limits=limits,
        holds_still=False,
    )  # fmt: skip


@contextmanager
def secret_of_a_process(stage: Stage) -> Iterator[None]:
    """The secret lies in the environment and on the command line of a process of this user."""
    secretive = [sys.executable, "-ISc", "import time; time.sleep(60)", stage.secret]
    with subprocess.Popen(secretive, env={"SECRET": stage.secret}) as process:
        stage.facts["victim"] = process.pid
        yield
        process.kill()


def abstract(stage: Stage) -> str:
    """A name that has no place in any folder."""
    return f"\0{stage.token}"


def in_a_folder(stage: Stage) -> str:
    """A name in a folder that the policy names."""
    return str(stage.readable / "socket")


TCP = listens(socket.AF_INET, socket.SOCK_STREAM, lambda stage: ("127.0.0.1", 0))
UDP = listens(socket.AF_INET, socket.SOCK_DGRAM, lambda stage: ("127.0.0.1", 0))
ABSTRACT = listens(socket.AF_UNIX, socket.SOCK_STREAM, abstract)
IN_A_FOLDER = listens(socket.AF_UNIX, socket.SOCK_STREAM, in_a_folder)
CALL = "import socket; socket.create_connection(('127.0.0.1', at.port), 1)"
SEND = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', at.port))"
CONNECT = "import socket; socket.socket(socket.AF_UNIX).connect(at.address)"
LOOK_AT_A_PROCESS = """
for name in ("environ", "cmdline"):
    print(open(f"/proc/{at.victim}/{name}").read())
"""
CASES = (
    tries("read a file", "print(open(at.hidden + '/secret').read())", learnt),
    tries("list a folder", "print(os.listdir(at.hidden)); open(at.hidden + '/new', 'w')", changed),
    tries("read the memory that all share", "print(open(f'/dev/shm/{at.token}').read())", learnt,
          secret_in_shared_memory),
    tries("look at a process", LOOK_AT_A_PROCESS, learnt, secret_of_a_process),
    tries("write into an input", "os.chmod(at.given, 0o666); open(at.given, 'w').write('x')", changed),
    tries("write into a readable file", "open(at.readable + '/file', 'w').write('x')", changed),
    tries("cut a readable file off", "os.truncate(at.readable + '/file', 0)", changed),
    tries("remove a readable file", "os.remove(at.readable + '/file')", changed),
    tries("take a readable file away", "os.rename(at.readable + '/file', 'mine')", changed),
    tries("name a readable file anew", "os.link(at.readable + '/file', 'mine')", changed),
    tries("open a file to everybody", "os.chmod(at.hidden + '/secret', 0o777)", changed),
    tries("open a folder to everybody", "os.chmod(at.hidden, 0o777)", changed),
    tries("make a file look older", "os.utime(at.hidden + '/secret', (0, 0))", changed),
    tries("call a server of the host", CALL, reached, TCP),
    tries("send a server of the host a message", SEND, reached, UDP),
    tries("call a socket without a place", CONNECT, reached, ABSTRACT),
    tries("call a socket in a readable folder", CONNECT, reached, IN_A_FOLDER),
    tries("kill a process of its user", "os.kill(at.victim, 9); time.sleep(0.3)", victim_suffered, a_victim),
    tries("stop a process of its user", "os.kill(at.victim, 19); time.sleep(0.3)", victim_suffered, a_victim),
    tries("slow a process of its user down", "os.setpriority(os.PRIO_PROCESS, at.victim, 15)",
          victim_suffered, a_victim),
    tries("move a process of its user", "os.sched_setaffinity(at.victim, {max(os.sched_getaffinity(0))})",
          victim_suffered, a_victim),
    tries("limit a process of its user",
          "import resource; resource.prlimit(at.victim, resource.RLIMIT_NOFILE, (3, 3))",
          victim_suffered, a_victim),
    tries("become a daemon", DAEMON, stayed),
    tries("stay beyond its time", STAY, stayed),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_degraded_sandbox_holds(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)


CALL_A_TOOL = """
import asyncio, sys
from pathlib import Path
from tests.sandbox_calls import run, shell
print(asyncio.run(run(Path(sys.argv[1]), shell("echo it ran"))).ending.stdout.decode())
"""


@pytest.mark.parametrize(
    ("host", "runs"), [(Host(), True), (Host(user_namespaces=False, landlock=False), False)]
)
def test_where_no_sandbox_works_nothing_runs(host: Host, runs: bool, tmp_path: Path) -> None:
    done = host.run(sys.executable, "-c", CALL_A_TOOL, str(tmp_path))
    assert ("it ran" in done.stdout) is runs, done
    assert ("SandboxUnavailable" in done.stderr) is not runs, done


WALLS: dict[str, Callable[[list[str]], list[str]]] = {
    "capabilities are kept": lambda walls: _replaced(walls, "--cap-drop", "--cap-add"),
    "the sandbox cannot be made at all": lambda walls: [*walls, "--ro-bind", "/no/such/folder", "/x"],
}


def _replaced(walls: list[str], option: str, other: str) -> list[str]:
    assert option in walls
    return [other if part == option else part for part in walls]


@pytest.mark.parametrize("broken", [None, *WALLS.values()], ids=["all walls stand", *WALLS])
async def test_where_a_wall_is_missing_the_payload_does_not_start(
    broken: Callable[[list[str]], list[str]] | None, tmp_path: Path
) -> None:
    async with scratch_folder(tmp_path, "call") as scratch:
        whole = isolation(Policy(), scratch, {})
        command = guarded(limited(["/bin/touch", "started"], QUICK), proc=True)
        bubblewrap = sandbox().bubblewrap
        assert bubblewrap
        walls = broken(whole) if broken else whole

        async def start() -> Processes:
            return Bubblewrapped(Invocation(bubblewrap, walls, sandbox().seccomp, command))

        call = launch(Call(start, QUICK, scratch))
        if broken:
            with pytest.raises(SandboxUnavailable, match="could not be set up"):
                await call
        else:
            assert (await call).ended is Ended.OK
        assert (scratch / "started").exists() is (broken is None)


@pytest.mark.parametrize("proc", [True, False], ids=["with /proc", "without /proc"])
def test_the_guard_starts_nothing_where_there_are_no_walls(proc: bool, tmp_path: Path) -> None:
    command = guarded(["/bin/touch", str(tmp_path / "started")], proc=proc)
    told, verdict = os.pipe()
    done = subprocess.run(command, stdin=verdict, capture_output=True, text=True, check=False)
    os.close(verdict)
    with os.fdopen(told, "rb") as host:
        assert host.read() == b""
    assert done.returncode != 0
    assert "a wall is missing" in done.stderr
    assert not (tmp_path / "started").exists()
