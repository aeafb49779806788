"""The probe's positive control: where no walls are it finds everything that the doctor judges it by."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from quantumsketch.tools.sandbox import probe
from quantumsketch.tools.sandbox.doctor import stage
from quantumsketch.tools.sandbox.judging import Findings, walls
from quantumsketch.tools.tool import Backend

HARMLESS = ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--dev-bind", "/proc", "/proc")
"""Nothing of the host can be written to; that is the one wall around the control."""
SET_BY_BUBBLEWRAP = {"sandbox: no new privileges"}
ONLY_ROOT_CAN = {
    "sandbox: the kernel's settings are closed",
    "sandbox: no capabilities",
    "sandbox: capabilities cannot come back",
}


def _found(folder: Path) -> Findings:
    with stage(folder) as staged:
        left_open, other = os.pipe()
        os.set_inheritable(left_open, True)
        try:
            printed = subprocess.check_output(
                [*HARMLESS, "--", sys.executable, "-I", "-S", probe.__file__, json.dumps(staged)],
                pass_fds=[left_open],
                env={"QS_TEST_SECRET": "a secret"},
            )
        finally:
            os.close(left_open)
            os.close(other)
    found: Findings = json.loads(printed)
    return found


def test_where_no_walls_are_the_probe_finds_every_property_broken(tmp_path: Path) -> None:
    judged = walls(_found(tmp_path), Backend.FULL, "")
    untried = set() if os.geteuid() == 0 else set(ONLY_ROOT_CAN)
    untried |= set() if platform.machine() == "x86_64" else {"sandbox: calls of foreign architectures kill"}
    held = {check.name for check in judged if check.ok}
    assert held - untried == SET_BY_BUBBLEWRAP
    assert len(judged) - len(held) >= 12


def test_what_the_probe_tells_is_what_the_doctor_reads(tmp_path: Path) -> None:
    assert set(_found(tmp_path)) == set(Findings.__annotations__)
