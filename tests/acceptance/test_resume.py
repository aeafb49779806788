"""kill -9 in the middle of a render loses nothing: the run goes on, finished clips are not made again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints

RunQs = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.slow

BOARD = Storyboard(
    title="Four points",
    summary="Enough beats for one to be done while another is not.",
    beats=[
        Beat(
            title=f"Point {number}",
            narration=f"This is point number {number} of four, and nothing more.",
            visual=BulletPoints(items=[Bullet(text=f"Number {number}")]),
        )
        for number in range(1, 5)
    ],
)


def blobs(home: Path) -> dict[str, int]:
    """The stored files by name, with the time at which each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (home / "assets" / "blobs").glob("*/*")}


def start_and_kill(home: Path, board: Path, film: Path) -> str:
    """Start a render, kill -9 it as soon as one beat is done; gives the video's id."""
    qs = Path(sys.executable).with_name("qs")
    words: list[str | Path] = [qs, "render", "--storyboard", board, "-o", film, "--quality", "draft"]
    # one slot, so that some beats are surely not done yet
    env = {**os.environ, "QS_HOME": str(home), "QS_RENDER_SLOTS": "1"}
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if re.match(r"b\d\d planned", line):
                break
        process.send_signal(signal.SIGKILL)
    video_id = re.search(r"^making (\S+)", said, re.MULTILINE)
    assert video_id, said
    assert re.search(r"^b\d\d planned", said, re.MULTILINE), said
    return video_id[1]


def sandboxes(home: Path) -> list[str]:
    """Command lines of sandboxed processes that work for this home."""
    lines = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [line for line in lines if str(home / "scratch") in line]


def test_a_killed_render_goes_on_where_it_was(run_qs: RunQs, qs_home: Path, tmp_path: Path) -> None:
    board, film = tmp_path / "board.json", tmp_path / "points.mp4"
    board.write_text(BOARD.model_dump_json(), encoding="utf-8")
    video_id = start_and_kill(qs_home, board, film)
    kept = blobs(qs_home)
    assert kept
    assert not film.exists()
    deadline = time.monotonic() + 5
    while sandboxes(qs_home):
        assert time.monotonic() < deadline, "a sandbox outlived the process that started it"
        time.sleep(0.1)

    shown = run_qs("show", video_id)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "is running, stage beats" in shown.stdout

    done = run_qs("resume", video_id, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["id"], report["path"]) == (video_id, str(film))
    assert [beat["outcome"] for beat in report["beats"]] == ["planned"] * 4
    assert film.stat().st_size > 10_000
    after = blobs(qs_home)
    assert {name: after[name] for name in kept} == kept, "a finished clip was written again"
    clips = {beat["clip_sha256"] for beat in report["beats"]}
    assert clips & set(kept), "nothing of what was finished was used"
    assert clips - set(kept), "the kill came too late to prove anything"


def test_a_video_that_nobody_asked_for_cannot_be_resumed(run_qs: RunQs) -> None:
    done = run_qs("resume", "no-such-video")
    assert done.returncode == 2
    assert "no-such-video" in done.stderr
