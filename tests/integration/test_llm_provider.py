"""One call to one model, through the real LiteLLM to a real HTTP server in the providers' languages."""

from __future__ import annotations

import time
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from pydantic import SecretStr

from quantumsketch.llm import types
from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.llm.types import Message, ModelEntry, Price, Question, cost_of
from tests.provider_calls import CLAUDE, FREE, GEMINI, HELLO, KEY, OWN, PAID, entry, provider
from tests.provider_emulator import (
    Asked,
    Json,
    ProviderEmulator,
    Scripted,
    anthropic,
    anthropic_error,
    error,
    gemini,
    openai,
    openai_error,
    silence,
)

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
IN_FORM = Question(messages=HELLO.messages, answer_schema=SCHEMA)
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")


@pytest.fixture(autouse=True)
async def _no_connection_outlives_its_test() -> AsyncIterator[None]:
    yield
    await close_connections()


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
        answer = await provider().ask(entry(emulator, model_id), HELLO)
    assert (answer.text, answer.tool_calls, answer.model) == ("Hello.", [], model_id)
    assert (answer.input_tokens, answer.output_tokens) == tokens
    assert [asked.path for asked in emulator.asked] == [path]


def _keys_shown(asked: Asked) -> set[str]:
    """What a request carries in the headers in which providers want a key."""
    names = ("authorization", "x-api-key", "x-goog-api-key")
    return {asked.headers[name].removeprefix("Bearer ") for name in names if name in asked.headers}


async def test_an_entry_is_called_at_its_own_address_with_its_own_key() -> None:
    keys = {"OPENAI_API_KEY": SecretStr("the-usual-key"), "MY_KEY": SecretStr("my-key")}
    async with ProviderEmulator(openai("A"), openai("B")) as emulator:
        keyless = entry(emulator, OWN)
        named = keyless.model_copy(update={"key_name": "MY_KEY"})
        given = Provider(keys)
        texts = [(await given.ask(each, HELLO)).text for each in (named, keyless)]
    assert texts == ["A", "B"]
    assert [_keys_shown(asked) for asked in emulator.asked] == [{"my-key"}, {"none"}]


async def test_an_entry_whose_key_is_not_here_is_not_called_with_another() -> None:
    async with ProviderEmulator(openai("A")) as emulator:
        elsewhere = entry(emulator, OWN).model_copy(update={"key_name": "A_KEY_ELSEWHERE"})
        with pytest.raises(types.NotAuthorised, match="A_KEY_ELSEWHERE"):
            await provider().ask(elsewhere, HELLO)
    assert emulator.asked == []


async def test_an_entry_that_is_not_reachable_is_never_called() -> None:
    missing = ModelEntry(id=CLAUDE, litellm_id="", reachable=False, why="ANTHROPIC_API_KEY is not set")
    with pytest.raises(types.NotAuthorised, match="ANTHROPIC_API_KEY"):
        await provider().ask(missing, HELLO)


async def test_a_cost_is_the_providers_else_the_entrys_price_else_the_lists_and_never_a_guess() -> None:
    price = Price(input_usd=0.5, output_usd=0.25)
    script = [openai("A", cost=0.0125), openai("B"), anthropic("C"), openai("D"), openai("E")]
    async with ProviderEmulator(*script) as emulator:
        priced = [entry(emulator, PAID).model_copy(update={"price": price}) for _ in range(2)]
        asked = [*priced, entry(emulator, CLAUDE), entry(emulator, OWN), entry(emulator, PAID)]
        costs = [(await provider().ask(each, HELLO)).cost_usd for each in asked]
    assert costs[:2] == [0.0125, 5 * 0.5 + 7 * 0.25]
    assert costs[2] == pytest.approx(10 * 3e-6 + 20 * 15e-6)
    assert costs[3:] == [None, None], "what costs something was told to cost nothing"


async def test_with_a_key_of_ones_own_at_openrouter_its_fee_is_not_the_whole_cost() -> None:
    own_key, not_told = openai("A", cost=0.01), openai("B", cost=0.01)
    for answer, details in ((own_key, {"upstream_inference_cost": 0.2}), (not_told, {})):
        assert isinstance(answer.body, dict)
        answer.body["usage"] |= {"is_byok": True, "cost_details": details}
    async with ProviderEmulator(own_key, not_told) as emulator:
        given, model = provider(), entry(emulator, PAID)
        priced = model.model_copy(update={"price": Price(input_usd=0.5, output_usd=0.25)})
        costs = [(await given.ask(priced, HELLO)).cost_usd for _ in range(2)]
    assert costs == [pytest.approx(0.21), 5 * 0.5 + 7 * 0.25]


async def test_a_free_model_takes_no_route_that_costs_and_a_charge_is_told_loudly() -> None:
    async with ProviderEmulator(openai("A"), openai("B", cost=0.5), openai("C")) as emulator:
        free = await provider().ask(entry(emulator, FREE), HELLO)
        with pytest.raises(types.ChargedFreeModel, match=r"NOT FREE.* 0\.5 USD") as charged:
            await provider().ask(entry(emulator, FREE), HELLO)
        await provider().ask(entry(emulator, PAID), HELLO)
    nothing = {"max_price": {"prompt": 0, "completion": 0}}
    assert [asked.body.get("provider") for asked in emulator.asked] == [nothing, nothing, None]
    assert free.cost_usd == 0.0
    assert cost_of(charged.value) == 0.5


@pytest.mark.parametrize(
    ("model_id", "answer", "read"),
    [
        (CLAUDE, anthropic("A"), lambda body: body["max_tokens"]),
        (GEMINI, gemini("A"), lambda body: body["generationConfig"]["max_output_tokens"]),
        (OWN, openai("A"), lambda body: body["max_tokens"]),
    ],
)
async def test_an_answer_may_be_as_long_as_the_asker_allows(
    model_id: str, answer: Scripted, read: Callable[[Json], int]
) -> None:
    async with ProviderEmulator(answer, answer) as emulator:
        await provider().ask(entry(emulator, model_id), HELLO, most_tokens=1500)
        await provider().ask(entry(emulator, model_id), HELLO)
    assert [read(asked.body) for asked in emulator.asked] == [1500, MOST_TOKENS]


async def test_a_model_with_less_to_give_than_it_was_asked_for_gives_what_it_has() -> None:
    too_much = openai_error(400, "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's "
                            "maximum context length is 8192 tokens")  # fmt: skip
    async with ProviderEmulator(too_much, openai("A")) as emulator:
        assert (await provider().ask(entry(emulator, OWN), HELLO)).text == "A"
    assert [asked.body.get("max_tokens") for asked in emulator.asked] == [MOST_TOKENS, None]


async def test_an_unusable_answer_still_costs_and_a_refused_call_does_not() -> None:
    async with ProviderEmulator(anthropic(None), error(429, "slow down")) as emulator:
        with pytest.raises(types.EmptyAnswer) as empty:
            await provider().ask(entry(emulator, CLAUDE), HELLO)
        with pytest.raises(types.RateLimited) as limited:
            await provider().ask(entry(emulator, FREE), HELLO)
    assert cost_of(empty.value) == pytest.approx(10 * 3e-6 + 20 * 15e-6)
    assert (empty.value.input_tokens, empty.value.output_tokens) == (10, 20)
    assert cost_of(limited.value) == 0.0


async def test_a_provider_that_stays_silent_is_given_up_in_time() -> None:
    async with ProviderEmulator(silence()) as emulator:
        begun = time.monotonic()
        with pytest.raises(types.ProviderTimeout):
            await provider(timeout_s=0.5).ask(entry(emulator, FREE), HELLO)
    assert time.monotonic() - begun < 15
    assert len(emulator.asked) == 1


async def test_a_server_of_ones_own_is_given_more_time() -> None:
    async with ProviderEmulator(replace(openai("Hello."), delay_s=1.0)) as emulator:
        answer = await provider(timeout_s=0.5).ask(entry(emulator, OWN), HELLO)
    assert answer.text == "Hello."


@pytest.mark.parametrize("model_id", [CLAUDE, GEMINI, FREE, OWN])
async def test_a_server_that_is_not_there_is_unreachable(model_id: str) -> None:
    async with ProviderEmulator() as emulator:
        nowhere = entry(emulator, model_id)
    with pytest.raises(types.Unreachable) as caught:
        await provider().ask(nowhere, HELLO)
    assert cost_of(caught.value) == 0.0


async def test_a_schema_is_sent_in_the_strictest_form_that_the_server_takes() -> None:
    rejections = [
        error(400, "response_format.type must be json_object"),
        error(400, "response_format has an unknown field: schema"),
        error(400, "json_object: no grammar"),
    ]
    async with ProviderEmulator(*rejections, openai('{"a": "b"}'), openai('{"a": "c"}')) as emulator:
        given = provider()
        texts = [(await given.ask(entry(emulator, OWN), IN_FORM)).text for _ in range(2)]
    assert texts == ['{"a": "b"}', '{"a": "c"}']
    asked_for = [asked.body.get("response_format", {}) for asked in emulator.asked]
    forms = [form.get("type") for form in asked_for]
    assert forms == ["json_schema", "json_object", "json_object", None, None], "the last call knows the form"
    assert [form.get("schema") for form in asked_for] == [None, SCHEMA, None, None, None]
    assert all('"required": ["a"]' in asked.body["messages"][-1]["content"] for asked in emulator.asked[1:])


async def test_another_bad_request_does_not_climb_down_the_ladder() -> None:
    async with ProviderEmulator(error(404, "No endpoints found"), openai("{}")) as emulator:
        with pytest.raises(types.BadRequest):
            await provider().ask(entry(emulator, FREE), IN_FORM)
    assert len(emulator.asked) == 1


@pytest.mark.parametrize("model_id", [CLAUDE, FREE])
async def test_a_key_shows_in_no_error_no_traceback_and_no_repr(model_id: str) -> None:
    echo = f"What you gave was {KEY}"
    refusal = anthropic_error(401, "authentication_error", echo) if model_id == CLAUDE else error(401, echo)
    async with ProviderEmulator(refusal) as emulator:
        given = provider()
        with pytest.raises(types.NotAuthorised) as caught:
            await given.ask(entry(emulator, model_id), HELLO)
    assert "What you gave was" in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(given) + repr(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


async def test_nothing_that_a_model_says_is_written_to_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    script = [anthropic("A secret.", "a_new_stop_reason"), error(401, f"What you gave was {KEY}")]
    async with ProviderEmulator(*script) as emulator:
        await provider().ask(entry(emulator, CLAUDE), HELLO)
        with pytest.raises(types.NotAuthorised):
            await provider().ask(entry(emulator, FREE), HELLO)
    assert capfd.readouterr() == ("", "")


async def test_a_conversation_keeps_its_system_message() -> None:
    messages = [Message(role="system", content="Be brief."), *HELLO.messages]
    async with ProviderEmulator(anthropic("A"), gemini("B"), openai("C")) as emulator:
        for model_id in (CLAUDE, GEMINI, OWN):
            await provider().ask(entry(emulator, model_id), Question(messages=messages))
    assert all("Be brief." in asked.words for asked in emulator.asked)
    assert [asked.body.get("system") is not None for asked in emulator.asked] == [True, False, False]
