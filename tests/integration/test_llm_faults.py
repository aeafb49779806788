"""Every way in which a provider fails, in its own words, through the real LiteLLM: one row a fault."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quantumsketch.errors import ModelFailed
from quantumsketch.llm import types
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import RateLimited, cost_of
from tests.provider_calls import CLAUDE, FREE, GEMINI, HELLO, OWN, PAID, entry, provider
from tests.provider_emulator import (
    Json,
    ProviderEmulator,
    Scripted,
    anthropic,
    anthropic_error,
    error,
    gemini,
    gemini_body,
    gemini_error,
    gemini_quota,
    hang_up,
    openai,
    openai_error,
)

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")


@pytest.fixture(autouse=True)
async def _no_connection_outlives_its_test() -> AsyncIterator[None]:
    yield
    await close_connections()


def invalid(message: str) -> Scripted:
    return anthropic_error(400, "invalid_request_error", message)


def upstream(status: int, raw: str) -> Scripted:
    """A failure that OpenRouter passes on."""
    return error(status, "Provider returned error", metadata={"raw": raw, "provider_name": "Chutes"})


def choice(**more: object) -> Scripted:
    """A chat completion whose only choice has more to say."""
    good = openai("The half of a", completion_tokens=4)
    assert isinstance(good.body, dict)
    return Scripted(200, {**good.body, "choices": [{**good.body["choices"][0], **more}]})


def gone(finish: str) -> Scripted:
    """Gemini's candidate without any content."""
    return gemini_body({"finishReason": finish, "index": 0})


PER_MINUTE: Json = {"headers": {"X-RateLimit-Limit": "20", "X-RateLimit-Reset": "4102444800000"}}
IN_FLIGHT: Json = {"limit_source": "openrouter_in_flight_budget"}
SAFETY: Json = {"reasons": ["violence"], "flagged_input": "...", "provider_name": "OpenAI"}
HTML = "<!DOCTYPE html><html><title>502 Bad gateway</title></html>"

ANTHROPIC = [
    (anthropic_error(429, "rate_limit_error", "This request would exceed your organization's rate limit of "
        "30,000 input tokens per minute", retry_after="9"), "RateLimited"),
    (anthropic_error(529, "overloaded_error", "Overloaded"), "Overloaded"),
    (anthropic_error(500, "api_error", "Internal server error"), "Overloaded"),
    (anthropic_error(504, "timeout_error", "Request timed out"), "ProviderTimeout"),
    (anthropic_error(401, "authentication_error", "invalid x-api-key"), "NotAuthorised"),
    (anthropic_error(403, "permission_error", "Your API key does not have permission"), "NotAuthorised"),
    (anthropic_error(402, "billing_error", "Your account has an unpaid invoice"), "QuotaExhausted"),
    (invalid("Your credit balance is too low to access the Anthropic API."), "QuotaExhausted"),
    (invalid("You have reached your specified API usage limits. You will regain access on 2027-01-01"),
     "QuotaExhausted"),
    (invalid("prompt is too long: 210000 tokens > 200000 maximum"), "ContextTooLong"),
    (invalid("Output blocked by content filtering policy"), "Refused"),
    (invalid("messages: text content blocks must be non-empty"), "BadRequest"),
    (anthropic_error(413, "request_too_large", "Request exceeds the maximum size"), "ContextTooLong"),
    (anthropic_error(404, "not_found_error", "model: claude-0"), "UnknownModel"),
    (Scripted(200, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
     "Overloaded"),
    (Scripted(502, HTML, {"content-type": "text/html"}), "Overloaded"),
    (Scripted(200, HTML, {"content-type": "text/html"}), "Overloaded"),
    (Scripted(200, "[]"), "Overloaded"),
    (hang_up(), "ConnectionLost"),
    (hang_up(120), "ConnectionLost"),
    (anthropic(None), "EmptyAnswer"),
    (anthropic(None, "pause_turn"), "EmptyAnswer"),
    (anthropic("Once upon", "max_tokens"), "TruncatedAnswer"),
    (anthropic(None, "refusal"), "Refused"),
]  # fmt: skip
GOOGLE = [
    (gemini_quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "12.5s"), "RateLimited"),
    (gemini_quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "36s"), "DayQuotaExhausted"),
    (gemini_error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
     "RateLimited"),
    (gemini_error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan"),
     "QuotaExhausted"),
    (gemini_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), "Overloaded"),
    (gemini_error(504, "DEADLINE_EXCEEDED", "The request timed out"), "ProviderTimeout"),
    (gemini_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
     "NotAuthorised"),
    (gemini_error(403, "PERMISSION_DENIED", "Generative Language API has not been used"), "NotAuthorised"),
    (gemini_error(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of "
        "tokens allowed (1048576)."), "ContextTooLong"),
    (gemini_error(404, "NOT_FOUND", "models/gemini-0 is not found for API version v1beta"), "UnknownModel"),
    (gemini_error(400, "INVALID_ARGUMENT", "Please ensure that multiturn requests alternate"), "BadRequest"),
    (Scripted(200, HTML, {"content-type": "text/html"}), "Overloaded"),
    (Scripted(200, "[]"), "Overloaded"),
    (hang_up(), "ConnectionLost"),
    (gemini_body(promptFeedback={"blockReason": "PROHIBITED_CONTENT"}), "Refused"),
    (gemini("", "SAFETY"), "Refused"),
    (gone("RECITATION"), "Refused"),
    (gone("MAX_TOKENS"), "TruncatedAnswer"),
    (gemini("Once upon", "MAX_TOKENS"), "TruncatedAnswer"),
    (gone("MALFORMED_FUNCTION_CALL"), "EmptyAnswer"),
    (gemini_body(), "EmptyAnswer"),
]  # fmt: skip
OPENROUTER = [
    (error(429, "Rate limit exceeded: free-models-per-min. ", metadata=PER_MINUTE), "RateLimited"),
    (error(429, "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests "
        "per day", metadata=PER_MINUTE), "DayQuotaExhausted"),
    (error(429, "Rate limit exceeded: free-models-per-day-high-balance. "), "DayQuotaExhausted"),
    (upstream(429, "deepseek-r1:free is temporarily rate-limited upstream. Please retry"), "RateLimited"),
    (error(402, "Insufficient credits. Add more using https://openrouter.example/credits"), "QuotaExhausted"),
    (error(402, "This request requires more credits, or fewer max_tokens. You requested up to 16000 tokens, "
        "but can only afford 3919."), "QuotaExhausted"),
    (error(402, "In-flight budget exhausted", metadata=IN_FLIGHT, retry_after="4"), "RateLimited"),
    (error(403, "Key limit exceeded (total limit). Manage it using your settings"), "QuotaExhausted"),
    (error(403, "Your chosen model requires moderation and your input was flagged", metadata=SAFETY),
     "Refused"),
    (error(401, "No auth credentials found"), "NotAuthorised"),
    (error(401, "User not found."), "NotAuthorised"),
    (error(400, "This endpoint's maximum context length is 65536 tokens. However, you requested about 90000 "
        "tokens. Please reduce the length of either one"), "ContextTooLong"),
    (error(400, "deepseek/deepseek-r0 is not a valid model ID"), "UnknownModel"),
    (error(404, "No endpoints found for deepseek/deepseek-r1:free."), "UnknownModel"),
    (error(404, "No endpoints found matching your data policy (Free model publication)."), "UnknownModel"),
    (error(404, "No endpoints found that can handle the requested parameters."), "BadRequest"),
    (error(408, "Your request timed out"), "ProviderTimeout"),
    (upstream(502, "no healthy upstream"), "Overloaded"),
    (error(503, "No available model provider meets your routing requirements"), "Overloaded"),
    (upstream(400, "This model's maximum context length is 8192 tokens."), "ContextTooLong"),
    (Scripted(524, HTML, {"content-type": "text/html"}), "ProviderTimeout"),
    (Scripted(200, {"error": {"message": "Upstream idle timeout exceeded", "code": 502}}), "Overloaded"),
    (Scripted(200, {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429}}),
     "DayQuotaExhausted"),
    (choice(error={"code": 502, "message": "Upstream error"}, finish_reason="error"), "Overloaded"),
    (choice(error={"code": 429, "message": "Rate limited upstream"}), "RateLimited"),
    (choice(finish_reason="error"), "Overloaded"),
    (Scripted(200, HTML, {"content-type": "text/html"}), "Overloaded"),
    (Scripted(200, '{"id": "gen-1", "choi'), "Overloaded"),
    (Scripted(200, ""), "Overloaded"),
    (Scripted(200, "[]"), "Overloaded"),
    (Scripted(200, {"choices": None}), "Overloaded"),
    (Scripted(200, {"choices": [{"index": 0}]}), "Overloaded"),
    (Scripted(200, {"choices": []}), "EmptyAnswer"),
    (hang_up(), "ConnectionLost"),
    (hang_up(120), "ConnectionLost"),
    (hang_up(300), "ConnectionLost"),
    (openai(""), "EmptyAnswer"),
    (openai(None), "EmptyAnswer"),
    (openai('{"a": "unfin', "length"), "TruncatedAnswer"),
    (openai("No.", "content_filter"), "Refused"),
]  # fmt: skip
COMPATIBLE = [
    (openai_error(400, "the request exceeds the available context size. try increasing the context size",
        kind="exceed_context_size_error"), "ContextTooLong"),
    (openai_error(400, "request (4390 tokens) exceeds the available context size (4096 tokens)"),
     "ContextTooLong"),
    (Scripted(500, {"error": {"code": 500, "message": "Context size has been exceeded."}}), "ContextTooLong"),
    (Scripted(200, {"error": {"code": 400, "message": "the request exceeds the available context size"}}),
     "ContextTooLong"),
    (Scripted(400, {"object": "error", "message": "This model's maximum context length is 4096 tokens. "
        "However, your request has 9000 input tokens.", "code": 400}), "ContextTooLong"),
    (openai_error(429, "You exceeded your current quota, please check your plan and billing details.",
        code="insufficient_quota"), "QuotaExhausted"),
    (openai_error(429, "Rate limit reached on tokens per min. Please try again in 1.2s"), "RateLimited"),
    (openai_error(402, "Insufficient Balance", code="invalid_request_error"), "QuotaExhausted"),
    (openai_error(401, "Incorrect API key provided", code="invalid_api_key"), "NotAuthorised"),
    (openai_error(404, "The model `my-own-model` does not exist", code="model_not_found"), "UnknownModel"),
    (openai_error(400, "Invalid 'messages': array too short"), "BadRequest"),
    (openai_error(503, "Loading model", kind="unavailable_error"), "Overloaded"),
    (Scripted(404, "page not found", {"content-type": "text/plain"}), "UnknownModel"),
    (Scripted(200, HTML, {"content-type": "text/html"}), "Overloaded"),
    (Scripted(200, '{"id": '), "Overloaded"),
    (Scripted(200, {"choices": None}), "Overloaded"),
    (hang_up(), "ConnectionLost"),
    (hang_up(120), "ConnectionLost"),
]  # fmt: skip
FAULTS = [
    *((CLAUDE, *row) for row in ANTHROPIC),
    *((GEMINI, *row) for row in GOOGLE),
    *((FREE, *row) for row in OPENROUTER),
    *((OWN, *row) for row in COMPATIBLE),
]


@pytest.mark.parametrize(("model_id", "scripted", "expected"), FAULTS)
async def test_every_fault_of_a_provider_has_its_own_type_after_one_request(
    model_id: str, scripted: Scripted, expected: str
) -> None:
    async with ProviderEmulator(scripted, openai("a retry nobody asked for")) as emulator:
        with pytest.raises(ModelFailed) as caught:
            await provider().ask(entry(emulator, model_id), HELLO)
    assert type(caught.value) is getattr(types, expected), caught.value
    assert caught.value.what.startswith(model_id)
    assert len(caught.value.what) < 450
    assert "Traceback" not in caught.value.what
    assert len(emulator.asked) == 1


WAITS = [
    (CLAUDE, anthropic_error(429, "rate_limit_error", "slow down", retry_after="9"), 9.0),
    (FREE, error(429, "slow down", retry_after="7"), 7.0),
    (OWN, Scripted(429, {"error": {"message": "slow down"}}, {"retry-after-ms": "1500"}), 1.5),
    (OWN, openai_error(429, "Rate limit reached. Please try again in 1m2.5s."), 62.5),
    (GEMINI, gemini_quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "12.5s"), 12.5),
    (CLAUDE, anthropic_error(429, "rate_limit_error", "x", retry_after="Wed, 21 Oct 2020 07:28:00 GMT"), 0.0),
    (FREE, upstream(429, "temporarily rate-limited upstream"), None),
]


@pytest.mark.parametrize(("model_id", "scripted", "wait_s"), WAITS)
async def test_a_rate_limit_says_when_to_come_back(
    model_id: str, scripted: Scripted, wait_s: float | None
) -> None:
    async with ProviderEmulator(scripted) as emulator:
        with pytest.raises(RateLimited) as caught:
            await provider().ask(entry(emulator, model_id), HELLO)
    assert caught.value.retry_after_s == wait_s


async def test_the_limit_of_all_free_models_together_is_told_from_that_of_one() -> None:
    limits = [OPENROUTER[0][0], upstream(429, "temporarily rate-limited upstream")]
    async with ProviderEmulator(*limits) as emulator:
        for whole_account in (True, False):
            with pytest.raises(RateLimited) as caught:
                await provider().ask(entry(emulator, FREE), HELLO)
            assert caught.value.whole_account is whole_account
            assert (caught.value.retry_after_s is not None) is whole_account, "the reset is far, but known"


async def test_an_answer_that_breaks_off_after_words_were_paid_for_says_what_it_cost() -> None:
    broken = {"code": 502, "message": "Upstream error"}
    paid = openai("The half of a", cost=0.25)
    assert isinstance(paid.body, dict)
    body = {**paid.body, "choices": [{**paid.body["choices"][0], "error": broken}]}
    async with ProviderEmulator(Scripted(200, body)) as emulator:
        with pytest.raises(types.TruncatedAnswer, match="Upstream error") as caught:
            await provider().ask(entry(emulator, PAID), HELLO)
    assert cost_of(caught.value) == 0.25
    assert (caught.value.input_tokens, caught.value.output_tokens) == (5, 7)
