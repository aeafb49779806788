"""The libraries' own words reach the log file and never a person's terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WARNS = """
import logging, pathlib, sys
from workflows.logs import log_to
log_to(pathlib.Path(sys.argv[1]))
log_to(pathlib.Path(sys.argv[1]))
for name in ("temporalio.core", "psycopg.pool"):
    logging.getLogger(name).warning("the pool of %s leaks", name)
"""


def _warn(folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", WARNS, folder],
        env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_what_temporal_and_postgres_say_goes_into_the_log_once(tmp_path: Path) -> None:
    done = _warn(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    lines = (tmp_path / "worker.log").read_text().splitlines()
    assert [line.split("WARNING ")[1] for line in lines] == [
        "temporalio.core: the pool of temporalio.core leaks",
        "psycopg.pool: the pool of psycopg.pool leaks",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_below_the_log_is_not_told_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "worker.log").symlink_to("/dev/full")
    done = _warn(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
