"""What `qs render --plan` says beside the storyboard, for whoever edits it next."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.storyboard import CheckedMathematics, Storyboard
from tests.cli_runs import qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos


def test_a_plan_says_what_is_known_of_its_mathematics_and_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tea.txt").write_text("Why is tea hot?")
    videos = RehearsedVideos(tmp_path)
    videos.notes = ["left as it is: beat 1 is long"]
    videos.mathematics = CheckedMathematics(right=2, unchecked=["beat 1: x = y (nobody can tell)"])
    said = qs(RehearsedStudio(videos), ["render", "tea.txt", "--plan"])
    assert Storyboard.model_validate_json(said.stdout) == videos.storyboard
    assert "note: left as it is: beat 1 is long" in said.stderr
    assert "mathematics on screen: 2 statements checked and right, 1 could not be checked" in said.stderr
