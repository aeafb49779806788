"""`qs tools call`: one tool by itself, in the real sandbox, without any server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    picture = ("-f", "lavfi", "-i", "color=c=navy:s=64x48:r=10:d=0.5", "-pix_fmt", "yuv420p")
    subprocess.run(["ffmpeg", "-v", "error", *picture, "film.mp4"], check=True)
    return tmp_path / "film.mp4"


def call(*words: str, stdin: str = "") -> Said:
    studio = RehearsedStudio(RehearsedVideos(Path()))
    told = qs(studio, ["tools", "call", *words], stdin.encode())
    assert studio.opened == 0, "servers were started"
    assert list(Path("home/scratch").iterdir()) == [], "scratch is left"
    return told


def test_the_result_is_json_and_how_it_ended_is_told_beside_it(film: Path) -> None:
    told = call("probe", "-", "--input", "film.mp4=film.mp4", stdin='{"name": "film.mp4"}')
    assert told.code == 0
    assert json.loads(told.stdout)["frames"] == 5
    assert told.stderr.startswith("ended: ok\nbackend: ")
    assert "took: " in told.stderr


def test_what_a_call_leaves_is_kept_where_one_says(film: Path) -> None:
    Path("request.json").write_text('{"at_s": 0.1}')
    told = call("poster", "request.json", "--input", "film.mp4=film.mp4", "--keep", "kept/here")
    assert told.code == 0
    poster = Path("kept/here/poster.jpg")
    assert json.loads(told.stdout) == {"size": poster.stat().st_size}
    assert f"kept {poster}" in told.stderr


def test_a_call_that_fails_is_no_success_and_says_why(film: Path) -> None:
    told = call("probe", "-", "--input", "other.mp4=film.mp4", stdin='{"name": "film.mp4"}')
    assert (told.code, told.stdout) == (1, "")
    assert "ended: error" in told.stderr
    assert "/in/film.mp4: No such file or directory" in told.stderr
    assert told.stderr.endswith("qs: probe gave no result: error\n")
