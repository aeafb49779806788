"""Errors that cross Temporal come back as they were."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError, CancelledError

from quantumsketch.errors import (
    BadInput,
    QuantumSketchError,
    RunCancelled,
    RunFailed,
    SandboxUnavailable,
    ServiceUnavailable,
)
from quantumsketch.llm.types import RateLimited
from workflows.failures import from_temporal, to_temporal


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
