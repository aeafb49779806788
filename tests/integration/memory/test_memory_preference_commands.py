"""`qs preference` on a real database: set, listed, taken away; each tenant its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quantumsketch.memory.films.graph import Graph
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

Command = Callable[..., Said]


@pytest.fixture
def command(
    database_setting: str, graph: Graph, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run one `qs preference` on the module's database, as a tenant of this test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv("QS_DATABASE_URL", database_setting)
    monkeypatch.setenv("QS_HOME", str(home))

    def run(*words: str, of: str = tenant) -> Said:
        monkeypatch.setenv("QS_TENANT", of)
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["preference", *words])
        assert not home.exists(), "another server was started"
        return said

    return run


def test_preferences_are_set_listed_and_taken_away_each_tenant_its_own(command: Command, tenant: str) -> None:
    assert command("set", "aspect", "9:16").code == 0
    assert command("set", "avoid", "utilize, in order to").code == 0
    said = command("set", "avoid", "Leverage")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert said.stdout.splitlines() == [
        f"aspect    9:16  because you set that on {today}",
        f"avoid     in order to  because you set that on {today}",
        f"avoid     leverage  because you set that on {today}",
        f"avoid     utilize  because you set that on {today}",
    ]
    assert command("list").stdout == said.stdout
    told = json.loads(command("list", "--json").stdout)["preferences"]
    assert (told[0]["about"], told[0]["value"]) == ("aspect", "9:16")

    other = command("list", of=f"{tenant}x")
    assert (other.stdout, other.stderr) == ("", "no preferences: qs preference set NAME VALUE sets one\n")

    assert "utilize" not in command("unset", "avoid", "Utilize").stdout
    missing = command("unset", "avoid", "utilize")
    assert (missing.code, missing.stdout) == (2, "")
    assert missing.stderr.startswith("qs: 'utilize' is no word to avoid.")
    assert "avoid" not in command("unset", "avoid").stdout
    assert command("unset", "aspect").stdout == ""


def test_a_voice_is_kept_until_there_is_speech(command: Command) -> None:
    assert command("set", "voice", "calm").stdout.endswith("(kept until there is speech)\n")
