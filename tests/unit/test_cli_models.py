"""What `qs models` shows: the chain in order, how each is reached, what it costs, and what comes last."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quantumsketch.llm.listing import Listing, listed_models
from quantumsketch.llm.openrouter import FILE
from tests.cli_runs import Said, qs
from tests.provider_shapes import openrouter_model
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

NOWHERE = "http://127.0.0.1:9/api/v1"
"""The port for discarding: nothing listens there."""
CHAIN = """
[[models]]
id = "anthropic/claude-sonnet-4-6"

[[models]]
id = "openai/qwen3-8b"
base_url = "http://10.0.0.7:8080/v1"
key = "MY_SERVER_KEY"
input_usd_per_million = 0.075
output_usd_per_million = 0.3

[[models]]
id = "groq/llama-4"

[[models]]
id = "bedrock/nobody-knows-what-it-costs"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MY_SERVER_KEY", "hush-hush")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hush-hush")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models.toml").write_text(CHAIN)
    return tmp_path / "home"


def _models(home: Path, *words: str) -> Said:
    studio = RehearsedStudio(RehearsedVideos(home.parent))
    said = qs(studio, ["models", *words])
    assert studio.opened == 0, "servers were started"
    assert "hush" not in said.stdout + said.stderr
    return said


def _list_of(home: Path, monkeypatch: pytest.MonkeyPatch, *names: str, old: timedelta) -> None:
    """A key for OpenRouter, which does not answer, and its list as it was kept some time ago."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "hush-hush")
    monkeypatch.setenv("OPENROUTER_API_BASE", NOWHERE)
    rows = {"data": [openrouter_model(name) for name in names]}
    kept = Listing(base_url=NOWHERE, fetched_at=datetime.now(UTC) - old, models=listed_models(rows))
    (home / FILE).write_text(kept.model_dump_json())


def test_each_model_has_its_place_its_price_and_its_way(home: Path) -> None:
    said = _models(home)
    assert said.code == 0
    assert said.stdout.splitlines() == [
        f"The chain is {home / 'models.toml'}; prices are USD for a million tokens.",
        "",
        "    model                                     in       out",
        " 1  anthropic/claude-sonnet-4-6             3.00     15.00",
        "    with ANTHROPIC_API_KEY",
        " 2  openai/qwen3-8b                        0.075      0.30",
        "    at http://10.0.0.7:8080/v1, with MY_SERVER_KEY",
        " 3  groq/llama-4                               -         -",
        "    passed over: GROQ_API_KEY is not set",
        " 4  bedrock/nobody-knows-what-it-costs   unknown   unknown",
        "    as LiteLLM reaches it",
        "",
        "free tier: on, but OPENROUTER_API_KEY is not set",
        "offline: on, last: a storyboard without a model",
    ]


def test_json_says_the_same_to_programs(home: Path) -> None:
    told = json.loads(_models(home, "--json").stdout)
    assert list(told) == ["origin", "models", "free_tier", "offline"]
    assert [entry["place"] for entry in told["models"]] == [1, 2, 3, 4]
    first, own, skipped, unknown = told["models"]
    assert first == {
        "place": 1,
        "id": "anthropic/claude-sonnet-4-6",
        "called": "anthropic/claude-sonnet-4-6",
        "reachable": True,
        "why": "with ANTHROPIC_API_KEY",
        "free": False,
        "input_usd_per_million": 3.0,
        "output_usd_per_million": 15.0,
    }
    assert own["output_usd_per_million"] == 0.3
    assert (skipped["reachable"], skipped["why"]) == (False, "GROQ_API_KEY is not set")
    assert (unknown["reachable"], unknown["input_usd_per_million"]) == (True, None)
    assert told["free_tier"]["on"]
    assert told["offline"]


def test_the_free_tier_is_shown_with_the_age_of_its_list(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"a/{letter}:free" for letter in "abcd"]
    _list_of(home, monkeypatch, *names, "paid/model", old=timedelta(hours=8))
    lines = _models(home).stdout.splitlines()
    assert " 5  a/a:free                                free      free" in lines
    assert max(map(len, lines[1:])) <= 80
    end = " ".join(line.strip() for line in lines[lines.index("") :][-5:])
    assert "free tier: on, the best 3 of 4 usable; list 8 h old: OpenRouter's models could not be read" in end
    assert "no connection" in end
    told = json.loads(_models(home, "--json").stdout)
    assert [entry["id"] for entry in told["models"] if entry["free"]] == names[:3]
    assert told["free_tier"]["listed_at"]


def test_what_is_switched_off_is_shown_as_off(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _list_of(home, monkeypatch, "a/a:free", old=timedelta(0))
    monkeypatch.setenv("QS_FREE_TIER", "off")
    monkeypatch.setenv("QS_OFFLINE", "off")
    said = _models(home)
    assert said.stdout.splitlines()[-2:] == ["free tier: off", "offline: off"]
    assert "a/a:free" not in said.stdout
    assert said.code == 0


def test_a_chain_that_nobody_answers_is_shown_and_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_OFFLINE", "off")
    monkeypatch.setenv("QS_MODELS", "groq/llama-4,deepseek/deepseek-r1:free")
    said = _models(home)
    assert said.code == 2
    assert "passed over: GROQ_API_KEY is not set" in said.stdout
    assert said.stderr.count("\n") == 1
    assert "groq/llama-4: GROQ_API_KEY is not set" in said.stderr
    monkeypatch.setenv("QS_WORKER", "external")
    assert _models(home).code == 0, "the keys may be where the worker is"


def test_a_chain_file_that_cannot_be_used_is_told_in_one_line(home: Path) -> None:
    (home / "models.toml").write_text('[[models]]\nid = "antropic/claude"')
    said = _models(home)
    assert (said.code, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    assert "'antropic/claude'" in said.stderr
    assert str(home / "models.toml") in said.stderr
