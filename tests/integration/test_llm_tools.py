"""A model that may use tools, natively or in words, through the real LiteLLM in the providers' languages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from quantumsketch.llm import types
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import Answer, Message, Question, ToolCall
from quantumsketch.tool_spec import ToolSpec
from tests.provider_calls import CLAUDE, FREE, GEMINI, HELLO, OWN, entry, provider
from tests.provider_emulator import (
    Asked,
    ProviderEmulator,
    Scripted,
    error,
    gemini,
    gemini_body,
    gemini_error,
    openai,
    openai_error,
    said,
)

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
FIND = ToolSpec(
    name="find_manim",
    description="Finds a class of the installed Manim.",
    parameters={"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
)
CHECK = ToolSpec(name="check_scene", description="Tries a scene.", parameters={"type": "object"})
WITH_TOOLS = Question(messages=HELLO.messages, tools=[FIND, CHECK])
WISHES = [("find_manim", {"query": "arrow"}), ("check_scene", {"code": "from manim import *\n"})]


@pytest.fixture(autouse=True)
async def _no_connection_outlives_its_test() -> AsyncIterator[None]:
    yield
    await close_connections()


def asked_for(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, call.arguments) for call in answer.tool_calls]


def after(answer: Answer, *results: str) -> Question:
    """The next question: the model's wishes, and what came of each."""
    turns = [
        Message(role="tool", content=result, tool_call_id=call.id)
        for call, result in zip(answer.tool_calls, results, strict=True)
    ]
    wish = Message(role="assistant", content=answer.text, tool_calls=answer.tool_calls)
    return Question(messages=[*HELLO.messages, wish, *turns], tools=[FIND, CHECK])


def answers_after_tools(asked: Asked) -> Scripted:
    """A model that uses both tools at once, then answers with what they said."""
    if "RESULT" in asked.words:
        return said(asked, f"Done: {'ONE' in asked.words} {'TWO' in asked.words}")
    return said(asked, "Let me see.", *WISHES)


@pytest.mark.parametrize("model_id", [CLAUDE, GEMINI, FREE, OWN])
async def test_tools_are_offered_and_used_in_every_providers_own_language(model_id: str) -> None:
    async with ProviderEmulator(respond=answers_after_tools) as emulator:
        given, model = provider(), entry(emulator, model_id)
        wish = await given.ask(model, WITH_TOOLS)
        final = await given.ask(model, after(wish, "RESULT ONE", "RESULT TWO"))
    assert asked_for(wish) == WISHES
    assert len({call.id for call in wish.tool_calls}) == 2
    assert wish.output_tokens > 0
    assert (final.text, final.tool_calls) == ("Done: True True", [])
    assert all("tools" in asked.body for asked in emulator.asked)
    assert all("Finds a class" in asked.words for asked in emulator.asked)


async def test_a_call_and_its_result_stay_together_on_the_wire() -> None:
    async with ProviderEmulator(respond=answers_after_tools) as emulator:
        model = entry(emulator, CLAUDE)
        wish = await provider().ask(model, WITH_TOOLS)
        await provider().ask(model, after(wish, "RESULT ONE", "RESULT TWO"))
    turns = emulator.asked[-1].body["messages"]
    used = [part["id"] for part in turns[1]["content"] if part["type"] == "tool_use"]
    answered = [part["tool_use_id"] for part in turns[2]["content"] if part["type"] == "tool_result"]
    assert used == answered == [call.id for call in wish.tool_calls]


REFUSALS = [
    (FREE, error(404, "No endpoints found that support tool use. To learn more, visit the docs")),
    (FREE, error(404, "No endpoints found that support the provided 'tool_choice' value.")),
    (OWN, Scripted(500, {"error": {"code": 500, "message": "tools param requires --jinja flag"}})),
    (OWN, Scripted(500, {"error": {"code": 500, "message": "Unsupported param: tools"}})),
    (OWN, openai_error(400, '"auto" tool choice requires --enable-auto-tool-choice to be set')),
    (OWN, openai_error(400, "registry.example/library/gemma:2b does not support tools")),
    (
        GEMINI,
        gemini_error(400, "INVALID_ARGUMENT", "Function calling is not enabled for models/gemma-3-27b-it"),
    ),
    (GEMINI, gemini_error(400, "INVALID_ARGUMENT", "Function call is missing a thought_signature")),
    (OWN, openai_error(400, "Missing `reasoning_content` field in the assistant message")),
]


@pytest.mark.parametrize(("model_id", "refusal"), REFUSALS)
async def test_a_model_without_tools_is_told_of_them_in_words_from_then_on(
    model_id: str, refusal: Scripted
) -> None:
    def writes(asked: Asked) -> Scripted:
        if "tools" in asked.body:
            return refusal
        done = "RESULT ONE" in asked.words
        return said(asked, "Done." if done else f"<think>Hm {{}}</think>```json\n{json.dumps(wished)}\n```")

    wished = {"tool": "find_manim", "arguments": {"query": "arrow"}}
    async with ProviderEmulator(respond=writes) as emulator:
        given, model = provider(), entry(emulator, model_id)
        wish = await given.ask(model, WITH_TOOLS)
        final = await given.ask(model, after(wish, "RESULT ONE"))
    assert asked_for(wish) == [("find_manim", {"query": "arrow"})]
    assert (final.text, final.tool_calls) == ("Done.", [])
    assert len(emulator.asked) == 3, "the second question is put in words at once"
    assert "Finds a class" in emulator.asked[1].words
    assert '{"tool": NAME' in emulator.asked[2].words


async def test_a_library_that_takes_no_tools_for_a_model_is_climbed_down_from_too() -> None:
    asked_in_words: list[Asked] = []

    def writes(asked: Asked) -> Scripted:
        asked_in_words.append(asked)
        return openai('{"tool": "check_scene", "arguments": {"code": "x"}}')

    async with ProviderEmulator(respond=writes) as emulator:
        # LiteLLM's list says of Perplexity's models that they take no tools, and it raises by itself
        sonar = entry(emulator, OWN).model_copy(update={"litellm_id": "perplexity/sonar"})
        answer = await provider().ask(sonar, WITH_TOOLS)
    assert asked_for(answer) == [("check_scene", {"code": "x"})]
    assert ["tools" in asked.body for asked in asked_in_words] == [False]


async def test_a_history_with_tools_is_told_in_words_to_a_question_without_them() -> None:
    call = ToolCall(id="call_0", name="find_manim", arguments={"query": "arrow"})
    messages = [
        *HELLO.messages,
        Message(role="assistant", content="", tool_calls=[call]),
        Message(role="tool", content="Arrow(start, end)", tool_call_id="call_0"),
    ]
    async with ProviderEmulator(respond=lambda asked: said(asked, "Done.")) as emulator:
        for model_id in (CLAUDE, GEMINI, FREE):
            answer = await provider().ask(entry(emulator, model_id), Question(messages=messages))
            assert answer.text == "Done."
    for asked in emulator.asked:
        assert "tools" not in asked.body
        assert "Arrow(start, end)" in asked.words
        assert '{"tool": "find_manim", "arguments": {"query": "arrow"}}' in asked.words


async def test_arguments_that_are_no_object_reach_the_asker_as_they_were_written() -> None:
    spoiled = [("find_manim", '{"query": "arr'), ("check_scene", '["a list"]')]
    async with ProviderEmulator(openai(None, calls=(*spoiled,)), openai("Done.")) as emulator:
        model = entry(emulator, OWN)
        wish = await provider().ask(model, WITH_TOOLS)
        await provider().ask(model, after(wish, "no JSON", "no object"))
    assert asked_for(wish) == [("find_manim", {"": '{"query": "arr'}), ("check_scene", {"": '["a list"]'})]
    assert '\\"arr' in json.dumps(emulator.asked[-1].body), "the model sees what it wrote"


async def test_with_tools_a_schema_is_asked_for_in_words_only() -> None:
    schema = {"type": "object", "required": ["visual"]}
    question = WITH_TOOLS.model_copy(update={"answer_schema": schema})
    refusal = openai_error(400, "this model does not support tools")
    async with ProviderEmulator(refusal, openai('{"visual": 1}')) as emulator:
        answer = await provider().ask(entry(emulator, OWN), question)
    assert (answer.text, answer.tool_calls) == ('{"visual": 1}', [])
    for asked in emulator.asked:
        assert "response_format" not in asked.body
        assert '"required": ["visual"]' in asked.body["messages"][-1]["content"]


async def test_a_call_that_google_could_not_read_is_told_and_the_next_question_is_put_in_words() -> None:
    spoiled = gemini_body({"finishReason": "MALFORMED_FUNCTION_CALL", "index": 0})
    wished = json.dumps({"tool": "find_manim", "arguments": {"query": "arrow"}})
    async with ProviderEmulator(spoiled, gemini(wished)) as emulator:
        given, model = provider(), entry(emulator, GEMINI)
        wish = await given.ask(model, WITH_TOOLS)
        again = await given.ask(model, after(wish, "there is no such tool"))
    assert asked_for(wish) == [("malformed_call", {"": "not readable"})]
    assert asked_for(again) == [("find_manim", {"query": "arrow"})]
    assert ["tools" in asked.body for asked in emulator.asked] == [True, False]
    assert "there is no such tool" in emulator.asked[1].words


async def test_a_cut_tool_call_is_a_cut_answer() -> None:
    cut = openai(None, "length", calls=(("find_manim", '{"query": "arr'),))
    async with ProviderEmulator(cut) as emulator:
        with pytest.raises(types.TruncatedAnswer):
            await provider().ask(entry(emulator, OWN), WITH_TOOLS)
