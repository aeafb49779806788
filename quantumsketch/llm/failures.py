"""A provider's refusal read: which of our failures it is. One table, tried from the top; pure.

Status codes alone do not tell: a spent balance arrives as 400, 402 or 429, a prompt that is too long as 400
or 413, and one provider's "quota" is another's "too many a minute". So the wording counts, as each has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import (
    BadRequest,
    ContextTooLong,
    NotAuthorised,
    Overloaded,
    ProviderTimeout,
    QuotaExhausted,
    RateLimited,
    Refused,
)

Made = Callable[[str], ModelFailed]
_LONGEST_WORDING = 300

_TOO_LONG = re.compile(
    r"context.?(length|window)|prompt is too long|input token count|too many (input )?tokens"
    r"|request_too_large|reduce the length|maximum number of tokens"
)
_PER_DAY = re.compile(r"per.?day|daily limit")
_SPENT = re.compile(
    r"insufficient[ _](credits?|balance|quota|funds)|credit balance|payment required|billing|current quota"
)
_COME_BACK = re.compile(r"retry in ([\d.]+) ?s|retrydelay\W+([\d.]+)s")
_WRONG_KEY = re.compile(r"api.?key|auth credentials|authentication|permission.?denied|unauthori[sz]ed")
_DECLINED = re.compile(
    r"flagged|moderation|content.?(policy|filter|management)|responsible ai|violat\w+ .*polic|safety"
)
_BUSY = re.compile(r"overloaded|try again later|temporarily|capacity")


def failure(model: str, status: int | None, body: str, retry_after_s: float | None = None) -> ModelFailed:
    """The failure that a response of this status and body is; `body` must hold no key."""
    wording = " ".join(body.split())[:_LONGEST_WORDING]
    kind = _kind(status or 0, body.lower(), retry_after_s)
    return kind(f"{model} answered {status or 'without a status'}: {wording or 'nothing'}")


def _kind(status: int, body: str, retry_after_s: float | None) -> Made:
    if status in (400, 413, 422) and (status == 413 or _TOO_LONG.search(body)):
        return lambda what: ContextTooLong(
            what, mend="Shorten the prompt, or use a model with a longer context"
        )
    if status == 429:
        return _too_often(body, retry_after_s)
    if status == 402 or (status in (400, 403) and _SPENT.search(body)):
        return lambda what: QuotaExhausted(what, mend="Add credit, or use another model")
    if status in (400, 403, 451) and _DECLINED.search(body):
        return lambda what: Refused(what, cost_usd=0.0)
    if status in (401, 403) or (status == 400 and _WRONG_KEY.search(body)):
        return lambda what: NotAuthorised(what, mend="Check the provider's key")
    if status in (408, 504):
        return lambda what: ProviderTimeout(what)
    if 400 <= status < 500 and not _BUSY.search(body):
        return lambda what: BadRequest(what)
    return lambda what: Overloaded(what)


def _too_often(body: str, retry_after_s: float | None) -> Made:
    """Limits by the minute pass; those by the day, and balances, do not."""
    named = _COME_BACK.search(body)
    wait_s = retry_after_s if retry_after_s is not None else float(named[1] or named[2]) if named else None
    if _PER_DAY.search(body) or (wait_s is None and _SPENT.search(body)):
        return lambda what: QuotaExhausted(what, mend="Add credit, wait for tomorrow, or use another model")
    return lambda what: RateLimited(what, retry_after_s=wait_s)
