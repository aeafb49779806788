"""How an answer in JSON is asked for: a ladder from the strictest form to what every model takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import BadRequest, Message, Schema

_ABOUT_THE_FORM = re.compile(
    r"response_format|json_schema|json_object|response_json_schema|response_mime_type|output_format|output_config"
    r"|structured output|json mode|schema|grammar",
    re.IGNORECASE,
)


def rungs(messages: Sequence[Message], schema: Schema | None) -> list[dict[str, Any]]:
    """The options of a call, strictest first: schema enforced, JSON enforced, JSON only asked for.

    There is at least one message.
    """
    plain = [message.model_dump(include={"role", "content"}) for message in messages]
    if schema is None:
        return [{"messages": plain}]
    # in the last turn: many local servers take no system message after the first
    *before, last = plain
    asked = [*before, {**last, "content": f"{last['content']}\n\n{_instruction(schema)}"}]
    named = {"name": "answer", "schema": schema}
    return [
        {"messages": plain, "response_format": {"type": "json_schema", "json_schema": named}},
        {"messages": asked, "response_format": {"type": "json_object"}},
        {"messages": asked},
    ]


def rejects_schema(failure: ModelFailed) -> bool:
    """Whether the provider refused the form of the answer that was asked for, not the question."""
    return isinstance(failure, BadRequest) and bool(_ABOUT_THE_FORM.search(failure.what))


def _instruction(schema: Schema) -> str:
    return f"Answer with one JSON object and nothing else. It must fit this JSON schema: {json.dumps(schema)}"
