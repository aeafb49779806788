"""A beat that takes longer to draw than one call may is drawn in several and joined."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# five animations of 30 frames, slow to draw: together longer than the 21 s after which no further one begins
CODE = """
import time
from manim import *

class Slow(Scene):
    def construct(self):
        dot = Dot()
        dot.add_updater(lambda _: time.sleep(0.06))
        self.add(dot)
        for step in range(5):
            self.play(dot.animate(run_time=2).shift(0.5 * RIGHT))
"""
BOARD = {
    "title": "Slow",
    "summary": "Drawn slowly.",
    "beats": [{"title": "Slow", "narration": "A dot walks.", "visual": {"kind": "manim", "code": CODE}}],
}


def test_a_beat_that_does_not_fit_into_one_call_is_split_and_joined(
    run_qs: Callable[..., subprocess.CompletedProcess[str]], qs_home: Path, tmp_path: Path
) -> None:
    board, film = tmp_path / "board.json", tmp_path / "slow.mp4"
    board.write_text(json.dumps(BOARD), encoding="utf-8")
    done = run_qs("render", "--storyboard", board, "-o", film, "--quality", "draft", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [beat["outcome"] for beat in report["beats"]] == ["planned"], report["notes"]
    blobs = list((qs_home / "assets" / "blobs").glob("*/*"))
    assert len(blobs) >= 7, (
        "parts, clip, film, two captions, poster: it fitted into one call, so nothing was split"
    )
    words = ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-of", "csv=p=0"]
    words += ["-show_entries", "stream=nb_read_packets", str(film)]
    frames = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip(" ,\n")
    assert int(frames) == 5 * 30
    assert report["duration_s"] == pytest.approx(10.0, abs=0.01)
