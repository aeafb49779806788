"""How a workflow calls an activity: by name, with the options of its kind of work, in our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.failures import from_temporal
    from workflows.policies import POLICIES, Work

Result = TypeVar("Result")


async def call(
    work: Work, name: str, job: BaseModel | None, result: type[Result], *, summary: str | None = None
) -> Result:
    """Run the activity `name` for `job`; `summary` is what Temporal's own page shows of it."""
    args: list[Any] = [] if job is None else [job]
    config = POLICIES[work].copy()
    if summary:
        config["summary"] = summary
    answer = workflow.execute_activity(name, args=args, result_type=result, **config)
    return cast(Result, await answer)


@contextmanager
def our_errors() -> Iterator[None]:
    """Let an activity that failed for good raise our error; that the run is cancelled stays what it is."""
    try:
        yield
    except ActivityError as failure:
        if is_cancelled_exception(failure):
            raise
        raise from_temporal(failure) from failure
