"""What is preferred is in the input of a run before it begins, on the real servers; nothing is rendered."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantumsketch.intake import look_of
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.preferences import PreferenceBook
from quantumsketch.memory.keeping.store import Store
from quantumsketch.preferences import Preferring
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.settings import Settings
from quantumsketch.storyboard import Aspect, Look, VideoRequest
from tests.embedders import SameForAll
from workflows.bootstrap import open_studio
from workflows.client import Videos
from workflows.preferences import Preferences

REQUEST = VideoRequest(prompt="Explain why the sky is blue")
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def tenant() -> str:
    return f"door-{secrets.token_hex(4)}"


@contextlib.asynccontextmanager
async def videos_of(tenant: str, endpoints: Endpoints, home: Path) -> AsyncIterator[Videos]:
    async with open_studio(Settings(home=home, tenant=tenant), endpoints, worker=False) as studio:
        yield studio.videos


async def asked(videos: Videos, request: VideoRequest = REQUEST) -> VideoRequest:
    """What the run of a request was started for; nobody works on it, and it is ended."""
    video_id = await videos.start(request)
    try:
        return await videos.runs.request(video_id)
    finally:
        await videos.runs.client.get_workflow_handle(f"{videos.runs.tenant}/{video_id}").terminate()


async def test_a_run_is_asked_for_what_is_preferred_and_knows_why(
    endpoints: Endpoints, tmp_path: Path, tenant: str
) -> None:
    async with videos_of(tenant, endpoints, tmp_path) as videos:
        assert (await asked(videos)).because == []
        await videos.preferences.change(Preferring(aspect=Aspect.TALL, avoid=("utilize",)))
        request = await asked(videos)
        assert (request.look.aspect, request.wording.avoid) == (Aspect.TALL, ("utilize",))
        assert [line[:16] for line in request.because] == ["9:16 because you"]
        assert (
            await asked(videos, REQUEST.model_copy(update={"look": look_of(aspect="16:9")}))
        ).look == Look()


async def test_a_look_asked_for_in_three_videos_is_that_of_the_fourth(
    endpoints: Endpoints, tmp_path: Path, tenant: str
) -> None:
    async with videos_of(tenant, endpoints, tmp_path) as videos:
        for _ in range(3):
            await asked(videos, REQUEST.model_copy(update={"look": look_of(aspect="1:1")}))
        request = await asked(videos)
        assert request.look.aspect is Aspect.SQUARE
        assert request.because == ["1:1 because you asked for it in your last three videos"]
    async with videos_of(f"{tenant}x", endpoints, tmp_path) as videos:
        assert (await asked(videos)).look == Look()


async def test_without_the_database_a_run_begins_and_says_what_it_is_made_without(
    endpoints: Endpoints, tmp_path: Path, tenant: str
) -> None:
    async with open_database(endpoints.database_url) as closed:
        pass
    away = Preferences(PreferenceBook(Store(closed, SameForAll())), tenant)
    async with videos_of(tenant, endpoints, tmp_path) as videos:
        await videos.preferences.change(Preferring(aspect=Aspect.TALL))
        videos.preferences = away
        request = await asked(videos)
    assert request.look == Look()
    [note] = request.notes
    assert note.startswith("made without your preferences: Postgres did not answer")
