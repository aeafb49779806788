"""The plan of a call behind Landlock, its second filter, and what the kernel is asked to refuse."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bpf import ALLOW, KILL_PROCESS, MACHINES, REFUSE, Calls
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.landlock import confine, landlock_abi
from quantumsketch.tools.sandbox.landlock.plan import (
    Folders,
    plan,
    refuse_closed,
)
from quantumsketch.tools.sandbox.landlock.second_filter import (
    HARMLESS_CONTROLS,
    REFUSALS,
    SIGNALLING,
    second_filter,
)
from quantumsketch.tools.sandbox.mounts import own_packages
from quantumsketch.tools.sandbox.seccomp import REFUSALS as FIRST_REFUSALS
from quantumsketch.tools.tool import Policy
from tests.bpf_interpreter import judged

EVERYDAY = {"x86_64": (0, 1, 9, 57, 59, 62, 202, 257, 53), "aarch64": (63, 64, 222, 221, 129, 98, 56, 199)}
"""Such as reading, forking, executing, killing, opening files and making pairs of sockets."""


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    return judged(second_filter(machine), machine, number, *arguments, audit=audit)


@pytest.mark.parametrize(("calls", "error"), REFUSALS)
@pytest.mark.parametrize("machine", MACHINES)
def test_the_second_filter_refuses_each_listed_call_and_nothing_everyday(
    machine: str, calls: Calls, error: int
) -> None:
    numbers = [columns[MACHINES[machine].column] for columns in calls.values()]
    assert {verdict(machine, number) for number in numbers if number is not None} == {REFUSE | error}
    assert {verdict(machine, number) for number in EVERYDAY[machine]} == {ALLOW}


@pytest.mark.parametrize("machine", MACHINES)
def test_no_call_is_listed_twice_in_both_filters_together(machine: str) -> None:
    here = MACHINES[machine]
    tables = [calls for calls, _ in (*FIRST_REFUSALS, *REFUSALS)]
    numbers = [n for calls in tables for columns in calls.values() if (n := columns[here.column]) is not None]
    assert len(numbers) == len(set(numbers)) > 100
    assert not {here.prlimit64, here.ioctl, here.fcntl, here.clone, here.socketpair} & set(numbers)


@given(pid=st.integers(1, 2**32 - 1), command=st.integers(0, 2**32 - 1))
def test_only_own_limits_and_harmless_controls_are_allowed(pid: int, command: int) -> None:
    for machine, here in MACHINES.items():
        assert verdict(machine, here.prlimit64, 0) == ALLOW
        assert verdict(machine, here.prlimit64, pid) == REFUSE | errno.EPERM
        expected = ALLOW if command in HARMLESS_CONTROLS else REFUSE | errno.ENOTTY
        assert verdict(machine, here.ioctl, 1, command) == expected
        assert {verdict(machine, here.fcntl, 1, word) for word in SIGNALLING} == {REFUSE | errno.EPERM}
        assert verdict(machine, here.fcntl, 1, 4) == ALLOW


def test_another_architecture_is_killed_by_the_second_filter_too() -> None:
    assert verdict("x86_64", 1, audit=MACHINES["aarch64"].audit) == KILL_PROCESS


def test_a_plan_leads_to_the_folders_of_the_host() -> None:
    folders = Folders(Path("/outer/scratch"))
    command = ["ffprobe", "/in/a.mp4", "/in", "/inner/x", "--from=/in/a.mp4", "/scratch/a"]
    found = plan(command, Policy(), folders, None)
    assert found["command"] == [
        *("ffprobe", "/outer/in/a.mp4", "/outer/in", "/inner/x", "--from=/in/a.mp4", "/scratch/a")
    ]
    environment = found["environment"]
    assert isinstance(environment, dict)
    assert environment.keys() == {*ENVIRONMENT, "PYTHONPATH"}
    assert environment["TEXMFVAR"] == "/outer/scratch/.texmf-var"
    assert environment["PATH"] == ENVIRONMENT["PATH"]
    assert not [value for value in environment.values() if value.startswith("/scratch")]


@pytest.mark.parametrize("python", [True, False])
def test_only_what_the_policy_lists_and_the_system_is_readable(python: bool) -> None:
    found = plan([], Policy(python=python, readable=(Path("/srv/given"),)), Folders(Path("/o/scratch")), None)
    walls = found["walls"]
    assert isinstance(walls, dict)
    readable = walls["readable"]
    assert {"/usr", "/srv/given", "/o/in"} <= set(readable)
    assert {"/", "/etc", "/proc", "/sys", "/dev", "/tmp", "/home", "/root", "/o"}.isdisjoint(readable)
    ours = {str(package) for package in own_packages()}
    assert ours
    assert (ours <= set(readable)) is python
    assert (sys.prefix in readable) is python or Path(sys.prefix).is_relative_to("/usr")


@pytest.mark.skipif(os.geteuid() != 0, reason="for root's calls alone")
def test_a_way_that_only_root_may_go_is_refused_by_name() -> None:
    with TemporaryDirectory(prefix="qs-test-") as name:
        opened, private = Path(name), Path(name, "private")
        opened.chmod(0o755)
        (private / "shown").mkdir(parents=True)
        policy = Policy(readable=(private / "shown",))
        refuse_closed(2_000_000_000, policy, opened)
        private.chmod(0o750)
        with pytest.raises(SandboxUnavailable, match=f"may not enter {str(private)!r}") as refused:
            refuse_closed(2_000_000_000, policy, opened)
        assert "ordinary user" in refused.value.mend


@pytest.mark.skipif(landlock_abi() < 6, reason="needs Linux 6.12 or newer with Landlock enabled")
def test_all_that_this_kernel_knows_is_refused_unless_it_is_granted() -> None:
    files, network, scopes = (confine.all_known(place) for place in range(3))
    assert files & 0xFFFF == 0xFFFF
    assert (network & 0b11, scopes & 0b11) == (0b11, 0b11)
    os.close(confine.create_ruleset(files, network, scopes))
    for one_more in ((files + 1, 0, 0), (0, network + 1, 0), (0, 0, scopes + 1)):
        with pytest.raises(OSError, match="Invalid argument"):
            confine.create_ruleset(*one_more)
