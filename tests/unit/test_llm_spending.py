"""A metered call is made only if it is paid for: the budgets of a video and of a tenant's month."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.call_book import Limits, Spent, Wish
from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.types import (
    Answer,
    BudgetHeld,
    BudgetSpent,
    ModelEntry,
    Overloaded,
    PriceUnknown,
    ProviderTimeout,
    Question,
)
from tests.metered_calls import FREE, HAIKU, LOCAL, NOON, QUESTION, SONNET, UNPRICED, meter, planned, said


async def test_an_answer_is_shortened_to_what_is_left_of_the_budget() -> None:
    at = meter(said(0.0))
    await at.ask(SONNET, max_cost_usd=0.05)
    ((_, most_tokens),) = at.provider.asked
    assert QUESTION.least_tokens < most_tokens < MOST_TOKENS
    assert 0.04 < most_tokens * 15e-6 < 0.05


async def test_a_call_that_could_exceed_the_videos_budget_is_not_made_and_says_what_was_spent() -> None:
    at = meter(said(0.04))
    await at.ask(SONNET, max_cost_usd=0.05)
    with pytest.raises(
        BudgetSpent, match=r"--max-cost of the video, 0\.05 USD, 0\.0400 are spent"
    ) as refused:
        await at.ask(SONNET, max_cost_usd=0.05)
    assert not isinstance(refused.value, BudgetHeld)
    assert "Raise --max-cost" in refused.value.mend
    assert len(at.provider.asked) == 1


async def test_a_tenants_budget_of_the_month_binds_without_a_limit_of_the_video() -> None:
    at = meter(said(0.99), tenant_budget_usd=1.0)
    await at.ask(SONNET)
    with pytest.raises(BudgetSpent, match=r"the tenant's budget of the month, 1 USD, 0\.9900 are spent"):
        await at.ask(SONNET)
    await at.ask(SONNET, tenant="another")
    at.now = datetime(2026, 12, 1, tzinfo=UTC)
    await at.ask(SONNET)


async def test_calls_at_once_that_hold_the_budget_are_waited_for() -> None:
    at = meter()
    outcomes = await asyncio.gather(
        *(at.ask(SONNET, max_cost_usd=0.26) for _ in range(4)), return_exceptions=True
    )
    held = [outcome for outcome in outcomes if isinstance(outcome, BudgetHeld)]
    assert 1 <= len(held) == 4 - len(at.provider.asked)
    await at.ask(SONNET, max_cost_usd=0.26)


async def test_a_call_of_unknown_cost_made_before_there_was_a_limit_counts_once_there_is_one() -> None:
    at = meter(ProviderTimeout("late"))
    with pytest.raises(ProviderTimeout):
        await at.ask(SONNET)
    with pytest.raises(BudgetSpent, match="are spent or reserved"):
        await at.ask(HAIKU, max_cost_usd=0.2)
    assert len(at.provider.asked) == 1


async def test_a_killed_call_holds_the_budget_for_minutes_and_counts_for_ever() -> None:
    at = meter()
    await at.book.reserve(planned("t", "killed"), Wish(0.1, 0.2), Limits(video_usd=0.2))
    with pytest.raises(BudgetHeld):
        await at.ask(SONNET, max_cost_usd=0.2)
    at.now += timedelta(minutes=6)
    with pytest.raises(BudgetSpent) as refused:
        await at.ask(SONNET, max_cost_usd=0.2)
    assert not isinstance(refused.value, BudgetHeld)


async def test_a_cancelled_call_may_have_been_billed_but_is_not_waited_for() -> None:
    at = meter()
    asking = asyncio.create_task(at.ask(SONNET, max_cost_usd=0.2))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert at.provider.asked
    with pytest.raises(BudgetSpent) as refused:
        await at.ask(SONNET, max_cost_usd=0.2)
    assert not isinstance(refused.value, BudgetHeld)


async def test_a_call_that_timed_out_may_have_been_billed_and_counts_with_what_it_reserved() -> None:
    at = meter(ProviderTimeout("?"), Overloaded("free of charge"))
    for kind in (ProviderTimeout, Overloaded):
        with pytest.raises(kind):
            await at.ask(SONNET if kind is ProviderTimeout else HAIKU, max_cost_usd=0.5)
    spent = await at.spent()
    assert 0.24 < spent.video_usd < 0.25
    assert spent.video_held_usd == 0


@pytest.mark.parametrize("limits", [(0.0, None), (None, 0.0), (5.0, 5.0)])
async def test_a_model_of_unknown_price_is_not_asked_while_there_is_a_limit(
    limits: tuple[float | None, float | None],
) -> None:
    at = meter(tenant_budget_usd=limits[1])
    with pytest.raises(PriceUnknown, match=r"new/model.*not known\. Give its price in the chain file"):
        await at.ask(UNPRICED, max_cost_usd=limits[0])
    assert at.provider.asked == []
    await meter().ask(UNPRICED)


async def test_what_costs_nothing_is_asked_whatever_is_left() -> None:
    at = meter(said(None), said(0.0), tenant_budget_usd=0.0)
    await at.ask(FREE, max_cost_usd=0.0)
    await at.ask(LOCAL, max_cost_usd=0.0)
    assert [tokens for _, tokens in at.provider.asked] == [MOST_TOKENS, MOST_TOKENS]
    assert await at.spent() == Spent()


@given(
    limit_usd=st.floats(0, 0.6),
    month_usd=st.floats(0, 0.6),
    shares=st.lists(st.floats(0, 1) | st.none(), min_size=1, max_size=12),
    at_once=st.integers(1, 4),
)
async def test_no_order_of_calls_exceeds_a_budget(
    limit_usd: float, month_usd: float, shares: list[float | None], at_once: int
) -> None:
    """Each answer costs a share of what it may, or nobody knows."""
    book, billed = InMemoryBook(), 0.0

    async def bill(entry: ModelEntry, question: Question, /, *, most_tokens: int) -> Answer:
        nonlocal billed
        await asyncio.sleep(0)
        share = shares.pop() if shares else None
        cost_usd = (1.0 if share is None else share) * (most_tokens * 15e-6 + 100 * 3e-6)
        billed += cost_usd
        return said(None if share is None else cost_usd)

    metered = Metered(bill, book, tenant_budget_usd=month_usd, clock=lambda: NOON)
    for first in range(0, len(shares), at_once):
        contexts = (
            CallContext("t", "v1", f"c{n}", "scene", max_cost_usd=limit_usd)
            for n in range(first, first + at_once)
        )
        asking = (metered.ask(SONNET, QUESTION, context=context) for context in contexts)
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            assert isinstance(outcome, Answer | BudgetSpent)
    assert billed <= min(limit_usd, month_usd) + 1e-9
    spent = await book.spent("t", "v1", NOON)
    assert billed <= spent.video_usd + 1e-9
    assert spent.video_usd <= min(limit_usd, month_usd) + 1e-9
