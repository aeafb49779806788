"""The pages for people: the form with the list of videos, and each video. They work without JavaScript."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from quantumsketch import report
from quantumsketch.connections import RelatedVideo
from quantumsketch.errors import BadInput, NotFound, ServiceUnavailable
from quantumsketch.preferences import Preference, applied
from quantumsketch.storyboard import PROMPT_LIMIT, Aspect, Quality, Theme, VideoRequest
from quantumsketch.studio import Preferences, Videos
from quantumsketch.video import Video
from web.api import LISTED, answer
from web.asking import Asked, TheVideos
from web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, videos: TheVideos) -> Response:
    """The form and the list."""
    return await _home(request, videos, Asked(prompt=""))


@router.post("/videos")
async def start(request: Request, asked: Annotated[Asked, Form()], videos: TheVideos) -> Response:
    """Start what the form asks for and go to its page; what cannot be used stays in the form."""
    try:
        video_id = await videos.start(asked.request(preselected=(await _as_preferred(request)).look))
    except BadInput as refused:
        return await _home(request, videos, asked, refused)
    return RedirectResponse(f"/videos/{video_id}", HTTPStatus.SEE_OTHER)


@router.get("/videos/{video_id}")
async def video(request: Request, video_id: str, videos: TheVideos) -> Response:
    """One video: how far it is, or the player."""
    shown = await videos.show(video_id)
    told = answer(video_id, shown)
    finished = shown if isinstance(shown, Video) else None
    notes = report.notes_beside_beats(shown) if isinstance(shown, Video) else told.notes
    name = report.slug(told.title or video_id)
    related = await _related(videos, video_id) if finished else []
    return page(request, "video.html", video=told, finished=finished, notes=notes, name=name, related=related)


async def _related(videos: Videos, video_id: str) -> Sequence[RelatedVideo]:
    """What the memory has beside a finished video; nothing if that was not recorded."""
    try:
        return await videos.related(video_id)
    except NotFound:
        return []


@router.post("/videos/{video_id}/cancel")
async def cancel(video_id: str, videos: TheVideos) -> Response:
    """Stop a run and go back to its page."""
    await videos.cancel(video_id)
    return RedirectResponse(f"/videos/{video_id}", HTTPStatus.SEE_OTHER)


async def _as_preferred(request: Request) -> VideoRequest:
    """What a request that leaves everything open asks for; a database that is away prefers nothing."""
    preferences: Preferences | None = request.app.state.preferences
    known: Sequence[Preference] = []
    if preferences:
        with contextlib.suppress(ServiceUnavailable):
            known = await preferences.known()
    return applied(VideoRequest(prompt="anything"), known)


async def _home(
    request: Request, videos: TheVideos, asked: Asked, refused: BadInput | None = None
) -> Response:
    usual = await _as_preferred(request)
    return page(
        request,
        "home.html",
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        asked=asked,
        usual=usual.look,
        because=[*usual.because, *(f"with a model: {line}" for line in usual.wording.reasons(broken=()))],
        refused=refused,
        listed=await videos.list(LISTED),
        qualities=list(Quality),
        aspects=list(Aspect),
        themes=list(Theme),
        prompt_limit=PROMPT_LIMIT,
    )
