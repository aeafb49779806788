"""Warm calls of any Python script, for tests: in a sandbox of their own, whose zygote has imported little.

As a program, runs scripts at the same time as whoever starts it, and prints how each ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

from quantumsketch.tools.sandbox import Sandbox, detect
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.sandbox.warm.zygote_process import MODULE
from quantumsketch.tools.sandbox.warm.zygotes import PATIENCE_S, Zygotes
from quantumsketch.tools.tool import Ending, Limits, Policy

PROJECT = Path(__file__).parents[1]
LIGHT = ("json",)
QUICK = Limits(wall_s=10)
NO_INPUTS: Mapping[str, Path] = {}
_numbers = count()


@asynccontextmanager
async def warm_sandbox(
    seccomp: bytes | None = None, patience_s: float = PATIENCE_S
) -> AsyncIterator[Sandbox]:
    """Lend a sandbox with zygotes of its own; with a filter other than the usual one, if given."""
    found = _detected()
    assert found.bubblewrap
    zygotes = Zygotes(found.bubblewrap, seccomp or found.seccomp, patience_s)
    try:
        yield replace(found, zygotes=zygotes)
    finally:
        await zygotes.close()


@cache
def _detected() -> Sandbox:
    return detect("full")


def cold(sandbox: Sandbox) -> Sandbox:
    """The same sandbox without warm starts."""
    return replace(sandbox, zygotes=None)


async def run(
    sandbox: Sandbox,
    folder: Path,
    script: str,
    *arguments: str,
    limits: Limits = QUICK,
    inputs: Mapping[str, Path] = NO_INPUTS,
    preload: Sequence[str] = LIGHT,
) -> Ending:
    """Run a script as a module that lies in its scratch folder, below `folder`."""
    async with scratch_folder(folder, "call") as scratch:
        (scratch / "payload.py").write_text(script)
        command = [sys.executable, "-m", "payload", *arguments]
        return await sandbox.run(command, Policy(python=True, limits=limits), scratch, inputs, preload)


def mark() -> str:
    """A number of seconds that no other command line has."""
    return f"{60 + os.getpid() / 1e7:.7f}{next(_numbers)}"


async def until(condition: Callable[[], object], patience_s: float = 10.0) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        await asyncio.sleep(0.02)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def below(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    for child in children(pid):
        yield from below(child)


def zygotes_of(pid: int, scratch_root: Path) -> list[int]:
    """The zygotes that a process has started for calls below a folder: each is the child of a bubblewrap."""
    words = {child: Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children(pid)}
    wanted = {MODULE.encode(), os.fsencode(scratch_root)}
    return [zygote for child in words if wanted <= {*words[child]} for zygote in children(child)]


def memory_of(pid: int) -> bytes:
    """What a process has written to its memory, as far as we may read it."""
    found = b""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, access, *_ = line.split()
            if access.startswith("rw"):
                start, end = (int(address, 16) for address in addresses.split("-"))
                memory.seek(start)
                found += memory.read(end - start)
    return found


async def _calls_at_once(scripts: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with warm_sandbox() as sandbox:
            endings = await asyncio.gather(*(run(sandbox, Path(folder), script) for script in scripts))
    sys.stdout.write(json.dumps([[one.warm, one.ended, one.stdout.decode()] for one in endings]))


if __name__ == "__main__":
    asyncio.run(_calls_at_once(sys.argv[1:]))
