"""The free tier over HTTP: what is fetched and when, what is kept, and what an outage changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from quantumsketch.llm import openrouter
from quantumsketch.llm.chain import Chain, chain_of
from quantumsketch.llm.free_tier import FreeTier
from quantumsketch.llm.types import Price
from quantumsketch.settings import Settings
from tests.provider_emulator import ProviderEmulator
from tests.provider_shapes import (
    Json,
    Scripted,
    error,
    openrouter_key,
    openrouter_model,
    openrouter_models,
    silence,
)

KEY = "sk-or-secret-0123456789"
MODELS, ACCOUNT = "/api/v1/models", "/api/v1/key"
FOUR = [openrouter_model(f"a/{name}:free", created=n) for n, name in enumerate("dcba")]


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = datetime(2024, 1, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def turn(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[ProviderEmulator]:
    async with ProviderEmulator(pages={MODELS: openrouter_models(*FOUR)}) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tier(
    home: Path, emulator: ProviderEmulator, clock: Clock, key: str = KEY, timeout_s: float = 5
) -> FreeTier:
    return FreeTier(home, SecretStr(key), f"{emulator.url}/api/v1", timeout_s=timeout_s, now=clock)


async def ids(tier: FreeTier, *cooling: str) -> list[str]:
    return [entry.id for entry in await tier.entries(cooling)]


async def test_the_best_three_become_entries_that_cost_nothing(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    entries = await tier(tmp_path, emulator, clock).entries()
    assert [entry.id for entry in entries] == ["a/a:free", "a/b:free", "a/c:free"]
    best = entries[0]
    assert (best.litellm_id, best.key_name) == ("openrouter/a/a:free", "OPENROUTER_API_KEY")
    assert (best.free, best.reachable, best.price) == (True, True, Price(input_usd=0, output_usd=0))
    assert best.base_url == f"{emulator.url}/api/v1"
    assert emulator.fetched[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(entry.model_dump_json() for entry in entries)
    assert KEY not in (tmp_path / openrouter.FILE).read_text()


async def test_a_model_that_cools_down_makes_room_for_the_next(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    assert await ids(tier(tmp_path, emulator, clock), "a/a:free", "a/c:free") == [
        "a/b:free",
        "a/d:free",
        "a/a:free",
    ]


async def test_whoever_asks_while_the_list_is_fetched_waits_for_it(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    first = tier(tmp_path, emulator, clock)
    together = await asyncio.gather(*(ids(first) for _ in range(4)))
    assert together == [["a/a:free", "a/b:free", "a/c:free"]] * 4
    assert len(emulator.fetched) == 1


async def test_the_list_is_fetched_once_in_six_hours_by_all_processes_together(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    first = tier(tmp_path, emulator, clock)
    await first.entries()
    clock.turn(hours=5.9)
    assert (
        await ids(first) == await ids(tier(tmp_path, emulator, clock)) == ["a/a:free", "a/b:free", "a/c:free"]
    )
    assert [page.path for page in emulator.fetched] == [MODELS]
    emulator.pages[MODELS] = openrouter_models(openrouter_model("a/new:free"))
    clock.turn(hours=0.2)
    assert await ids(first) == ["a/new:free"]
    assert await ids(tier(tmp_path, emulator, clock)) == ["a/new:free"]
    assert len(emulator.fetched) == 2


OUTAGES = {
    "an error": (error(503, "busy"), "it answered with 503"),
    "a refused key": (error(401, "No auth"), "it answered with 401"),
    "another place": (Scripted(302, "", {"location": "/elsewhere"}), "it answered with 302"),
    "no answer": (silence(), "no answer within"),
    "a cut answer": (Scripted(200, openrouter_models(*FOUR).body, cut_after=300), "no connection"),
    "a page of words": (Scripted(200, "<html>Welcome to this hotel</html>"), "it is not JSON"),
    "an empty list": (openrouter_models(), "no model is among them"),
    "no list": (Scripted(200, {"error": "no"}), "no model is among them"),
    "too much": (Scripted(200, " " * (openrouter.MOST_BYTES + 1)), "it has more than"),
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_when_a_refresh_fails_the_last_good_list_is_used_and_that_is_said(
    tmp_path: Path,
    emulator: ProviderEmulator,
    clock: Clock,
    outage: str,
) -> None:
    page, told = OUTAGES[outage]
    before = await tier(tmp_path, emulator, clock).entries()
    clock.turn(hours=7)
    emulator.pages[MODELS] = page
    later = tier(tmp_path, emulator, clock, timeout_s=0.5 if outage == "no answer" else 5)
    entries = await later.entries()
    assert [entry.id for entry in entries] == [entry.id for entry in before]
    assert "the list is 7 h old: OpenRouter's models could not be read: " in entries[0].why
    assert told in entries[0].why
    await later.entries()
    assert len(emulator.fetched) == 2, "an outage is asked about again at once"
    emulator.pages[MODELS] = openrouter_models(*FOUR)
    clock.turn(minutes=6)
    assert "old" not in (await later.entries())[0].why


class PageAfterPage(dict[str, Scripted]):
    """Shows the pages of a list, one at each request; the last one again and again."""

    def __init__(self, *pages: Scripted) -> None:
        self.left = list(pages)

    def get(self, path: str, default: object = None) -> Scripted:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def page(*rows: Json, following: str | None) -> Scripted:
    return Scripted(200, {"data": list(rows), "links": {"next": following}})


async def test_a_list_of_several_pages_is_read_whole_and_only_where_the_first_was(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    emulator.pages = PageAfterPage(
        page(FOUR[0], following="https://elsewhere/api/v1/models?offset=1&limit=1"),
        page(FOUR[3], following=None),
    )
    assert await ids(tier(tmp_path, emulator, clock)) == ["a/a:free", "a/d:free"]
    assert [asked.path for asked in emulator.fetched] == [MODELS, f"{MODELS}?offset=1&limit=1"]


@pytest.mark.parametrize("second", [error(500, "broken"), page(FOUR[1], following="?offset=1")])
async def test_a_list_whose_pages_fail_or_never_end_is_not_used_in_part(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock, second: Scripted
) -> None:
    emulator.pages = PageAfterPage(page(FOUR[0], following="?offset=1"), second)
    known = await tier(tmp_path, emulator, clock).known()
    assert known.listing is None
    assert known.trouble
    assert len(emulator.fetched) in (2, openrouter.MOST_PAGES)


async def test_without_any_list_there_is_no_free_tier_and_no_error(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    emulator.pages[MODELS] = error(500, "broken")
    nothing = tier(tmp_path, emulator, clock)
    assert await nothing.entries() == []
    assert "it answered with 500" in (await nothing.known()).trouble
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  (an empty folder)


@pytest.mark.parametrize("damage", ["", "{", '{"models": 3}', "[]", "\x00"])
async def test_a_damaged_file_counts_as_none_and_is_replaced(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock, damage: str
) -> None:
    kept = tmp_path / openrouter.FILE
    kept.write_text(damage)
    assert len(await ids(tier(tmp_path, emulator, clock))) == 3
    assert [page.path for page in emulator.fetched] == [MODELS]
    assert kept.stat().st_size > 500


async def test_the_list_of_another_address_is_not_used(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    await tier(tmp_path, emulator, clock).entries()
    async with ProviderEmulator(pages={MODELS: openrouter_models(openrouter_model("b/b:free"))}) as other:
        assert await ids(tier(tmp_path, other, clock)) == ["b/b:free"]


async def test_where_nothing_can_be_written_the_list_is_just_not_kept(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    (tmp_path / "file").write_text("")
    assert len(await ids(tier(tmp_path / "file" / "home", emulator, clock))) == 3


@pytest.mark.parametrize("key", ["sk-or-\nhush-hush", "sk-or-hush-hush-é"])
async def test_a_key_that_cannot_be_sent_is_not_shown(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock, key: str
) -> None:
    known = await tier(tmp_path, emulator, clock, key).known()
    assert known.listing is None
    assert known.trouble
    assert "hush" not in known.trouble


async def test_the_limits_are_the_accounts_and_the_lower_ones_when_it_does_not_say(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock
) -> None:
    account = tier(tmp_path, emulator, clock)
    assert (await account.limits()).per_day == 50
    emulator.pages[ACCOUNT] = openrouter_key(is_free_tier=False)
    assert (await account.limits()).per_day == 1000
    emulator.pages[ACCOUNT] = error(500, "broken")
    assert (await account.limits()).per_day == 50


def chain(home: Path, emulator: ProviderEmulator, monkeypatch: pytest.MonkeyPatch, *named: str) -> Chain:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("OPENROUTER_API_BASE", f"{emulator.url}/api/v1")
    return chain_of(Settings(home=home, models=named))


async def test_the_chain_ends_with_the_free_tier_and_names_no_model_twice(
    tmp_path: Path, emulator: ProviderEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await chain(tmp_path, emulator, monkeypatch, "a/a:free", "x-ai/grok-4.3").entries()
    assert [entry.id for entry in found] == ["a/a:free", "x-ai/grok-4.3", "a/b:free", "a/c:free"]
    assert [entry.free for entry in found] == [True, False, True, True]


async def test_switched_off_nothing_free_is_added_but_prices_are_still_looked_up(
    tmp_path: Path, emulator: ProviderEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_FREE_TIER", "off")
    paid: Json = openrouter_model("anthropic/claude-sonnet-4.6", prompt="0.000003", completion="0.000015")
    emulator.pages[MODELS] = openrouter_models(*FOUR, paid)
    (entry,) = await chain(tmp_path, emulator, monkeypatch, "anthropic/claude-sonnet-4-6").entries()
    assert entry.price == Price(input_usd=3e-06, output_usd=15e-06)
    (local,) = await chain(tmp_path, emulator, monkeypatch, "ollama/llama3").entries()
    assert local.id == "ollama/llama3"
    assert len(emulator.fetched) == 1


async def test_a_named_free_model_that_is_withdrawn_or_costs_by_now_is_not_asked(
    tmp_path: Path, emulator: ProviderEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = openrouter_model("a/b:free", prompt="0.1")
    emulator.pages[MODELS] = openrouter_models(openrouter_model("a/a:free"), costs)
    found = await chain(
        tmp_path, emulator, monkeypatch, "deepseek/deepseek-r1:free", "a/b:free", "a/a:free"
    ).entries()
    assert [(entry.id, entry.reachable) for entry in found] == [
        ("deepseek/deepseek-r1:free", False), ("a/b:free", False), ("a/a:free", True),
    ]  # fmt: skip
    assert found[0].why == "OpenRouter does not list it (any more)"
    assert found[1].why == "OpenRouter lists it, but not as free"


async def test_an_old_list_does_not_speak_against_a_model_that_may_be_newer(
    tmp_path: Path, emulator: ProviderEmulator, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tier(tmp_path, emulator, clock).entries()  # by this clock long ago
    emulator.pages[MODELS] = error(503, "busy")
    found = await chain(tmp_path, emulator, monkeypatch, "new/model:free").entries()
    assert [entry.id for entry in found] == ["new/model:free", "a/a:free", "a/b:free", "a/c:free"]
    assert found[0].reachable
