"""How a question is put to a model: a ladder from the strictest form to what every model takes. Pure.

Tools are offered natively, else in words. A schema is enforced, else JSON is, else it is only asked for. With
tools the schema is only asked for: most providers that enforce one allow no tool call beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from quantumsketch.errors import ModelFailed
from quantumsketch.json_schema import Schema
from quantumsketch.llm.tool_calls import (
    SPOILED_CALL,
    native_turns,
    offer_in_words,
    offered,
    rejects_tools,
    turns_in_words,
)
from quantumsketch.llm.types import Answer, BadRequest, ContextTooLong, Question

_ABOUT_THE_FORM = re.compile(
    r"response_format|json_schema|json_object|response_json_schema|response_mime_type|output_format|output_config"
    r"|structured output|json mode|schema|grammar|requested parameters",
    re.IGNORECASE,
)
_ABOUT_THE_LENGTH = re.compile(
    r"max(imum)?_(completion_|output_|new_)?tokens|in the (completion|output)\b", re.IGNORECASE
)


def rungs(question: Question, *, own_server: bool = False) -> list[dict[str, Any]]:
    """The options of a call, the strictest first; at least one."""
    if question.tools:
        return _with_tools(question)
    plain, schema = turns_in_words(question.messages), question.answer_schema
    if schema is None:
        return [{"messages": plain}]
    asked = _said_last(plain, _instruction(schema))
    named = {"name": "answer", "schema": schema}
    # llama.cpp's server enforces a schema in this form only; elsewhere it would be one more refused request
    with_schema = {"messages": asked, "response_format": {"type": "json_object", "schema": schema}}
    return [
        {"messages": plain, "response_format": {"type": "json_schema", "json_schema": named}},
        *([with_schema] if own_server else []),
        {"messages": asked, "response_format": {"type": "json_object"}},
        {"messages": asked},
    ]


def rejects_form(question: Question, failure: ModelFailed) -> bool:
    """Whether the provider refused the form in which the question was put, not the question."""
    if question.tools:
        return rejects_tools(failure)
    return isinstance(failure, BadRequest) and bool(_ABOUT_THE_FORM.search(failure.what))


def lost_in_form(answer: Answer) -> bool:
    """Whether a tool call was lost on its way through the provider's own interface: words would arrive."""
    return any(call.name == SPOILED_CALL for call in answer.tool_calls)


def rejects_length(failure: ModelFailed) -> bool:
    """Whether the provider refused how long the answer may be: it has less to give than it was asked for."""
    return isinstance(failure, BadRequest | ContextTooLong) and bool(_ABOUT_THE_LENGTH.search(failure.what))


def _with_tools(question: Question) -> list[dict[str, Any]]:
    native, words = native_turns(question.messages), turns_in_words(question.messages)
    offer = offer_in_words(question.tools)
    if question.answer_schema is not None:
        form = f"Your final answer: {_instruction(question.answer_schema)}"
        native, offer = _said_last(native, form), f"{offer}\n\n{form}"
    return [
        {"messages": native, "tools": offered(question.tools), "tool_choice": "auto"},
        {"messages": _said_last(words, offer)},
    ]


def _said_last(turns: Sequence[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The turns with these words at the end of the user's last one: many local servers take no system
    message after the first, and some no second turn of the user."""
    at = max((at for at, turn in enumerate(turns) if turn["role"] == "user"), default=None)
    if at is None:
        return [*turns, {"role": "user", "content": words}]
    return [*turns[:at], {**turns[at], "content": f"{turns[at]['content']}\n\n{words}"}, *turns[at + 1 :]]


def _instruction(schema: Schema) -> str:
    return f"Answer with one JSON object and nothing else. It must fit this JSON schema: {json.dumps(schema)}"
