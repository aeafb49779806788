"""Warm calls are as isolated as cold ones, also from the zygote and from each other. They find the same."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.sandbox.bpf import ALLOW, verdict
from quantumsketch.tools.sandbox.bubblewrap import SEPARATION
from quantumsketch.tools.sandbox.warm.zygote_process import MODULE
from quantumsketch.tools.tool import Ended
from tests.degraded_hosts import Host
from tests.sandbox_calls import outside
from tests.warm_calls import cold, memory_of, run, until, warm_sandbox, zygotes_of
from tests.warm_payloads import (
    COUNT_WHAT_IS_ALLOWED,
    CROWD,
    LEAVE_TRACES,
    LOOK_FOR_TRACES,
    OPEN_FILES,
    REACH_FOR_OTHERS,
    SIT_AND_WAIT,
    TRY_WALLS,
    WHAT_IS_WRITABLE,
    WHAT_IT_FINDS,
)

ALLOWS_ALL = verdict(ALLOW)
"""A filter that is none, to see what the other walls hold by themselves."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with warm_sandbox() as lent:
        yield lent


async def test_a_warm_call_finds_what_a_cold_one_finds_and_ends_the_same_way(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.write_text("an input")
    endings = [
        await run(which, tmp_path, WHAT_IT_FINDS, "one", "two words", inputs={"given": given})
        for which in (sandbox, cold(sandbox))
    ]
    assert [ending.warm for ending in endings] == [True, False]
    assert [ending.stderr for ending in endings] == [b"", b""]
    found = [json.loads(ending.stdout.removesuffix(b"the end\n")) for ending in endings]
    assert found[0] == found[1]
    assert found[0]["given"] == "an input"
    assert [(ending.ended, ending.exit_code) for ending in endings] == [(Ended.ERROR, 3)] * 2


async def test_an_uncaught_error_and_a_death_by_signal_are_told_as_of_a_cold_call(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    failed = await run(sandbox, tmp_path, "print('begun'); raise ValueError('so it is')")
    assert (failed.ended, failed.exit_code) == (Ended.ERROR, 1)
    assert (failed.stdout, failed.last_line) == (b"begun\n", "ValueError: so it is")
    killed = await run(sandbox, tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert (killed.ended, killed.signal, killed.warm) == (Ended.KILLED, signal.SIGKILL, True)


async def test_no_file_of_the_zygote_or_the_host_is_open_in_a_call(sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        assert str(file.fileno()) in outside(sys.executable, "-c", OPEN_FILES)
        ending = await run(sandbox, tmp_path, OPEN_FILES)
    assert (ending.stdout, ending.warm) == (b"[0, 1, 2]\n", True)


@pytest.mark.parametrize("filter_", [None, ALLOWS_ALL], ids=["with the filter", "by the other walls alone"])
async def test_there_is_nothing_to_gain(filter_: bytes | None, tmp_path: Path) -> None:
    async with warm_sandbox(filter_) as sandbox:
        ending = await run(sandbox, tmp_path, TRY_WALLS)
        assert ending.warm
    found = json.loads(ending.stdout)
    assert (found.pop("capget"), found.pop("bounds")) == ([0, [0] * 6], [])
    assert (found.pop("no new privileges"), found.pop("filter")) == (1, 2)
    assert set(found.values()) == {"EPERM"}


def test_where_a_zygote_lives_a_user_namespace_can_be_made(tmp_path: Path) -> None:
    script = "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"
    shown = [part for place in ("/usr", "/lib", "/lib64") for part in ("--ro-bind", place, place)]
    assert outside("bwrap", *SEPARATION, *shown, "--", "/usr/bin/python3", "-c", script) == "0\n"


async def test_only_scratch_and_its_own_memory_are_writable_and_nothing_is_left_of_the_zygotes_places(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ending = await run(sandbox, tmp_path, WHAT_IS_WRITABLE)
    assert ending.warm
    assert ending.stdout == b"['/dev/shm', '/scratch'] [[], [], [], []]\n"


async def test_calls_at_the_same_time_reach_neither_each_other_nor_the_zygote(tmp_path: Path) -> None:
    async with warm_sandbox(ALLOWS_ALL) as sandbox:

        def ready_files() -> list[Path]:
            return list(tmp_path.glob("call-*/scratch/ready"))

        sibling = asyncio.create_task(run(sandbox, tmp_path, SIT_AND_WAIT))
        await until(ready_files)
        (ready,) = ready_files()
        ending = await run(sandbox, tmp_path, REACH_FOR_OTHERS)
        (ready.parent / "stop").touch()
        unharmed = await sibling
        again = await run(sandbox, tmp_path, "print('the zygote lives')")
    found = json.loads(ending.stdout)
    assert found["processes"] == [1, found["me"]]
    assert (found["parent"], found["socket"], found["memory"]) == (0, "ConnectionRefusedError", [])
    assert (found["calls"], found["memories"]) == ([], [False] * 3)
    assert found["scratch"] == ["payload.py"]
    assert unharmed.stdout == b"unharmed ['sibling'] mine\n"
    assert [call.warm for call in (ending, unharmed, again)] == [True] * 3
    assert again.stdout == b"the zygote lives\n"


async def test_what_a_call_leaves_behind_is_not_there_for_the_next(sandbox: Sandbox, tmp_path: Path) -> None:
    before = await run(sandbox, tmp_path, LOOK_FOR_TRACES)
    assert (await run(sandbox, tmp_path, LEAVE_TRACES)).stdout == b"left\n"
    after = await run(sandbox, tmp_path, LOOK_FOR_TRACES)
    assert (before.warm, after.warm) == (True, True)
    found, found_later = json.loads(before.stdout), json.loads(after.stdout)
    assert found.pop("chance") != found_later.pop("chance")
    assert found == found_later
    assert (found["evil"], found["memory"], found["scratch"]) == (False, [], ["payload.py"])


async def test_nothing_of_a_call_enters_the_zygotes_memory(sandbox: Sandbox, tmp_path: Path) -> None:
    """What is there, the next call would inherit."""
    argument = f"argument-{os.getpid()}-of-one-call"
    ending = await run(sandbox, tmp_path, "import sys; print(sys.argv[1])", argument)
    assert (ending.warm, ending.stdout.decode()) == (True, f"{argument}\n")
    (zygote,) = zygotes_of(os.getpid(), tmp_path)
    memory = memory_of(zygote)
    assert MODULE.encode() in memory
    assert argument.encode() not in memory
    assert b"/scratch/payload.py" not in memory


async def test_an_input_is_a_copy_that_nobody_can_change(sandbox: Sandbox, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("as it was")
    ending = await run(sandbox, tmp_path, "open('/in/given', 'w')", inputs={"given": given})
    assert (ending.warm, given.read_text()) == (True, "as it was")
    assert "Read-only file system" in ending.last_line


def warm_calls_of(host: Host, *scripts: str) -> list[str]:
    """Run scripts at the same time, warm, as a user of a host, and return what they print."""
    done = host.run(sys.executable, "-m", "tests.warm_calls", *scripts)
    assert done.returncode == 0, done.stderr
    endings = json.loads(done.stdout)
    assert [(warm, ended) for warm, ended, _ in endings] == [(True, Ended.OK)] * len(scripts)
    return [said for _, _, said in endings]


def test_an_ordinary_user_has_the_same_warm_calls() -> None:
    found = [json.loads(warm_calls_of(host, TRY_WALLS)[0]) for host in (Host(), Host(ordinary_user=True))]
    assert found[0] == found[1]
    assert found[0]["capget"] == [0, [0] * 6]


def test_the_kernel_counts_the_processes_of_each_call_of_an_ordinary_user_by_themselves() -> None:
    _, started = warm_calls_of(Host(ordinary_user=True), CROWD, COUNT_WHAT_IS_ALLOWED)
    assert 10 < int(started) < 20
