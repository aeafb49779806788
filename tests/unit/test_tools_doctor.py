"""The doctor's judgement: a broken property is told, and only that one; what a backend lacks is degraded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quantumsketch.checks import Check
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.doctor import which
from quantumsketch.tools.sandbox.judging import (
    LOST,
    Findings,
    bounded,
    guard,
    probed,
    timeout,
    walls,
    warm,
    way_out,
)
from quantumsketch.tools.sandbox.tries import TRIES
from quantumsketch.tools.tool import Backend, Ended, Ending

HEALTHY = Findings(
    descriptors=[],
    reached=False,
    sockets=[],
    read=[],
    seen=[],
    variables=sorted(ENVIRONMENT),
    strangers=[],
    signalled=[],
    known=[],
    written=["/dev/shm"],
    settings=[],
    capabilities=False,
    bound=[],
    no_new_privileges=1,
    seccomp=2,
    foreign=[],
    nested=False,
)
BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"reached": True}, "no network"),
    ({"sockets": ["@name"]}, "the host's sockets are out of reach"),
    ({"read": ["/etc/shadow"]}, "files are closed"),
    ({"seen": ["/etc/shadow"]}, "files are hidden"),
    ({"variables": ["HOME", "API_KEY"]}, "environment is clean"),
    ({"descriptors": [7]}, "no open file is handed in"),
    ({"strangers": [4711]}, "other processes are hidden"),
    ({"signalled": [4711]}, "other processes are out of reach"),
    ({"known": ["its name"]}, "nothing is told of the host"),
    ({"written": ["/dev"]}, "only scratch is writable"),
    ({"settings": ["/proc/sys/kernel/core_pattern"]}, "the kernel's settings are closed"),
    ({"capabilities": True}, "no capabilities"),
    ({"bound": [21]}, "capabilities cannot come back"),
    ({"no_new_privileges": 0}, "no new privileges"),
    ({"seccomp": 0}, "system-call filter"),
    ({"foreign": ["x32"]}, "calls of foreign architectures kill"),
    ({"nested": True}, "no nested namespaces"),
]


def _found(**broken: Any) -> Findings:
    return {**HEALTHY, **broken}  # type: ignore[typeddict-item]  # the names are those of BROKEN


def _ending(ended: Ended, wall_s: float = 0.6) -> Ending:
    return Ending(ended, 137, wall_s, 0.0, b"", b"", detail="as it was told")


@pytest.mark.parametrize("backend", Backend)
def test_a_healthy_sandbox_has_nothing_to_mend(backend: Backend) -> None:
    own = [] if backend is Backend.LANDLOCK else HEALTHY["written"]
    found = walls(_found(written=own), backend, "mend it")
    assert {(check.ok, check.degraded, check.mend) for check in found} == {(True, False, "")}


def test_a_test_breaks_every_property_once() -> None:
    assert [f"sandbox: {name}" for _, name in BROKEN] == [
        check.name for check in walls(HEALTHY, Backend.FULL, "")
    ]


@pytest.mark.parametrize(("broken", "name"), BROKEN, ids=[name for _, name in BROKEN])
@pytest.mark.parametrize("backend", Backend)
def test_a_broken_property_is_told_by_its_name(backend: Backend, broken: dict[str, Any], name: str) -> None:
    healthy: dict[str, Any] = {"written": []} if backend is Backend.LANDLOCK else {}
    bad = [check for check in walls(_found(**healthy | broken), backend, "mend it") if check.mend]
    assert [check.name for check in bad] == [f"sandbox: {name}"]
    if name in LOST[backend]:
        assert (bad[0].ok, bad[0].degraded, bad[0].mend) == (True, True, "mend it")
    else:
        assert (bad[0].ok, bad[0].degraded) == (False, False)
        assert "report it" in bad[0].mend


def test_the_full_sandbox_may_lack_nothing() -> None:
    assert LOST[Backend.FULL] == frozenset()


def test_any_sandbox_but_the_full_one_is_degraded_and_says_what_brings_it() -> None:
    assert which(Backend.FULL, "") == Check("sandbox", ok=True, detail="bubblewrap works")
    for backend in (Backend.NO_PROC, Backend.LANDLOCK):
        told = which(backend, "sysctl -w something=1")
        assert (told.ok, told.degraded, told.mend) == (True, True, "sysctl -w something=1")
        assert str(backend) in told.detail


def test_shared_memory_of_the_host_is_nothing_that_landlock_may_write_to() -> None:
    bad = [check for check in walls(HEALTHY, Backend.LANDLOCK, "") if not check.ok]
    assert [check.name for check in bad] == ["sandbox: only scratch is writable"]


@pytest.mark.parametrize(
    ("ended", "wall_s", "alive", "kept"),
    [
        (Ended.TIMEOUT, 0.6, [], True),
        (Ended.TIMEOUT, 4.0, [], True),  # late on a busy machine, which is no defect
        (Ended.TIMEOUT, 6.0, [], False),
        (Ended.OK, 0.6, [], False),
        (Ended.TIMEOUT, 0.6, [4711], False),
    ],
)
def test_a_timeout_has_to_come_and_to_leave_nobody(
    ended: Ended, wall_s: float, alive: list[int], kept: bool
) -> None:
    assert timeout(_ending(ended, wall_s), 0.5, alive).ok is kept


@pytest.mark.parametrize("tried", TRIES, ids=[tried.name for tried in TRIES])
def test_a_limit_that_was_passed_has_to_end_the_call_for_that_reason(tried: Any) -> None:
    held = {ended for ended in Ended if bounded(tried, _ending(ended), ()).ok}
    assert held == tried.ends
    assert not {Ended.OK, Ended.TIMEOUT, Ended.UNAVAILABLE} & held


def test_who_holds_a_limit_is_told_and_how_the_kernel_could() -> None:
    memory = next(tried for tried in TRIES if tried.bound == "memory")
    watched = bounded(memory, _ending(Ended.OUT_OF_MEMORY), ())
    assert "watcher" in watched.detail
    assert "systemd-run" in watched.mend
    held = bounded(memory, _ending(Ended.OUT_OF_MEMORY), {"memory"})
    assert (held.detail, held.mend) == ("by the kernel", "")


def test_a_payload_that_runs_without_walls_is_a_defect_unless_they_stand_around_the_doctor_too() -> None:
    assert guard(False, ["no capabilities"]).ok
    assert not guard(True, ["no capabilities"]).ok
    assert "cannot be tried" in guard(True, []).detail


def _asked(first: str, second: str, reached: bool, *refused: str) -> Ending:
    said = json.dumps([first, second, reached]).encode()
    return Ending(Ended.OK, 0, 0.1, 0.1, said, b"", refused=refused)


def test_a_way_out_holds_if_everything_that_is_not_named_was_refused_and_that_was_noted() -> None:
    no, yes = "HTTP/1.1 403 Forbidden", "HTTP/1.1 200 OK"
    for backend in (Backend.FULL, Backend.NO_PROC):
        assert way_out(_asked(no, no, False, "a name"), backend, "").ok
        for broken in (
            _asked(yes, no, False, "a name"),
            _asked(no, yes, False, "a name"),
            _asked(no, no, True, "a name"),
            _asked(no, no, False),
            _ending(Ended.ERROR),
            _ending(Ended.UNAVAILABLE),
        ):
            assert not way_out(broken, backend, "").ok


def test_a_sandbox_without_any_way_out_is_degraded() -> None:
    told = way_out(_ending(Ended.UNAVAILABLE), Backend.LANDLOCK, "mend it")
    assert (told.ok, told.degraded, told.mend) == (True, True, "mend it")


def test_a_warm_call_has_every_wall_or_its_fallen_ones_are_named() -> None:
    def after(found: Findings, *, warm: bool = True) -> Ending:
        return Ending(Ended.OK, 0, 0.1, 0.1, json.dumps(found).encode(), b"", warm=warm)

    assert warm(after(HEALTHY), Backend.FULL, "").ok
    fallen = warm(after(_found(nested=True)), Backend.FULL, "")
    assert not fallen.ok
    assert "no nested namespaces" in fallen.detail
    assert not warm(after(HEALTHY, warm=False), Backend.FULL, "").ok
    cold = warm(_ending(Ended.UNAVAILABLE), Backend.NO_PROC, "mend it")
    assert (cold.ok, cold.degraded, cold.mend) == (True, True, "mend it")


def test_a_probe_that_did_not_end_well_is_a_defect() -> None:
    [told] = probed(_ending(Ended.ERROR), Backend.FULL, "")
    assert not told.ok
