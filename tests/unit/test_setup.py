"""The set-up: prepares nothing when everything is there, and says what is missing where it cannot install."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAMP = ROOT / ".venv" / ".setup-stamp"
BASICS = ("bash", "cat", "cksum", "dirname", "grep", "id", "mkdir", "sort", "tail", "tr")


def set_up(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", ROOT / "scripts" / "setup.sh", *words],
        env=os.environ | env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_second_set_up_prepares_nothing_and_is_quick() -> None:
    inputs = [ROOT / "pyproject.toml", ROOT / "scripts" / "setup.sh", *ROOT.glob("requirements*.lock")]
    if not STAMP.exists() or STAMP.stat().st_mtime < max(path.stat().st_mtime for path in inputs):
        pytest.skip("this environment is not the set-up's newest. Run: make setup")
    started = time.monotonic()
    done = set_up("tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "set-up: everything is there\n", "")
    assert time.monotonic() - started < 10  # a fraction of a second on an idle machine


def test_without_a_package_manager_it_lists_what_is_missing_and_changes_nothing(qs_home: Path) -> None:
    for name in BASICS:
        found = shutil.which(name)
        assert found
        (qs_home / name).symlink_to(found)
    done = set_up("tests", PATH=str(qs_home))
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    for package in (
        "bubblewrap",
        "ffmpeg",
        "libcairo2-dev",
        "texlive-latex-extra",
        "fonts-noto-core",
        "chromium",
    ):
        assert package in line.split()


def test_what_only_the_tests_need_is_not_asked_of_those_who_render(qs_home: Path) -> None:
    for name in BASICS:
        (qs_home / name).symlink_to(str(shutil.which(name)))
    assert "chromium" not in set_up(PATH=str(qs_home)).stderr


def test_make_demo_ends_with_the_render_that_prints_the_videos_path() -> None:
    # the tests themselves may run below a make, which would tell this one what it is
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    plan = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=ROOT, capture_output=True, text=True, check=True, env=env
    ).stdout.splitlines()
    assert plan[-1] == ".venv/bin/qs render examples/pythagoras.txt -o build/demo/pythagoras.mp4"


def test_continuous_integration_runs_what_everybody_runs() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_locks_have_hashes_and_no_addresses() -> None:
    locks = [*ROOT.glob("requirements*.lock")]
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text()
        assert "http" not in "".join(line for line in text.splitlines() if "index" in line or "://" in line)
        pinned = [line for line in text.splitlines() if "==" in line.partition(";")[0]]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), lock.name
