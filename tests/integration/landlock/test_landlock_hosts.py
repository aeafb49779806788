"""Hosts on which Landlock is all there is, and users who cannot be held by it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from quantumsketch.tools.sandbox.landlock import supervise
from quantumsketch.tools.tool import Ended
from tests.degraded_hosts import OWN_PROCESSES, Host
from tests.landlock_caller import NEEDED, OURSELVES, Caller

pytestmark = NEEDED

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
