"""The doctor's judgement: each broken property is told, and only that one."""

from __future__ import annotations

from typing import Any

import pytest

from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT
from quantumsketch.tools.sandbox.doctor import judge, judge_timeout
from quantumsketch.tools.sandbox.probe import STATUS_FIELDS
from quantumsketch.tools.tool import Ended, Ending

HEALTHY_STATUS = dict.fromkeys(STATUS_FIELDS, "0" * 16) | {"NoNewPrivs": "1", "Seccomp": "2"}
HEALTHY: dict[str, Any] = {
    "reached": False,
    "seen": [],
    "variables": sorted(ENVIRONMENT),
    "written": [],
    "settings": [],
    "status": HEALTHY_STATUS,
    "nested": False,
}


def test_a_healthy_sandbox_has_nothing_to_mend() -> None:
    assert {(check.ok, check.mend) for check in judge(HEALTHY)} == {(True, "")}


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ({"reached": True}, "no network"),
        ({"seen": ["/etc/shadow"]}, "files are hidden"),
        ({"variables": ["HOME", "API_KEY"]}, "environment is clean"),
        ({"written": ["/dev"]}, "only scratch is writable"),
        ({"settings": ["/proc/sys/kernel/core_pattern"]}, "the kernel's settings are closed"),
        ({"status": HEALTHY_STATUS | {"CapEff": "000001ffffffffff"}}, "no capabilities"),
        ({"status": HEALTHY_STATUS | {"NoNewPrivs": "0"}}, "no new privileges"),
        ({"status": HEALTHY_STATUS | {"Seccomp": "0"}}, "system-call filter"),
        ({"nested": True}, "no nested namespaces"),
    ],
)
def test_a_broken_property_is_told_by_its_name(broken: dict[str, Any], name: str) -> None:
    bad = [check for check in judge(HEALTHY | broken) if not check.ok]
    assert [check.name for check in bad] == [f"sandbox: {name}"]
    assert bad[0].mend


@pytest.mark.parametrize(
    ("ended", "wall_s", "kept"),
    [
        (Ended.TIMEOUT, 0.6, True),
        (Ended.TIMEOUT, 4.0, True),
        (Ended.TIMEOUT, 6.0, False),
        (Ended.OK, 0.6, False),
    ],
)
def test_a_timeout_that_comes_late_on_a_busy_machine_is_no_defect(
    ended: Ended, wall_s: float, kept: bool
) -> None:
    assert judge_timeout(Ending(ended, 137, wall_s, 0.0, b"", b"")).ok is kept
