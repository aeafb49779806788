"""A process of some user that makes calls behind Landlock and, for control, runs programs without walls."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.sandbox.landlock import landlock_abi
from quantumsketch.tools.sandbox.landlock.landlocked import LEAST_ABI
from quantumsketch.tools.tool import Backend, Ended, Limits, Policy
from quantumsketch.tools.toolbox import Toolbox
from tests.sandbox_calls import Command, tool

ROOT = Path(__file__).parents[1]
SYSTEM_PYTHON = shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable
"""Visible to every call and, unlike the environment's own, to every user."""
OURSELVES = os.geteuid()
USERS = {"as root": 0, "as an ordinary user": 64124} if OURSELVES == 0 else {"as this user": OURSELVES}
NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(landlock_abi() < LEAST_ABI, reason="needs Linux 6.12 or newer with Landlock enabled"),
]
GIVE_UP_S = 20.0
READY = "ready\n"


class Caller:
    """The tests' end of such a process."""

    def __init__(self, process: subprocess.Popen[str], home: Path) -> None:
        """Take the process and the folder that is its user's."""
        self.process, self.home = process, home

    def ask(self, request: Mapping[str, Any]) -> None:
        """Have it make a call; `answer` waits for what came of it."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Return how the call that was asked for has ended."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the process that makes the calls has ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def shell(self, script: str, **more: Any) -> dict[str, Any]:
        """Run a shell script in a call; more may be limits, inputs, outputs, readable, domains, packages."""
        self.ask({"command": ["/bin/sh", "-c", script], **more})
        return self.answer()

    def python(self, script: str, *arguments: str, **more: Any) -> dict[str, Any]:
        """Run a Python program in a call."""
        self.ask({"command": [SYSTEM_PYTHON, "-I", "-S", "-c", script, *arguments], **more})
        return self.answer()

    def found(self, script: str, *arguments: str, **more: Any) -> dict[str, Any]:
        """Run a Python program in a call that ends well; return what it printed as JSON."""
        answer = self.python(script, *arguments, **more)
        assert answer["ended"] == Ended.OK, answer
        printed: dict[str, Any] = json.loads(answer["stdout"])
        return printed

    def outside(self, script: str, *arguments: str) -> Any:
        """Run a Python program as the same user without any wall; return what it printed as JSON."""
        self.ask({"outside": [SYSTEM_PYTHON, "-I", "-S", "-c", script, *arguments]})
        return json.loads(self.answer()["stdout"])


@contextmanager
def caller(user: int) -> Iterator[Caller]:
    """Lend such a process of a user; skip where our code is closed to that user."""
    home = Path(tempfile.mkdtemp(prefix="qs-landlock-", dir="/tmp"))
    home.chmod(0o755)
    os.chown(home, user, -1)
    process = _started(user, home)
    try:
        yield Caller(process, home)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
        shutil.rmtree(home)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; AssertionError if that takes too long even for a busy machine."""
    give_up = time.monotonic() + GIVE_UP_S
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _started(user: int, home: Path) -> subprocess.Popen[str]:
    for interpreter in (sys.executable, SYSTEM_PYTHON):
        process = _start(user, home, [interpreter, "-m", "tests.landlock_caller", str(home)])
        if process and process.stdout and process.stdout.readline() == READY:
            return process
        if process:
            process.communicate()
    shutil.rmtree(home)
    unable = pytest.fail if user == OURSELVES else pytest.skip
    return unable(f"user {user} can run our code with neither {sys.executable!r} nor {SYSTEM_PYTHON!r}")


def _start(user: int, home: Path, command: Sequence[str]) -> subprocess.Popen[str] | None:
    other = user if user != OURSELVES else None
    environment = {
        "PATH": os.defpath,
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": f"{sysconfig.get_path('purelib')}:{ROOT}",
        "QS_TEST_SECRET": "of the caller",
    }
    with suppress(OSError):  # that user may not start it
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            user=other,
            group=other,
            extra_groups=None if other is None else [],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    return None


def main(home: Path) -> None:
    """Make calls until there are no more."""
    sandbox = Sandbox(Backend.LANDLOCK, None, b"")
    sys.stdout.write(READY)
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        if "outside" in request:
            done = subprocess.run(request["outside"], cwd=home, capture_output=True, text=True, check=False)
            answer = {"stdout": done.stdout, "stderr": done.stderr}
        else:
            answer = asyncio.run(_call(sandbox, home, **request))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


async def _call(
    sandbox: Sandbox,
    home: Path,
    command: list[str],
    limits: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, int] | None = None,
    readable: Sequence[str] = (),
    domains: Sequence[str] = (),
    packages: bool = False,
) -> dict[str, Any]:
    bounds = Limits(**{"wall_s": 10, "scratch_bytes": 2**26, **(limits or {})})
    policy = Policy(tuple(map(Path, readable)), packages, tuple(domains), bounds)
    called = tool(policy, outputs)
    reply = await Toolbox(Registry([called]), sandbox, home / "scratch").call(
        called,
        Command(arguments=command),
        inputs={name: Path(path) for name, path in (inputs or {}).items()},
        keep=home / "keep",
    )
    ending = reply.ending
    return {
        "ended": ending.ended,
        "exit_code": ending.exit_code,
        "detail": ending.detail,
        "stdout": ending.stdout.decode(errors="replace"),
        "stderr": ending.stderr.decode(errors="replace"),
        "files": {name: path.read_text() for name, path in reply.files.items()},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
