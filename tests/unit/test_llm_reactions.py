"""What happens after a failed call, kind by kind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.call_book import CoolDown
from quantumsketch.errors import ModelFailed
from quantumsketch.llm import types
from quantumsketch.llm.reactions import PATIENCE_S, Reaction, Scope, reaction_to
from quantumsketch.llm.types import (
    BadRequest,
    BudgetHeld,
    BudgetSpent,
    ChargedFreeModel,
    ContextTooLong,
    CoolingDown,
    DayQuotaExhausted,
    EmptyAnswer,
    FreeTierSpent,
    NotAuthorised,
    Overloaded,
    PriceUnknown,
    ProviderTimeout,
    QuotaExhausted,
    RateLimited,
    Refused,
    TruncatedAnswer,
    UnknownModel,
    Unreachable,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ON = None
"""On to the next model."""


@pytest.mark.parametrize(
    ("failure", "retry_in_s", "cool_s", "scope"),
    [
        (RateLimited("x"), ON, 60, Scope.MODEL),
        (RateLimited("x", retry_after_s=7.5), 7.5, 7.5, Scope.MODEL),
        (RateLimited("x", retry_after_s=0), 1, 1, Scope.MODEL),
        (RateLimited("x", retry_after_s=PATIENCE_S), PATIENCE_S, PATIENCE_S, Scope.MODEL),
        (RateLimited("x", retry_after_s=90), ON, 90, Scope.MODEL),
        (RateLimited("x", whole_account=True), ON, 60, Scope.TIER),
        (RateLimited("x", retry_after_s=5, whole_account=True), 5, 5, Scope.TIER),
        (QuotaExhausted("x"), ON, 600, Scope.TIER),
        (DayQuotaExhausted("x"), ON, 3600, Scope.MODEL),
        (Overloaded("x"), 3, 30, Scope.MODEL),
        (Unreachable("x"), 2, 30, Scope.MODEL),
        (ProviderTimeout("x"), ON, 30, Scope.MODEL),
        (NotAuthorised("x"), ON, 600, Scope.KEY),
        (UnknownModel("x"), ON, 600, Scope.MODEL),
        (ContextTooLong("x"), ON, 0, Scope.MODEL),
        (BadRequest("x"), ON, 0, Scope.MODEL),
        (Refused("x"), ON, 0, Scope.MODEL),
        (EmptyAnswer("x"), ON, 0, Scope.MODEL),
        (TruncatedAnswer("x"), ON, 0, Scope.MODEL),
        (ChargedFreeModel("x"), ON, 86400, Scope.MODEL),
        (CoolingDown("x"), ON, 0, Scope.MODEL),
        (CoolingDown("x", retry_after_s=5), ON, 0, Scope.MODEL),
        (FreeTierSpent("x", retry_after_s=12), 12, 0, Scope.MODEL),
        (FreeTierSpent("x", retry_after_s=40), ON, 0, Scope.MODEL),
        (BudgetSpent("x"), ON, 0, Scope.MODEL),
        (BudgetHeld("x"), 3, 0, Scope.MODEL),
        (PriceUnknown("x"), ON, 0, Scope.MODEL),
        (ModelFailed("of a kind that nobody knows yet"), ON, 0, Scope.MODEL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ModelFailed) else "",
)
def test_the_first_failure_of_a_call_has_its_reaction(
    failure: ModelFailed, retry_in_s: float | None, cool_s: float, scope: Scope
) -> None:
    reaction = reaction_to(failure, attempt=1)
    assert (reaction.retry_in_s, reaction.cool_s, reaction.scope) == (retry_in_s, cool_s, scope)


def _kinds(kind: type[ModelFailed] = ModelFailed) -> Iterator[type[ModelFailed]]:
    for child in kind.__subclasses__():
        if child.__module__ == types.__name__:
            yield child
        yield from _kinds(child)


def _example(kind: type[ModelFailed], what: str = "x") -> ModelFailed:
    return FreeTierSpent(what, retry_after_s=1.0) if kind is FreeTierSpent else kind(what)


def test_a_second_failure_gives_the_model_up_unless_others_hold_the_budget() -> None:
    kinds = set(_kinds())
    assert len(kinds) > 20
    again = {kind for kind in kinds if reaction_to(_example(kind), attempt=2).retry_in_s is not None}
    assert again == {BudgetHeld}
    assert reaction_to(BudgetHeld("x"), attempt=8).retry_in_s == 20
    assert reaction_to(BudgetHeld("x"), attempt=9).retry_in_s is None


def test_what_cools_down_says_why_in_words_of_our_own() -> None:
    reactions = [reaction_to(_example(kind, "it quotes a secret"), attempt=1) for kind in _kinds()]
    assert all(bool(reaction.why) == bool(reaction.cool_s) for reaction in reactions)
    assert not any("secret" in reaction.why for reaction in reactions)


def test_every_failure_that_a_retry_can_help_is_tried_again() -> None:
    helped = {kind for kind in _kinds() if kind.retryable}
    assert helped >= {Overloaded, Unreachable}
    assert all(reaction_to(_example(kind), attempt=1).retry_in_s for kind in helped)


@pytest.mark.parametrize(
    ("failure", "waits_s"),
    [
        (RateLimited("x"), [60, 60, ON]),
        (RateLimited("x", retry_after_s=45), [45, 45, ON]),
        (RateLimited("x", retry_after_s=90), [ON]),
        (Overloaded("x"), [3, 30, ON]),
        (CoolingDown("x", retry_after_s=25), [25, 25, ON]),
        (CoolingDown("x", retry_after_s=600), [ON]),
        (CoolingDown("x"), [ON]),
        (FreeTierSpent("x", retry_after_s=58), [58, 58, ON]),
        (FreeTierSpent("x", retry_after_s=7200), [ON]),
        (Unreachable("x"), [2, ON]),
        (QuotaExhausted("x"), [ON]),
        (NotAuthorised("x"), [ON]),
        (ProviderTimeout("x"), [ON]),
        (TruncatedAnswer("x"), [ON]),
        (BudgetHeld("x"), [3, 6, 12, 20, 20, 20, 20, 20, ON]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ModelFailed) else "",
)
def test_where_no_next_model_is_left_what_passes_within_a_minute_is_waited_for(
    failure: ModelFailed, waits_s: list[float | None]
) -> None:
    attempts = range(1, len(waits_s) + 1)
    found = [reaction_to(failure, attempt=attempt, last_resort=True).retry_in_s for attempt in attempts]
    assert found == waits_s


def test_the_free_tiers_day_ends_for_all_free_models_at_midnight_in_utc() -> None:
    reaction = reaction_to(DayQuotaExhausted("x"), attempt=1, free=True)
    assert (reaction.retry_in_s, reaction.scope) == (None, Scope.TIER)
    assert reaction.cool_down(NOON) == CoolDown(
        datetime(2026, 11, 23, tzinfo=UTC), "what it allows for a day is used up"
    )


def test_a_cool_down_begins_now_and_lasts_as_long_as_it_is_said() -> None:
    found = Reaction(cool_s=30, why="because").cool_down(NOON)
    assert found == CoolDown(NOON + timedelta(seconds=30), "because")
    assert Reaction(retry_in_s=3).cool_down(NOON) is None


@given(wait_s=st.floats() | st.integers(-10, 10**12), attempt=st.integers(1, 20), whole=st.booleans())
def test_no_retry_after_makes_anybody_wait_long_or_shuts_a_model_out_for_more_than_a_day(
    wait_s: float, attempt: int, whole: bool
) -> None:
    failure = RateLimited("x", retry_after_s=wait_s, whole_account=whole)
    reaction = reaction_to(failure, attempt=attempt)
    assert reaction.retry_in_s is None or 1 <= reaction.retry_in_s <= PATIENCE_S
    assert 1 <= reaction.cool_s <= 86400
    assert math.isfinite(reaction.cool_s)
    assert reaction.cool_down(NOON)
