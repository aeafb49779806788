"""What the commands say and leave behind, on a rehearsed studio."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from quantumsketch.cli.ending import save_storyboard
from quantumsketch.errors import QuantumSketchError, RunFailed
from quantumsketch.storyboard import Aspect, CheckedMathematics, Quality, Storyboard, VideoRequest
from quantumsketch.usage import ModelCall
from quantumsketch.video import Outcome
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import STORYBOARD, RehearsedStudio, RehearsedVideos

REPORT = [
    "id", "title", "path", "duration_s", "width", "height", "fps", "storyboard_by", "beats", "stages",
    "cost_usd", "usage", "calls", "mathematics", "wall_s", "notes", "because",
]  # fmt: skip
BEAT = [
    "id", "title", "kind", "outcome", "attempts", "model", "clip_sha256", "cached", "mended", "reused",
    "usage",
]  # fmt: skip


@pytest.fixture
def videos(tmp_path_factory: pytest.TempPathFactory) -> RehearsedVideos:
    return RehearsedVideos(tmp_path_factory.mktemp("assets"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tea.txt").write_text("Why does tea go with biscuits?")
    return tmp_path


def _run(videos: RehearsedVideos, *arguments: str, stdin: bytes = b"") -> Said:
    studio = RehearsedStudio(videos)
    said = qs(studio, arguments, stdin)
    assert studio.opened == studio.closed == 1
    return said


def test_a_prompt_file_becomes_a_film_of_its_name_with_captions_and_poster(
    videos: RehearsedVideos, here: Path
) -> None:
    said = _run(videos, "render", "tea.txt", "--quality", "draft", "--aspect", "9:16", "--max-beats", "3")
    assert said.code == 0
    assert said.stdout.splitlines()[-1] == "tea.mp4"
    assert (here / "tea.mp4").read_bytes() == videos.film
    assert {path.name for path in here.iterdir()} == {"tea.txt", "tea.mp4", "tea.vtt", "tea.srt", "tea.jpg"}
    request = videos.runs["tea-1"].request
    assert request.prompt == "Why does tea go with biscuits?"
    assert (request.look.quality, request.look.aspect) == (Quality.DRAFT, Aspect.TALL)
    assert request.max_beats == 3
    assert videos.runs["tea-1"].output == Path("tea.mp4")


def test_a_film_from_standard_input_is_named_by_its_title(videos: RehearsedVideos, here: Path) -> None:
    said = _run(videos, "render", "-", stdin="Tee für alle".encode())
    assert said.stdout.splitlines()[-1] == "tea-biscuits.mp4"
    assert (here / "tea-biscuits.mp4").exists()
    assert videos.runs["tea-1"].request.prompt == "Tee für alle"


def test_a_piped_run_tells_each_change_once_on_standard_error(videos: RehearsedVideos, here: Path) -> None:
    lines = _run(videos, "render", "tea.txt").stderr.splitlines()
    assert lines[0] == "making tea-1"
    assert "storyboard: Tea & <biscuits>, 2 beats, by offline: rehearsed" in lines
    assert "b01 rendering: Tea" in lines
    assert "b02 planned: Biscuits" in lines
    assert len(lines) == len(set(lines))


def test_json_is_one_object_with_exactly_the_promised_fields(videos: RehearsedVideos, here: Path) -> None:
    said = _run(videos, "render", "tea.txt", "--json", "-o", "out.mp4")
    told = json.loads(said.stdout)
    assert list(told) == REPORT
    assert [list(beat) for beat in told["beats"]] == [BEAT, BEAT]
    assert told["path"] == str(here / "out.mp4")
    assert (told["width"], told["height"], told["fps"]) == (1280, 720, 30)
    assert told["cost_usd"] == 0.0
    assert told["wall_s"] > 0


def test_whoever_answered_and_whatever_is_worse_than_planned_is_said(
    videos: RehearsedVideos, here: Path
) -> None:
    videos.outcome, videos.notes, videos.cost_usd = Outcome.SIMPLIFIED, ["no key is set"], None
    said = _run(videos, "render", "tea.txt").stdout
    assert "storyboard by offline: rehearsed" in said
    assert "b01 Tea: simplified, not as planned: the <kettle> did not fit" in said
    assert "note: no key is set" in said
    assert "cost unknown" in said
    videos.notes = ["b01 simplified: the <kettle> did not fit"]
    assert "note: b01" not in _run(videos, "render", "tea.txt").stdout, "it was said twice"
    videos.cost_usd = 0.00001
    assert "cost under $0.0001" in _run(videos, "render", "tea.txt").stdout
    videos.cost_usd = 0.0
    assert "cost $0.00" in _run(videos, "render", "tea.txt").stdout


def test_every_call_to_a_model_is_accounted_for_and_unchecked_mathematics_is_named(
    videos: RehearsedVideos, here: Path
) -> None:
    videos.calls = [
        ModelCall(
            model="a/b", purpose="storyboard", ended="answered",
            input_tokens=3000, output_tokens=900, cost_usd=0.02,
        ),
        ModelCall(
            model="a/b", purpose="scene", beat_id="b02", ended="Refused", input_tokens=10, cost_usd=None
        ),
    ]  # fmt: skip
    videos.mathematics = CheckedMathematics(right=3, unchecked=[f"beat {n}: text" for n in range(7)])
    said = _run(videos, "render", "tea.txt").stdout
    assert "2 model calls, 3,010 tokens in, 900 out" in said
    assert "storyboard: $0.02, 1 model call" in said
    assert "b02: unknown, 1 model call" in said
    assert "3 statements checked and right, 7 could not be checked" in said
    assert said.count("not checked: ") == 6
    told = json.loads(_run(videos, "render", "tea.txt", "--json").stdout)
    assert told["usage"] == {
        "calls": 2,
        "input_tokens": 3010,
        "output_tokens": 900,
        "cost_usd": None,
        "known_usd": 0.02,
    }
    assert [beat["usage"]["calls"] for beat in told["beats"]] == [0, 1]
    assert len(told["mathematics"]["unchecked"]) == 7


def test_a_title_cannot_steer_the_terminal(videos: RehearsedVideos, here: Path) -> None:
    videos.storyboard = STORYBOARD.model_copy(update={"title": "red \x1b[31mtea"})
    said = _run(videos, "render", "tea.txt")
    assert "red \\x1b[31mtea" in said.stdout
    assert "\x1b" not in said.stdout + said.stderr
    assert json.loads(_run(videos, "render", "tea.txt", "--json").stdout)["title"] == "red \x1b[31mtea"


def test_a_plan_is_printed_or_written_and_nothing_is_rendered(videos: RehearsedVideos, here: Path) -> None:
    said = _run(videos, "render", "tea.txt", "--plan")
    assert Storyboard.model_validate_json(said.stdout) == STORYBOARD
    assert "storyboard by offline: rehearsed" in said.stderr
    assert _run(videos, "render", "tea.txt", "--plan", "-o", "plan.json").stdout == "plan.json\n"
    assert Storyboard.model_validate_json((here / "plan.json").read_text()) == STORYBOARD
    assert {path.name for path in here.iterdir()} == {"tea.txt", "plan.json"}
    assert (here / "plan.json").stat().st_mode & 0o777 == 0o644
    assert videos.runs == {}


def test_a_plan_with_json_is_one_object_wherever_else_it_goes(videos: RehearsedVideos, here: Path) -> None:
    said = _run(videos, "render", "tea.txt", "--plan", "--json", "-o", "plan.json")
    assert json.loads(said.stdout) == json.loads((here / "plan.json").read_text())


def test_a_plan_goes_where_a_link_leads(videos: RehearsedVideos, here: Path) -> None:
    (here / "drawer").mkdir()
    (here / "drawer" / "kept.json").write_text("{}")
    (here / "plan.json").symlink_to("drawer/kept.json")
    _run(videos, "render", "tea.txt", "--plan", "-o", "plan.json")
    assert (here / "plan.json").is_symlink()
    assert Storyboard.model_validate_json((here / "drawer" / "kept.json").read_text()) == STORYBOARD


def test_a_plan_that_cannot_be_written_leaves_nothing_and_says_why(here: Path) -> None:
    (here / "plan.json").mkdir()
    with pytest.raises(QuantumSketchError, match=r"plan\.json' cannot be written"):
        save_storyboard(STORYBOARD, here / "plan.json")
    assert {path.name for path in here.iterdir()} == {"tea.txt", "plan.json"}


def test_an_edited_storyboard_is_rendered_as_it_is_without_a_prompt(
    videos: RehearsedVideos, here: Path
) -> None:
    edited = STORYBOARD.model_copy(update={"title": "My tea"})
    (here / "edited.json").write_text(edited.model_dump_json())
    assert _run(videos, "render", "--storyboard", "edited.json").stdout.splitlines()[-1] == "edited.mp4"
    request = videos.runs["tea-1"].request
    assert request.storyboard == edited
    assert "My tea" in request.prompt


def test_a_run_that_fails_exits_with_1_and_its_reason(videos: RehearsedVideos, here: Path) -> None:
    videos.fails_with = RunFailed("the kettle broke", mend="Buy another")
    said = _run(videos, "render", "tea.txt")
    assert said.code == 1
    assert said.stderr.splitlines()[-1] == "qs: the kettle broke. Buy another"
    assert not (here / "tea.mp4").exists()


def test_a_film_that_cannot_be_saved_says_how_to_fetch_it(videos: RehearsedVideos, here: Path) -> None:
    (here / "tea-biscuits.mp4").mkdir()
    said = _run(videos, "render", "-", stdin=b"tea")
    assert said.code == 1
    assert "qs resume tea-1 -o FILE.mp4" in said.stderr


def test_resume_saves_where_render_was_told_to_or_elsewhere(videos: RehearsedVideos, here: Path) -> None:
    _run(videos, "render", "tea.txt", "-o", "first.mp4")
    (here / "first.mp4").unlink()
    assert _run(videos, "resume", "tea-1").stdout.splitlines()[-1] == "first.mp4"
    assert (here / "first.mp4").exists()
    told = json.loads(_run(videos, "resume", "tea-1", "-o", "second.mp4", "--json").stdout)
    assert told["path"] == str(here / "second.mp4")
    assert (here / "second.mp4").exists()


def test_a_render_again_replaces_the_film_and_all_that_belongs_to_it(
    videos: RehearsedVideos, here: Path
) -> None:
    _run(videos, "render", "tea.txt")
    for suffix in (".mp4", ".vtt", ".srt", ".jpg"):
        (here / f"tea{suffix}").write_text("the first")
    assert _run(videos, "render", "tea.txt").code == 0
    assert all(path.read_bytes() != b"the first" for path in here.iterdir())


def test_a_film_named_by_its_title_replaces_no_file_of_somebody_else(
    videos: RehearsedVideos, here: Path
) -> None:
    (here / "tea-biscuits.jpg").write_text("my own")
    said = _run(videos, "render", "-", stdin=b"tea")
    assert said.code == 1
    assert "'tea-biscuits.jpg'" in said.stderr
    assert "qs resume tea-1 -o FILE.mp4" in said.stderr
    assert (here / "tea-biscuits.jpg").read_text() == "my own"
    assert not (here / "tea-biscuits.mp4").exists()
    assert _run(videos, "resume", "tea-1", "-o", "tea.mp4").code == 0


def test_resume_needs_the_folder_that_render_was_told_and_no_other(
    videos: RehearsedVideos, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(videos, "render", "tea.txt", "-o", str(here / "first.mp4"))
    (here / "first.mp4").unlink()
    monkeypatch.chdir("/proc")  # read-only even for root
    assert _run(videos, "resume", "tea-1").code == 0
    assert (here / "first.mp4").exists()


def test_resume_checks_the_place_that_render_was_told_before_the_run_goes_on(
    videos: RehearsedVideos, here: Path
) -> None:
    (here / "gone").mkdir()
    _run(videos, "render", "tea.txt", "-o", "gone/first.mp4")
    for file in (here / "gone").iterdir():
        file.unlink()
    (here / "gone").rmdir()
    looks = videos.runs["tea-1"].looks
    said = _run(videos, "resume", "tea-1")
    assert (said.code, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    assert "gone' does not exist" in said.stderr
    assert videos.runs["tea-1"].looks == looks


def test_list_and_show_tell_of_every_video(videos: RehearsedVideos, here: Path) -> None:
    assert "no videos yet" in _run(videos, "list").stderr
    assert json.loads(_run(videos, "list", "--json").stdout) == {"videos": []}
    _run(videos, "render", "tea.txt")
    [listed] = json.loads(_run(videos, "list", "--json").stdout)["videos"]
    assert (listed["id"], listed["state"], listed["title"]) == ("tea-1", "done", "Tea & <biscuits>")
    [line] = _run(videos, "list").stdout.splitlines()
    assert line.startswith("tea-1  done")
    assert "Tea & <biscuits>" in line
    assert _run(videos, "show", "tea-1").stdout.splitlines()[-1] == "tea.mp4"
    told = json.loads(_run(videos, "show", "tea-1", "--json").stdout)
    assert list(told) == REPORT
    assert told["wall_s"] == pytest.approx(3.7)


def test_show_tells_how_far_a_running_video_is(videos: RehearsedVideos, here: Path) -> None:
    videos.waits_for_ever = True
    asyncio.run(videos.start(VideoRequest(prompt="tea")))
    assert "tea-1 is running, stage storyboard" in _run(videos, "show", "tea-1").stdout
    told = json.loads(_run(videos, "show", "tea-1", "--json").stdout)
    assert list(told) == REPORT
    assert (told["path"], told["cost_usd"], told["duration_s"]) == (None, None, None)
    assert [beat["outcome"] for beat in told["beats"]] == [None, None]


def test_cancel_stops_a_run_and_says_when_it_was_too_late(videos: RehearsedVideos, here: Path) -> None:
    asyncio.run(videos.start(VideoRequest(prompt="tea")))
    assert _run(videos, "cancel", "tea-1").stderr == "tea-1 is cancelled\n"
    _run(videos, "render", "tea.txt")
    assert "finished already" in _run(videos, "cancel", "tea-2").stderr


@pytest.mark.parametrize("command", ["show", "resume", "cancel"])
def test_an_unknown_id_is_bad_input(videos: RehearsedVideos, here: Path, command: str) -> None:
    said = _run(videos, command, "coffee")
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr == "qs: no video has the id 'coffee'. `qs list` shows those that there are\n"
