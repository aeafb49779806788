"""`qs` as a process: what it refuses before anything starts, and what its doctor finds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quantumsketch.storyboard import PROMPT_LIMIT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (["render", "/nowhere/prompt.txt"], "", "'/nowhere/prompt.txt' does not exist"),
        (["render", "-"], "", "standard input is empty"),
        (["render", "-"], "a" * (PROMPT_LIMIT + 1), "20,001 characters, the limit is 20,000"),
        (["render", "-", "--quality", "best"], "Tea", "'best'"),
        (["render", "-", "-o", "/nowhere/tea.mp4"], "Tea", "'/nowhere' does not exist"),
    ],
)
def test_bad_input_is_one_line_and_starts_nothing(
    run_qs: Run, qs_home: Path, words: list[str], typed: str, told: str
) -> None:
    ran = run_qs(*words, typed=typed)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert list(qs_home.iterdir()) == []


@pytest.mark.parametrize("words", [["render"], ["tools", "call", "probe"]])
def test_a_closed_standard_input_is_bad_input_and_no_traceback(qs_home: Path, words: list[str]) -> None:
    closing = ["/bin/sh", "-c", 'exec "$0" "$@" <&-', str(Path(sys.executable).with_name("qs"))]
    environment = {"PATH": "/usr/bin:/bin", "QS_HOME": str(qs_home)}
    ran = subprocess.run(
        [*closing, *words, "-"], env=environment, cwd=qs_home, capture_output=True, text=True, timeout=60
    )
    told = "qs: standard input is closed. Give a file, or pipe the text in\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", told)
    assert list(qs_home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("QS_RENDER_SLOTS", "many", "QS_RENDER_SLOTS is 'many'"),
        ("QS_MODELS", "offline,best", "'offline' in the model chain is not a model"),
    ],
)
def test_a_setting_that_cannot_be_used_is_bad_input_too(
    run_qs: Run, qs_home: Path, name: str, value: str, told: str
) -> None:
    ran = run_qs("render", "-", typed="Tea", env={name: value})
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert told in ran.stderr
    assert list(qs_home.iterdir()) == []


def test_the_doctor_finds_every_part_here_and_names_what_gets_a_missing_one(run_qs: Run) -> None:
    whole = run_qs("doctor")
    assert whole.returncode == 0, whole.stdout
    assert "MISSING" not in whole.stdout
    poorer = run_qs("doctor", "--json", env={"PATH": "/nowhere"})
    assert poorer.returncode == 1
    told = json.loads(poorer.stdout)
    assert not told["ok"]
    found = told["parts"] + told["sandbox"]
    missing = {each["name"]: each["mend"] for each in found if not each["ok"] or each["degraded"]}
    assert "ffmpeg" in missing["ffmpeg"]
    assert "bubblewrap" in missing["bwrap"]
