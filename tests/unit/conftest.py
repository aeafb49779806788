"""The page on a rehearsed studio, for whoever wants nothing special of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.rehearsed_videos import RehearsedVideos
from web.app import create_app


@pytest.fixture
def videos(tmp_path: Path) -> RehearsedVideos:
    """Videos that are made as rehearsed."""
    return RehearsedVideos(tmp_path)


@pytest.fixture
async def web(videos: RehearsedVideos) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the page that shows them."""
    transport = httpx.ASGITransport(app=create_app(videos))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client
