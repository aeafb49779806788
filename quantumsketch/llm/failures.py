"""A provider's refusal read: which of our failures it is. One table, tried from the top; pure.

Status codes alone do not tell: a spent balance arrives as 400, 402, 403 or 429, a prompt that is too long as
400, 413 or 500, and one provider's "quota" is another's "too many a minute". So the wording counts, as each
has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import (
    BadRequest,
    ContextTooLong,
    DayQuotaExhausted,
    NotAuthorised,
    Overloaded,
    ProviderTimeout,
    QuotaExhausted,
    RateLimited,
    Refused,
    UnknownModel,
)

_LONGEST_WORDING = 300
_ANY = range(600)
_CLIENT = range(400, 500)

_ADD_CREDIT = "Add credit, or use another model"
_TOMORROW = "Wait for tomorrow, add credit, or use another model"
_SHORTEN = "Shorten the prompt, or use a model with a longer context"
_CHECK_KEY = "Check the provider's key"

_TOO_LONG = (
    r"context.?(length|window|size|limit)|prompt is too long|input is too long|input token count"
    r"|too many (input )?tokens|prompt tokens limit|reduce the length|maximum number of tokens"
    r"|request_too_large"
)
_SPENT = (
    r"insufficient[ _](credits?|balance|quota|funds)|credit balance|payment required|billing|current quota"
    r"|(usage|spend(ing)?|budget|key) limits?\b|openrouter_(key_limit|workspace_budget|guardrail_budget)"
)
_DECLINED = (
    r"flagged|moderation|content.?(policy|filter|management)|responsible ai|violat\w+ .*polic"
    r"|blocked .*safety|safety (system|filter|reasons?)"
)
_NO_SUCH_MODEL = (
    r"no endpoints (found|available)|not a valid model|(unknown|invalid|no such) model|model_not_found"
    r"|model\b.{0,80}\b(not found|(does|do) not exist|not exist|is not available|not supported)"
)
_NOT_THIS_MODEL = r"access to (the )?model|model_not_found|provider_name"
"""The last is OpenRouter's: the refusal is that of a provider behind it."""
_WRONG_KEY = r"api.?key|auth credentials|authentication|permission.?denied|unauthori[sz]ed"
_UNKNOWN_OPTION = r"\btools?\b|tool_choice|unsupported param|jinja|chat.?template|requested parameters"


@dataclass(frozen=True)
class _Row:
    """What responses of these statuses and this wording are, if they say when to come back or not."""

    kind: type[ModelFailed]
    statuses: Container[int]
    wording: str = ""
    mend: str = ""
    without_wait: bool = False
    """Only if the response does not say when to come back."""


_TABLE = (
    # a full context: llama.cpp answers 500 when it overflows in the middle
    _Row(ContextTooLong, (413,), mend=_SHORTEN),
    _Row(ContextTooLong, (400, 422, 500), _TOO_LONG, _SHORTEN),
    # limits by the minute pass, those by the day and balances do not; Google calls both a quota
    _Row(RateLimited, (402,), r"in_flight_budget"),
    _Row(DayQuotaExhausted, (402, 403, 429), r"per.?day|daily", _TOMORROW),
    _Row(QuotaExhausted, (429,), r"insufficient_quota|limit: 0\b", _ADD_CREDIT),
    _Row(QuotaExhausted, (429,), _SPENT, _ADD_CREDIT, without_wait=True),
    _Row(RateLimited, (429,)),
    _Row(QuotaExhausted, (402,), mend=_ADD_CREDIT),
    _Row(QuotaExhausted, (400, 403), _SPENT, _ADD_CREDIT),
    _Row(Refused, (400, 403, 422, 451), _DECLINED),
    # what one model is refused says nothing against the key, by which all the others are reached
    _Row(UnknownModel, (403,), _NOT_THIS_MODEL, "Use another model, or ask its provider for access"),
    _Row(NotAuthorised, (401, 403), mend=_CHECK_KEY),
    _Row(NotAuthorised, (400,), _WRONG_KEY, _CHECK_KEY),
    # an option that a model does not take is no reason to call the model unknown; old llama.cpp answers 500
    _Row(BadRequest, (400, 404, 422, 500, 501), _UNKNOWN_OPTION),
    _Row(UnknownModel, (404,), mend="Check the model's name and the address"),
    _Row(UnknownModel, (400, 422), _NO_SUCH_MODEL, "Check the model's name"),
    _Row(ProviderTimeout, (408, 504, 524)),
    # a 200 of Google's that is no answer, in LiteLLM's words
    _Row(Overloaded, (422,), r"converting to valid response"),
    _Row(Overloaded, (409, 425)),
    _Row(Overloaded, _CLIENT, r"overloaded|try again later|temporarily|capacity"),
    _Row(BadRequest, _CLIENT),
    _Row(Overloaded, _ANY),
)


def failure(model: str, status: int | None, body: str, wait_s: float | None = None) -> ModelFailed:
    """The failure that a response of this status and body is; `body` must hold no key.

    `wait_s` is when the provider wants to be asked again, if it says so.
    """
    row = next(row for row in _TABLE if _fits(row, status or 0, body, wait_s))
    what = f"{model} answered {status or 'without a status'}: {sentence(body)}"
    if issubclass(row.kind, RateLimited):
        account = "free-models-per-min" in body
        return row.kind(what, mend=row.mend, retry_after_s=wait_s, whole_account=account)
    if issubclass(row.kind, Refused):
        return row.kind(what, mend=row.mend, cost_usd=0.0)
    return row.kind(what, mend=row.mend)


def sentence(body: str) -> str:
    """What was said, shortened, and without the envelope if it is one of JSON."""
    start = body.find("{")
    try:
        said = list(_messages(json.JSONDecoder().raw_decode(body, start)[0])) if start >= 0 else []
    except (ValueError, RecursionError):
        said = []
    return " ".join(" / ".join(dict.fromkeys(said) or [body]).split())[:_LONGEST_WORDING] or "nothing"


def _fits(row: _Row, status: int, body: str, wait_s: float | None) -> bool:
    known = status if status in _ANY else 0
    said = re.search(row.wording, body, re.IGNORECASE | re.DOTALL)
    return known in row.statuses and said is not None and not (row.without_wait and wait_s is not None)


def _messages(envelope: object) -> Iterator[str]:
    """The sentences of an error: its message, and what OpenRouter passes on of another's."""
    match envelope:
        case {"error": str(message)} | {"message": str(message)}:
            yield message
    match envelope:
        case {"error": {} as inner} | {"metadata": {} as inner}:
            yield from _messages(inner)
        case {"raw": str(message)}:
            yield message
