"""How a model is offered tools and how its wishes are read: natively, or in words for those that only write.

In words, a wish is one JSON object, {"tool": NAME, "arguments": {...}}, and a tool's result is a turn of the
user's in which its text is marked as the tool's. Pure; runs no tool and judges no arguments: what in a result
is not to be followed, whoever asks marks as that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from quantumsketch.errors import ModelFailed
from quantumsketch.json_schema import Schema
from quantumsketch.llm.types import BadRequest, Message, ToolCall
from quantumsketch.model_words import data_tag, objects_in, without_thoughts
from quantumsketch.tool_spec import MALFORMED, ToolSpec

SPOILED_CALL = "malformed_call"
"""The name of a call that its provider could not read and keeps to itself."""

_LONE_BACKSLASH = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')
_NAMES, _ARGUMENTS = ("tool", "name"), ("arguments", "parameters", "input")
_BEGUN = re.compile(r'\{\s*"(?:tool|name)"\s*:\s*"([^"]*)"\s*,\s*"(?:arguments|parameters|input)"')
_ABOUT_TOOLS = re.compile(
    # the last two: thoughts that a provider wants back with a call, which we do not keep
    r"\btools?\b|tool_choice|function.?call|jinja|chat.?template|thought_?signature|reasoning_content",
    re.IGNORECASE,
)

_OFFER = """\
You may use tools before you answer:
{tools}
To use one, answer with one JSON object and nothing else: {{"tool": NAME, "arguments": {{...}}}}
The arguments fit the tool's parameters, a JSON schema. The result comes back to you as the next turn.
When you need no tool, give your final answer."""
_RESULT = """\
The result of {name}, the tool's words and not the user's, stands between <{tag}> and </{tag}>.
<{tag}>
{text}
</{tag}>"""


def rejects_tools(failure: ModelFailed) -> bool:
    """Whether the provider refused that tools were offered, not the question."""
    return isinstance(failure, BadRequest) and bool(_ABOUT_TOOLS.search(failure.what))


def offered(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Tools as the providers' own interfaces take them."""
    return [{"type": "function", "function": tool.model_dump()} for tool in tools]


def native_turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """A conversation with its tool calls as the providers' own interfaces take it."""
    return [_native(message) for message in messages]


def turns_in_words(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """A conversation in which calls and results are words; no two turns of the user follow each other."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    turns: list[dict[str, Any]] = []
    for message in messages:
        turn = _in_words(message, names)
        if turns and turns[-1]["role"] == turn["role"] == "user":  # many templates want them to alternate
            turns[-1]["content"] += f"\n\n{turn['content']}"
        else:
            turns.append(turn)
    return turns


def offer_in_words(tools: Sequence[ToolSpec]) -> str:
    """What tells a model of the tools, and how to ask for one."""
    return _OFFER.format(tools="\n".join(json.dumps(tool.model_dump()) for tool in tools))


def whole(text: str) -> str:
    """The text with a question mark for each half of a character: JSON can hold some, a history cannot."""
    return text.encode("utf-8", "replace").decode()


def native_calls(calls: Sequence[Any]) -> list[ToolCall]:
    """The wishes in a response, as LiteLLM has them."""
    return [
        ToolCall(
            id=whole(str(call.id or f"call_{at}")),
            name=whole(str(call.function.name)),
            arguments=_arguments(call.function.arguments or "{}"),
        )
        for at, call in enumerate(calls)
    ]


def spoiled_call(turn: int) -> ToolCall:
    """The call that a model tried and its provider could not read, for whoever asks to complain of."""
    return ToolCall(id=f"call_{turn}_0", name=SPOILED_CALL, arguments={MALFORMED: "not readable"})


def calls_in_words(text: str, names: Collection[str], turn: int) -> list[ToolCall]:
    """The wishes in a text; none if it is an answer. `turn` makes their ids unique in a conversation."""
    # a backslash of TeX or of a regular expression, written once, is no JSON; written twice it is
    spoken = _LONE_BACKSLASH.sub(lambda found: found[0] if found[1] else r"\\", without_thoughts(text))
    objects = list(objects_in(spoken))
    wishes = [wish for _, value in objects if (wish := _wish(value, names))]
    if not wishes:
        wishes = list(_broken_wish(spoken, names, [place for place, _ in objects]))
    return [
        ToolCall(id=f"call_{turn}_{at}", name=name, arguments=arguments)
        for at, (name, arguments) in enumerate(wishes)
    ]


def _native(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        turn["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        turn["content"] = message.content or None
        turn["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(_nameable(call.arguments))},
            }
            for call in message.tool_calls
        ]
    return turn


def _nameable(arguments: Schema) -> Schema:
    """Arguments as every provider takes them back: a nameless one is called by what it is."""
    return {"malformed": arguments[MALFORMED]} if MALFORMED in arguments else arguments


def _in_words(message: Message, names: dict[str, str]) -> dict[str, Any]:
    if message.role == "tool":
        name = names.get(message.tool_call_id or "", "a tool")
        return {"role": "user", "content": _as_the_tools(name, message.content)}
    wishes = (
        json.dumps({"tool": call.name, "arguments": _nameable(call.arguments)}) for call in message.tool_calls
    )
    return {"role": message.role, "content": "\n".join(filter(None, [message.content, *wishes]))}


def _as_the_tools(name: str, text: str) -> str:
    """A tool's result, marked as its words and nobody else's."""
    return _RESULT.format(name=name, tag=data_tag(text), text=text)


def _wish(value: dict[str, Any], names: Collection[str]) -> tuple[str, Schema] | None:
    """The tool and the arguments that an object names; nothing if it is no wish for one of these tools."""
    name = next((value[key] for key in _NAMES if key in value), None)
    given: Any = next((value[key] for key in _ARGUMENTS if key in value), {})
    if not isinstance(name, str) or name not in names or len(value) > 2 + ("id" in value):
        return None
    return name, _arguments(given)


def _arguments(given: Any) -> Schema:
    """Arguments as an object; as JSON in a text they are read, and what is none is kept as it was written."""
    if isinstance(given, dict) and _can_be_kept(given):
        return given
    raw = "not readable"
    try:
        raw = given if isinstance(given, str) else json.dumps(given)
        read = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        read = None
    return read if isinstance(read, dict) and _can_be_kept(read) else {MALFORMED: whole(raw)}


def _can_be_kept(arguments: Schema) -> bool:
    """Whether they can be written into a history, which takes no half characters and no depth without end."""
    try:
        ToolCall(id="", name="", arguments=arguments).model_dump_json()
    except ValueError:
        return False
    return True


def _broken_wish(text: str, names: Collection[str], objects: Sequence[range]) -> Iterator[tuple[str, Schema]]:
    """A wish that was begun outside these objects but is no JSON: the model has to hear of it."""
    begun = _BEGUN.search(text)
    if begun and begun[1] in names and not any(begun.start() in place for place in objects):
        yield begun[1], {MALFORMED: text[begun.start() :]}
