"""A metered call is made only if it makes sense now: cool-downs and the limits of the free tier."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from quantumsketch.call_book import CoolDown, FreeLimits, Spent
from quantumsketch.errors import ServiceUnavailable
from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.llm.in_memory_book import InMemoryBook
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.scopes import key_marks, scope_names
from quantumsketch.llm.types import (
    Answer,
    BadRequest,
    CoolingDown,
    FreeTierSpent,
    ModelEntry,
    NotAuthorised,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    TruncatedAnswer,
)
from tests.metered_calls import (
    FREE,
    HAIKU,
    LOCAL,
    NOON,
    OTHER_FREE,
    PAID_ROUTE,
    QUESTION,
    SONNET,
    Scripted,
    meter,
    said,
)


async def test_without_a_limit_a_call_is_made_as_it_is_and_its_cost_is_written_down() -> None:
    at = meter(said(0.02))
    assert (await at.ask(SONNET)).cost_usd == 0.02
    assert at.provider.asked == [("anthropic/sonnet", MOST_TOKENS)]
    assert await at.spent() == Spent(0.02, 0.02)


async def test_a_model_that_is_given_up_is_left_alone_by_everybody_until_the_cool_down_ends() -> None:
    at = meter(Overloaded("busy with somebody's secret"))
    with pytest.raises(Overloaded):
        await at.ask(SONNET, attempt=2)
    with pytest.raises(
        CoolingDown, match=r"sonnet.*until 2026-11-22 12:00:30 UTC: it was overloaded"
    ) as turned:
        await at.ask(SONNET, tenant="another")
    assert "secret" not in str(turned.value)
    assert turned.value.retry_after_s == 30
    assert await at.metered.cooling(SONNET) == CoolDown(NOON + timedelta(seconds=30), "it was overloaded")
    await at.ask(HAIKU)
    at.now += timedelta(seconds=30)
    await at.ask(SONNET)
    assert [entry for entry, _ in at.provider.asked] == [
        "anthropic/sonnet",
        "anthropic/haiku",
        "anthropic/sonnet",
    ]


async def test_a_retry_is_not_turned_away_by_the_failure_before_it() -> None:
    at = meter(Overloaded("busy"), said())
    with pytest.raises(Overloaded):
        await at.ask(SONNET, attempt=1)
    assert (await at.ask(SONNET, attempt=2)).text


async def test_where_no_attempt_follows_the_first_failure_cools_down_already() -> None:
    at = meter(Overloaded("busy"))
    with pytest.raises(Overloaded):
        await at.ask(SONNET, last_attempt=True)
    with pytest.raises(CoolingDown):
        await at.ask(SONNET)


@pytest.mark.parametrize("last_resort", [True, False])
async def test_a_last_resort_is_not_left_alone_while_its_limit_is_waited_for(last_resort: bool) -> None:
    at = meter(RateLimited("too often"))
    context = CallContext("t", "v1", "c1", "scene", last_resort=last_resort)
    with pytest.raises(RateLimited):
        await at.metered.ask(SONNET, QUESTION, context=context)
    assert (await at.metered.cooling(SONNET) is None) == last_resort


async def test_a_failure_that_only_the_question_is_to_blame_for_cools_nothing_down() -> None:
    at = meter(BadRequest("?"), TruncatedAnswer("…", cost_usd=0.3))
    for kind in (BadRequest, TruncatedAnswer):
        with pytest.raises(kind):
            await at.ask(SONNET, attempt=2)
    assert await at.metered.cooling(SONNET) is None
    assert (await at.spent()).video_usd == 0.3


async def test_a_key_that_is_not_accepted_cools_all_its_models_down_and_no_other() -> None:
    at = meter(NotAuthorised("no"))
    with pytest.raises(NotAuthorised):
        await at.ask(FREE)
    for entry in (FREE, OTHER_FREE, PAID_ROUTE):
        with pytest.raises(CoolingDown, match="its key was not accepted"):
            await at.ask(entry)
    await at.ask(SONNET)


async def test_a_spent_balance_cools_the_paid_models_of_its_key_down_but_not_the_free_ones() -> None:
    at = meter(QuotaExhausted("402"))
    with pytest.raises(QuotaExhausted):
        await at.ask(PAID_ROUTE)
    with pytest.raises(CoolingDown):
        await at.ask(PAID_ROUTE.model_copy(update={"litellm_id": "openrouter/other"}))
    await at.ask(FREE)


async def test_the_accounts_limit_cools_all_free_models_down() -> None:
    at = meter(RateLimited("free-models-per-min", whole_account=True))
    with pytest.raises(RateLimited):
        await at.ask(FREE)
    with pytest.raises(CoolingDown):
        await at.ask(OTHER_FREE)
    await at.ask(PAID_ROUTE)


async def test_a_model_without_a_key_cools_down_alone() -> None:
    at = meter(NotAuthorised("no"))
    with pytest.raises(NotAuthorised):
        await at.ask(LOCAL)
    with pytest.raises(CoolingDown):
        await at.ask(LOCAL)
    await at.ask(LOCAL.model_copy(update={"litellm_id": "ollama/y"}))


def test_a_mended_key_and_another_address_are_not_cooling_down_and_no_name_shows_them() -> None:
    wrong, right = (key_marks({"OPENROUTER_API_KEY": SecretStr(key)}) for key in ("sk-wrong", "sk-right"))
    elsewhere = FREE.model_copy(update={"base_url": "http://me:sesame@localhost:1"})
    names = [*scope_names(FREE, wrong), *scope_names(FREE, right), *scope_names(elsewhere, right)]
    assert len(set(names)) == 9
    assert not any(secret in name for name in names for secret in ("sk-wrong", "sk-right", "sesame"))
    assert scope_names(FREE, right) == scope_names(FREE, dict(right))


async def test_the_free_tier_stops_before_its_limits_whichever_model_is_asked() -> None:
    at = meter(Overloaded("counts too"), free_limits=FreeLimits(per_day=3, per_minute=2))
    with pytest.raises(Overloaded):
        await at.ask(FREE)
    await at.ask(OTHER_FREE)
    with pytest.raises(
        FreeTierSpent, match=r"c/d:free.*12:01:00 UTC: the 2 free calls of the minute"
    ) as soon:
        await at.ask(OTHER_FREE)
    assert soon.value.retry_after_s == 60
    at.now += timedelta(minutes=1)
    await at.ask(FREE)
    with pytest.raises(FreeTierSpent, match=r"2026-11-23 00:00:00 UTC: the 3 free calls of the day") as late:
        await at.ask(FREE)
    assert late.value.retry_after_s == 12 * 3600 - 60
    assert len(at.provider.asked) == 3
    await at.ask(SONNET)


async def test_the_free_tiers_limits_are_asked_for_when_they_are_needed_and_not_each_time() -> None:
    asked: list[datetime] = []
    now = NOON

    async def limits() -> FreeLimits:
        asked.append(now)
        await asyncio.sleep(0)
        return FreeLimits(per_day=1000)

    metered = Metered(Scripted(), InMemoryBook(), free_limits=limits, clock=lambda: now)

    async def ask(entry: ModelEntry, call_id: str) -> Answer:
        return await metered.ask(entry, QUESTION, context=CallContext("t", "v1", call_id, "scene"))

    await ask(SONNET, "paid")
    assert asked == []
    await asyncio.gather(*(ask(FREE, f"c{n}") for n in range(5)))
    assert asked == [NOON]
    now += timedelta(minutes=10)
    await ask(FREE, "later")
    assert asked == [NOON, now]


async def test_an_answer_that_is_paid_for_is_not_lost_when_the_book_cannot_be_written() -> None:
    class Failing(InMemoryBook):
        async def settle(self, *_: object) -> None:
            raise ServiceUnavailable("Postgres is gone")

        async def cool(self, *_: object) -> None:
            raise ServiceUnavailable("Postgres is gone")

    provider = Scripted([said(0.5), QuotaExhausted("402")])
    metered = Metered(provider, Failing())
    context = CallContext("t", "v1", "c1", "storyboard")
    assert (await metered.ask(SONNET, QUESTION, context=context)).cost_usd == 0.5
    with pytest.raises(QuotaExhausted):
        await metered.ask(SONNET, QUESTION, context=context)
