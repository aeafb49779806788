"""The web application, put together around whoever makes the videos. Knows no Temporal and no database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from quantumsketch.studio import Preferences, Videos
from web import api, files, library, pages, preferring
from web.asking import TheVideos
from web.guard import Guard
from web.heads import Heads
from web.memory import routes
from web.memory.access import Access, is_below
from web.refusals import Unexpected, add_refusals
from web.shares import Places
from workflows.memory import Memory

_REFUSED = "refused: what was wrong, and what to do; as {error, mend} below /api and /v1"
"""In the API's document; without it the framework tells of a 422 of its own, which nobody sends."""


def create_app(
    videos: Videos,
    *,
    preferences: Preferences | None = None,
    memory: Memory | None = None,
    names: Iterable[str] = (),
    notice: str | None = None,
) -> FastAPI:
    """Make the application; `names` are host names, beside this machine's own, by which it may be reached.

    With `preferences` there is a page for them. With `memory` there is its API, too, for whoever has a key.
    `notice` is what every page says of how this process works, if there is something to be said.
    """
    app = FastAPI(
        title="QuantumSketch",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={"default": {"description": _REFUSED}},
    )
    app.state.videos = videos
    app.state.preferences = preferences
    app.state.notice = notice
    app.state.closing = asyncio.Event()
    app.add_middleware(Heads)
    if memory:
        app.state.memory = memory
        app.add_middleware(Access, doorkeeper=memory.doorkeeper)
        app.include_router(routes.router)
    app.add_middleware(Unexpected)
    app.add_middleware(Places, with_key=is_below)
    app.add_middleware(Guard, names=names)
    add_refusals(app)
    for part in (api, library, files, pages):
        app.include_router(part.router)
    if preferences:
        app.include_router(preferring.router)
    app.add_api_route("/healthz", _health, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return app


async def _health(videos: TheVideos) -> dict[str, bool]:
    """Healthy is whoever can answer a question."""
    await videos.list(1)
    return {"ok": True}
