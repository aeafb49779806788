"""What a person hands in is checked before anything starts: one line, exit 2, nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.cli import render
from quantumsketch.errors import BadInput
from quantumsketch.intake import prompt_of, storyboard_of, text_of
from quantumsketch.storyboard import MOST_BEATS, PROMPT_LIMIT, Aspect, Quality, Theme
from tests.cli_runs import qs
from tests.rehearsed_videos import STORYBOARD, RehearsedStudio, RehearsedVideos

Arguments = Callable[[Path], list[str]]


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> RehearsedStudio:
    return RehearsedStudio(RehearsedVideos(tmp_path_factory.mktemp("assets")))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.txt").write_text("Why does tea go with biscuits?")
    return tmp_path


def _edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    storyboard = json.loads(STORYBOARD.model_dump_json())
    change(storyboard)
    return json.dumps(storyboard).encode()


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "white space": (b" \n\t ", "is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "is empty"),
    "invisible": ("\u200b\u200b".encode(), "is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "is binary"),
    "control characters": (b"tea\x01\x02", "is binary"),
    "latin-1": ("Tee für alle".encode("latin-1"), "is not UTF-8: byte 5 is 0xfc"),
    "utf-16": ("tea".encode("utf-16"), "UTF-16"),
    "one character too long": (b"a" * (PROMPT_LIMIT + 1), "20,001 characters"),
    "far too long": (b"a" * 200_000, "longer than 20,000 characters"),
    "long in bytes": ("𝄞".encode() * (PROMPT_LIMIT + 1), "20,001 characters"),
}

ARGUMENTS: dict[str, tuple[Arguments, str]] = {
    "no prompt at all": (lambda here: ["render"], "there is no prompt"),
    "a missing file": (lambda here: ["render", "missing.txt"], "'missing.txt' does not exist"),
    "a folder": (lambda here: ["render", str(here)], "is a folder"),
    "an endless device": (lambda here: ["render", "/dev/zero"], "is binary"),
    "a name too long": (lambda here: ["render", "a" * 5000], "cannot be read"),
    "an unknown quality": (lambda here: ["render", "good.txt", "--quality", "best"], "'best'"),
    "an unknown aspect": (lambda here: ["render", "good.txt", "--aspect", "4:3"], "'4:3'"),
    "no beats": (lambda here: ["render", "good.txt", "--max-beats", "0"], "--max-beats"),
    "too many beats": (lambda here: ["render", "good.txt", "--max-beats", "25"], "--max-beats"),
    "beats in words": (lambda here: ["render", "good.txt", "--max-beats", "few"], "--max-beats"),
    "a negative cost": (lambda here: ["render", "good.txt", "--max-cost", "-0.01"], "--max-cost is -0.01"),
    "a cost that is no number": (
        lambda here: ["render", "good.txt", "--max-cost", "nan"],
        "--max-cost is nan",
    ),
    "an endless cost": (lambda here: ["render", "good.txt", "--max-cost", "inf"], "--max-cost is inf"),
    "a cost in words": (lambda here: ["render", "good.txt", "--max-cost", "cheap"], "--max-cost"),
    "an unknown option": (lambda here: ["render", "good.txt", "--nice"], "--nice"),
    "an unknown command": (lambda here: ["draw"], "'draw'"),
    "no output folder": (lambda here: ["render", "good.txt", "-o", "no/where.mp4"], "does not exist"),
    "a file as output folder": (lambda here: ["render", "good.txt", "-o", "good.txt/a.mp4"], "is a file"),
    "an output that is a folder": (lambda here: ["render", "good.txt", "-o", "folder.mp4"], "is a folder"),
    "a sidecar that is a folder": (lambda here: ["render", "good.txt", "-o", "taken.mp4"], "taken.vtt"),
    "another suffix": (lambda here: ["render", "good.txt", "-o", "tea.mkv"], "does not end in .mp4"),
    "no suffix": (lambda here: ["render", "good.txt", "-o", "tea"], "does not end in .mp4"),
    "the prompt itself": (lambda here: ["render", "words.mp4"], "would replace what it is made from"),
    "captions over the prompt": (lambda here: ["render", "words.srt"], "would replace what it is made from"),
    "captions of somebody else": (lambda here: ["render", "talk.txt"], "'talk.srt' would be replaced"),
    "a poster of somebody else": (lambda here: ["render", "good.txt", "-o", "a/b.mp4"], "'a/b.jpg' would be"),
    "a resume over captions": (lambda here: ["resume", "tea-1", "-o", "talk.mp4"], "'talk.srt' would be"),
    "a name too long to write": (lambda here: ["render", "good.txt", "-o", "a" * 300 + ".mp4"], "cannot be"),
    "a plan that is a film": (lambda here: ["render", "good.txt", "--plan", "-o", "a.mp4"], ".json"),
    "a plan of a plan": (lambda here: ["render", "--plan", "--storyboard", "good.json"], "one of the two"),
    "too many edited beats": (
        lambda here: ["render", "--storyboard", "good.json", "--max-beats", "1"],
        "2 beats, more than --max-beats 1",
    ),
    "a missing storyboard": (lambda here: ["render", "--storyboard", "no.json"], "'no.json' does not exist"),
    "resume to nowhere": (lambda here: ["resume", "tea-1", "-o", "no/where.mp4"], "does not exist"),
    "a port that does not exist": (lambda here: ["serve", "--port", "70000"], "--port"),
    "a host that does not exist": (lambda here: ["serve", "--host", "256.1.1.1"], "cannot listen"),
}

STORYBOARDS: dict[str, tuple[bytes, str]] = {
    "no json": (b"{tea", "is not JSON: line 1, column 2"),
    "a list": (b"[]", "breaks the schema"),
    "nested for ever": (b"[" * 100_000, "nested too deeply"),
    "no beats": (_edited(lambda s: s.update(beats=[])), "beats: "),
    "an unknown kind": (
        _edited(lambda s: s["beats"][1]["visual"].update(kind="dance")),
        "beats[1].visual: ",
    ),
    "an unknown field": (
        _edited(lambda s: s["beats"][0]["visual"].update(colour="red")),
        "beats[0].visual.colour: ",
    ),
    "an empty bullet": (
        _edited(lambda s: s["beats"][1]["visual"]["items"][0].update(text="")),
        "beats[1].visual.items[0].text: ",
    ),
    "an endless number": (b'{"title": 1' + b"0" * 5000 + b"}", "a number that is too long"),
    "several faults": (_edited(lambda s: (s.update(title=""), s.update(summary=""))), "(and 1 more)"),
}


def _refused(
    studio: RehearsedStudio, here: Path, arguments: list[str], words: str, stdin: bytes = b""
) -> None:
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    said = qs(studio, arguments, stdin)
    assert said.code == 2
    assert words in said.stderr
    assert said.stderr.startswith("qs: ")
    assert said.stderr.count("\n") == 1, said.stderr
    assert said.stdout == ""
    assert studio.opened == 0
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


@pytest.mark.parametrize("name", FILES)
def test_a_prompt_file_that_is_no_usable_text_is_refused(
    studio: RehearsedStudio, here: Path, name: str
) -> None:
    content, words = FILES[name]
    (here / "prompt.txt").write_bytes(content)
    _refused(studio, here, ["render", "prompt.txt"], words)


@pytest.mark.parametrize("name", FILES)
def test_standard_input_is_checked_like_a_file(studio: RehearsedStudio, here: Path, name: str) -> None:
    content, words = FILES[name]
    _refused(studio, here, ["render", "-"], words, content)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_that_cannot_be_used_are_refused(studio: RehearsedStudio, here: Path, name: str) -> None:
    (here / "folder.mp4").mkdir()
    (here / "taken.vtt").mkdir()
    (here / "words.mp4").write_text("Tea")
    (here / "words.srt").write_text("Tea")
    (here / "good.json").write_text(STORYBOARD.model_dump_json())
    (here / "talk.txt").write_text("Tea")
    (here / "talk.srt").write_text("my own")
    (here / "a").mkdir()
    (here / "a" / "b.jpg").write_text("my own")
    arguments, words = ARGUMENTS[name]
    _refused(studio, here, arguments(here), words)


@pytest.mark.parametrize("name", STORYBOARDS)
def test_an_edited_storyboard_that_breaks_the_schema_is_refused_with_the_field(
    studio: RehearsedStudio, here: Path, name: str
) -> None:
    content, words = STORYBOARDS[name]
    (here / "edited.json").write_bytes(content)
    _refused(studio, here, ["render", "good.txt", "--storyboard", "edited.json"], words)


def test_a_folder_that_cannot_be_written_to_is_refused(studio: RehearsedStudio, here: Path) -> None:
    locked = Path("/proc")  # read-only even for root
    if not locked.is_dir():
        locked = here / "locked"
        locked.mkdir(mode=0o555)
    _refused(studio, here, ["render", "good.txt", "-o", f"{locked}/tea.mp4"], "cannot be written to")


def test_a_current_folder_that_is_gone_is_refused(
    studio: RehearsedStudio, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    _refused(studio, here, ["render", str(here / "good.txt")], "the current folder does not exist")


def test_a_taken_port_is_refused_before_anything_starts(studio: RehearsedStudio, here: Path) -> None:
    from web.server import listen

    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        _refused(studio, here, ["serve", "--port", str(port)], f"port {port}")


def test_a_byte_order_mark_and_foreign_line_ends_do_not_reach_the_prompt() -> None:
    assert prompt_of(text_of(b"\xef\xbb\xbfTea\r\nBiscuits\r\n", "it")) == "Tea\nBiscuits"


def test_the_longest_prompt_is_accepted_whatever_its_characters() -> None:
    prompt = "𝄞" * PROMPT_LIMIT
    assert prompt_of(text_of(f" {prompt}\n".encode(), "it")) == prompt


def test_an_edited_storyboard_is_read_as_it_was_written() -> None:
    assert storyboard_of(STORYBOARD.model_dump_json(indent=2), "it") == STORYBOARD


def test_the_choices_written_out_for_speed_are_those_of_the_nouns() -> None:
    assert tuple(Quality) == render.QUALITIES
    assert tuple(Aspect) == render.ASPECTS
    assert tuple(Theme) == render.THEMES
    assert render.MOST_BEATS == MOST_BEATS


@given(st.binary(max_size=200))
def test_any_bytes_are_either_text_or_refused_in_one_line(data: bytes) -> None:
    try:
        answer = prompt_of(text_of(data, "the file"), "the file")
        where = data.decode("utf-8-sig").replace("\r\n", "\n")
    except BadInput as refused:
        answer, where = "the file", str(refused).partition("\n")[0]
    assert answer in where


@pytest.mark.parametrize(
    ("words", "usd"), [([], None), (["--max-cost", "0.5"], 0.5), (["--max-cost", "0"], 0)]
)
def test_what_a_video_may_cost_is_part_of_its_request(
    here: Path, words: list[str], usd: float | None
) -> None:
    videos = RehearsedVideos(here)
    assert qs(RehearsedStudio(videos), ["render", "good.txt", *words]).code == 0
    assert videos.runs["tea-1"].request.max_cost_usd == usd
