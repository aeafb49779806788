"""The set-up: prepares nothing when everything is there, and says what is missing where it cannot install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAMP = ROOT / ".venv" / ".setup-stamp"
BASICS = ("bash", "cat", "cksum", "dirname", "grep", "id", "mkdir", "sort", "tail", "tr")


APT = """#!/bin/bash
echo "$*" >>"$0.asked"
if [ "$1" = update ] && [ "$(grep -c update "$0.asked")" -le "${LOCKED:-0}" ]; then
    echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
    exit 100
fi
[ "$1" = update ]
"""
"""Stands in for apt-get: its lists are locked for the first LOCKED times, and it can install nothing."""
APT_CACHE = """#!/bin/bash
case " $PACKAGES " in *" $2 "*) echo "$2 | 1.0 | somewhere" ;; esac
"""
"""Stands in for apt-cache: its lists have PACKAGES."""


def set_up(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", ROOT / "scripts" / "setup.sh", *words],
        env=os.environ | env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_second_set_up_prepares_nothing() -> None:
    inputs = [ROOT / "pyproject.toml", ROOT / "scripts" / "setup.sh", *ROOT.glob("requirements*.lock")]
    if not STAMP.exists() or STAMP.stat().st_mtime < max(path.stat().st_mtime for path in inputs):
        pytest.skip("this environment is not the set-up's newest. Run: make setup")
    done = set_up("tests")
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    assert done.stdout.startswith("set-up: everything is there")


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


@pytest.fixture
def debian(qs_home: Path) -> Path:
    """A PATH on which apt is, and nothing that it could install; no time passes there."""
    for name in (*BASICS, "env"):
        (qs_home / name).symlink_to(str(shutil.which(name)))
    for name, text in {
        "apt-get": APT, "apt-cache": APT_CACHE, "sudo": '#!/bin/bash\nexec "$@"\n', "sleep": "#!/bin/bash\n",
    }.items():  # fmt: skip
        (qs_home / name).write_text(text)
        (qs_home / name).chmod(0o755)
    return qs_home


def asked_of_apt(debian: Path, **env: str) -> list[list[str]]:
    """What a set-up for the tests asks apt-get for: the words of each call."""
    done = set_up("tests", PATH=str(debian), **env)
    assert done.returncode == 1, done.stdout
    assert "set-up: failed" in done.stderr
    return [line.split() for line in (debian / "apt-get.asked").read_text().splitlines()]


@pytest.mark.parametrize(("packages", "wanted"), [("bubblewrap chromium", True), ("bubblewrap", False)])
def test_a_browser_is_installed_where_apt_has_one_and_left_out_where_not(
    debian: Path, packages: str, wanted: bool
) -> None:
    update, install = asked_of_apt(debian, PACKAGES=packages)
    assert update == ["update"]
    assert {"install", "bubblewrap", "ffmpeg"} <= {*install}
    assert ("chromium" in install) is wanted


def test_the_set_up_waits_for_whoever_has_locked_apts_lists(debian: Path) -> None:
    asked = asked_of_apt(debian, LOCKED="3")
    assert asked[:4] == [["update"]] * 4
    assert "install" in asked[4]
    assert len(asked) == 5


def test_make_demo_ends_with_the_render_that_prints_the_videos_path() -> None:
    # the tests themselves may run below a make, which would tell this one what it is
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    plan = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=ROOT, capture_output=True, text=True, check=True, env=env
    ).stdout.splitlines()
    assert plan[-1] == ".venv/bin/qs render examples/pythagoras.txt -o build/demo/pythagoras.mp4"


def test_make_checks_nothing_before_the_set_up_is_done_however_many_jobs_it_may_run(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "setup.sh"
    script.write_text("""#!/bin/sh
sleep 0.5
mkdir -p .venv/bin
for name in python ruff mypy; do echo '#!/bin/sh' >.venv/bin/$name; done
chmod +x .venv/bin/*
""")
    script.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "-j4", "test"], cwd=tmp_path, capture_output=True, text=True, check=False, env=env
    )
    assert (done.returncode, done.stderr) == (0, "")


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
