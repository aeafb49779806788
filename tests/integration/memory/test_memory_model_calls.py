"""What every call book promises, whether it lies in memory or in Postgres; and what Postgres adds to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.call_book import (
    CallBook,
    CallEnding,
    CoolDown,
    FreeLimits,
    Limits,
    PlannedCall,
    Spent,
    Wish,
)
from quantumsketch.errors import QuantumSketchError
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.memory.database import open_database
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.model_calls import PostgresBook

Administrator = psycopg.Connection
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))


@pytest.fixture
async def postgres(database_url: str, graph: Graph) -> AsyncIterator[PostgresBook]:
    """A book in the database that `graph` has migrated."""
    async with open_database(database_url) as database:
        yield PostgresBook(database)


@pytest.fixture(params=["in memory", "in Postgres"])
def book(request: pytest.FixtureRequest, postgres: PostgresBook) -> CallBook:
    return InMemoryBook() if request.param == "in memory" else postgres


@pytest.fixture
def name() -> str:
    """A name that no other test uses, for what all tenants share."""
    return secrets.token_hex(6)


def call(tenant: str, call_id: str = "c1", *, video_id: str = "v1", at: datetime = NOON) -> PlannedCall:
    return PlannedCall(tenant, video_id, call_id, "a/model", "storyboard", None, at)


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
    grants = [await book.reserve(call(tenant, f"c{n}"), wish, limits) for n in range(3)]
    assert [grant.usd for grant in grants] == [0.6, pytest.approx(0.4), None]
    assert [grant.spent.video_usd for grant in grants] == [0.0, 0.6, pytest.approx(1.0)]
    elsewhere = await book.reserve(call(tenant, "c9", video_id="v2"), wish, limits)
    assert elsewhere.usd == 0.6


async def test_without_limits_a_call_is_granted_what_it_wishes(book: CallBook, tenant: str) -> None:
    for n in range(3):
        assert (await book.reserve(call(tenant, f"c{n}"), Wish(1.0, 5.0), Limits())).usd == 5.0


async def test_what_a_call_did_not_cost_is_given_back(book: CallBook, tenant: str) -> None:
    await book.reserve(call(tenant), Wish(0.1, 1.0), Limits(video_usd=1.0))
    held = await book.spent(tenant, "v1", NOON)
    assert held == Spent(video_usd=1.0, month_usd=1.0, video_held_usd=1.0, month_held_usd=1.0)
    await book.settle(tenant, "c1", CallEnding("answered", 0.25, 10, 20))
    assert await book.spent(tenant, "v1", NOON) == Spent(video_usd=0.25, month_usd=0.25)
    assert (await book.reserve(call(tenant, "c2"), Wish(0.1, 1.0), Limits(video_usd=1.0))).usd == 0.75


async def test_a_call_of_unknown_cost_counts_with_what_it_reserved(book: CallBook, tenant: str) -> None:
    await book.reserve(call(tenant), Wish(0.5, 0.5), Limits(video_usd=1.0))
    await book.settle(tenant, "c1", CallEnding("ProviderTimeout", None))
    assert await book.spent(tenant, "v1", NOON) == Spent(video_usd=0.5, month_usd=0.5)


async def test_a_killed_call_stays_reserved_but_is_not_waited_for(book: CallBook, tenant: str) -> None:
    await book.reserve(call(tenant), Wish(0.5, 0.5), Limits(video_usd=1.0))
    assert (await book.spent(tenant, "v1", NOON + MINUTE)).video_held_usd == 0.5
    assert await book.spent(tenant, "v1", NOON + HOUR) == Spent(video_usd=0.5, month_usd=0.5)


async def test_a_call_that_is_known_is_counted_once(book: CallBook, tenant: str) -> None:
    limits = Limits(video_usd=1.0)
    first = await book.reserve(call(tenant), Wish(0.1, 0.7), limits)
    again = await book.reserve(call(tenant), Wish(0.1, 0.7), limits)
    assert (first.usd, again.usd) == (0.7, 0.7)
    await book.settle(tenant, "c1", CallEnding("answered", 0.2))
    await book.settle(tenant, "c1", CallEnding("answered", 0.3))
    await book.settle(tenant, "never planned", CallEnding("answered", 9.0))
    assert (await book.spent(tenant, "v1", NOON)).video_usd == 0.2


async def test_the_budget_of_a_month_spans_videos_and_ends_with_the_month_in_utc(
    book: CallBook, tenant: str
) -> None:
    limits, wish = Limits(month_usd=1.0), Wish(0.5, 0.5)
    last_second = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    for n in range(2):
        granted = await book.reserve(call(tenant, f"c{n}", video_id=f"v{n}", at=last_second), wish, limits)
        assert granted.usd == 0.5
    assert (await book.reserve(call(tenant, "c2", at=last_second), wish, limits)).usd is None
    december = await book.reserve(call(tenant, "c3", at=last_second + SECOND), wish, limits)
    assert (december.usd, december.spent.month_usd) == (0.5, 0.0)


async def test_the_smaller_of_two_budgets_binds(book: CallBook, tenant: str) -> None:
    wish = Wish(0.1, 1.0)
    assert (await book.reserve(call(tenant, "c1"), wish, Limits(0.3, 5.0))).usd == 0.3
    assert (await book.reserve(call(tenant, "c2", video_id="v2"), wish, Limits(5.0, 0.5))).usd == 0.2
    assert (await book.reserve(call(tenant, "c3", video_id="v3"), wish, Limits(5.0, 0.5))).usd is None


async def test_what_a_tenant_spends_is_no_other_tenants_spending(book: CallBook, tenant: str) -> None:
    limits, wish, other = Limits(1.0, 1.0), Wish(1.0, 1.0), f"{tenant}-2"
    assert (await book.reserve(call(tenant), wish, limits)).usd == 1.0
    assert (await book.reserve(call(other), wish, limits)).usd == 1.0
    await book.settle(other, "c1", CallEnding("answered", 0.0))
    assert (await book.spent(tenant, "v1", NOON)).month_usd == 1.0
    assert (await book.spent(other, "v1", NOON)).month_usd == 0.0


async def test_calls_that_ask_at_once_never_get_more_than_there_is(book: CallBook, tenant: str) -> None:
    limits, wish = Limits(video_usd=0.7, month_usd=1.0), Wish(0.1, 0.1)
    grants = await asyncio.gather(
        *(book.reserve(call(tenant, f"c{n}", video_id=f"v{n % 2}"), wish, limits) for n in range(30))
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


async def test_workers_that_share_a_database_share_budgets_limits_and_cool_downs(
    database_url: str, postgres: PostgresBook, tenant: str, name: str
) -> None:
    async with open_database(database_url) as another:
        books = [postgres, PostgresBook(another)]
        wish, limits = Wish(0.1, 0.1), Limits(month_usd=1.0)
        grants = await asyncio.gather(
            *(books[n % 2].reserve(call(tenant, f"c{n}"), wish, limits) for n in range(24))
        )
        free = await asyncio.gather(
            *(books[n % 2].take_free_call(name, f"c{n}", FreeLimits(), NOON) for n in range(24))
        )
        await books[0].cool(name, CoolDown(NOON + HOUR, "because"))
        assert await books[1].cooling([name], NOON) == CoolDown(NOON + HOUR, "because")
    assert sum(grant.usd or 0 for grant in grants) == pytest.approx(1.0)
    assert free.count(None) == 20


async def test_a_call_is_written_down_with_all_that_is_known_of_it(
    postgres: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    planned = replace(call(tenant), beat_id="b03", purpose="repair")
    await postgres.reserve(planned, Wish(0.5, 0.5), Limits())
    await postgres.settle(tenant, "c1", CallEnding("answered", 0.125, 100, 200))
    row = administrator.execute(
        "SELECT video_id, beat_id, model, purpose, at, reserved_usd, ended, cost_usd, input_tokens, "
        "output_tokens FROM model_calls WHERE tenant = %s",
        [tenant],
    ).fetchall()
    assert row == [("v1", "b03", "a/model", "repair", NOON, 0.5, "answered", 0.125, 100, 200)]


async def test_free_calls_that_no_longer_count_are_forgotten(
    postgres: PostgresBook, name: str, administrator: Administrator
) -> None:
    for day in range(3):
        await postgres.take_free_call(name, f"c{day}", FreeLimits(), NOON + day * DAY)
    kept = administrator.execute("SELECT call_id FROM free_calls WHERE account = %s", [name]).fetchall()
    assert kept == [("c2",)]


async def test_a_call_of_a_tenant_that_cannot_be_is_refused(postgres: PostgresBook) -> None:
    for tenant in ("", "Robert'); DROP TABLE model_calls;--"):
        with pytest.raises(QuantumSketchError, match="reserve what a call may cost"):
            await postgres.reserve(call(tenant), Wish(0.0, 0.0), Limits())


async def test_what_all_tenants_share_opens_no_way_to_the_calls_of_one(
    database_url: str, postgres: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    await postgres.reserve(call(tenant), Wish(0.0, 0.0), Limits())
    async with open_database(database_url) as database:
        async with database.shared("look") as connection:
            rows = await (await connection.execute("SELECT FROM model_calls")).fetchall()
            assert rows == []
        async with database.transaction(f"{tenant}-2", "look") as connection:
            changed = await connection.execute("UPDATE model_calls SET cost_usd = 0")
            assert changed.rowcount == 0
    assert administrator.execute("SELECT count(*) > 0 FROM model_calls").fetchone() == (True,)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM model_calls", "DELETE FROM cool_downs", "UPDATE free_calls SET at = now()"]
)
async def test_the_product_may_not_undo_what_was_written_down(
    database_url: str, graph: Graph, statement: str
) -> None:
    async with open_database(database_url) as database:
        with pytest.raises(QuantumSketchError, match="does not allow"):
            async with database.shared("undo") as connection:
                await connection.execute(statement.encode())


def test_only_the_products_role_reaches_what_all_tenants_share(
    database_url: str, graph: Graph, ordinary_login: str
) -> None:
    for table in ("model_calls", "cool_downs", "free_calls"):
        with (
            psycopg.connect(make_conninfo(database_url, user=ordinary_login)) as stranger,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            stranger.execute(f"SELECT FROM quantumsketch.{table}".encode())
