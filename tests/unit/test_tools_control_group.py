"""What is read out of the files of a control group, as each version of the kernel's interface writes them.

The files are plain ones here: the real ones are tried in `integration/test_sandbox_control_groups.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.sandbox.control_group import ControlGroup
from quantumsketch.tools.tool import Ended, Limits

LIMITS = Limits(memory_bytes=1_000_000, processes=10)
CALM_2 = {
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.oom.group": "0\n",
    "memory.peak": "700000\n",
    "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 0\n",
    "pids.max": "max\n",
    "pids.events": "max 0\n",
    "cpu.weight": "100\n",
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n",
}
CALM_1 = {
    "memory.limit_in_bytes": "9223372036854771712\n",
    "memory.memsw.limit_in_bytes": "9223372036854771712\n",
    "memory.max_usage_in_bytes": "700000\n",
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
    "pids.max": "max\n",
    "pids.events": "max 0\n",
    "cpu.shares": "1024\n",
    "cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
    "cpuacct.usage": "2500000000\n",
}
STRUCK = [
    (CALM_2, "memory.events", "oom 4\noom_kill 2\n", Ended.OUT_OF_MEMORY),
    (CALM_1, "memory.oom_control", "under_oom 1\noom_kill 2\n", Ended.OUT_OF_MEMORY),
    (CALM_2, "pids.events", "max 1\n", Ended.KILLED),
    (CALM_1, "pids.events", "max 1\n", Ended.KILLED),
]


def _group(folder: Path, files: Mapping[str, str]) -> ControlGroup:
    for name, text in files.items():
        (folder / name).write_text(text)
    return ControlGroup([folder], LIMITS)


@pytest.mark.parametrize("files", [CALM_1, CALM_2], ids=["version 1", "version 2"])
def test_a_group_tells_what_was_used_and_holds_what_it_has_a_ceiling_for(
    tmp_path: Path, files: Mapping[str, str]
) -> None:
    group = _group(tmp_path, files)
    assert group.held == {"memory", "processes"}
    assert (group.cpu_s(), group.peak_bytes(), group.struck()) == (2.5, 700_000, None)


@pytest.mark.parametrize(("files", "name", "text", "ended"), STRUCK)
def test_what_the_kernel_did_is_a_verdict(
    tmp_path: Path, files: Mapping[str, str], name: str, text: str, ended: Ended
) -> None:
    verdict = _group(tmp_path, {**files, name: text}).struck()
    assert verdict is not None
    assert verdict.ended is ended


def test_ceilings_are_put_on_and_no_file_is_made(tmp_path: Path) -> None:
    for version, files in (("1", CALM_1), ("2", CALM_2)):
        (tmp_path / version).mkdir()
        _group(tmp_path / version, files)
        assert {file.name for file in (tmp_path / version).iterdir()} == set(files)

    def text(file: str) -> str:
        return (tmp_path / file).read_text()

    assert text("2/memory.max") == text("1/memory.limit_in_bytes") == "1000000"
    assert text("1/memory.memsw.limit_in_bytes") == "1000000"
    assert (text("2/memory.swap.max"), text("2/memory.oom.group")) == ("0", "1")
    assert text("2/pids.max") == text("1/pids.max") == str(most_threads(LIMITS))
    assert (text("2/cpu.weight"), text("1/cpu.shares")) == ("50", "512")


def test_without_groups_nothing_is_known_and_nothing_goes_wrong(tmp_path: Path) -> None:
    for group in (ControlGroup([], LIMITS), _group(tmp_path, {})):
        assert group.held == frozenset()
        assert (group.cpu_s(), group.peak_bytes(), group.struck()) == (None, None, None)
        group.kill()
