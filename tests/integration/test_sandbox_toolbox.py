"""The way of one call through the toolbox: request in, outputs out, nothing left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.tools.registry import Registry
from quantumsketch.tools.tool import Ended, Ending, Policy
from quantumsketch.tools.toolbox import Toolbox
from tests.sandbox_calls import Said, python, run, sandbox, shell, tool, toolbox


def files_below(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


async def test_a_request_goes_in_and_outputs_come_out(tmp_path: Path) -> None:
    command = shell("cp request.json out.json; echo done")
    reply = await run(tmp_path, command, outputs={"out.json": 1000, "never-written": 10})
    assert reply.result == Said(text="done\n")
    assert reply.files == {"out.json": tmp_path / "keep" / "out.json"}
    assert reply.files["out.json"].read_text() == command.model_dump_json()
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_scratch_is_private_to_its_owner(tmp_path: Path) -> None:
    assert (await run(tmp_path, shell("stat -c %a /scratch"))).ending.stdout == b"700\n"


@pytest.mark.parametrize(
    "script",
    [
        "ln -s /etc/hostname out",
        "ln -s request.json out",
        "ln request.json out",
        "mkfifo out",
        "mkdir out",
        "head -c 1001 /dev/zero >out",
        "truncate -s 1T out || head -c 1001 /dev/zero >out",
    ],
)
async def test_an_output_that_is_no_honest_file_is_refused(tmp_path: Path, script: str) -> None:
    reply = await run(tmp_path, shell(script), outputs={"out": 1000})
    assert reply.ending.ended is Ended.BAD_OUTPUT
    assert "'out'" in reply.ending.detail
    assert reply.result is None
    assert list((tmp_path / "keep").iterdir()) == []


async def test_a_failed_command_is_an_answer_and_no_exception(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("echo why >&2; echo partial >out; exit 7"), outputs={"out": 100})
    assert (reply.ending.ended, reply.ending.exit_code) == (Ended.ERROR, 7)
    assert reply.ending.stderr == b"why\n"
    assert (reply.result, reply.files) == (None, {})


async def test_a_command_that_does_not_exist_is_an_error_of_the_payload(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("exec /no/such/program"))
    assert reply.ending.ended is Ended.ERROR


async def test_a_command_that_kills_itself_says_by_which_signal(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("kill -SEGV $$"))
    assert reply.ending.ended is Ended.KILLED
    assert "signal 11" in reply.ending.detail


async def test_an_answer_that_cannot_be_read_is_a_bad_output(tmp_path: Path) -> None:
    def refuse(ending: Ending, files: Mapping[str, Path]) -> Said:
        raise ValueError("no clip in it")

    picky = replace(tool(Policy()), answer=refuse)
    reply = await toolbox(tmp_path, picky).call(picky, shell("true"), keep=tmp_path / "keep")
    assert reply.ending.ended is Ended.BAD_OUTPUT
    assert "no clip in it" in reply.ending.detail


async def test_a_sandbox_that_cannot_be_set_up_is_an_answer_and_nothing_has_run(tmp_path: Path) -> None:
    broken = replace(sandbox(), seccomp=b"no filter")
    leaves = tool(Policy(), {"left": 100})
    reply = await Toolbox(Registry([leaves]), broken, tmp_path / "scratch").call(
        leaves, shell("echo something >left"), keep=tmp_path / "keep"
    )
    assert reply.ending.ended is Ended.UNAVAILABLE
    assert reply.result is None
    assert not (tmp_path / "keep").exists()
    assert "could not be set up" in reply.ending.detail
    assert "qs doctor" in reply.ending.detail


@pytest.mark.parametrize("within", [Path(), Path("below/scratch")])
def test_no_scratch_lies_where_a_tool_may_read(tmp_path: Path, within: Path) -> None:
    for readable, scratch in ((tmp_path, tmp_path / within), (tmp_path / within, tmp_path)):
        with pytest.raises(ValueError, match="may read"):
            Toolbox(Registry([tool(Policy(readable=(readable,)))]), sandbox(), scratch)


@pytest.mark.parametrize("place", [Path("/"), Path.home(), Path("/proc"), Path("scratch")])
def test_scratch_has_a_folder_of_its_own(place: Path) -> None:
    with pytest.raises(ValueError, match="scratch"):
        toolbox(place)


async def test_a_tool_that_is_not_registered_is_not_run(tmp_path: Path) -> None:
    registered = tool(Policy(), {"ran": 10})
    seeing_more = replace(registered, policy=Policy(python=True))
    tools = toolbox(tmp_path / "scratch", registered)
    await tools.call(registered, shell("echo >ran"), keep=tmp_path / "first")
    with pytest.raises(ValueError, match="'command' is not registered"):
        await tools.call(seeing_more, shell("echo >ran"), keep=tmp_path / "second")
    assert files_below(tmp_path) == ["first/ran"]


async def test_a_tool_without_python_sees_no_python_environment(tmp_path: Path) -> None:
    bare = tool(Policy())
    reply = await toolbox(tmp_path, bare).call(bare, python("pass"), keep=tmp_path / "keep")
    assert reply.ending.ended is Ended.ERROR
    assert (await run(tmp_path, python("pass"))).ending.ended is Ended.OK


async def test_calls_at_the_same_time_do_not_see_each_other(tmp_path: Path) -> None:
    script = "echo {n} >mine; sleep 0.2; ls | wc -l; cat mine"
    replies = await asyncio.gather(*(run(tmp_path, shell(script.format(n=n))) for n in range(8)))
    assert [reply.ending.stdout.split() for reply in replies] == [[b"2", str(n).encode()] for n in range(8)]


async def test_nothing_is_copied_any_more_when_a_cancelled_call_has_returned(tmp_path: Path) -> None:
    size, copy = 300 * 2**20, tmp_path / "keep" / "large"
    call = asyncio.create_task(run(tmp_path, shell(f"truncate -s {size} large"), outputs={copy.name: size}))
    while not copy.exists():
        assert not call.done(), await call
        await asyncio.sleep(0.001)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    before = copy.stat().st_size
    await asyncio.sleep(0.2)
    assert copy.stat().st_size == before
    copy.unlink()
