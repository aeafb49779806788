"""The end of warm calls and of zygotes: nobody survives, and no call fails for having begun warm."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.tool import Ended, Limits, Policy
from tests.sandbox_calls import alive
from tests.warm_calls import LIGHT, PROJECT, below, lives, mark, run, until, warm_sandbox, zygotes_of
from tests.warm_payloads import STAY_FOR_EVER

pytestmark = pytest.mark.slow


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with warm_sandbox() as lent:
        yield lent


@pytest.mark.parametrize("how", ["stay", "end"])
async def test_what_a_call_has_started_dies_with_it(sandbox: Sandbox, tmp_path: Path, how: str) -> None:
    """It stays beyond its time, or ends and leaves daemons behind."""
    sign = mark()
    call = asyncio.create_task(run(sandbox, tmp_path, STAY_FOR_EVER, sign, how, limits=Limits(wall_s=4)))
    if how == "stay":
        await until(lambda: len(alive(sign)) == 4)
    ending = await call
    assert (ending.stdout, ending.warm) == (b"staying\n", True)
    assert ending.ended is (Ended.TIMEOUT if how == "stay" else Ended.OK)
    assert alive(sign) == []


async def test_a_cancelled_call_leaves_nobody(sandbox: Sandbox, tmp_path: Path) -> None:
    sign = mark()
    call = asyncio.create_task(run(sandbox, tmp_path, STAY_FOR_EVER, sign, "stay"))
    await until(lambda: len(alive(sign)) == 4)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert alive(sign) == []


async def test_daemons_are_counted(sandbox: Sandbox, tmp_path: Path) -> None:
    sign = mark()
    few = Limits(wall_s=10, processes=4)
    ending = await run(sandbox, tmp_path, STAY_FOR_EVER, sign, "stay", limits=few)
    assert (ending.ended, ending.warm) == (Ended.KILLED, True)
    assert alive(sign) == []


async def test_too_much_memory_is_noticed_though_much_is_shared(sandbox: Sandbox, tmp_path: Path) -> None:
    script = "import time; held = bytearray(250 << 20); time.sleep(8)"
    scarce = Limits(wall_s=10, memory_bytes=200 << 20)
    ending = await run(sandbox, tmp_path, script, limits=scarce)
    assert (ending.ended, ending.warm) == (Ended.OUT_OF_MEMORY, True)


async def test_a_killed_zygote_is_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    assert (await run(sandbox, tmp_path, "print(1)")).warm
    (zygote,) = zygotes_of(os.getpid(), tmp_path)
    os.kill(zygote, signal.SIGKILL)
    endings = [await run(sandbox, tmp_path, "print(2)") for _ in range(2)]
    assert [ending.stdout for ending in endings] == [b"2\n"] * 2
    assert endings[1].warm
    assert zygotes_of(os.getpid(), tmp_path) != [zygote]


async def test_with_its_zygote_a_call_dies_and_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    sign = mark()
    call = asyncio.create_task(run(sandbox, tmp_path, STAY_FOR_EVER, sign, "stay"))
    await until(lambda: len(alive(sign)) == 4)
    (zygote,) = zygotes_of(os.getpid(), tmp_path)
    os.kill(zygote, signal.SIGKILL)
    ending = await call
    assert (ending.ended, ending.signal) == (Ended.KILLED, signal.SIGKILL)
    assert alive(sign) == []


async def test_what_warm_calls_used_counts_as_used_by_whoever_had_them_made(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    def used_s() -> float:
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])

    before_s = used_s()
    ending = await run(sandbox, tmp_path, "import time\nwhile time.process_time() < 1: pass")
    await sandbox.close()
    assert (ending.ended, ending.warm) == (Ended.OK, True)
    assert used_s() - before_s > 0.9


async def test_a_closed_sandbox_has_no_zygotes_and_a_later_call_still_works(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    await run(sandbox, tmp_path, "print(1)")
    found = [one for zygote in zygotes_of(os.getpid(), tmp_path) for one in below(zygote)]
    assert found
    await sandbox.close()
    assert [pid for pid in found if lives(pid)] == []
    assert (await run(sandbox, tmp_path, "print(2)")).stdout == b"2\n"


async def test_what_cannot_be_imported_ahead_is_told_once_and_the_calls_are_made_cold(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        endings = [await run(sandbox, tmp_path, "print(1)", preload=("no_such_module",)) for _ in range(2)]
    assert [(ending.stdout, ending.warm) for ending in endings] == [(b"1\n", False)] * 2
    assert len(caplog.records) == 1
    assert sandbox.zygotes
    assert "No module named 'no_such_module'" in sandbox.zygotes.unusable["no_such_module",]


async def test_walls_that_the_kernel_refuses_are_told_and_nothing_has_run(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    assert sandbox.zygotes
    command, gone = [sys.executable, "-m", "payload"], tmp_path / "gone" / "scratch"
    assert await sandbox.zygotes.fork(command, Policy(python=True), gone, {}, LIGHT) is None
    assert "the kernel refused mounting '/scratch'" in sandbox.zygotes.unusable[LIGHT]
    ending = await run(sandbox, tmp_path, "print(1)")
    assert (ending.stdout, ending.warm) == (b"1\n", False)


async def test_a_zygote_that_does_not_answer_makes_no_call_fail(tmp_path: Path) -> None:
    async with warm_sandbox(patience_s=4) as sandbox:
        assert (await run(sandbox, tmp_path, "print(1)")).warm
        (zygote,) = zygotes_of(os.getpid(), tmp_path)
        os.kill(zygote, signal.SIGSTOP)
        ending = await run(sandbox, tmp_path, "print(2)")
        assert (ending.stdout, ending.warm) == (b"2\n", False)
    assert not lives(zygote)


async def test_a_zygote_that_has_no_room_for_another_call_harms_none(tmp_path: Path) -> None:
    sign = mark()
    async with warm_sandbox(patience_s=4) as sandbox:
        working = asyncio.create_task(run(sandbox, tmp_path, STAY_FOR_EVER, sign, "stay"))
        await until(lambda: len(alive(sign)) == 4)
        (zygote,) = zygotes_of(os.getpid(), tmp_path)
        resource.prlimit(zygote, resource.RLIMIT_NOFILE, (4, 4))
        ending = await run(sandbox, tmp_path, "print(2)")
        assert (ending.stdout, ending.warm) == (b"2\n", False)
        assert len(alive(sign)) == 4
        assert (await run(sandbox, tmp_path, "print(3)")).warm
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working


def test_with_a_killed_host_process_the_zygote_and_its_calls_are_dead(tmp_path: Path) -> None:
    sign = mark()
    script = f"import os; os.execv('/usr/bin/sleep', ['sleep', {sign!r}])"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm_calls", script], cwd=PROJECT, env={"TMPDIR": str(tmp_path)}
    )
    try:
        asyncio.run(until(lambda: alive(sign)))
        found = list(below(process.pid))[1:]
        assert len(found) >= 5
    finally:
        process.kill()
        process.wait()
    asyncio.run(until(lambda: not any(map(lives, found))))
    assert alive(sign) == []
