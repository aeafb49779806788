"""`qs tools`: what it lists, and what it refuses before there is any sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from quantumsketch.cli.tool_lines import ending_lines, lines
from quantumsketch.tools.tool import Backend, Ended, Ending
from renderers.ffmpeg.tools import PROBE
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos
from workflows.tools import TOOLS

FITS = '{"name": "film.mp4"}'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def tools(home: Path, *words: str, stdin: str = "") -> Said:
    studio = RehearsedStudio(RehearsedVideos(home.parent))
    told = qs(studio, ["tools", *words], stdin.encode())
    assert studio.opened == 0, "servers were started"
    return told


def test_every_tool_is_listed_with_what_it_may(home: Path) -> None:
    told = tools(home)
    assert (told.code, told.stderr) == (0, "")
    heads = [line for line in told.stdout.splitlines() if not line.startswith(" ")]
    assert heads == TOOLS.names
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert not home.exists()


def test_a_tool_is_told_in_a_few_lines() -> None:
    reaching = replace(
        PROBE,
        policy=replace(PROBE.policy, domains=("example.org",)),
        preload=("json", "re"),
        outputs={"a": 2048},
    )
    assert list(lines(reaching))[:6] == [
        "probe",
        "    Describe a clip or film: codec, size, frame rate, frames, streams, chapters.",
        "    ProbeRequest -> Probe",
        "    sees: the system's programs and fonts",
        "    leaves: a (at most 2 KiB)",
        "    network: example.org (at most 64 MiB, 32 connections)",
    ]
    assert list(lines(reaching))[-1] == "    imported ahead: json, re"
    assert "    network: none" in lines(PROBE)


def test_json_says_the_same_to_programs(home: Path) -> None:
    (probe,) = [each for each in json.loads(tools(home, "--json").stdout)["tools"] if each["name"] == "probe"]
    assert list(probe) == ["name", "description", "request", "result", "policy", "outputs", "preload"]
    for schema in (probe["request"], probe["result"]):
        Draft202012Validator.check_schema(schema)
    Draft202012Validator(probe["request"]).validate(json.loads(FITS))
    assert probe["policy"]["domains"] == []
    assert probe["policy"]["limits"]["wall_s"] == 30.0


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (["no-such-tool"], "", "there is no tool named 'no-such-tool'. The tools are: check-mathematics"),
        (["probe"], "", "a request without fields does not fit probe: name: Field required"),
        (["probe", "-"], "", "standard input does not fit probe: Invalid JSON"),
        (["probe", "-"], "[1]", "standard input does not fit probe"),
        (["probe", "-"], '{"name": "film.mp4", "wall_s": 99}', "wall_s: Extra inputs are not permitted"),
        (["probe", "-"], '{"name": "../film.mp4"}', "cannot name a clip"),
        (["probe", "-"], f'{{"name": "{"x" * 9_000_000}"}}', "is larger than 8,388,608 bytes"),
        (["probe", "nowhere.json"], "", "the request 'nowhere.json' does not exist"),
        (["probe", "."], "", "the request '.' is a folder"),
        (["probe", "-", "--input", "film.mp4"], FITS, "--input 'film.mp4' is not NAME=PATH"),
        (["probe", "-", "--input", "../x=/dev/null"], FITS, "--input '../x=/dev/null' is not NAME=PATH"),
        (["probe", "-", "--input", "film.mp4=nowhere"], FITS, "'nowhere' cannot be used: No such file"),
        (["probe", "-", "--input", "a=taken", "--input", "a=taken"], FITS, "--input gives 'a' twice"),
        (["probe", "-", "--input", "film.mp4=."], FITS, "the input '.' cannot be used: it is no plain file"),
        (["probe", "-", "--input", "film.mp4=/"], FITS, "it holds the home folder"),
        (["probe", "-", "--input", "film.mp4=/etc/passwd"], FITS, "it is the system's own"),
        (["probe", "-", "--keep", "taken"], FITS, "'taken' is no folder to keep files in"),
        ([], "", "Missing argument 'NAME'"),
    ],
)
def test_bad_input_is_told_in_one_line_and_starts_nothing(
    words: list[str], stdin: str, told: str, home: Path
) -> None:
    Path("taken").write_text("a file")
    refused = tools(home, "call", *words, stdin=stdin)
    assert (refused.code, refused.stdout) == (2, "")
    assert told in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert [path.name for path in Path().iterdir()] == ["taken"]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_called(home: Path) -> None:
    folder = Path("/proc/self/task")  # a folder that nobody may write to, root neither
    refused = tools(home, "call", "probe", "-", "--keep", str(folder), stdin=FITS)
    assert (refused.code, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert f"{str(folder)!r} is no folder to keep files in: " in refused.stderr


def test_an_input_that_leads_to_itself_is_refused(home: Path) -> None:
    Path("round").symlink_to("round")
    refused = tools(home, "call", "probe", "-", "--input", "film.mp4=round", stdin=FITS)
    assert (refused.code, len(refused.stderr.splitlines())) == (2, 1)
    assert "the input 'round' cannot be used: " in refused.stderr


def test_a_home_in_which_no_scratch_may_lie_is_told_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_HOME", "/run/quantumsketch")
    refused = tools(home, "call", "describe-manim")
    assert (refused.code, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert "scratch may not be '/run/quantumsketch/scratch'" in refused.stderr
    assert "QS_HOME" in refused.stderr


def test_how_a_call_ended_is_told_whole() -> None:
    ending = Ending(
        Ended.KILLED, 137, 1.5, 0.25, b"", b"out of\x1b[2J luck\n", detail="it died of signal 9",
        peak_memory_bytes=5 * 2**20, refused=("example.net:443",), backend=Backend.FULL, warm=True,
    )  # fmt: skip
    assert list(ending_lines(ending)) == [
        "ended: killed (it died of signal 9)",
        "backend: bubblewrap (warm)",
        "took: 1.50 s, 0.25 s CPU, 5 MiB memory at most",
        "refused: example.net:443",
        "printed: out of\x1b[2J luck",
    ]


def test_what_a_call_that_ended_well_printed_is_not_told() -> None:
    well = Ending(Ended.OK, 0, 0.1, 0.1, b"", b"a warning\n", backend=Backend.NO_PROC)
    assert list(ending_lines(well)) == [
        "ended: ok",
        "backend: bubblewrap without /proc",
        "took: 0.10 s, 0.10 s CPU, memory not measured",
    ]
