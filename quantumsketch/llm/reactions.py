"""What happens after a failed call: tried again, or the next model; and what is left alone for how long.

One table, pure. Knows no clock, no book and no chain: whoever asks waits, cools down and moves on.
"""

from __future__ import annotations

import math
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
    CoolingDown,
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
LAST_RESORT_PATIENCE_S = 60.0
"""Where no next model is left, a limit of a minute is waited for: without any the video is a poorer one."""
_LONGEST_COOL_DOWN_S = 24 * 3600.0
"""No provider's word shuts a model out for longer."""
_REST_OF_DAY = math.inf


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
    pauses_s: tuple[float, ...] = ()
    """Before each further attempt; what the failure itself tells counts instead."""
    last_resort_s: tuple[float, ...] = ()
    """The same where no next model is left; empty: as ever."""
    cool_s: float = 0.0
    scope: Scope = Scope.MODEL
    why: str = ""


_AS_TOLD = math.inf
"""A pause for as long as the failure tells; if it does not, nobody waits for ever."""

# The nearest class counts: what is said of QuotaExhausted is not said of DayQuotaExhausted.
_RULES: dict[type[ModelFailed], _Rule] = {
    # A minute is the window of every provider's limits; where it says more exactly when, that counts instead.
    RateLimited: _Rule((_AS_TOLD,), (60, 60), cool_s=60, why="it was asked too often"),
    # Somebody has to pay first, and then does not want to wait long.
    QuotaExhausted: _Rule(cool_s=600, scope=Scope.TIER, why="its credit is used up"),
    # Whose day it is, only OpenRouter says: see `reaction_to`. Others count by the model.
    DayQuotaExhausted: _Rule(cool_s=3600, why="what it allows for a day is used up"),
    # A spike passes within seconds, an outage does not: one more try, then half a minute for the next model.
    # So too where a broken connection may have been billed: the next model would be billed as well.
    Overloaded: _Rule((3,), (3, 30), cool_s=30, why="it was overloaded"),
    Unreachable: _Rule((2,), cool_s=30, why="it could not be reached"),
    # Minutes have gone by already, and they may have been billed.
    ProviderTimeout: _Rule(cool_s=30, why="it did not answer in time"),
    # A person has to mend it, and a mended key is another scope: see `scopes`.
    NotAuthorised: _Rule(cool_s=600, scope=Scope.KEY, why="its key was not accepted"),
    # Free models come and go within days; a local one may be pulled any moment.
    UnknownModel: _Rule(cool_s=600, why="its provider does not have it"),
    # These say something about the question, nothing about the model.
    ContextTooLong: _Rule(),
    BadRequest: _Rule(),
    UnusableAnswer: _Rule(),
    # What is called free is not: the same tomorrow, unless somebody looks.
    ChargedFreeModel: _Rule(cool_s=24 * 3600, why="it was charged for, and is said to be free"),
    # The next model is there at once; the last one is worth the wait.
    NotAsked: _Rule(),
    CoolingDown: _Rule((), (_AS_TOLD, _AS_TOLD)),
    FreeTierSpent: _Rule((_AS_TOLD,), (_AS_TOLD, _AS_TOLD)),
    # The calls that hold the budget end within seconds or minutes, and most cost a tenth of what they hold.
    BudgetHeld: _Rule((3, 6, 12, 20, 20, 20, 20, 20)),
}


def reaction_to(
    failure: ModelFailed, *, attempt: int, free: bool = False, last_resort: bool = False
) -> Reaction:
    """Return what to do after a call to one model failed for the `attempt`th time, counted from 1.

    `free` says that the model is of the free tier, `last_resort` that none is left to be asked after it.
    """
    rule = next((_RULES[kind] for kind in type(failure).__mro__ if kind in _RULES), _Rule())
    told_s, cool_s, scope = _told_s(failure), rule.cool_s, rule.scope
    match failure:
        case RateLimited():
            cool_s = told_s or cool_s
            scope = Scope.TIER if failure.whole_account else scope
        case DayQuotaExhausted() if free:
            cool_s, scope = _REST_OF_DAY, Scope.TIER
    return Reaction(_retry_in_s(rule, attempt, told_s, last_resort), cool_s, scope, rule.why)


def _retry_in_s(rule: _Rule, attempt: int, told_s: float | None, last_resort: bool) -> float | None:
    pauses_s = (rule.last_resort_s or rule.pauses_s) if last_resort else rule.pauses_s
    if attempt > len(pauses_s):
        return None
    pause_s = told_s or pauses_s[attempt - 1]
    return pause_s if pause_s <= (LAST_RESORT_PATIENCE_S if last_resort else PATIENCE_S) else None


def _told_s(failure: ModelFailed) -> float | None:
    """Seconds after which the failure itself says that a retry can help; None if it does not."""
    match failure:
        case (
            RateLimited(retry_after_s=told)
            | CoolingDown(retry_after_s=told)
            | FreeTierSpent(retry_after_s=told)
        ):
            # a header can hold anything, and a retry at once would be a burst
            return min(max(told, 1.0), _LONGEST_COOL_DOWN_S) if told is not None and told >= 0 else None
    return None
