"""Whether the recording of a video is worth trying again, its own errors say."""

from __future__ import annotations

import pytest

from quantumsketch.call_book import CoolDown
from quantumsketch.errors import QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.model_calls import PostgresBook
from tests.embedders import SameForAll
from tests.sample_videos import video
from workflows.activities.record import RecordActivities


async def _nobody() -> dict[str, CoolDown]:
    return {}


async def test_what_cannot_be_recorded_is_tried_once_and_a_database_that_is_away_again(
    graph: Graph, postgres_book: PostgresBook, library: Library, experience: Experience, tenant: str,
    database_url: str,
) -> None:  # fmt: skip
    recording = RecordActivities(graph, postgres_book, library, experience, _nobody)
    await recording.record_video(video("v1", tenant))
    assert (await graph.video(tenant, "v1")).id == "v1"

    broken = video("v2", tenant).model_copy(update={"prompt": "half of a pair: \ud800"})
    with pytest.raises(QuantumSketchError, match=r"^the video cannot be recorded: Unicode") as failed:
        await recording.record_video(broken)
    assert not failed.value.retryable

    async with open_database(database_url) as closed:
        pass
    away = RecordActivities(Graph(closed, SameForAll()), postgres_book, library, experience, _nobody)
    with pytest.raises(ServiceUnavailable) as missed:
        await away.record_video(video("v3", tenant))
    assert missed.value.retryable
