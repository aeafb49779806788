"""What every activity stands in: heartbeats while it works, and our errors made Temporal's at its edge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from quantumsketch.errors import QuantumSketchError
from workflows.failures import to_temporal

HEARTBEAT_S = 1.0


class ErrorBorder(Interceptor):
    """Lets every activity raise our errors; Temporal sees a stable type and whether a retry helps."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  (Temporal's name)
        return _ErrorBorder(next)


class _ErrorBorder(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  (Temporal's name)
        try:
            return await super().execute_activity(input)
        except QuantumSketchError as error:
            raise to_temporal(error) from error


async def tell_run(signal: str, argument: str | None) -> None:
    """Signal the video's run that this activity works for; a run of another kind has no use for it."""
    info = activity.info()
    if info.workflow_type != "VideoGenerationWorkflow":
        return
    # this run alone: another one may have taken its place under the same id
    run = activity.client().get_workflow_handle(info.workflow_id or "", run_id=info.workflow_run_id)
    await run.signal(signal, argument)


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Tell the server every second that this activity is alive, and hear from it when it is cancelled."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
