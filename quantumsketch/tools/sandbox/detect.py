"""Finds a sandbox that works on this machine by running a call in it. Without one it refuses.

What is wrong is decided by that call's exit code alone, never by what bubblewrap says; the state of the
machine only chooses which mending command is offered.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any, TypeVar

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import SET_LIMITS, TIMEOUT
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.sandbox.seccomp import MACHINES, filter_program
from quantumsketch.tools.tool import Backend, Ended, Ending, Limits, Policy

PROFILE = """
  apt-get install -y apparmor-profiles
  ln -sf /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/
  apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict"""
ON_UBUNTU = f"Allow bubblewrap its user namespaces:{PROFILE}"
IN_DOCKER = f"""Start the container with these flags:
  docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\
    --security-opt systempaths=unconfined
If it has them and the host is Ubuntu, load the profile bwrap-userns-restrict on the host:{PROFILE}"""
NO_USER_NAMESPACES = (
    "Allow user namespaces: sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1"
)
OTHERWISE = "bubblewrap 0.8 or newer is needed: apt-get install -y bubblewrap"
FIRST_CALL = Limits(wall_s=10)

Value = TypeVar("Value")


def detect() -> Sandbox:
    """Return a sandbox in which a call has just ended well; else SandboxUnavailable with what mends it."""
    sandbox = Sandbox(Backend.FULL, _bubblewrap(), _seccomp())
    try:
        ending = complete(_first_call(sandbox))
    except SandboxUnavailable as error:
        raise SandboxUnavailable(error.what, mend=mending()) from error
    if ending.ended is not Ended.OK:
        said = ending.stderr.decode(errors="replace").strip()
        raise SandboxUnavailable(
            f"a first call in the sandbox failed ({ending.detail}): {said!r}", mend=mending()
        )
    return sandbox


def complete(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine to its end, on a thread of its own: the caller's may be running an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _first_call(sandbox: Sandbox) -> Ending:
    async with scratch_folder(Path(gettempdir()), "qs-detect") as scratch:
        return await sandbox.run(["/bin/true"], Policy(limits=FIRST_CALL), scratch, {})


def _bubblewrap() -> Path:
    if sys.platform != "linux":
        raise SandboxUnavailable(
            f"there is no sandbox for {sys.platform!r}", mend="Run it in Docker: docker compose up"
        )
    found = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        raise SandboxUnavailable("bubblewrap is not installed", mend="apt-get install -y bubblewrap")
    for program, package in ((TIMEOUT, "coreutils"), (SET_LIMITS, "util-linux")):
        if not Path(program).exists():
            raise SandboxUnavailable(f"{program!r} is not installed", mend=f"apt-get install -y {package}")
    return Path(found)


def _seccomp() -> bytes:
    machine = platform.machine()
    if machine not in MACHINES:
        raise SandboxUnavailable(
            f"there is no system-call filter for {machine!r}", mend=f"Use one of {', '.join(MACHINES)}."
        )
    return filter_program(machine)


def mending(root: Path = Path("/")) -> str:
    """Return what most probably makes a sandbox work on the machine whose files lie below `root`."""
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return IN_DOCKER
    settings = root / "proc/sys"
    if _reads(settings / "kernel/apparmor_restrict_unprivileged_userns", "1"):
        return ON_UBUNTU
    if _reads(settings / "user/max_user_namespaces", "0") or _reads(
        settings / "kernel/unprivileged_userns_clone", "0"
    ):
        return NO_USER_NAMESPACES
    return OTHERWISE


def _reads(file: Path, value: str) -> bool:
    return file.exists() and file.read_text().strip() == value
