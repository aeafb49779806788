"""Examines the sandbox of this machine: each of its properties is tried now, inside, and told one by one."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from quantumsketch.checks import Check
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox import probe
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.detect import complete, detect
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.tool import Ended, Ending, Limits, Policy

SET_BY_PROGRAMS = {"PWD", "LC_CTYPE"}
REPORT = "This is a defect: please report it, and render nothing until it is mended."
NO_CAPABILITIES = "0" * 16
SHORT_S = 0.5
LATE_S = 5.0  # a busy machine may notice late; the payload would stay for a minute
CROWD = "for n in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait"
OWN_INTERPRETER = """Make the environment anew, as this user or with an interpreter that everybody may read:
  rm -rf .venv && PYTHON=/usr/bin/python3 make setup"""
FIRMER = "Run as an ordinary user, or as root where control groups are writable; in Docker set a pids limit."


def checks() -> list[Check]:
    """Try every property of the sandbox, which takes about a second, and return what was found."""
    if not (
        readable := judge_interpreter((Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)))
    ).ok:
        return [readable]
    try:
        sandbox = detect()
        return [Check("sandbox", ok=True, detail=f"{sandbox.bubblewrap} works"), *_properties(sandbox)]
    except SandboxUnavailable as error:
        return [Check("sandbox", ok=False, detail=error.what, mend=error.mend)]


def _properties(sandbox: Sandbox) -> list[Check]:
    with TemporaryDirectory(prefix="qs-doctor-") as folder:
        probed = complete(_probe(sandbox, Path(folder)))
        overstayed = complete(_shell(sandbox, Path(folder), "sleep 60 & sleep 60", Limits(wall_s=SHORT_S)))
        crowded = complete(_shell(sandbox, Path(folder), CROWD, Limits(wall_s=10, processes=1)))
    if probed.ended is not Ended.OK:
        said = probed.stderr.decode(errors="replace").strip()
        return [Check("sandbox probe", ok=False, detail=f"{probed.detail}: {said!r}", mend=REPORT)]
    return [*judge(json.loads(probed.stdout)), judge_timeout(overstayed), _processes(crowded)]


async def _probe(sandbox: Sandbox, folder: Path) -> Ending:
    """Run the probe while a listener waits on the loopback and a secret lies on the disk."""
    secret = folder / "secret"
    secret.write_text("not for the sandbox")
    hidden = [str(secret), "/etc/shadow", "/etc/passwd", *_homes_own_files()]
    async with scratch_folder(folder, "probe") as scratch:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])
            command = [sys.executable, "-I", "-S", probe.__file__, port, *hidden]
            return await sandbox.run(command, Policy(python=True), scratch, {})


def _homes_own_files() -> list[str]:
    """Return what lies in the home folder, without the way to an interpreter that lives there."""
    home, needed = Path.home(), {Path(sys.prefix), Path(sys.base_prefix), Path(probe.__file__)}
    found = list(home.iterdir()) if home.is_dir() else []
    return [str(path) for path in found if not any(way.is_relative_to(path) for way in needed)]


async def _shell(sandbox: Sandbox, folder: Path, script: str, limits: Limits) -> Ending:
    async with scratch_folder(folder, "shell") as scratch:
        return await sandbox.run(["/bin/sh", "-c", script], Policy(limits=limits), scratch, {})


def judge_interpreter(needed: Iterable[Path]) -> Check:
    """Tell whether this user may read what Python needs: the sandbox shows nobody more than they see."""
    hidden = [str(place) for place in needed if not os.access(place, os.R_OK | os.X_OK)]
    detail = f"the user with the id {os.geteuid()} may not read {hidden}" if hidden else "readable"
    return Check("sandbox: interpreter", not hidden, detail, OWN_INTERPRETER if hidden else "")


def judge(found: Mapping[str, Any]) -> list[Check]:
    """Turn what the probe found into checks."""
    status, settings = found["status"], found["settings"]
    strange = sorted(set(found["variables"]) - set(ENVIRONMENT) - SET_BY_PROGRAMS)
    capabilities = sorted(
        name for name in status if name.startswith("Cap") and status[name] != NO_CAPABILITIES
    )
    return [
        _check("sandbox: no network", not found["reached"], "a listener of the host was reached"),
        _check("sandbox: files are hidden", not found["seen"], f"visible: {found['seen']}"),
        _check("sandbox: environment is clean", not strange, f"variables found: {strange}"),
        _check("sandbox: only scratch is writable", not found["written"], f"written to: {found['written']}"),
        _check("sandbox: the kernel's settings are closed", not settings, _some_writable(settings)),
        _check("sandbox: no capabilities", not capabilities, f"not empty: {capabilities}"),
        _check("sandbox: no new privileges", status["NoNewPrivs"] == "1", "not set"),
        _check("sandbox: system-call filter", status["Seccomp"] == "2", "not active"),
        _check("sandbox: no nested namespaces", not found["nested"], "one could be made"),
    ]


def _some_writable(settings: list[str]) -> str:
    return f"{len(settings)} can be opened for writing, such as {settings[:3]}"


def judge_timeout(ending: Ending) -> Check:
    """Judge the end of a payload that stays for a minute and may stay for `SHORT_S` seconds."""
    kept = ending.ended is Ended.TIMEOUT and ending.wall_s < SHORT_S + LATE_S
    return _check("sandbox: timeout kills", kept, f"{ending.ended} after {ending.wall_s:.1f} s")


def _processes(ending: Ending) -> Check:
    """Judge the crowd: the kernel refuses a fork at once, the watcher kills at its next look."""
    name = "sandbox: processes are limited"
    if ending.ended is Ended.ERROR:
        return Check(name, ok=True, detail="by the kernel")
    if ending.ended is Ended.KILLED:
        return Check(name, ok=True, detail="by the watcher alone, four times a second", mend=FIRMER)
    return Check(name, ok=False, detail=f"not at all: {ending.ended}", mend=REPORT)


def _check(name: str, ok: bool, otherwise: str) -> Check:
    return Check(name, ok, "holds" if ok else otherwise, "" if ok else REPORT)
