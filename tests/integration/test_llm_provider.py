"""One call to one model, through the real LiteLLM to a real HTTP server in the providers' languages."""

from __future__ import annotations

import time
import traceback
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from quantumsketch.errors import ModelFailed
from quantumsketch.llm import types
from quantumsketch.llm.chain import models
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.llm.types import Message, ModelEntry, Question, RateLimited, UnusableAnswer, cost_of
from tests.provider_emulator import (
    ProviderEmulator,
    Scripted,
    anthropic,
    anthropic_error,
    error,
    gemini,
    gemini_error,
    openai,
    silence,
)

KEY = "a-key-in-no-usual-form-4711"
CLAUDE, GEMINI, FREE, OWN = (
    "anthropic/claude-sonnet-4-6",
    "google/gemini-2.5-flash",
    "deepseek/deepseek-r1:free",
    "openai/my-own-model",
)
MESSAGES = [Message(role="system", content="Be brief."), Message(role="user", content="Hello?")]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
ASKED = Question(messages=MESSAGES)
ASKED_IN_FORM = Question(messages=MESSAGES, answer_schema=SCHEMA)
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")


@pytest.fixture(autouse=True)
async def _no_connection_outlives_its_test() -> AsyncIterator[None]:
    yield
    await close_connections()


def provider(emulator: ProviderEmulator, timeout_s: float = 20.0) -> Provider:
    keys = ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY")
    bases = {
        "ANTHROPIC_API_BASE": emulator.url,
        "GEMINI_API_BASE": emulator.url,
        "OPENROUTER_API_BASE": f"{emulator.url}/api/v1",
        "OPENAI_API_BASE": f"{emulator.url}/v1",
    }
    return Provider({name: SecretStr(KEY) for name in keys}, bases, timeout_s)


def entry(given: Provider, model_id: str) -> ModelEntry:
    (found,) = models([model_id], given.key_names)
    assert found.reachable
    return found


@pytest.mark.parametrize(
    ("model_id", "scripted", "path", "tokens"),
    [
        (CLAUDE, anthropic("Hello."), "/v1/messages", (10, 20)),
        (GEMINI, gemini("Hello."), "/models/gemini-2.5-flash:generateContent", (4, 6)),
        (FREE, openai("Hello."), "/api/v1/chat/completions", (5, 7)),
        (OWN, openai("Hello."), "/v1/chat/completions", (5, 7)),
    ],
)
async def test_every_provider_of_the_chain_answers_in_its_own_language(
    model_id: str, scripted: Scripted, path: str, tokens: tuple[int, int]
) -> None:
    async with ProviderEmulator(scripted) as emulator:
        given = provider(emulator)
        answer = await given.ask(entry(given, model_id), ASKED)
    assert (answer.text, answer.model) == ("Hello.", model_id)
    assert (answer.input_tokens, answer.output_tokens) == tokens
    assert [asked.path for asked in emulator.asked] == [path]


async def test_a_known_price_is_computed_a_stated_cost_is_taken_and_an_unknown_one_is_none() -> None:
    async with ProviderEmulator(anthropic("A"), openai("B", cost=0.0125), openai("C")) as emulator:
        given = provider(emulator)
        costs = [(await given.ask(entry(given, m), ASKED)).cost_usd for m in (CLAUDE, FREE, OWN)]
    assert costs[0] == pytest.approx(10 * 3e-6 + 20 * 15e-6)
    assert costs[1:] == [0.0125, None]


FAULTS: list[tuple[str, Scripted, str]] = [
    (FREE, error(429, "Rate limit exceeded: free-models-per-min", retry_after="7"), "RateLimited"),
    (FREE, error(429, "Rate limit exceeded: free-models-per-day"), "DayQuotaExhausted"),
    (FREE, error(402, "Insufficient credits. Add more using the credits page"), "QuotaExhausted"),
    (FREE, error(401, "No auth credentials found"), "NotAuthorised"),
    (FREE, error(403, "Your chosen model requires moderation and your input was flagged"), "Refused"),
    (FREE, error(400, "This endpoint's maximum context length is 65536 tokens"), "ContextTooLong"),
    (FREE, error(404, "No endpoints found for deepseek/deepseek-r1:free."), "UnknownModel"),
    (FREE, error(408, "Your request timed out"), "ProviderTimeout"),
    (FREE, error(502, "Upstream error from Targon"), "Overloaded"),
    (FREE, Scripted(200, {"error": {"message": "Upstream idle timeout", "code": 502}}), "Overloaded"),
    (FREE, Scripted(200, "<html>gateway</html>"), "Overloaded"),
    (FREE, openai(""), "EmptyAnswer"),
    (FREE, openai(None), "EmptyAnswer"),
    (FREE, openai('{"a": "unfin', "length"), "TruncatedAnswer"),
    (FREE, openai("No.", "content_filter"), "Refused"),
    (CLAUDE, anthropic_error(529, "overloaded_error", "Overloaded"), "Overloaded"),
    (CLAUDE, anthropic_error(500, "api_error", "Internal server error"), "Overloaded"),
    (
        CLAUDE,
        anthropic_error(429, "rate_limit_error", "exceeds your rate limit", retry_after="9"),
        "RateLimited",
    ),
    (CLAUDE, anthropic_error(401, "authentication_error", "invalid x-api-key"), "NotAuthorised"),
    (CLAUDE, anthropic_error(403, "permission_error", "Your key may not use this"), "NotAuthorised"),
    (
        CLAUDE,
        anthropic_error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        "ContextTooLong",
    ),
    (CLAUDE, anthropic_error(413, "request_too_large", "Request exceeds the maximum size"), "ContextTooLong"),
    (
        CLAUDE,
        anthropic_error(400, "invalid_request_error", "Your credit balance is too low to access the API"),
        "QuotaExhausted",
    ),
    (CLAUDE, anthropic_error(404, "not_found_error", "model: claude-0"), "UnknownModel"),
    (CLAUDE, anthropic(None), "EmptyAnswer"),
    (CLAUDE, anthropic("Once upon", "max_tokens"), "TruncatedAnswer"),
    (CLAUDE, anthropic(None, "refusal"), "Refused"),
    (
        GEMINI,
        gemini_error(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current quota, check billing. Please retry in 12.5s.",
        ),
        "RateLimited",
    ),
    (
        GEMINI,
        gemini_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        "NotAuthorised",
    ),
    (
        GEMINI,
        gemini_error(
            400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens"
        ),
        "ContextTooLong",
    ),
    (
        GEMINI,
        gemini_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "Overloaded",
    ),
    (GEMINI, gemini("", "SAFETY"), "Refused"),
    (GEMINI, gemini("Once upon", "MAX_TOKENS"), "TruncatedAnswer"),
]


@pytest.mark.parametrize(("model_id", "scripted", "expected"), FAULTS)
async def test_every_fault_of_a_provider_has_its_own_type_after_one_request(
    model_id: str, scripted: Scripted, expected: str
) -> None:
    async with ProviderEmulator(scripted, openai("a retry nobody asked for")) as emulator:
        given = provider(emulator)
        with pytest.raises(ModelFailed) as caught:
            await given.ask(entry(given, model_id), ASKED)
    assert type(caught.value) is getattr(types, expected), caught.value
    assert model_id in caught.value.what
    assert len(emulator.asked) == 1


async def test_a_rate_limit_says_when_to_come_back() -> None:
    limits = [error(429, "slow down", retry_after="7"), FAULTS[27][1]]
    async with ProviderEmulator(*limits) as emulator:
        given = provider(emulator)
        waits = []
        for model_id in (FREE, GEMINI):
            with pytest.raises(RateLimited) as caught:
                await given.ask(entry(given, model_id), ASKED)
            waits.append(caught.value.retry_after_s)
    assert waits == [7.0, 12.5]


async def test_an_unusable_answer_still_costs_and_a_refused_call_does_not() -> None:
    async with ProviderEmulator(anthropic(None), FAULTS[0][1]) as emulator:
        given = provider(emulator)
        with pytest.raises(UnusableAnswer) as empty:
            await given.ask(entry(given, CLAUDE), ASKED)
        with pytest.raises(RateLimited) as limited:
            await given.ask(entry(given, FREE), ASKED)
    assert cost_of(empty.value) == pytest.approx(10 * 3e-6 + 20 * 15e-6)
    assert cost_of(limited.value) == 0.0


async def test_a_provider_that_stays_silent_is_given_up_in_time() -> None:
    async with ProviderEmulator(silence()) as emulator:
        given = provider(emulator, timeout_s=0.5)
        entry_ = entry(given, FREE)
        begun = time.monotonic()
        with pytest.raises(types.ProviderTimeout):
            await given.ask(entry_, ASKED)
    assert time.monotonic() - begun < 15
    assert len(emulator.asked) == 1


@pytest.mark.parametrize("model_id", [CLAUDE, GEMINI, FREE, OWN])
async def test_a_server_that_is_not_there_is_unreachable(model_id: str) -> None:
    async with ProviderEmulator() as emulator:
        given = provider(emulator)
    with pytest.raises(types.Unreachable):
        await given.ask(entry(given, model_id), ASKED)


async def test_an_entry_without_a_key_is_never_called() -> None:
    (unreachable,) = models([CLAUDE], [])
    with pytest.raises(types.NotAuthorised, match="ANTHROPIC_API_KEY"):
        await Provider({}, {}).ask(unreachable, ASKED)


async def test_a_schema_is_sent_in_the_strictest_form_that_the_server_takes() -> None:
    rejections = [
        error(400, "response_format.type must be json_object"),
        error(400, "json_object: no grammar"),
    ]
    async with ProviderEmulator(*rejections, openai('{"a": "b"}'), openai('{"a": "c"}')) as emulator:
        given = provider(emulator)
        texts = [(await given.ask(entry(given, OWN), ASKED_IN_FORM)).text for _ in range(2)]
    assert texts == ['{"a": "b"}', '{"a": "c"}']
    forms = [asked.body.get("response_format", {}).get("type") for asked in emulator.asked]
    assert forms == ["json_schema", "json_object", None, None], "the last call knows which form is taken"
    assert all('"required": ["a"]' in asked.body["messages"][-1]["content"] for asked in emulator.asked[1:])


async def test_another_bad_request_does_not_climb_down_the_ladder() -> None:
    async with ProviderEmulator(error(404, "No endpoints found"), openai("{}")) as emulator:
        given = provider(emulator)
        with pytest.raises(types.BadRequest):
            await given.ask(entry(given, FREE), ASKED_IN_FORM)
    assert len(emulator.asked) == 1


@pytest.mark.parametrize("model_id", [CLAUDE, GEMINI, FREE])
async def test_no_key_is_shown_by_an_error_or_a_repr(model_id: str) -> None:
    echo = f"What you gave was {KEY}"
    async with ProviderEmulator(error(401, echo)) as emulator:
        given = provider(emulator)
        with pytest.raises(types.NotAuthorised) as caught:
            await given.ask(entry(given, model_id), ASKED)
    assert "What you gave was" in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(given) + repr(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
