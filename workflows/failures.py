"""The border between our errors and Temporal's: one way out, one way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from temporalio import exceptions
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    FailureError,
    TerminatedError,
)

from quantumsketch.errors import QuantumSketchError, RunCancelled, RunFailed


def to_temporal(error: QuantumSketchError) -> ApplicationError:
    """The failure that carries `error` through a history: its class name as the stable type."""
    return ApplicationError(
        error.what, vars(error), type=type(error).__name__, non_retryable=not error.retryable
    )


def to_temporal_after(error: QuantumSketchError, retry_in_s: float | None) -> ApplicationError:
    """The same for an error that is expected, and of which is known when another attempt helps.

    None: it does not. What is expected fills no log with tracebacks.
    """
    failure = to_temporal(error)
    delay = None if retry_in_s is None else timedelta(seconds=retry_in_s)
    return ApplicationError(
        failure.message, *failure.details, type=failure.type,
        non_retryable=delay is None, next_retry_delay=delay,
        category=exceptions.ApplicationErrorCategory.BENIGN,
    )  # fmt: skip


def from_temporal(failure: BaseException) -> QuantumSketchError:
    """The error that a person reads, from whatever a workflow or an activity ended with."""
    for cause in _causes(failure):
        if isinstance(cause, ApplicationError):
            return _ours(cause)
    for cause in _causes(failure):
        if isinstance(cause, CancelledError):
            return RunCancelled("the run was cancelled")
        if isinstance(cause, TerminatedError):
            return RunFailed("the run was terminated from outside")
        if isinstance(cause, exceptions.TimeoutError):
            return RunFailed(
                f"a step of the run took too long ({cause})", mend="Try `qs resume` with the video's id"
            )
    return RunFailed(f"the run failed: {failure}")


def _ours(failure: ApplicationError) -> QuantumSketchError:
    kinds = {kind.__name__: kind for kind in _below(QuantumSketchError)}
    if (kind := kinds.get(failure.type or "")) and failure.details:
        return kind(**failure.details[0])
    return RunFailed(failure.message)


def _below(kind: type[QuantumSketchError]) -> Iterator[type[QuantumSketchError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _causes(failure: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while failure is not None and failure not in chain:
        chain.append(failure)
        failure = (
            failure.cause if isinstance(failure, FailureError | WorkflowFailureError) else failure.__cause__
        )
    return chain
