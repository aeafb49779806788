"""Finds the best sandbox that works on this machine, by running a call in it. Where none does it refuses.

A ladder: bubblewrap in full, bubblewrap without /proc, Landlock with a stricter filter. Whether a rung holds
is decided by the end of a real call whose guard has looked at the walls, never by versions or messages; the
state of the machine only chooses which mending command is offered.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Literal, TypeAlias, TypeVar

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bpf import MACHINES
from quantumsketch.tools.sandbox.bubblewrap import SET_LIMITS, TIMEOUT
from quantumsketch.tools.sandbox.launcher import ASK_THE_DOCTOR
from quantumsketch.tools.sandbox.mending import mending
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.sandbox.seccomp import filter_program
from quantumsketch.tools.sandbox.warm.zygotes import Zygotes
from quantumsketch.tools.tool import Backend, Ended, Ending, Limits, Policy

Demand: TypeAlias = Literal["any", "full"]
LADDER = (Backend.FULL, Backend.NO_PROC, Backend.LANDLOCK)
CHANCES = 2
"""How often a rung is tried before it is left: a moment in which the machine is busy must not cost a wall."""
FIRST_CALL = Limits(wall_s=10, scratch_bytes=2**20)

Value = TypeVar("Value")


def detect(demand: Demand = "any", scratch_root: Path | None = None) -> Sandbox:
    """Return the best sandbox in which a call has just ended well; SandboxUnavailable says what mends none.

    With the demand `full` only bubblewrap with every wall will do. `scratch_root` is where calls will have
    their scratch: not every sandbox can reach every place. Without one it is the system's temporary folder.
    """
    place = scratch_root or Path(gettempdir())
    seccomp = _filter()
    refusals: dict[Backend, SandboxUnavailable] = {}
    for backend in LADDER if demand == "any" else LADDER[:1]:
        for _ in range(CHANCES):
            try:
                return _tried(backend, seccomp, place)
            except SandboxUnavailable as error:
                refusals[backend] = error
    raise _refusal(refusals, demand)


def _refusal(refusals: Mapping[Backend, SandboxUnavailable], demand: Demand) -> SandboxUnavailable:
    """Return what to say when nothing will do: why each rung was left, and what mends the best one."""
    nothing = "no sandbox works here"
    what = (
        nothing if demand == "any" else "QS_SANDBOX=full demands the full sandbox, which does not work here"
    )
    why = "; ".join(f"{backend}: {error.what}" for backend, error in refusals.items())
    mends = [mending()]
    last = refusals.get(Backend.LANDLOCK)
    if last and last.mend not in ("", ASK_THE_DOCTOR):
        mends.append(f"Or, for a degraded sandbox: {last.mend}")
    return SandboxUnavailable(f"{what} ({why})", mend="\n".join(mends))


def complete(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine to its end, on a thread of its own: the caller's may be running an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _tried(backend: Backend, seccomp: bytes, scratch_root: Path) -> Sandbox:
    """Return a sandbox of this kind in which a call has just ended well; else SandboxUnavailable."""
    bubblewrap = None if backend is Backend.LANDLOCK else _bubblewrap()
    zygotes = Zygotes(bubblewrap, seccomp) if bubblewrap and backend is Backend.FULL else None
    sandbox = Sandbox(backend, bubblewrap, seccomp, zygotes)
    ending = complete(_first_call(sandbox, scratch_root))
    if ending.ended is not Ended.OK:
        said = ending.stderr.decode(errors="replace").strip()
        raise SandboxUnavailable(f"a first call failed, {ending.detail}: {said!r}")
    return sandbox


async def _first_call(sandbox: Sandbox, scratch_root: Path) -> Ending:
    async with scratch_folder(scratch_root, "qs-detect") as scratch:
        # with Python, because nearly every tool needs it, and whoever the call runs as may not reach it
        return await sandbox.run(["/bin/true"], Policy(python=True, limits=FIRST_CALL), scratch, {})


def _bubblewrap() -> Path:
    found = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        raise SandboxUnavailable("it is not installed")
    for program, package in ((TIMEOUT, "coreutils"), (SET_LIMITS, "util-linux")):
        if not Path(program).exists():
            raise SandboxUnavailable(f"{program!r} of the package {package} is not installed")
    return Path(found)


def _filter() -> bytes:
    """Return the system-call filter; SandboxUnavailable if there is none for this machine."""
    if sys.platform != "linux":
        raise SandboxUnavailable(
            f"there is no sandbox for {sys.platform!r}", mend="Run it in Docker: docker compose up"
        )
    machine = platform.machine()
    if machine not in MACHINES:
        raise SandboxUnavailable(
            f"there is no system-call filter for {machine!r}", mend=f"Use one of {', '.join(MACHINES)}."
        )
    return filter_program(machine)
