"""When a provider says to come back, in whichever of their ways it says so. Pure; knows no failure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NAMED = re.compile(
    r"(?:try again|retry) in (?:(?P<minutes>\d+)m(?!s))? ?(?:(?P<number>\d*\.?\d+) ?(?P<unit>ms|s))?"
    r"|retrydelay\W+(?P<delay>\d*\.?\d+)s",
    re.IGNORECASE,
)
_RESET = re.compile(r"x-ratelimit-reset\W+(\d{9,})", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(\.\d+)?")
_MILLISECONDS_FROM = 1e11
"""A time above this counts milliseconds: as seconds it would lie in the year 5138."""


def seconds_to_wait(headers: Mapping[str, str], body: str, now: datetime) -> float | None:
    """Seconds until the provider wants to be asked again; None if it does not say. `now` knows its zone."""
    if _NUMBER.fullmatch(milliseconds := headers.get("retry-after-ms", "").strip()):
        return float(milliseconds) / 1000
    if after := headers.get("retry-after", "").strip():
        return _after(after, now)
    if found := _NAMED.search(body):
        return _named(found)
    reset = headers.get("x-ratelimit-reset", "").strip()
    told = _RESET.search(f"x-ratelimit-reset:{reset}") or _RESET.search(body)
    return _until(float(told[1]), now) if told else None


def _after(header: str, now: datetime) -> float | None:
    """Seconds as HTTP has them: a number of them, or a date."""
    if _NUMBER.fullmatch(header):
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


def _named(found: re.Match[str]) -> float | None:
    """Seconds as a sentence or Google's RetryInfo has them: 7m12.5s, 1.2s, 300ms."""
    if found["delay"]:
        return float(found["delay"])
    if not found["minutes"] and not found["number"]:
        return None
    seconds = float(found["number"] or 0) / (1000 if found["unit"] == "ms" else 1)
    return 60 * float(found["minutes"] or 0) + seconds


def _until(epoch: float, now: datetime) -> float:
    at = epoch / 1000 if epoch > _MILLISECONDS_FROM else epoch
    return max(0.0, at - now.timestamp())
