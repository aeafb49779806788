"""Real calls of the real sandbox, for tests: a tool that runs any command, and who is alive on the host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from quantumsketch.tools.registry import AnyTool, Registry
from quantumsketch.tools.sandbox import Sandbox, detect
from quantumsketch.tools.tool import Ending, Limits, Policy, Reply, Tool
from quantumsketch.tools.toolbox import Toolbox

QUICK = Limits(wall_s=10)


class Command(BaseModel):
    """What to run."""

    arguments: list[str]


class Said(BaseModel):
    """What it printed."""

    text: str


def shell(script: str) -> Command:
    return Command(arguments=["/bin/sh", "-c", script])


def python(script: str) -> Command:
    return Command(arguments=[sys.executable, "-I", "-S", "-c", script])


def tool(policy: Policy, outputs: Mapping[str, int] | None = None) -> Tool[Command, Said]:
    return Tool(
        name="command",
        description="Runs a command.",
        request=Command,
        result=Said,
        policy=policy,
        command=lambda request: request.arguments,
        answer=_said,
        outputs=outputs or {},
    )


def _said(ending: Ending, files: Mapping[str, Path]) -> Said:
    return Said(text=ending.stdout.decode())


@cache
def sandbox() -> Sandbox:
    return detect()


def toolbox(scratch_root: Path, *tools: AnyTool) -> Toolbox:
    """A toolbox of these tools alone."""
    return Toolbox(Registry(tools), sandbox(), scratch_root)


def outside(*arguments: str) -> str:
    """Run a command on the host, with every inheritable file of this process, and return what it prints."""
    return subprocess.check_output(arguments, text=True, close_fds=False)


async def run(
    folder: Path,
    command: Command,
    limits: Limits = QUICK,
    *,
    outputs: Mapping[str, int] | None = None,
    inputs: Mapping[str, Path] | None = None,
) -> Reply[Said]:
    """Run a command in the sandbox, Python visible; scratch and outputs lie below `folder`."""
    called = tool(Policy(python=True, limits=limits), outputs)
    return await toolbox(folder / "scratch", called).call(
        called, command, inputs=inputs or {}, keep=folder / "keep"
    )


def alive(mark: str) -> list[int]:
    """Return the processes of this machine that have `mark` as a word of their command line."""
    pids = (int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit())
    return [pid for pid in pids if mark in _words(pid)]


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []
