"""What happens after a failed call: tried again, or the next model; and what is left alone for how long.

One table, pure. Knows no clock, no book and no chain: whoever asks waits, cools down and moves on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from quantumsketch.call_book import CoolDown, day_of
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import (
    BadRequest,
    BudgetHeld,
    ChargedFreeModel,
    ContextTooLong,
    DayQuotaExhausted,
    FreeTierSpent,
    NotAsked,
    NotAuthorised,
    Overloaded,
    ProviderTimeout,
    QuotaExhausted,
    RateLimited,
    UnknownModel,
    Unreachable,
    UnusableAnswer,
)

PATIENCE_S = 20.0
"""Waiting longer than this for one model costs more than the next one does."""
_LONGEST_COOL_DOWN_S = 24 * 3600.0
"""No provider's word shuts a model out for longer."""
_REST_OF_DAY = float("inf")


class Scope(StrEnum):
    """What a cool-down is of."""

    MODEL = "model"
    TIER = "tier"
    """All paid models reached with the same key, or all free ones, which need no balance."""
    KEY = "key"


@dataclass(frozen=True)
class Reaction:
    """What to do after a failure. A cool-down begins only when the model is given up."""

    retry_in_s: float | None = None
    """None: on to the next model."""
    cool_s: float = 0.0
    """Infinite: until the day ends, in UTC."""
    scope: Scope = Scope.MODEL
    why: str = ""
    """The cool-down's reason, never in a provider's words: other tenants read it."""

    def cool_down(self, now: datetime) -> CoolDown | None:
        """The cool-down that begins at `now` (UTC) if the model is given up; None if there is none."""
        if not self.cool_s:
            return None
        if self.cool_s == _REST_OF_DAY:
            return CoolDown(day_of(now) + timedelta(days=1), self.why)
        return CoolDown(now + timedelta(seconds=self.cool_s), self.why)


@dataclass(frozen=True)
class _Rule:
    retry_in_s: float | None = None
    retries: int = 1
    cool_s: float = 0.0
    scope: Scope = Scope.MODEL
    why: str = ""


# The nearest class counts: what is said of QuotaExhausted is not said of DayQuotaExhausted.
_RULES: dict[type[ModelFailed], _Rule] = {
    # A minute is the window of every provider's limits; where it says more exactly when, that counts instead.
    RateLimited: _Rule(cool_s=60, why="it was asked too often"),
    # Somebody has to pay first. An hour later it is worth one look.
    QuotaExhausted: _Rule(cool_s=3600, scope=Scope.TIER, why="its credit is used up"),
    # Whose day it is, only OpenRouter says: see `reaction_to`. Others count by the model.
    DayQuotaExhausted: _Rule(cool_s=3600, why="what it allows for a day is used up"),
    # A spike passes within seconds, an outage does not: one more try, then half a minute for the next model.
    # So too where a broken connection may have been billed: the next model would be billed as well.
    Overloaded: _Rule(retry_in_s=3, cool_s=30, why="it was overloaded"),
    Unreachable: _Rule(retry_in_s=2, cool_s=30, why="it could not be reached"),
    # Minutes have gone by already, and they may have been billed.
    ProviderTimeout: _Rule(cool_s=30, why="it did not answer in time"),
    # A person has to mend it, and a mended key is another scope: see `scopes`.
    NotAuthorised: _Rule(cool_s=600, scope=Scope.KEY, why="its key was not accepted"),
    # Free models come and go within days.
    UnknownModel: _Rule(cool_s=3600, why="its provider does not have it"),
    # These say something about the question, nothing about the model.
    ContextTooLong: _Rule(),
    BadRequest: _Rule(),
    UnusableAnswer: _Rule(),
    # What is called free is not: the same tomorrow, unless somebody looks.
    ChargedFreeModel: _Rule(cool_s=24 * 3600, why="it was charged for, and is said to be free"),
    NotAsked: _Rule(),
    # The calls that hold the budget end within minutes, and most cost a tenth of what they hold.
    BudgetHeld: _Rule(retry_in_s=15, retries=8),
}


def reaction_to(failure: ModelFailed, *, attempt: int, free: bool = False) -> Reaction:
    """Return what to do after a call to one model failed for the `attempt`th time, counted from 1.

    `free` says that the model is of the free tier.
    """
    rule = next((_RULES[kind] for kind in type(failure).__mro__ if kind in _RULES), _Rule())
    retry_in_s, cool_s, scope = rule.retry_in_s, rule.cool_s, rule.scope
    match failure:
        case RateLimited(retry_after_s=float() | int() as wait_s) if wait_s >= 0:
            cool_s = min(max(wait_s, 1.0), _LONGEST_COOL_DOWN_S)
            retry_in_s = cool_s if cool_s <= PATIENCE_S else None
            scope = Scope.TIER if failure.whole_account else scope
        case RateLimited(whole_account=True):
            scope = Scope.TIER
        case DayQuotaExhausted() if free:
            cool_s, scope = _REST_OF_DAY, Scope.TIER
        case FreeTierSpent(retry_after_s=wait_s) if wait_s <= PATIENCE_S:
            retry_in_s = wait_s
    return Reaction(
        retry_in_s=retry_in_s if attempt <= rule.retries else None,
        cool_s=cool_s,
        scope=scope,
        why=rule.why,
    )
