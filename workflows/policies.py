"""One table of how long each kind of work may take, how often it is tried, and where it runs."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig

CONTROL_QUEUE: Final = "quantumsketch-control"
"""Workflows, model calls, the database: waits much, computes little."""
RENDER_QUEUE: Final = "quantumsketch-render"
"""What keeps a core busy: few slots."""

BEATS_AT_ONCE: Final = 8
"""Beats of one video in flight, so that a long video does not shut out a short one."""
REPAIRS_PER_BEAT: Final = 2
CALL_ATTEMPTS: Final = 10
"""Attempts at one call to a model, most of which only wait until others give back what they had reserved."""


class Work(StrEnum):
    """The kinds of work that a workflow hands out."""

    LOOK_UP = "look up"
    OFFLINE = "offline storyboard"
    ASK_MODEL = "ask a model"
    CHECK = "check"
    RENDER = "render"
    MERGE = "merge"
    RECORD = "record"


def _config(queue: str, *, call_s: float, attempts: int, heartbeat_s: float | None = None) -> ActivityConfig:
    return ActivityConfig(
        task_queue=queue,
        start_to_close_timeout=timedelta(seconds=call_s),
        heartbeat_timeout=timedelta(seconds=heartbeat_s) if heartbeat_s else None,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            maximum_interval=timedelta(seconds=15),
            maximum_attempts=attempts,
        ),
        # the workflow goes on only when the sandboxed processes are gone
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


# A heartbeat that stays away tells of a dead worker. The total has no limit: its clock would run on while
# everything is switched off, and a run would fail at once when it goes on. Attempts times calls is bound.
POLICIES: Final[dict[Work, ActivityConfig]] = {
    Work.LOOK_UP: _config(CONTROL_QUEUE, call_s=15, attempts=10),
    Work.OFFLINE: _config(CONTROL_QUEUE, call_s=60, attempts=5, heartbeat_s=10),
    # longer than the longest patience with a model: running out here would ask it again.
    # whether another attempt helps, and when, each failure says itself
    Work.ASK_MODEL: _config(CONTROL_QUEUE, call_s=1000, attempts=CALL_ATTEMPTS, heartbeat_s=10),
    Work.CHECK: _config(RENDER_QUEUE, call_s=90, attempts=10, heartbeat_s=10),
    Work.RENDER: _config(RENDER_QUEUE, call_s=90, attempts=10, heartbeat_s=10),
    Work.MERGE: _config(RENDER_QUEUE, call_s=90, attempts=10, heartbeat_s=10),
    Work.RECORD: _config(CONTROL_QUEUE, call_s=30, attempts=10),
}
