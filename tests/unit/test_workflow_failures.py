"""Errors that cross Temporal come back as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError, CancelledError

from quantumsketch.agent.calls import ChainExhausted
from quantumsketch.errors import (
    BadInput,
    QuantumSketchError,
    RunCancelled,
    RunFailed,
    SandboxUnavailable,
    ServiceUnavailable,
)
from quantumsketch.llm.types import RateLimited
from workflows.failures import from_temporal, to_temporal, to_temporal_after


@pytest.mark.parametrize(
    "error",
    [
        BadInput("the prompt is empty", mend="write something"),
        SandboxUnavailable("no bubblewrap", mend="apt-get install bubblewrap"),
        ServiceUnavailable("the database is away"),
    ],
)
def test_an_error_comes_back_with_its_class_and_its_words(error: QuantumSketchError) -> None:
    back = from_temporal(to_temporal(error))
    assert (type(back), back.what, back.mend) == (type(error), error.what, error.mend)


def test_what_a_subclass_adds_comes_back_too() -> None:
    back = from_temporal(to_temporal(RateLimited("too many calls", retry_after_s=7.5)))
    assert isinstance(back, RateLimited)
    assert back.retry_after_s == 7.5


@pytest.mark.parametrize("wait_s", [None, 0.0, 7.5])
def test_a_failure_that_says_when_another_attempt_helps_is_tried_again_then(wait_s: float | None) -> None:
    failure = to_temporal_after(RateLimited("too many calls", retry_after_s=7.5), wait_s)
    assert failure.non_retryable is (wait_s is None)
    assert failure.next_retry_delay == (None if wait_s is None else timedelta(seconds=wait_s))
    assert isinstance(from_temporal(failure), RateLimited)


def test_a_chain_that_is_used_up_comes_back_with_every_attempt() -> None:
    back = from_temporal(to_temporal(ChainExhausted("nobody", attempts=["a/b: Refused", "c/d: Overloaded"])))
    assert isinstance(back, ChainExhausted)
    assert back.attempts == ["a/b: Refused", "c/d: Overloaded"]


@pytest.mark.parametrize(
    ("error", "retried"), [(ServiceUnavailable("away"), True), (SandboxUnavailable("none"), False)]
)
def test_temporal_retries_only_where_a_retry_can_help(error: QuantumSketchError, retried: bool) -> None:
    assert to_temporal(error).non_retryable is not retried


def test_a_cause_is_found_below_what_wraps_it() -> None:
    wrapper = RuntimeError("workflow failed")
    wrapper.__cause__ = to_temporal(BadInput("the prompt is empty"))
    assert isinstance(from_temporal(wrapper), BadInput)


def test_a_cancelled_run_is_told_from_a_failed_one() -> None:
    assert isinstance(from_temporal(CancelledError("cancelled")), RunCancelled)
    assert isinstance(from_temporal(ApplicationError("odd", type="SomethingElse")), RunFailed)
