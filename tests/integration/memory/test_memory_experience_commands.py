"""`qs models --health` and `qs memory times` on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quantumsketch.call_book import CallEnding, CoolDown, Limits, PlannedCall, Wish
from quantumsketch.llm.chain import chain_of
from quantumsketch.llm.scopes import key_marks, scope_names
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.settings import Settings
from quantumsketch.video import Video
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos
from tests.sample_videos import video

Command = Callable[[str], Said]
CLAUDE = "anthropic/claude-sonnet-4-6"


@pytest.fixture
def command(
    database_setting: str, graph: Graph, tmp_path: Path, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run one command for the test's tenant on the module's database; no other server may be started."""
    monkeypatch.setenv("QS_DATABASE_URL", database_setting)
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QS_TENANT", tenant)
    monkeypatch.setenv("QS_FREE_TIER", "off")
    monkeypatch.setenv("QS_MODELS", f"{CLAUDE},openai/gpt-5")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hush-hush")

    def run(words: str) -> Said:
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), words.split())
        assert "hush" not in said.stdout + said.stderr
        return said

    return run


async def _called(database_url: str, tenant: str, *endings: str) -> None:
    async with open_database(database_url) as database:
        book, now = PostgresBook(database), datetime.now(UTC)
        for number, ended in enumerate(endings):
            call = PlannedCall(tenant, "v1", f"c{number}", CLAUDE, "scene", "b01", now)
            await book.reserve(call, Wish(0, 0), Limits())
            await book.settle(tenant, call.call_id, CallEnding(ended, 0.0))


async def _cooled(database_url: str, until: datetime) -> None:
    chain = chain_of(Settings())
    entry = next(entry for entry in await chain.entries() if entry.id == CLAUDE)
    async with open_database(database_url) as database:
        [scope, *_] = scope_names(entry, key_marks(chain.keys))
        await PostgresBook(database).cool(scope, CoolDown(until, "it was asked too often"))


def test_the_health_of_a_model_is_what_became_of_its_calls_and_until_when_it_is_left_alone(
    command: Command, database_url: str, tenant: str
) -> None:
    assert command("models --health").stdout.splitlines()[-2:] == [
        f"Calls for the tenant {tenant!r} in the last 30 days:",
        "    none",
    ]
    until = datetime.now(UTC) + timedelta(hours=1)
    asyncio.run(_called(database_url, tenant, "answered", "answered", "RateLimited", "Overloaded"))
    asyncio.run(_cooled(database_url, until))

    said = command("models --health")
    end = " ".join(said.stdout[said.stdout.index("Calls for") :].split())
    assert f"{CLAUDE}: answered 2, failed 2 (Overloaded 1, RateLimited 1; last " in end
    assert f"left alone until {until:%Y-%m-%d %H:%M} UTC: it was asked too often" in end

    health = json.loads(command("models --health --json").stdout)["health"]
    [model] = health["models"]
    assert (model["answered"], [failure["kind"] for failure in model["failures"]]) == (
        2, ["Overloaded", "RateLimited"],
    )  # fmt: skip
    assert health["cooling"][CLAUDE]["why"] == "it was asked too often"
    assert "health" not in json.loads(command("models --json").stdout)


def test_render_times_are_shown_by_kind_of_visual(command: Command, database_url: str, tenant: str) -> None:
    said = command("memory times")
    assert (said.code, "No beat of an earlier video" in said.stdout) == (0, True)

    made = video(tenant=tenant)
    beats = [beat.model_copy(update={"render_s": 1.5}) for beat in made.beats]
    asyncio.run(_recorded(database_url, made.model_copy(update={"beats": beats})))
    header, line = command("memory times").stdout.splitlines()
    assert header.split()[:3] == ["visual", "quality", "beats"]
    assert line.split() == ["title", "standard", "3", "1.5", "0.50"]
    [time] = json.loads(command("memory times --json").stdout)["times"]
    assert (time["kind"], time["beats"], time["s_per_film_s"]) == ("title", 3, 0.5)


async def _recorded(database_url: str, made: Video) -> None:
    async with Graph.open(database_url) as graph:
        await graph.record_video(made)
