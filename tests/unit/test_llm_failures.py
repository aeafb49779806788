"""A provider's refusal read, without a network: the table's order, when to come back, what is told of it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.errors import ModelFailed
from quantumsketch.llm import types
from quantumsketch.llm.failures import failure, sentence
from quantumsketch.llm.types import RateLimited, cost_of
from quantumsketch.llm.waiting import seconds_to_wait

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IN_A_MINUTE = NOW + timedelta(seconds=60)


@given(st.none() | st.integers(), st.text(), st.none() | st.floats(0, 1e6))
def test_whatever_a_provider_says_is_one_of_our_failures(
    status: int | None, body: str, wait_s: float | None
) -> None:
    found = failure("a/model", status, body, wait_s)
    assert isinstance(found, ModelFailed)
    assert type(found) is not ModelFailed
    assert found.what.startswith("a/model answered")
    assert len(found.what) < 400


@pytest.mark.parametrize(
    ("status", "body", "wait_s", "expected"),
    [
        # the same words, told apart by the status
        (429, "You exceeded your current quota, please check your plan and billing", None, "QuotaExhausted"),
        (429, "You exceeded your current quota, please check your plan and billing", 12.5, "RateLimited"),
        (429, "quotaId: GenerateRequestsPerDayPerProjectPerModel-FreeTier", 36.0, "DayQuotaExhausted"),
        (429, "insufficient_quota", 1.0, "QuotaExhausted"),
        (429, "Quota exceeded, limit: 0, model: gemini-2.5-pro. Please retry in 9s", 9.0, "QuotaExhausted"),
        (429, "Quota exceeded, limit: 05, model: gemini-2.5-pro", 9.0, "RateLimited"),
        (402, "anything", None, "QuotaExhausted"),
        # a word that belongs to a row above
        (400, "input length and `max_tokens` exceed context limit: 190000 + 16000 > 200000", None,
         "ContextTooLong"),
        (400, "Your credit balance is too low; check your API key's plan", None, "QuotaExhausted"),
        (403, "Your request was flagged; check your API key", None, "Refused"),
        (403, "Project `p` does not have access to model `m`", None, "UnknownModel"),
        (403, '{"error": {"message": "Provider returned error", "metadata": {"raw": "Country, region, or'
         ' territory not supported", "provider_name": "OpenAI"}}}', None, "UnknownModel"),
        (403, "Country, region, or territory not supported", None, "NotAuthorised"),
        (404, "No endpoints found that support tool use", None, "BadRequest"),
        (404, "No endpoints found for x/y", None, "UnknownModel"),
        (400, "The model `x` does not exist", None, "UnknownModel"),
        (400, "Model is temporarily out of capacity", None, "Overloaded"),
        (500, "tools param requires --jinja flag", None, "BadRequest"),
        (500, "Internal server error", None, "Overloaded"),
        (408, "", None, "ProviderTimeout"),
        (504, "upstream request timeout", None, "ProviderTimeout"),
        (418, "short and stout", None, "BadRequest"),
        (None, "no response at all", None, "Overloaded"),
        (1234, "a code of its own", None, "Overloaded"),
    ],
)  # fmt: skip
def test_the_wording_counts_where_the_status_does_not_tell(
    status: int | None, body: str, wait_s: float | None, expected: str
) -> None:
    assert type(failure("a/model", status, body, wait_s)) is getattr(types, expected)


def test_a_rate_limit_keeps_when_to_come_back_and_whom_it_counts() -> None:
    own = failure("a/model", 429, "slow down", 3.0)
    shared = failure("a/model", 429, "Rate limit exceeded: free-models-per-min.", None)
    assert isinstance(own, RateLimited)
    assert isinstance(shared, RateLimited)
    assert (own.retry_after_s, own.whole_account) == (3.0, False)
    assert (shared.retry_after_s, shared.whole_account) == (None, True)


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"retry-after": "9"}, "", 9.0),
        ({"retry-after": "0.5"}, "Please retry in 9s", 0.5),
        ({"retry-after": format_datetime(IN_A_MINUTE, usegmt=True)}, "", 60.0),
        ({"retry-after": "Wed, 21 Oct 2020 07:28:00 GMT"}, "", 0.0),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        ({"x-ratelimit-reset": str(int(IN_A_MINUTE.timestamp() * 1000))}, "", 60.0),
        ({"x-ratelimit-reset": str(int(IN_A_MINUTE.timestamp()))}, "", 60.0),
        ({}, f'{{"X-RateLimit-Reset": "{int(IN_A_MINUTE.timestamp() * 1000)}"}}', 60.0),
        ({"x-ratelimit-reset": "1000000000"}, "", 0.0),
        ({}, "Please retry in 12.5s.", 12.5),
        ({}, "Please try again in 7m12.5s.", 432.5),
        ({}, "Please try again in 300ms.", 0.3),
        ({}, "Please try again in 2m.", 120.0),
        ({}, "Please try again in 20s", 20.0),
        ({}, '"@type": "google.rpc.RetryInfo", "retryDelay": "36.4s"', 36.4),
        ({}, "Please try again in a moment.", None),
        ({}, "Please retry in 1.2.3s.", None),
        ({}, f"Please try again in {'9' * 5000}m2s.", math.inf),
        ({}, "", None),
    ],
)
def test_every_way_to_say_when_to_come_back_is_understood(
    headers: dict[str, str], body: str, wait_s: float | None
) -> None:
    assert seconds_to_wait(headers, body, NOW) == (None if wait_s is None else pytest.approx(wait_s))


@given(
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset"]), st.text()),
    st.text(),
)
def test_no_header_and_no_sentence_makes_a_time_to_wait_that_has_passed(
    headers: dict[str, str], body: str
) -> None:
    waited = seconds_to_wait(headers, body, NOW)
    assert waited is None or waited >= 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('X - {"error": {"message": "Overloaded", "code": 529}}. Handle with `Y`.', "Overloaded"),
        (json.dumps({"error": {"message": "Provider returned error", "metadata": {"raw": "rate-limited"}}}),
         "Provider returned error / rate-limited"),
        ('{"error": "plain"}', "plain"),
        ('{"error": {"code": 1}}', '{"error": {"code": 1}}'),
        ("not JSON: {", "not JSON: {"),
        ("  much \n\n space ", "much space"),
        ("", "nothing"),
    ],
)  # fmt: skip
def test_a_failure_tells_the_providers_own_sentence(body: str, told: str) -> None:
    assert sentence(body) == told


def test_what_a_failed_call_cost_is_said_only_where_it_is_known() -> None:
    assert cost_of(failure("a/model", 429, "slow down")) == 0.0
    assert cost_of(failure("a/model", 400, "flagged by moderation")) == 0.0
    assert cost_of(types.ProviderTimeout("silence")) is None
    assert cost_of(types.ConnectionLost("broken off")) is None
    assert cost_of(types.Unreachable("not there")) == 0.0
    assert cost_of(types.EmptyAnswer("no words", cost_usd=0.5)) == 0.5
