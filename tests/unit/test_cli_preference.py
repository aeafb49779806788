"""`qs preference`: what it refuses before anything is started; and what `qs` tells of preferences."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.cli.preference import ABOUT
from quantumsketch.preferences import About
from quantumsketch.storyboard import Quality
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def preference(home: Path, *words: str) -> Said:
    """Run a command that has to end before it starts a server."""
    said = qs(RehearsedStudio(RehearsedVideos(home.parent)), ["preference", *words])
    assert not home.exists(), "servers were started"
    return said


def test_the_names_are_those_that_there_are() -> None:
    assert list(About) == list(ABOUT)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["set", "colour", "red"], "qs: Invalid value for '{theme|aspect|"),
        (["set", "aspect", "4:3"], "qs: that cannot be preferred: aspect: Input should be '16:9', '9:16' or"),
        (["set", "audience", ""], "qs: that cannot be preferred: audience: String should have at least 1"),
        (["set", "audience", "a\x1b[31mb"], "qs: that cannot be preferred: audience: no words that can be"),
        (
            ["set", "avoid", "utilize,,"],
            "qs: that cannot be preferred: avoid[1]: String should have at least",
        ),
        (
            ["set", "avoid", "ß" * 60],
            "qs: that cannot be preferred: avoid[0]: String should have at most 60 characters",
        ),
        (["set", "avoid"], "qs: Missing argument 'VALUE'."),
        (["unset", "colour"], "qs: Invalid value for '{theme|aspect|"),
        (["unset", "aspect", "9:16"], "qs: aspect has one value. Say qs preference unset aspect"),
    ],
)
def test_bad_input_is_told_in_one_line_and_starts_nothing(
    home: Path, words: list[str], complaint: str
) -> None:
    said = preference(home, *words)
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr.startswith(complaint)
    assert said.stderr.count("\n") == 1


def test_an_option_of_render_that_is_not_given_is_left_open(home: Path) -> None:
    Path("tea.txt").write_text("Why is tea hot?")
    videos = RehearsedVideos(home.parent)
    qs(RehearsedStudio(videos), ["render", "tea.txt"])
    qs(RehearsedStudio(videos), ["render", "tea.txt", "--quality", "standard", "--audience", "children"])
    asked = [run.request for run in videos.runs.values()]
    assert [request.look.model_fields_set for request in asked] == [set(), {"quality"}]
    assert (asked[1].look.quality, asked[1].wording.audience) == (Quality.STANDARD, "children")


def test_what_is_as_preferred_is_told_with_the_plan_the_video_and_again_later(home: Path) -> None:
    Path("tea.txt").write_text("Why is tea hot?")
    videos = RehearsedVideos(home.parent)
    videos.because = ["9:16 because you asked for it in your last three videos"]
    planned = qs(RehearsedStudio(videos), ["render", "tea.txt", "--plan"])
    rendered = qs(RehearsedStudio(videos), ["render", "tea.txt"])
    shown = qs(RehearsedStudio(videos), ["show", "tea-1"])
    for said in (planned.stderr, rendered.stdout, shown.stdout):
        assert videos.because[0] in said.splitlines()
