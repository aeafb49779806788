"""Examines the sandbox of this machine: each of its properties is tried now, inside, and told one by one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
from quantumsketch.tools.sandbox.tries import SHORT_S, TRIES, alive, overstaying, unguarded
from quantumsketch.tools.tool import Backend, Ended, Ending, Limits, Policy

OWN_INTERPRETER = """Make the environment anew, as this user or with an interpreter that everybody may read:
  rm -rf .venv && PYTHON=/usr/bin/python3 make setup"""
MENDING = {Backend.NO_PROC: mending.mending_of_proc, Backend.LANDLOCK: mending.mending}
"""What brings the full sandbox, by what works now."""


def checks(demand: Demand = "any") -> list[Check]:
    """Try every property of the sandbox, which takes about a second, and return what was found."""
    if not (
        readable := judge_interpreter((Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)))
    ).ok:
        return [readable]
    try:
        sandbox = detect(demand)
        better = MENDING[sandbox.backend]() if sandbox.backend in MENDING else ""
        return [which(sandbox.backend, better), *complete(_properties(sandbox, better))]
    except SandboxUnavailable as error:
        return [Check("sandbox", ok=False, detail=error.what, mend=error.mend)]


def judge_interpreter(needed: Iterable[Path]) -> Check:
    """Tell whether this user may read what Python needs: the sandbox shows nobody more than they see."""
    hidden = [str(place) for place in needed if not os.access(place, os.R_OK | os.X_OK)]
    detail = f"the user with the id {os.geteuid()} may not read {hidden}" if hidden else "readable"
    return Check("sandbox: interpreter", not hidden, detail, OWN_INTERPRETER if hidden else "")


def which(backend: Backend, better: str) -> Check:
    """Tell which sandbox works here; all but the full one are degraded, and `better` mends it."""
    detail = f"{backend} works" if backend is Backend.FULL else f"only {backend} works"
    return Check("sandbox", ok=True, detail=detail, mend=better, degraded=backend is not Backend.FULL)


async def _properties(sandbox: Sandbox, better: str) -> list[Check]:
    """Try everything at once, each in a call of its own."""
    mark, by_the_kernel = f"60.{int(token_hex(8), 16)}", held_by_the_kernel()
    with TemporaryDirectory(prefix="qs-doctor-") as name:
        folder = Path(name)
        probed, overstayed, *ended = await asyncio.gather(
            _probe(sandbox, folder),
            _shell(sandbox, folder, overstaying(mark), Limits(wall_s=SHORT_S)),
            *(_shell(sandbox, folder, each.script, each.limits) for each in TRIES),
        )
    return [
        *_walls(probed, sandbox.backend, better),
        judging.timeout(overstayed, SHORT_S, alive(mark)),
        *(judging.bounded(each, ending, by_the_kernel) for each, ending in zip(TRIES, ended, strict=True)),
        judging.guard(unguarded(), missing_walls()),
    ]


def _walls(probed: Ending, backend: Backend, better: str) -> list[Check]:
    if probed.ended is not Ended.OK:
        said = probed.stderr.decode(errors="replace").strip()
        return [judging.check("probe", ok=False, detail="", otherwise=f"{probed.detail}: {said!r}")]
    return judging.walls(json.loads(probed.stdout), backend, better)


async def _probe(sandbox: Sandbox, folder: Path) -> Ending:
    """Run the probe while listeners wait and a secret lies on the disk."""
    async with scratch_folder(folder, "probe") as scratch:
        with _stage(folder) as stage:
            command = [sys.executable, "-I", "-S", probe.__file__, json.dumps(stage)]
            return await sandbox.run(command, Policy(python=True), scratch, {})


@contextmanager
def _stage(folder: Path) -> Iterator[probe.Stage]:
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
        )


def _homes_own_files() -> list[str]:
    """Return what lies in the home folder, without the way to an interpreter that lives there."""
    home, needed = Path.home(), {Path(sys.prefix), Path(sys.base_prefix), Path(probe.__file__)}
    found = list(home.iterdir()) if home.is_dir() else []
    return [str(path) for path in found if not any(way.is_relative_to(path) for way in needed)]


async def _shell(sandbox: Sandbox, folder: Path, script: str, limits: Limits) -> Ending:
    async with scratch_folder(folder, "shell") as scratch:
        return await sandbox.run(["/bin/sh", "-c", script], Policy(limits=limits), scratch, {})
