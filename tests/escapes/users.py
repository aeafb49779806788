"""Who makes the attempts: a process for each user, which lives as long as the tests and tries one by one.

It has a home, a terminal and folders of its own. The tests hand it names of cases; what came of each comes
back as a line of JSON.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.escapes.case import Case
from tests.escapes.stage import NotHere
from tests.escapes.terminal import controlling_terminal
from tests.escapes.trial import try_out

ROOT = Path(__file__).parents[2]
ORDINARY = 64123
"""A user without an account and without privileges."""
SYSTEM_PYTHON = "/usr/bin/python3"
READY = "ready\n"


class User:
    """The tests' end of a process that makes attempts as a certain user."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take the process."""
        self._process = process

    def tries(self, module: str, case: Case) -> None:
        """Put a case of a module on trial; fail or skip the test accordingly."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"module": module, "case": case.name}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            pytest.fail(f"the process that makes the attempts has ended: {self._process.wait()}")
        answer = json.loads(line)
        if answer["outcome"] == "failed":
            pytest.fail(answer["why"], pytrace=False)
        if answer["outcome"] == "not here":
            pytest.skip(answer["why"])


@contextmanager
def user(number: int) -> Iterator[User]:
    """Lend the user of that number; skip where our own code is closed to it."""
    home = Path(tempfile.mkdtemp(prefix="qs-escapes-", dir="/tmp"))
    home.chmod(0o755)
    os.chown(home, number, -1)
    process = _started(number, home)
    try:
        yield User(process)
    finally:
        process.communicate(timeout=60)
        shutil.rmtree(home)


def _started(number: int, home: Path) -> subprocess.Popen[str]:
    """Start the other end, with the first interpreter that the user can start and that finds our code."""
    for interpreter in (sys.executable, SYSTEM_PYTHON):
        with suppress(OSError):  # it is not there, or closed to the user
            process = _start(number, interpreter, home)
            assert process.stdout
            if process.stdout.readline() == READY:
                return process
            process.communicate()
    home.rmdir()
    return pytest.skip(
        f"user {number} can run our code with neither {sys.executable!r} nor {SYSTEM_PYTHON!r}: "
        f"chmod -R a+rX {ROOT} {sys.prefix} {sys.base_prefix}, and open the folders above them"
    )


def _start(number: int, interpreter: str, home: Path) -> subprocess.Popen[str]:
    other = number != os.geteuid()
    return subprocess.Popen(
        [interpreter, "-m", "tests.escapes.users", str(home)],
        cwd=ROOT,
        env={
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": f"{sysconfig.get_path('purelib')}:{ROOT}",
        },
        user=number if other else None,
        group=number if other else None,
        extra_groups=[] if other else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def main(home: Path) -> None:
    """Take requests and answer them, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a case prints is no answer
    controlling_terminal()
    answers.write(READY)
    for number, line in enumerate(sys.stdin):
        request = json.loads(line)
        module = importlib.import_module(request["module"])
        case = next(case for case in module.CASES if case.name == request["case"])
        answers.write(json.dumps(_answer(case, home / str(number))) + "\n")


def _answer(case: Case, folder: Path) -> dict[str, str]:
    try:
        asyncio.run(try_out(case, folder))
    except NotHere as reason:
        return {"outcome": "not here", "why": str(reason)}
    except AssertionError as error:
        return {"outcome": "failed", "why": f"{case.name}: {error}"}
    except Exception:
        return {"outcome": "failed", "why": f"{case.name}: {traceback.format_exc()}"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"outcome": "passed"}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
