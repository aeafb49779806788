"""How tools are offered and wishes are read, without a network."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.llm.structured import rejects_form, rungs
from quantumsketch.llm.tool_calls import (
    calls_in_words,
    native_calls,
    native_turns,
    turns_in_words,
    whole,
)
from quantumsketch.llm.types import (
    BadRequest,
    ContextTooLong,
    Message,
    Question,
    ToolCall,
    UnknownModel,
)
from quantumsketch.tool_spec import MALFORMED, ToolSpec

NAMES = {"find_manim", "check_scene"}
WISH = {"tool": "find_manim", "arguments": {"query": "arrow"}}
TOOL = ToolSpec(name="find_manim", description="Finds.", parameters={"type": "object"})
USER = Message(role="user", content="Draw.")


def wished(text: str) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, call.arguments) for call in calls_in_words(text, NAMES, 1)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WISH),
        f"I look it up.\n```json\n{json.dumps(WISH, indent=2)}\n```\nThen I go on.",
        f"<think>maybe {{'tool'}} or {json.dumps({**WISH, 'tool': 'check_scene'})}</think>{json.dumps(WISH)}",
        f"{json.dumps(WISH)} <think>Is that right?</think>",
        f"so I think of it</think>\n{json.dumps(WISH)}",
        f"<tool_call>{json.dumps({'name': 'find_manim', 'arguments': {'query': 'arrow'}})}</tool_call>",
        json.dumps({"name": "find_manim", "parameters": {"query": "arrow"}, "id": "x"}),
        json.dumps({"tool": "find_manim", "arguments": json.dumps({"query": "arrow"})}),
        f"{{not this}} {json.dumps(WISH)}",
    ],
)
def test_a_wish_is_found_whatever_stands_around_it(text: str) -> None:
    assert wished(text) == [("find_manim", {"query": "arrow"})]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No tool is needed.",
        json.dumps({"tool": "rm", "arguments": {}}),
        json.dumps({"visual": {"kind": "manim", "code": "x"}, "tool": "find_manim", "arguments": {}}),
        json.dumps({"tool": 7, "arguments": {}}),
        f"<think>{json.dumps(WISH)}",
        f"<think>{json.dumps(WISH)}</think>The answer.",
        json.dumps({"title": "tools", "beats": [WISH]}),
        "{" * 500,
    ],
)
def test_an_object_that_names_no_offered_tool_is_an_answer(text: str) -> None:
    assert wished(text) == []


def test_several_wishes_keep_their_order_and_have_ids_of_their_own() -> None:
    other = {"tool": "check_scene", "arguments": {}}
    calls = calls_in_words(f"{json.dumps(WISH)}\n{json.dumps(other)}", NAMES, 5)
    assert [call.name for call in calls] == ["find_manim", "check_scene"]
    later = calls_in_words(json.dumps(WISH), NAMES, 7)
    assert len({call.id for call in [*calls, *later]}) == 3


def test_code_with_lone_backslashes_and_bare_line_breaks_is_read() -> None:
    text = '{"tool": "check_scene", "arguments": {"code": "x = r\'\\sqrt{2}\'\nprint(\\"a\\")"}}'
    assert wished(text) == [("check_scene", {"code": "x = r'\\sqrt{2}'\nprint(\"a\")"})]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"tool": "find_manim", "arguments": ["arrow"]}', '["arrow"]'),
        ('{"tool": "find_manim", "arguments": "arrow"}', "arrow"),
        ('Look: {"tool": "find_manim", "arguments": {"q', '{"tool": "find_manim", "arguments": {"q'),
        ('{"name": "find_manim", "input": {"q": {}"a"}', '{"name": "find_manim", "input": {"q": {}"a"}'),
    ],
)  # fmt: skip
def test_arguments_that_are_no_object_are_kept_as_they_were_written(text: str, kept: str) -> None:
    assert wished(text) == [("find_manim", {MALFORMED: kept})]


@pytest.mark.parametrize("odd", [r'{"q": "\ud800"}', '{"q": "\ud800"}', '{"q":' * 300 + "1" + "}" * 300])
def test_arguments_that_no_history_can_hold_are_kept_as_they_were_written(odd: str) -> None:
    function = SimpleNamespace(name="find_manim\ud800", arguments=odd)
    [native] = native_calls([SimpleNamespace(id="1\ud800", function=function)])
    assert native == ToolCall(id="1?", name="find_manim?", arguments={MALFORMED: whole(odd)})
    assert list(calls_in_words(f'{{"tool": "find_manim", "arguments": {odd}}}', NAMES, 1)[0].arguments) == [
        MALFORMED
    ]
    assert native.model_dump_json()


@given(st.text() | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["tool", "name", "arguments"]) | st.text(), inner)).map(json.dumps))  # fmt: skip
def test_no_text_breaks_the_reading_and_only_offered_tools_are_called(text: str) -> None:
    assert {name for name, _ in wished(text)} <= NAMES


def _used(result: str) -> list[Message]:
    call = ToolCall(id="call_1", name="find_manim", arguments={"query": "arrow"})
    return [
        USER,
        Message(role="assistant", content="I look.", tool_calls=[call]),
        Message(role="tool", content=result, tool_call_id="call_1"),
        Message(role="user", content="Go on."),
    ]


def test_a_conversation_with_tools_is_told_in_words_that_can_be_read_back() -> None:
    turns = turns_in_words(_used("Arrow(start, end)"))
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[2]["content"].startswith("The result of find_manim")
    assert turns[2]["content"].endswith("Go on.")
    assert all(turn.keys() == {"role", "content"} for turn in turns)
    assert wished(turns[1]["content"]) == [("find_manim", {"query": "arrow"})]


@given(st.text())
def test_no_result_can_end_the_fence_around_it(result: str) -> None:
    fenced = turns_in_words(_used(result))[2]["content"].removesuffix("\n\nGo on.")
    end = fenced.rpartition("\n")[2]
    assert end.startswith("</data-")
    assert end not in result
    assert fenced.count(f"\n{end}") == 1


def test_a_conversation_without_tools_is_the_same_in_words_and_natively() -> None:
    messages = [Message(role="system", content="Be brief."), USER, Message(role="assistant", content="No.")]
    plain = [{"role": message.role, "content": message.content} for message in messages]
    assert turns_in_words(messages) == native_turns(messages) == plain


def test_a_question_with_tools_has_two_rungs_and_the_last_offers_them_in_words() -> None:
    native, words = rungs(Question(messages=_used("x"), tools=[TOOL]))
    assert native["tools"][0]["function"]["name"] == "find_manim"
    assert native["messages"][2] == {"role": "tool", "content": "x", "tool_call_id": "call_1"}
    assert json.loads(native["messages"][1]["tool_calls"][0]["function"]["arguments"]) == {"query": "arrow"}
    assert words.keys() == {"messages"}
    assert '"find_manim"' in words["messages"][-1]["content"]


def test_what_is_asked_for_in_words_is_asked_in_a_turn_of_the_user() -> None:
    question = Question(messages=[Message(role="system", content="Be brief.")], tools=[TOOL])
    assert [turn["role"] for turn in rungs(question)[1]["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    ("said", "climbs"),
    [
        (BadRequest("No endpoints found that support tool use"), True),
        (UnknownModel("models/gemma: Function calling is not enabled"), True),
        (BadRequest("Invalid 'messages'"), False),
        (ContextTooLong("the tools are too long for the context"), False),
    ],
)
def test_only_a_refusal_of_the_tools_makes_them_words(said: BadRequest, climbs: bool) -> None:
    assert rejects_form(Question(messages=[USER], tools=[TOOL]), said) is climbs
