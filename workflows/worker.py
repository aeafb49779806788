"""The two workers of a process: one decides and waits, one renders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.activities.context import ErrorBorder
from workflows.policies import CONTROL_QUEUE, RENDER_QUEUE
from workflows.video import StoryboardWorkflow, VideoGenerationWorkflow

WORKFLOWS = [VideoGenerationWorkflow, StoryboardWorkflow]
CONTROL_SLOTS = 16
STICKY = timedelta(seconds=2)
"""How long a workflow waits for the worker that knew it, before any other takes over."""

PATIENCE = timedelta(seconds=20)
"""How long a process that ends waits for answers of models: they are paid for. A render is made again."""
HEARTBEAT = timedelta(seconds=1)
"""How often activities are heard of, and so how soon they hear that they are cancelled."""

RUNNER = SandboxedWorkflowRunner(
    # our modules are pure where workflow code calls them; importing them anew for each run costs 0.1 s
    restrictions=SandboxRestrictions.default.with_passthrough_modules("quantumsketch", "workflows")
)


@dataclass(frozen=True)
class Hands:
    """The activities of a worker by queue, and how many renders it does at once."""

    control: Sequence[Callable[..., Any]]
    render: Sequence[Callable[..., Any]]
    render_slots: int


@asynccontextmanager
async def working(client: Client, hands: Hands) -> AsyncIterator[None]:
    """Take work from both queues; on leaving, running activities are cancelled and done by others later."""
    control = Worker(
        client,
        task_queue=CONTROL_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=RUNNER,
        activities=hands.control,
        max_concurrent_activities=CONTROL_SLOTS,
        interceptors=[ErrorBorder()],
        max_heartbeat_throttle_interval=HEARTBEAT,
        graceful_shutdown_timeout=PATIENCE,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )
    render = Worker(
        client,
        task_queue=RENDER_QUEUE,
        activities=hands.render,
        max_concurrent_activities=hands.render_slots,
        interceptors=[ErrorBorder()],
        max_heartbeat_throttle_interval=HEARTBEAT,
    )
    async with control, render:
        yield


@asynccontextmanager
async def watching(client: Client) -> AsyncIterator[None]:
    """Run workflow code only, so that a run can be asked and cancelled while nobody works on it."""
    async with Worker(
        client,
        task_queue=CONTROL_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=RUNNER,
        no_remote_activities=True,
        sticky_queue_schedule_to_start_timeout=STICKY,
    ):
        yield
