"""What the doctor's tries mean: a property of the sandbox holds, is lost with this backend, or is broken.

Pure: it is told what happened.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TypedDict

from quantumsketch.checks import Check
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.tries import Try
from quantumsketch.tools.tool import Backend, Ended, Ending

SET_BY_US = {*ENVIRONMENT, "PYTHONPATH"}  # the degraded sandbox tells so where the packages are
SET_BY_PROGRAMS = {"PWD", "LC_CTYPE"}
REPORT = "This is a defect: please report it, and render nothing until it is mended."
FIRMER = """Start qs where it may make control groups: as root, or by systemd-run --user --scope qs ...
In a container, where they are read-only, bound the container: docker run --memory 4g --pids-limit 512 ..."""
OWN_SHARED_MEMORY = "/dev/shm"  # noqa: S108  (inside, and the call's own)
WAY_OUT = "tools reach the domains they name and no others"
WARM = "calls that begin warm have the same walls"
REFUSED = " 403 "
LATE_S = 5.0  # a busy machine may notice late; the payload would stay for a minute
BY_FILTER = 2

LOST: Mapping[Backend, frozenset[str]] = {
    Backend.FULL: frozenset(),
    Backend.NO_PROC: frozenset({WARM}),
    Backend.LANDLOCK: frozenset(
        {"files are hidden", "nothing is told of the host", "capabilities cannot come back", WAY_OUT, WARM}
    ),
}
"""What a backend does not promise: where it is missing, that is no defect."""


class Findings(TypedDict):
    """What the probe prints."""

    descriptors: list[int]
    reached: bool
    sockets: list[str]
    read: list[str]
    seen: list[str]
    variables: list[str]
    strangers: list[int]
    signalled: list[int]
    known: list[str]
    written: list[str]
    settings: list[str]
    capabilities: bool
    bound: list[int]
    no_new_privileges: int
    seccomp: int
    foreign: list[str]
    nested: bool


def walls(found: Findings, backend: Backend, mend: str) -> list[Check]:
    """Judge each of the probe's findings."""
    variables = sorted(set(found["variables"]) - SET_BY_US - SET_BY_PROGRAMS)
    own = set() if backend is Backend.LANDLOCK else {OWN_SHARED_MEMORY}
    faults = {
        "no network": "a listener of the host was reached" if found["reached"] else "",
        "the host's sockets are out of reach": _some("reached", found["sockets"]),
        "files are closed": _some("can be read", found["read"]),
        "files are hidden": _some("known to be there", found["seen"]),
        "environment is clean": _some("variables found", variables),
        "no open file is handed in": _some("descriptors", found["descriptors"]),
        "other processes are hidden": _some("command lines of processes", found["strangers"]),
        "other processes are out of reach": _some("could be signalled", found["signalled"]),
        "nothing is told of the host": _some("it can be told", found["known"]),
        "only scratch is writable": _some(
            "written to", [place for place in found["written"] if place not in own]
        ),
        "the kernel's settings are closed": _some("can be opened for writing", found["settings"]),
        "no capabilities": "not empty" if found["capabilities"] else "",
        "capabilities cannot come back": _some("in the bounding set", found["bound"]),
        "no new privileges": "" if found["no_new_privileges"] == 1 else "not set",
        "system-call filter": "" if found["seccomp"] == BY_FILTER else "not active",
        "calls of foreign architectures kill": _some("answered", found["foreign"]),
        "no nested namespaces": "one could be made" if found["nested"] else "",
    }
    return [_wall(name, fault, name in LOST[backend], mend) for name, fault in faults.items()]


def warm(ending: Ending, backend: Backend, mend: str) -> Check:
    """Judge the probe once more, after a call that had its modules imported already."""
    if not ending.warm:
        return _wall(WARM, f"every call begins cold: {ending.detail}", WARM in LOST[backend], mend)
    fallen = [judged.name for judged in probed(ending, backend, "") if not judged.ok]
    return check(WARM, not fallen, "holds", f"not these: {fallen}")


def probed(ending: Ending, backend: Backend, mend: str) -> list[Check]:
    """Judge what the probe found; `mend` is the command that brings a better backend."""
    if ending.ended is not Ended.OK:
        said = ending.stderr.decode(errors="replace").strip()
        return [check("probe", ok=False, detail="", otherwise=f"{ending.detail}: {said!r}")]
    return walls(json.loads(ending.stdout), backend, mend)


def _wall(name: str, fault: str, is_lost: bool, mend: str) -> Check:
    if fault and is_lost:
        return Check(f"sandbox: {name}", ok=True, detail=fault, mend=mend, degraded=True)
    return check(name, not fault, "holds", fault)


def _some(what: str, found: list[str] | list[int]) -> str:
    """Name a few of those found; empty if there are none."""
    return f"{what}: {found[:3]}{' and more' if len(found) > 3 else ''}" if found else ""


def check(name: str, ok: bool, detail: str, otherwise: str) -> Check:
    """A property that is promised: `otherwise` is what was found where it does not hold."""
    return Check(f"sandbox: {name}", ok, detail if ok else otherwise, "" if ok else REPORT)


def timeout(ending: Ending, patience_s: float, alive: list[int]) -> Check:
    """Judge the end of a payload that stays a minute and may stay `patience_s`; `alive` are left of it."""
    kept = ending.ended is Ended.TIMEOUT and ending.wall_s < patience_s + LATE_S and not alive
    left = f", processes left: {alive}" if alive else ""
    return check("timeout kills all", kept, "holds", f"{ending.ended} after {ending.wall_s:.1f} s{left}")


def bounded(tried: Try, ending: Ending, by_the_kernel: Collection[str]) -> Check:
    """Judge how a payload ended that went over a limit; the kernel holds the bounds `by_the_kernel` here."""
    if ending.ended not in tried.ends:
        return check(tried.name, False, "", f"not at all: {ending.ended}, {ending.detail}")
    if tried.bound in by_the_kernel or ending.ended is Ended.ERROR:
        return check(tried.name, True, "by the kernel", "")
    mend = FIRMER if tried.bound else ""
    return Check(
        f"sandbox: {tried.name}", ok=True, detail="by a watcher, which looks again and again", mend=mend
    )


def way_out(ending: Ending, backend: Backend, mend: str) -> Check:
    """Judge what a payload got that asked for places which its policy does not name."""
    if ending.ended is Ended.UNAVAILABLE:
        return _wall(WAY_OUT, "no tool reaches any network", WAY_OUT in LOST[backend], mend)
    try:
        *answers, reached = json.loads(ending.stdout)
    except ValueError:
        return check(WAY_OUT, False, "", f"it could not be asked: {ending.detail}, {ending.last_line}")
    refused = all(REFUSED in answer for answer in answers) and not reached and bool(ending.refused)
    return check(WAY_OUT, refused, "holds", f"{answers}, directly: {reached}, refused: {ending.refused}")


def guard(let_pass: bool, missing_here: list[str]) -> Check:
    """Judge whether the guard may have let a payload start where the walls `missing_here` do not stand."""
    if not missing_here:
        return check("guard holds", True, "cannot be tried: the same walls are around this process", "")
    return check(
        "guard holds", not let_pass, "holds", f"a payload ran although this was missing: {missing_here}"
    )
