"""What model providers say, in the shapes of their own APIs: answers, tool calls, errors, lists of models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Call = tuple[str, Json | str]
"""A tool's name and its arguments; a text stands for arguments that are no JSON object."""


@dataclass(frozen=True)
class Scripted:
    """One answer of the provider. Without a status it never comes."""

    status: int | None
    body: Json | str
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_after: int | None = None
    """The connection is reset after so many bytes of the response."""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Names of headers are in small letters."""

    path: str
    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Every text of the request, whichever the provider's language is."""
        return "\n".join(_texts(self.body))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def silence() -> Scripted:
    """No answer, for as long as the client waits."""
    return Scripted(None, "")


def hang_up(after: int = 0) -> Scripted:
    """A connection that is reset after so many bytes of a good answer."""
    return Scripted(200, openai("A good answer.").body, cut_after=after)


def said(asked: Asked, text: str | None, *calls: Call) -> Scripted:
    """An answer in the language of whoever was asked."""
    if asked.path.endswith("/v1/messages"):
        return anthropic(text, calls=calls)
    if ":generateContent" in asked.path:
        return gemini(text or "", calls=calls)
    return openai(text, calls=calls)


def openai(
    text: str | None, finish: str = "stop", *, calls: tuple[Call, ...] = (), **usage: float
) -> Scripted:
    """A chat completion, as OpenRouter and OpenAI-compatible servers give it."""
    message: Json = {"role": "assistant", "content": text}
    if calls:
        finish = "tool_calls" if finish == "stop" else finish
        message["tool_calls"] = [
            {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": _written(given)}}
            for at, (name, given) in enumerate(calls)
        ]
    counts = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, **usage}
    return Scripted(
        200,
        {
            "id": "gen-1", "object": "chat.completion", "created": 1, "model": "m", "usage": counts,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        },
    )  # fmt: skip


def anthropic(text: str | None, stop: str = "end_turn", *, calls: tuple[Call, ...] = ()) -> Scripted:
    """A message, as Anthropic gives it."""
    content: list[Json] = [{"type": "text", "text": text}] if text else []
    for at, (name, given) in enumerate(calls):
        content.append({"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": given})
    if calls and stop == "end_turn":
        stop = "tool_use"
    return Scripted(
        200,
        {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6",
            "content": content, "stop_reason": stop, "usage": {"input_tokens": 10, "output_tokens": 20},
        },
    )  # fmt: skip


def gemini(text: str, finish: str = "STOP", *, calls: tuple[Call, ...] = ()) -> Scripted:
    """A generateContent response, as Google gives it."""
    parts: list[Json] = [{"text": text}] if text or not calls else []
    parts += [{"functionCall": {"name": name, "args": given}} for name, given in calls]
    return gemini_body({"content": {"parts": parts, "role": "model"}, "finishReason": finish, "index": 0})


def gemini_body(*candidates: Json, **more: Any) -> Scripted:
    """A generateContent response of these candidates, with whatever else Google puts beside them."""
    usage = {"promptTokenCount": 4, "candidatesTokenCount": 6, "totalTokenCount": 10}
    body = {"usageMetadata": usage, **more}
    return Scripted(200, {"candidates": list(candidates), **body} if candidates else body)


def embedded(asked: Asked, vectors: list[list[float]]) -> Scripted:
    """Vectors for the texts that were asked, in the language of whoever was asked; OpenAI's in any order."""
    if ":batchEmbedContents" in asked.path:
        return Scripted(200, {"embeddings": [{"values": vector} for vector in vectors]})
    data = [{"object": "embedding", "index": at, "embedding": each} for at, each in enumerate(vectors)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return Scripted(200, {"object": "list", "model": "m", "data": data[::-1], "usage": usage})


def texts_of(asked: Asked) -> list[str]:
    """The texts of which vectors were asked for."""
    if "requests" in asked.body:
        return [request["content"]["parts"][0]["text"] for request in asked.body["requests"]]
    return list(asked.body["input"])


def error(status: int, message: str, *, metadata: Json | None = None, **headers: str) -> Scripted:
    """An error as OpenRouter words it."""
    body: Json = {"message": message, "code": status}
    if metadata is not None:
        body["metadata"] = metadata
    return Scripted(status, {"error": body}, _named(headers))


def anthropic_error(status: int, kind: str, message: str, **headers: str) -> Scripted:
    """An error as Anthropic words it."""
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return Scripted(status, body, _named(headers))


def gemini_error(code: int, status: str, message: str, *details: Json) -> Scripted:
    """An error as Google words it."""
    body: Json = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = list(details)
    return Scripted(code, {"error": body})


def gemini_quota(quota_id: str, retry_delay: str) -> Scripted:
    """A spent quota as Google words it; whether it is the minute's or the day's, only the id tells."""
    rpc = "type.googleapis.com/google.rpc"
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": "gemini-2.5-flash"},
        "quotaValue": "20",
    }
    return gemini_error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details. For more information on"
        f" this error, head to the docs.\n* Quota exceeded for metric: {violation['quotaMetric']}, limit: 20,"
        f" model: gemini-2.5-flash\nPlease retry in {retry_delay}.",
        {"@type": f"{rpc}.QuotaFailure", "violations": [violation]},
        {"@type": f"{rpc}.RetryInfo", "retryDelay": retry_delay},
    )


def openai_error(status: int, message: str, *, code: str | None = None, kind: str | None = None) -> Scripted:
    """An error as OpenAI and the servers compatible with it word it."""
    return Scripted(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


def openrouter_model(model_id: str, *, prompt: str = "0", completion: str = "0", **more: Any) -> Json:
    """One row of OpenRouter's list of models; prices are USD a token, as texts."""
    row = {
        "id": model_id, "canonical_slug": model_id, "name": model_id, "created": 1_750_000_000,
        "description": "", "context_length": 131_072,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Other"},
        "pricing": {"prompt": prompt, "completion": completion, "request": "0", "image": "0"},
        "top_provider": {"context_length": 131_072, "max_completion_tokens": 32_768, "is_moderated": False},
        "supported_parameters": ["max_tokens", "response_format", "structured_outputs", "tools"],
        "expiration_date": None,
    }  # fmt: skip
    return {**row, **more}


def openrouter_models(*rows: Json) -> Scripted:
    """OpenRouter's list of models."""
    return Scripted(200, {"data": list(rows)})


def openrouter_key(*, is_free_tier: bool = True, **more: Any) -> Scripted:
    """What OpenRouter says of the key that asks."""
    row = {
        "label": "a-key", "usage": 0, "limit": None, "limit_remaining": None, "is_free_tier": is_free_tier,
        "rate_limit": {"requests": -1, "interval": "10s"},
    }  # fmt: skip
    return Scripted(200, {"data": {**row, **more}})


def _written(arguments: Json | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
