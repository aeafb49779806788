"""`qs render` as a person runs it: a process, a file, and what ffprobe says of that file."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.narration import LEAD_S, beat_seconds
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bar, BarChart, Bullet, BulletPoints, TitleCard

RunQs = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.slow

BOARD = Storyboard(
    title="Fruit; counted & compared",
    summary="Three kinds of fruit and how many there are.",
    beats=[
        Beat(title="Fruit", narration="Fruit can be counted.", visual=TitleCard(heading="Fruit")),
        Beat(
            title="Kinds = three",
            narration="Here are apples, and here are pears.",
            visual=BulletPoints(
                items=[Bullet(text="Apples", cue="apples"), Bullet(text="Pears: $p = 2a$", cue="pears")]
            ),
        ),
        Beat(
            title="How many",
            narration="Ten apples stand beside twenty pears.",
            visual=BarChart(bars=[Bar(label="Apples", value=10), Bar(label="Pears", value=20)]),
        ),
    ],
)


def write_board(folder: Path, board: Storyboard = BOARD) -> Path:
    path = folder / "board.json"
    path.write_text(board.model_dump_json(), encoding="utf-8")
    return path


def probe(path: Path) -> dict[str, Any]:
    words = [
        "ffprobe",
        "-v",
        "error",
        "-show_streams",
        "-show_format",
        "-show_chapters",
        "-of",
        "json",
        str(path),
    ]
    said: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return said


def render(run_qs: RunQs, *words: str | Path) -> dict[str, Any]:
    done = run_qs("render", *words, "--quality", "draft", "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_storyboard_becomes_a_film_that_is_what_it_says(run_qs: RunQs, tmp_path: Path) -> None:
    film = tmp_path / "fruit.mp4"
    report = render(run_qs, "--storyboard", write_board(tmp_path), "-o", film)
    said = probe(film)
    lengths = [beat_seconds(beat.narration) for beat in BOARD.beats]

    assert float(said["format"]["duration"]) == pytest.approx(sum(lengths), abs=0.2)
    assert report["duration_s"] == pytest.approx(float(said["format"]["duration"]), abs=0.2)
    assert said["format"]["tags"]["title"] == BOARD.title
    video, captions = said["streams"][:2]
    assert (video["codec_name"], video["pix_fmt"], video["codec_tag_string"]) == ("h264", "yuv420p", "avc1")
    assert (video["width"], video["height"], video["r_frame_rate"]) == (854, 480, "15/1")
    assert captions["codec_name"] == "mov_text"
    assert [chapter["tags"]["title"] for chapter in said["chapters"]] == [beat.title for beat in BOARD.beats]
    starts = [float(chapter["start_time"]) for chapter in said["chapters"]]
    assert starts == pytest.approx(list(accumulate(lengths, initial=0.0))[:-1], abs=0.2)
    assert film.read_bytes().index(b"moov") < film.read_bytes().index(b"mdat")

    assert_captions_in_step(film.with_suffix(".vtt").read_text(encoding="utf-8"), starts)
    assert film.with_suffix(".srt").read_text(encoding="utf-8").startswith("1\n00:00:00,")
    assert film.with_suffix(".jpg").read_bytes()[:3] == b"\xff\xd8\xff"

    assert [beat["outcome"] for beat in report["beats"]] == ["planned"] * 3
    assert report["storyboard_by"] == "you"
    assert (report["cost_usd"], report["notes"]) == (0.0, [])
    assert_found_again(run_qs, report, film, tmp_path)


def assert_captions_in_step(captions: str, beat_starts: list[float]) -> None:
    """Each beat's first word is on screen when the narration begins to speak."""
    clock = re.findall(r"(\d+):(\d+):(\d+\.\d+) -->", captions)
    cue_starts = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in clock]
    for start in beat_starts:
        assert min(abs(cue - (start + LEAD_S)) for cue in cue_starts) < 0.1


def assert_found_again(run_qs: RunQs, first: dict[str, Any], film: Path, tmp_path: Path) -> None:
    """A second, identical render finds every clip, and gives the same bytes."""
    again = tmp_path / "again.mp4"
    second = render(run_qs, "--storyboard", tmp_path / "board.json", "-o", again)
    assert [beat["cached"] for beat in first["beats"]] == [False] * 3
    assert [beat["cached"] for beat in second["beats"]] == [True] * 3
    assert again.read_bytes() == film.read_bytes()
    listed = run_qs("list").stdout
    assert first["id"] in listed
    assert second["id"] in listed
    shown = json.loads(run_qs("show", first["id"], "--json").stdout)
    assert [beat["clip_sha256"] for beat in shown["beats"]] == [
        beat["clip_sha256"] for beat in first["beats"]
    ]


@pytest.mark.parametrize(("aspect", "size"), [("9:16", (480, 854)), ("1:1", (480, 480))])
def test_another_aspect_is_another_size(
    run_qs: RunQs, tmp_path: Path, aspect: str, size: tuple[int, int]
) -> None:
    board = write_board(tmp_path, BOARD.model_copy(update={"beats": BOARD.beats[:1]}))
    film = tmp_path / "other.mp4"
    report = render(run_qs, "--storyboard", board, "-o", film, "--aspect", aspect)
    video = probe(film)["streams"][0]
    assert (video["width"], video["height"]) == size == (report["width"], report["height"])


def test_a_beat_whose_code_fails_is_simplified_and_says_so(run_qs: RunQs, tmp_path: Path) -> None:
    broken = {
        "kind": "manim",
        "code": "from manim import *\nclass Broken(Scene):\n    def construct(self):\n        1 / 0",
    }
    board = json.loads(BOARD.model_dump_json())
    board["beats"] = [{"title": "Broken", "narration": "This cannot be drawn as planned.", "visual": broken}]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(board), encoding="utf-8")
    report = render(run_qs, "--storyboard", path, "-o", tmp_path / "broken.mp4")
    [beat] = report["beats"]
    assert (beat["outcome"], beat["kind"], beat["attempts"]) == ("simplified", "bullets", 2)
    assert any("ZeroDivisionError" in note for note in report["notes"])


def test_a_worked_example_answers_without_any_key(run_qs: RunQs, tmp_path: Path) -> None:
    done = run_qs("render", "-", "--plan", typed="Explain the Pythagorean theorem")
    assert done.returncode == 0, done.stderr
    assert len(Storyboard.model_validate_json(done.stdout).beats) >= 5
    assert "offline: worked example 'pythagoras'" in done.stderr
