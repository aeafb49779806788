"""A model's response read: its words, its tool calls and what they took, or the failure that it is. Pure.

Reads the shape that LiteLLM gives every provider's response; knows no network and no key.
"""

from __future__ import annotations

import math
from typing import Any

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.failures import failure
from quantumsketch.llm.tool_calls import calls_in_words, native_calls, spoiled_call, whole
from quantumsketch.llm.types import (
    Answer,
    ChargedFreeModel,
    EmptyAnswer,
    ModelEntry,
    Question,
    Refused,
    TruncatedAnswer,
    UnusableAnswer,
)

_LONGEST_ANSWER = 1_000_000
"""Characters: some times more than was asked for, and half of what a history takes at once."""

_UNREADABLE = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")
"""Google's words for a tool call that it could not read."""


def answer(model: ModelEntry, question: Question, response: Any) -> Answer:
    """The answer in a response; raises the failure that an empty, cut, declined or broken one is."""
    spent = _spent(model, response)
    if model.free and spent["cost_usd"]:
        raise ChargedFreeModel(
            f"{model.id} IS NOT FREE: the call was charged with {spent['cost_usd']:g} USD",
            mend="Take it out of the model chain and look at the provider's bill",
            **spent,
        )
    if not response.choices:
        raise EmptyAnswer(f"{model.id} gave no answer", **spent)
    choice = response.choices[0]
    if broken := _broken(model, choice, spent):
        raise broken
    text = whole(choice.message.content or "").strip()
    calls = native_calls(choice.message.tool_calls or [])
    if question.tools and not calls:
        calls = calls_in_words(text, {tool.name for tool in question.tools}, len(question.messages))
        text = "" if calls else text
    native = _beside(choice).get("native_finish_reason")
    if question.tools and not text and not calls and native in _UNREADABLE:
        calls = [spoiled_call(len(question.messages))]
    if not text and not calls:
        raise EmptyAnswer(
            f"{model.id} gave an answer without words{f' ({native})' if native else ''}", **spent
        )
    read = Answer(text=text, tool_calls=calls, model=model.id, **spent)
    if len(read.model_dump_json()) > _LONGEST_ANSWER:
        raise UnusableAnswer(f"{model.id} gave an answer that is far too long", **spent)
    return read


def _broken(model: ModelEntry, choice: Any, spent: dict[str, Any]) -> ModelFailed | None:
    """What is wrong with an answer that did not come to its end, if anything is."""
    beside = _beside(choice)
    if beside.get("error") or beside.get("native_finish_reason") == "error":
        return _broken_off(model, beside.get("error"), spent)
    said_no = (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
    if choice.finish_reason == "content_filter" or said_no:
        return Refused(f"{model.id} declined to answer", **spent)
    if choice.finish_reason == "length":
        return TruncatedAnswer(f"{model.id} stopped in the middle of its answer", **spent)
    return None


def _broken_off(model: ModelEntry, error: Any, spent: dict[str, Any]) -> ModelFailed:
    """OpenRouter's way to say that a provider failed behind a 200: a cut answer once words were paid for."""
    told = error if isinstance(error, dict) else {"message": str(error or "the provider failed")}
    code = told.get("code")
    read = failure(model.id, code if isinstance(code, int) else 502, str(told.get("message", "")))
    return TruncatedAnswer(read.what, mend=read.mend, **spent) if spent["cost_usd"] else read


def _beside(choice: Any) -> dict[str, Any]:
    """What a provider says of an answer beyond LiteLLM's own words."""
    return getattr(choice, "provider_specific_fields", None) or {}


def _spent(model: ModelEntry, response: Any) -> dict[str, Any]:
    """Tokens and USD of a call: as the provider states them, else by the entry's price, else by the list."""
    usage = getattr(response, "usage", None)
    read, written = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    listed = getattr(response, "_hidden_params", {}).get("response_cost")
    cost = _stated(usage)
    if cost is None and model.price is not None:
        cost = read * model.price.input_usd + written * model.price.output_usd
    elif cost is None:
        cost = 0.0 if model.free else listed or None  # LiteLLM says 0 of what it has no price for
    known = isinstance(cost, int | float) and math.isfinite(cost) and cost >= 0
    return {"input_tokens": read, "output_tokens": written, "cost_usd": float(cost) if known else None}


def _stated(usage: Any) -> Any:
    """The cost as the provider states it; for a key of one's own at OpenRouter that is its fee alone."""
    cost: Any = getattr(usage, "cost", None)
    if getattr(usage, "is_byok", None) is not True:
        return cost
    details = getattr(usage, "cost_details", None)
    upstream = details.get("upstream_inference_cost") if isinstance(details, dict) else None
    both = isinstance(cost, int | float) and isinstance(upstream, int | float)
    return cost + upstream if both else None


def _count(usage: Any, name: str) -> int:
    """A number of tokens; none where the provider does not say it, or says nonsense."""
    said = getattr(usage, name, 0)
    return said if isinstance(said, int) and said > 0 else 0
