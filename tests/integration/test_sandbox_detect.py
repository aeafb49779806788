"""Detection, on this machine and where no sandbox can be made: inside the sandbox itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from quantumsketch.tools.sandbox import detect
from quantumsketch.tools.sandbox.detect import mending
from quantumsketch.tools.sandbox.doctor import OWN_INTERPRETER
from quantumsketch.tools.tool import Ended
from tests.sandbox_calls import Command, outside, run

HIDDEN_INTERPRETER = """
import json, os, sys
from quantumsketch.tools.sandbox import checks
sys.base_prefix = sys.argv[1]
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps([[check.name, check.ok, check.detail, check.mend] for check in checks()]))
"""

REFUSED = """
import json
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox import checks, detect
try:
    detect()
except SandboxUnavailable as error:
    print(json.dumps([error.what, error.mend, [[check.ok, check.mend] for check in checks()]]))
"""


async def test_a_sandbox_is_detected_while_an_event_loop_runs() -> None:
    assert detect().bubblewrap.is_absolute()


def test_a_container_is_told_its_flags_and_the_profile_of_its_host(tmp_path: Path) -> None:
    assert "docker" not in mending(tmp_path)
    (tmp_path / ".dockerenv").touch()
    assert "systempaths=unconfined" in mending(tmp_path)
    assert "bwrap-userns-restrict on the host:" in mending(tmp_path)


def test_ubuntu_is_told_its_profile(tmp_path: Path) -> None:
    kernel = tmp_path / "proc/sys/kernel"
    kernel.mkdir(parents=True)
    (kernel / "apparmor_restrict_unprivileged_userns").write_text("1\n")
    assert "bwrap-userns-restrict" in mending(tmp_path)
    assert "docker" not in mending(tmp_path)


def test_an_interpreter_that_its_user_cannot_read_is_named_as_the_cause(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o000)
    told = json.loads(outside(sys.executable, "-c", HIDDEN_INTERPRETER, str(hidden)))
    assert told == [["sandbox: interpreter", False, told[0][2], OWN_INTERPRETER]]
    assert str(hidden) in told[0][2]


async def test_where_no_sandbox_works_it_refuses_and_names_the_mending_command(tmp_path: Path) -> None:
    reply = await run(tmp_path, Command(arguments=[sys.executable, "-c", REFUSED]))
    assert reply.ending.ended is Ended.OK, reply.ending
    what, mend, checked = json.loads(reply.ending.stdout)
    assert "could not be set up" in what
    assert "apt-get" in mend or "docker run" in mend or "sysctl" in mend
    assert checked == [[False, mend]]
