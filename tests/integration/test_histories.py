"""Every workflow history ever committed still replays: a running video survives an upgrade."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.converter import PLUGIN
from workflows.worker import RUNNER, WORKFLOWS

HISTORIES = sorted((Path(__file__).parents[1] / "histories").glob("*.json"))


def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, workflow_runner=RUNNER, plugins=[PLUGIN])


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_committed_history_replays(path: Path) -> None:
    text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    assert "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED" in text, "an unfinished history proves nothing"
    await replayer().replay_workflow(WorkflowHistory.from_json(path.stem, text))


async def test_a_history_that_the_code_contradicts_is_refused() -> None:
    text = HISTORIES[0].read_text(encoding="utf-8").replace('"merge_clips"', '"another_activity"')
    assert "another_activity" in text
    with pytest.raises(Exception, match=r"(?i)nondeterminism"):
        await replayer().replay_workflow(WorkflowHistory.from_json("contradicted", text))


def test_there_is_a_history_of_an_offline_video_and_one_of_a_repaired_beat() -> None:
    names = {path.stem for path in HISTORIES}
    assert {"offline_video", "simplified_beat"} <= names


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_committed_history_carries_references_not_bytes(path: Path) -> None:
    largest = max(len(json.dumps(event)) for event in json.loads(path.read_text(encoding="utf-8"))["events"])
    assert largest < 100_000
