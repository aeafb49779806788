"""Examines the sandbox of this machine: each of its properties is tried now, inside, and told one by one."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from quantumsketch.checks import Check
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox import judging, mending, probe
from quantumsketch.tools.sandbox.control_group import held_by_the_kernel
from quantumsketch.tools.sandbox.detect import Demand, complete, detect
from quantumsketch.tools.sandbox.guard_inside import missing_walls
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.sandbox.tries import (
    MODEST,
    NAMED,
    SHORT_S,
    TRIES,
    alive,
    asking_the_proxy,
    overstaying,
    unguarded,
)
from quantumsketch.tools.tool import Backend, Ended, Ending, Limits, Policy

OWN_INTERPRETER = """Make the environment anew, as this user or with an interpreter that everybody may read:
  rm -rf .venv && PYTHON=/usr/bin/python3 make setup"""
NAME_INSIDE = "sandbox"
"""A host that is called so cannot be told by its name."""
MOST_HIDDEN = 100
"""Files of the home that the probe looks for: their names have to fit into one argument."""
PRELOAD = ("json",)
"""What a warm probe finds imported. It is run as a module, as every warm call is."""
MENDING = {Backend.NO_PROC: mending.mending_of_proc, Backend.LANDLOCK: mending.mending}
"""What brings the full sandbox, by what works now."""


def checks(demand: Demand = "any", home: Path | None = None) -> list[Check]:
    """Try every property of the sandbox, which takes about a second, and return what was found.

    `home` is where calls will have their scratch, if it is there already.
    """
    if not (
        readable := judge_interpreter((Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)))
    ).ok:
        return [readable]
    try:
        with _like_its_scratch(home) as scratch_root:
            sandbox = detect(demand, scratch_root)
        better = MENDING[sandbox.backend]() if sandbox.backend in MENDING else ""
        return [which(sandbox.backend, better), *_properties(sandbox, better)]
    except SandboxUnavailable as error:
        return [Check("sandbox", ok=False, detail=error.what, mend=error.mend)]


@contextmanager
def _like_its_scratch(home: Path | None) -> Iterator[Path]:
    """Lend a folder that others can enter as they can the home: a new home is made for its user alone."""
    place = home if home and os.access(home, os.R_OK | os.W_OK | os.X_OK) else None
    with TemporaryDirectory(prefix="qs-doctor-", dir=place) as name:
        if place:
            Path(name).chmod(0o711)
        yield Path(name)


def judge_interpreter(needed: Iterable[Path]) -> Check:
    """Tell whether this user may read what Python needs: the sandbox shows nobody more than they see."""
    hidden = [repr(str(place)) for place in needed if not os.access(place, os.R_OK | os.X_OK)]
    detail = f"the user with the id {os.geteuid()} may not read {', '.join(hidden)}" if hidden else "readable"
    return Check("sandbox: interpreter", not hidden, detail, OWN_INTERPRETER if hidden else "")


def which(backend: Backend, better: str) -> Check:
    """Tell which sandbox works here; all but the full one are degraded, and `better` mends it."""
    detail = f"{backend} works" if backend is Backend.FULL else f"only {backend} works"
    return Check("sandbox", ok=True, detail=detail, mend=better, degraded=backend is not Backend.FULL)


def _properties(sandbox: Sandbox, better: str) -> list[Check]:
    """Try everything, and judge it; `better` is the command that brings the full sandbox."""
    mark, by_the_kernel = f"60.{int(token_hex(8), 16)}", held_by_the_kernel()
    with TemporaryDirectory(prefix="qs-doctor-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root a degraded call runs as another user, who has to get to its scratch
        cold, warm, asked, overstayed, *ended = complete(_tried(sandbox, folder, mark))
    return [
        *judging.probed(cold, sandbox.backend, better),
        judging.warm(warm, sandbox.backend, better),
        judging.timeout(overstayed, SHORT_S, alive(mark)),
        *(judging.bounded(each, ending, by_the_kernel) for each, ending in zip(TRIES, ended, strict=True)),
        judging.way_out(asked, sandbox.backend, better),
        judging.guard(unguarded(sandbox.backend), missing_walls()),
    ]


async def _tried(sandbox: Sandbox, folder: Path, mark: str) -> list[Ending]:
    """Make all tries at once, each in a call of its own: the probes, the way out, the clock, and `TRIES`."""
    python = Policy(python=True, limits=MODEST)
    with stage(folder) as staged:
        told, module = json.dumps(staged), ["-m", probe.__name__]
        asking = asking_the_proxy(staged["port"])
        calls = [
            _call(sandbox, folder, [sys.executable, "-I", "-S", probe.__file__, told], python),
            _warm(sandbox, folder, [sys.executable, *module, told], python),
            _call(sandbox, folder, asking, replace(python, domains=NAMED)),
            _shell(sandbox, folder, overstaying(mark), replace(MODEST, wall_s=SHORT_S)),
            *(_shell(sandbox, folder, each.script, each.limits) for each in TRIES),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                made = [group.create_task(call) for call in calls]
        finally:
            await sandbox.close()
    return [each.result() for each in made]


async def _warm(sandbox: Sandbox, folder: Path, command: Sequence[str], policy: Policy) -> Ending:
    if sandbox.zygotes is None:
        return _nothing_ran("only the full sandbox can begin otherwise")
    return await _call(sandbox, folder, command, policy, PRELOAD)


async def _shell(sandbox: Sandbox, folder: Path, script: str, limits: Limits) -> Ending:
    return await _call(sandbox, folder, ["/bin/sh", "-c", script], Policy(limits=limits))


async def _call(
    sandbox: Sandbox, folder: Path, command: Sequence[str], policy: Policy, preload: Sequence[str] = ()
) -> Ending:
    async with scratch_folder(folder, "try") as scratch:
        try:
            return await sandbox.run(command, policy, scratch, {}, preload)
        except SandboxUnavailable as error:
            return _nothing_ran(str(error))


def _nothing_ran(why: str) -> Ending:
    return Ending(Ended.UNAVAILABLE, None, 0.0, 0.0, b"", b"", detail=why)


@contextmanager
def stage(folder: Path) -> Iterator[probe.Stage]:
    """Set up what the probe must not reach."""
    secret, path, abstract = folder / "secret", folder / "socket", f"qs-doctor-{token_hex(8)}"
    secret.write_text("not for the sandbox")
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as in_folder,
        socket.socket(socket.AF_UNIX) as without_file,
    ):
        for unix, address in ((in_folder, str(path)), (without_file, f"\0{abstract}")):
            unix.bind(address)
            unix.listen()
        yield probe.Stage(
            port=listener.getsockname()[1],
            abstract=abstract,
            socket=str(path),
            hidden=[str(secret), "/etc/shadow", "/etc/passwd", *_homes_own_files()],
            process=os.getpid(),
            hostname="" if platform.node() == NAME_INSIDE else platform.node(),
        )


def _homes_own_files() -> list[str]:
    """Return some of what lies in the home folder, without the way to an interpreter that lives there."""
    needed = {Path(sys.prefix), Path(sys.base_prefix), Path(probe.__file__)}
    try:
        found = list(islice(Path.home().iterdir(), MOST_HIDDEN))
    except (OSError, RuntimeError):  # this user has no home, or may not look into it
        return []
    return [str(path) for path in found if not any(way.is_relative_to(path) for way in needed)]
