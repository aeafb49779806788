"""The ladder, here and on hosts that lack something; what `qs doctor` says there, and what mends it.

Each look is first taken where nothing is taken away: there it finds the full sandbox.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from quantumsketch.tools.sandbox import detect
from quantumsketch.tools.sandbox.doctor import OWN_INTERPRETER
from quantumsketch.tools.sandbox.judging import LOST
from quantumsketch.tools.sandbox.mending import mending, mending_of_proc
from quantumsketch.tools.tool import Backend
from tests.degraded_hosts import BUBBLEWRAP, Host
from tests.sandbox_calls import outside

pytestmark = pytest.mark.slow

LOOK = """
import json, os, sys
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox import detect
try:
    print(json.dumps([os.geteuid() == 0, detect(sys.argv[1]).backend, ""]))
except SandboxUnavailable as error:
    print(json.dumps([os.geteuid() == 0, "", str(error)]))
"""

LIAR = """
import json, os, sys
if walls:
    os.execv(real, ["bwrap", *sys.argv[1:]])
report = int(sys.argv[sys.argv.index("--json-status-fd") + 1])
gate = int(sys.argv[sys.argv.index("--block-fd") + 1])
child = os.fork()
if child == 0:
    os.read(gate, 1)
    command = sys.argv[sys.argv.index("--") + 1 :]
    os.execv(command[0], command)
os.write(report, json.dumps({"child-pid": child}).encode() + b"\\n")
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os.write(report, json.dumps({"exit-code": code}).encode() + b"\\n")
"""

HIDDEN_INTERPRETER = """
import json, os, sys
from quantumsketch.tools.sandbox import checks
sys.base_prefix = sys.argv[1]
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps([[check.name, check.ok, check.detail, check.mend] for check in checks()]))
"""

MENDS = ("apt-get", "docker run", "podman run", "sysctl", "install where others may read")
FOR_BOTH_USERS = pytest.mark.parametrize(
    "ordinary", [False, True], ids=["as this user", "as an ordinary user"]
)
NOTHING_LACKS = Host()
NO_NEW_PROC = Host(new_proc=False)
NO_NAMESPACES = Host(user_namespaces=False)
NOTHING_LEFT = Host(user_namespaces=False, landlock=False)


@pytest.fixture
def open_home() -> Iterator[str]:
    """A home that everybody may enter and write to."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield name


def _doctor(host: Host, **variables: str) -> tuple[int, Any]:
    """Return the exit code of `qs doctor` on a host, and the JSON that it prints."""
    done = host.qs("doctor", "--json", **variables)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def _found(host: Host, ordinary: bool, demand: str = "any") -> tuple[str, str]:
    """What detection finds on a host as one of two users: the backend, or why it refuses."""
    there = replace(host, ordinary_user=ordinary)
    done = there.run(sys.executable, "-c", LOOK, demand)
    assert done.stdout, done.stderr
    is_root, backend, refusal = json.loads(done.stdout)
    assert is_root is (os.geteuid() == 0 and not ordinary)
    return backend, refusal


async def test_a_sandbox_is_detected_while_an_event_loop_runs() -> None:
    assert detect().backend is Backend.FULL


@FOR_BOTH_USERS
def test_a_host_that_lacks_nothing_has_the_full_sandbox(ordinary: bool) -> None:
    assert _found(NOTHING_LACKS, ordinary, "full") == (Backend.FULL, "")
    assert _found(Host(landlock=False), ordinary) == (Backend.FULL, "")


@FOR_BOTH_USERS
def test_where_the_kernel_gives_no_new_proc_bubblewrap_goes_on_without(ordinary: bool) -> None:
    assert _found(NO_NEW_PROC, ordinary) == (Backend.NO_PROC, "")
    backend, refusal = _found(NO_NEW_PROC, ordinary, "full")
    assert not backend
    assert "QS_SANDBOX=full" in refusal
    assert any(command in refusal for command in MENDS)


@FOR_BOTH_USERS
def test_without_user_namespaces_landlock_takes_over_unless_the_full_one_is_demanded(ordinary: bool) -> None:
    assert _found(NO_NAMESPACES, ordinary) == (Backend.LANDLOCK, "")
    assert not _found(NO_NAMESPACES, ordinary, "full")[0]


@FOR_BOTH_USERS
def test_where_bubblewrap_does_not_work_landlock_takes_over(ordinary: bool) -> None:
    assert _found(Host(bubblewrap=Path("/bin/false")), ordinary) == (Backend.LANDLOCK, "")


@pytest.mark.skipif(os.geteuid() != 0, reason="for others the tests' own outer walls look like the sandbox's")
def test_a_bubblewrap_that_reports_well_and_puts_up_no_walls_is_not_believed(tmp_path: Path) -> None:
    real = shutil.copy(BUBBLEWRAP, tmp_path / "real")
    hosts = {}
    for walls in (True, False):
        program = tmp_path / f"walls-{walls}"
        program.write_text(f"#!{sys.executable}\nwalls, real = {walls}, {str(real)!r}\n{LIAR}")
        program.chmod(0o755)
        hosts[walls] = Host(bubblewrap=program)
    assert _found(hosts[True], ordinary=False) == (Backend.NO_PROC, "")
    assert _found(hosts[False], ordinary=False) == (Backend.LANDLOCK, "")
    assert "a wall is missing" in _found(hosts[False], False, "full")[1]


@FOR_BOTH_USERS
def test_without_namespaces_and_landlock_it_refuses_and_names_the_mending_command(ordinary: bool) -> None:
    backend, refusal = _found(NOTHING_LEFT, ordinary)
    assert not backend
    assert all(f"{rung}: " in refusal for rung in Backend)
    assert any(command in refusal for command in MENDS)


@pytest.mark.parametrize(
    ("host", "backend"), [(NO_NEW_PROC, Backend.NO_PROC), (NO_NAMESPACES, Backend.LANDLOCK)]
)
@FOR_BOTH_USERS
def test_the_doctor_finds_no_defect_in_a_degraded_sandbox_and_says_what_it_lacks(
    host: Host, backend: Backend, ordinary: bool, open_home: str
) -> None:
    there = replace(host, ordinary_user=ordinary)
    code, told = _doctor(there, QS_HOME=open_home)
    first, *others = told["sandbox"]
    assert (first["ok"], first["degraded"]) == (True, True)
    assert backend in first["detail"]
    assert any(command in first["mend"] for command in MENDS)
    assert len(others) > 20
    assert [check for check in others if not check["ok"]] == []
    lost = {check["name"].removeprefix("sandbox: ") for check in others if check["degraded"]}
    assert lost <= LOST[backend]
    assert bool(lost) is bool(LOST[backend])
    assert code == (0 if all(check["ok"] for check in told["parts"]) else 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's calls run as somebody else")
def test_root_whose_home_nobody_may_enter_is_told_that_landlock_needs_an_ordinary_user(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    code, told = _doctor(NO_NAMESPACES, QS_HOME=str(tmp_path))
    assert code == 1
    assert [check["ok"] for check in told["sandbox"]] == [False]
    assert "Run as an ordinary user" in told["sandbox"][0]["mend"]


def test_the_doctor_calls_a_degraded_sandbox_missing_where_the_full_one_is_demanded() -> None:
    code, told = _doctor(NO_NEW_PROC, QS_SANDBOX="full")
    assert (code, told["ok"]) == (1, False)
    assert [check["ok"] for check in told["sandbox"]] == [False]
    assert any(command in told["sandbox"][0]["mend"] for command in MENDS)


def test_the_doctor_marks_what_is_degraded_for_people_and_tells_each_mending_command_once() -> None:
    lines = NO_NEW_PROC.qs("doctor").stdout.splitlines()
    assert any(line.startswith("  degraded sandbox: only ") for line in lines)
    mends = [line for line in lines if any(command in line for command in MENDS)]
    assert mends
    assert len(mends) == len(set(mends))


def test_a_bad_demand_is_bad_input() -> None:
    done = NOTHING_LACKS.qs("doctor", QS_SANDBOX="half")
    assert done.returncode == 2
    assert "QS_SANDBOX is 'half'. Allowed is any or full" in done.stderr


def test_a_container_is_told_its_flags_and_the_profile_of_its_host(tmp_path: Path) -> None:
    assert "docker" not in mending(tmp_path)
    (tmp_path / ".dockerenv").touch()
    for said in (mending(tmp_path), mending_of_proc(tmp_path)):
        assert "systempaths=unconfined" in said
        assert "bwrap-userns-restrict on the host:" in said


def test_podman_has_flags_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.containerenv").touch()
    assert "podman run" in mending(tmp_path)
    assert "unmask=ALL" in mending_of_proc(tmp_path)


def test_ubuntu_is_told_its_profile(tmp_path: Path) -> None:
    kernel = tmp_path / "proc/sys/kernel"
    kernel.mkdir(parents=True)
    (kernel / "apparmor_restrict_unprivileged_userns").write_text("1\n")
    assert "bwrap-userns-restrict" in mending(tmp_path)
    assert "docker" not in mending(tmp_path)


def test_only_the_settings_that_forbid_namespaces_are_to_be_changed(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/user").mkdir(parents=True)
    (tmp_path / "proc/sys/user/max_user_namespaces").write_text("0\n")
    told = mending(tmp_path)
    assert told.removeprefix("Allow user namespaces: ").split()[-3:] == [
        "sysctl", "-w", "user.max_user_namespaces=15000",
    ]  # fmt: skip
    assert ("sudo" in told) is (os.geteuid() != 0)


def test_a_covered_proc_outside_containers_is_told_by_how_to_find_what_covers_it(tmp_path: Path) -> None:
    assert "findmnt" in mending_of_proc(tmp_path)


def test_an_interpreter_that_its_user_cannot_read_is_named_as_the_cause(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o000)
    told = json.loads(outside(sys.executable, "-c", HIDDEN_INTERPRETER, str(hidden)))
    assert told == [["sandbox: interpreter", False, told[0][2], OWN_INTERPRETER]]
    assert str(hidden) in told[0][2]
