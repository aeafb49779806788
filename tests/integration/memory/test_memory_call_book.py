"""What every call book promises, whether it lies in memory or in Postgres."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from quantumsketch.call_book import (
    NEVER_ENDED,
    CallBook,
    CallEnding,
    CoolDown,
    FreeLimits,
    Limits,
    Spent,
    Wish,
)
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.memory.model_calls import PostgresBook
from tests.metered_calls import NOON, planned

SECOND, MINUTE, HOUR = (timedelta(seconds=s) for s in (1, 60, 3600))


@pytest.fixture(params=["in memory", "in Postgres"])
def book(request: pytest.FixtureRequest, postgres_book: PostgresBook) -> CallBook:
    return InMemoryBook() if request.param == "in memory" else postgres_book


@pytest.fixture
def name() -> str:
    """A name that no other test uses, for what all tenants share."""
    return secrets.token_hex(6)


async def test_what_cools_down_is_left_alone_until_it_ends_and_no_longer(book: CallBook, name: str) -> None:
    assert await book.cooling([name], NOON) is None
    cool_down = CoolDown(NOON + MINUTE, "it was overloaded")
    await book.cool(name, cool_down)
    assert await book.cooling([f"{name}!", name], NOON) == cool_down
    assert await book.cooling([name], NOON + MINUTE - SECOND) == cool_down
    assert await book.cooling([name], NOON + MINUTE) is None
    assert await book.cooling([f"{name}!"], NOON) is None
    assert await book.cooling([], NOON) is None


async def test_the_longest_cool_down_counts_and_no_shorter_one_ends_it(book: CallBook, name: str) -> None:
    longer, shorter = CoolDown(NOON + HOUR, "longer"), CoolDown(NOON + MINUTE, "shorter")
    await book.cool(name, longer)
    await book.cool(name, shorter)
    await book.cool(f"{name}!", shorter)
    assert await book.cooling([f"{name}!", name], NOON) == longer
    later = CoolDown(NOON + 2 * HOUR, "later")
    await book.cool(name, later)
    assert await book.cooling([name], NOON) == later


async def test_a_call_is_granted_what_is_left_or_nothing(book: CallBook, tenant: str) -> None:
    wish, limits = Wish(0.1, 0.6), Limits(video_usd=1.0)
    grants = [await book.reserve(planned(tenant, f"c{n}"), wish, limits) for n in range(3)]
    assert [grant.usd for grant in grants] == [0.6, pytest.approx(0.4), None]
    assert [grant.spent.video_usd for grant in grants] == [0.0, 0.6, pytest.approx(1.0)]
    elsewhere = await book.reserve(planned(tenant, "c9", video_id="v2"), wish, limits)
    assert elsewhere.usd == 0.6


async def test_without_limits_a_call_is_granted_what_it_wishes(book: CallBook, tenant: str) -> None:
    for n in range(3):
        assert (await book.reserve(planned(tenant, f"c{n}"), Wish(1.0, 5.0), Limits())).usd == 5.0


async def test_what_a_call_did_not_cost_is_given_back(book: CallBook, tenant: str) -> None:
    await book.reserve(planned(tenant), Wish(0.1, 1.0), Limits(video_usd=1.0))
    held = await book.spent(tenant, "v1", NOON)
    assert held == Spent(video_usd=1.0, month_usd=1.0, video_held_usd=1.0, month_held_usd=1.0)
    await book.settle(tenant, "c1", CallEnding("answered", 0.25, 10, 20))
    assert await book.spent(tenant, "v1", NOON) == Spent(video_usd=0.25, month_usd=0.25)
    assert (await book.reserve(planned(tenant, "c2"), Wish(0.1, 1.0), Limits(video_usd=1.0))).usd == 0.75


async def test_a_call_of_unknown_cost_counts_with_what_it_reserved(book: CallBook, tenant: str) -> None:
    await book.reserve(planned(tenant), Wish(0.5, 0.5), Limits(video_usd=1.0))
    await book.settle(tenant, "c1", CallEnding("ProviderTimeout", None))
    assert await book.spent(tenant, "v1", NOON) == Spent(video_usd=0.5, month_usd=0.5)


async def test_a_killed_call_stays_reserved_but_is_not_waited_for(book: CallBook, tenant: str) -> None:
    await book.reserve(planned(tenant), Wish(0.5, 0.5), Limits(video_usd=1.0))
    assert (await book.spent(tenant, "v1", NOON + MINUTE)).video_held_usd == 0.5
    assert await book.spent(tenant, "v1", NOON + HOUR) == Spent(video_usd=0.5, month_usd=0.5)


async def test_a_call_that_is_known_is_counted_once(book: CallBook, tenant: str) -> None:
    limits = Limits(video_usd=1.0)
    first = await book.reserve(planned(tenant), Wish(0.1, 0.7), limits)
    again = await book.reserve(planned(tenant), Wish(0.1, 0.7), limits)
    assert (first.usd, again.usd) == (0.7, 0.7)
    await book.settle(tenant, "c1", CallEnding("answered", 0.2))
    await book.settle(tenant, "c1", CallEnding("answered", 0.3))
    await book.settle(tenant, "never planned", CallEnding("answered", 9.0))
    assert (await book.spent(tenant, "v1", NOON)).video_usd == 0.2


async def test_the_calls_of_a_video_are_told_in_order_and_of_which_nothing_was_heard(
    book: CallBook, tenant: str
) -> None:
    for n, call_id in enumerate(("c1", "c2")):
        await book.reserve(replace(planned(tenant, call_id), at=NOON + n * SECOND), Wish(0.1, 1.0), Limits())
    await book.reserve(replace(planned(tenant, "elsewhere"), video_id="v2"), Wish(0.1, 1.0), Limits())
    await book.settle(tenant, "c1", CallEnding("answered", 0.25, 10, 20))
    first, second = await book.calls(tenant, "v1")
    assert (first.ended, first.input_tokens, first.output_tokens, first.cost_usd) == (
        "answered",
        10,
        20,
        0.25,
    )
    assert (second.ended, second.cost_usd) == (NEVER_ENDED, None)
    assert await book.calls(tenant, "no such video") == []


async def test_the_budget_of_a_month_spans_videos_and_ends_with_the_month_in_utc(
    book: CallBook, tenant: str
) -> None:
    limits, wish = Limits(month_usd=1.0), Wish(0.5, 0.5)
    last_second = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    for n in range(2):
        granted = await book.reserve(planned(tenant, f"c{n}", video_id=f"v{n}", at=last_second), wish, limits)
        assert granted.usd == 0.5
    assert (await book.reserve(planned(tenant, "c2", at=last_second), wish, limits)).usd is None
    december = await book.reserve(planned(tenant, "c3", at=last_second + SECOND), wish, limits)
    assert (december.usd, december.spent.month_usd) == (0.5, 0.0)


async def test_the_smaller_of_two_budgets_binds(book: CallBook, tenant: str) -> None:
    wish = Wish(0.1, 1.0)
    assert (await book.reserve(planned(tenant, "c1"), wish, Limits(0.3, 5.0))).usd == 0.3
    assert (await book.reserve(planned(tenant, "c2", video_id="v2"), wish, Limits(5.0, 0.5))).usd == 0.2
    assert (await book.reserve(planned(tenant, "c3", video_id="v3"), wish, Limits(5.0, 0.5))).usd is None


async def test_what_a_tenant_spends_is_no_other_tenants_spending(book: CallBook, tenant: str) -> None:
    limits, wish, other = Limits(1.0, 1.0), Wish(1.0, 1.0), f"{tenant}-2"
    assert (await book.reserve(planned(tenant), wish, limits)).usd == 1.0
    assert (await book.reserve(planned(other), wish, limits)).usd == 1.0
    await book.settle(other, "c1", CallEnding("answered", 0.0))
    assert (await book.spent(tenant, "v1", NOON)).month_usd == 1.0
    assert (await book.spent(other, "v1", NOON)).month_usd == 0.0


async def test_calls_that_ask_at_once_never_get_more_than_there_is(book: CallBook, tenant: str) -> None:
    limits, wish = Limits(video_usd=0.7, month_usd=1.0), Wish(0.1, 0.1)
    grants = await asyncio.gather(
        *(book.reserve(planned(tenant, f"c{n}", video_id=f"v{n % 2}"), wish, limits) for n in range(30))
    )
    granted = [grant.usd for grant in grants if grant.usd is not None]
    assert sum(granted) == pytest.approx(1.0)
    spent = [await book.spent(tenant, video_id, NOON) for video_id in ("v0", "v1")]
    assert sum(s.video_usd for s in spent) == pytest.approx(1.0)
    assert all(s.video_usd <= 0.7 + 1e-9 for s in spent)


async def test_free_calls_end_at_the_limit_of_the_minute_and_go_on_when_the_oldest_is_a_minute_old(
    book: CallBook, name: str
) -> None:
    limits = FreeLimits(per_day=50, per_minute=3)
    times = [NOON, NOON + SECOND, NOON + 2 * SECOND]
    for n, at in enumerate(times):
        assert await book.take_free_call(name, f"c{n}", limits, at) is None
    used_up = await book.take_free_call(name, "c3", limits, NOON + 10 * SECOND)
    assert used_up == CoolDown(NOON + MINUTE, "the 3 free calls of the minute are made")
    assert await book.take_free_call(name, "c3", limits, used_up.until) is None
    assert await book.take_free_call(name, "c4", limits, used_up.until) is not None
    assert await book.take_free_call(f"{name} 2", "c4", limits, NOON) is None


async def test_free_calls_end_at_the_limit_of_the_day_until_midnight_in_utc(
    book: CallBook, name: str
) -> None:
    limits, midnight = FreeLimits(per_day=4, per_minute=3), NOON + 12 * HOUR
    for n in range(4):
        assert await book.take_free_call(name, f"c{n}", limits, midnight - (8 - n) * MINUTE) is None
    used_up = await book.take_free_call(name, "c4", limits, midnight - SECOND)
    assert used_up == CoolDown(midnight, "the 4 free calls of the day are made")
    for n in range(3):
        assert await book.take_free_call(name, f"d{n}", limits, midnight) is None


async def test_the_minute_of_free_calls_does_not_begin_anew_at_midnight(book: CallBook, name: str) -> None:
    limits, midnight = FreeLimits(per_day=9, per_minute=2), NOON + 12 * HOUR
    for n in range(2):
        assert await book.take_free_call(name, f"c{n}", limits, midnight - SECOND) is None
    for at in (midnight, midnight + 30 * SECOND):
        assert await book.take_free_call(name, "c2", limits, at) is not None
    assert await book.take_free_call(name, "c2", limits, midnight + MINUTE) is None


async def test_a_free_call_that_is_known_is_counted_once(book: CallBook, name: str) -> None:
    limits = FreeLimits(per_day=2)
    for call_id in ("c0", "c0", "c0", "c1", "c0"):
        assert await book.take_free_call(name, call_id, limits, NOON) is None
    assert await book.take_free_call(name, "c2", limits, NOON) is not None


async def test_free_calls_that_are_asked_for_at_once_are_no_more_than_the_limit(
    book: CallBook, name: str
) -> None:
    limits = FreeLimits(per_day=20, per_minute=7)
    taken = await asyncio.gather(*(book.take_free_call(name, f"c{n}", limits, NOON) for n in range(20)))
    assert taken.count(None) == 7
