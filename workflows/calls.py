"""The one way in which a workflow calls an activity: by name, with the options of its kind of work."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
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
