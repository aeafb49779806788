"""The JSON API: ask for a video, watch it, stop it. The object of `qs show --json`, and how far it is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from quantumsketch import report
from quantumsketch.report import VideoReport
from quantumsketch.video import Progress, RunState, Video, VideoSummary
from web.asking import Asked, TheVideos
from web.events import progress_events

LISTED = 50

router = APIRouter(prefix="/api/videos")


class Accepted(BaseModel):
    id: str


class VideoAnswer(VideoReport):
    """One video and its run."""

    state: RunState
    progress: Progress


@router.post("", status_code=HTTPStatus.ACCEPTED)
async def start(asked: Asked, videos: TheVideos) -> Accepted:
    """Accept a request for a video."""
    return Accepted(id=await videos.start(asked.request()))


@router.get("")
async def listed(videos: TheVideos) -> list[VideoSummary]:
    """List the newest videos first."""
    return list(await videos.list(LISTED))


@router.get("/{video_id}")
async def shown(video_id: str, videos: TheVideos) -> VideoAnswer:
    """Tell everything about one video."""
    return answer(video_id, await videos.show(video_id))


@router.post("/{video_id}/cancel", status_code=HTTPStatus.ACCEPTED)
async def cancel(video_id: str, videos: TheVideos) -> Accepted:
    """Ask a run to stop."""
    await videos.cancel(video_id)
    return Accepted(id=video_id)


async def _first(video_id: str, videos: TheVideos) -> Progress:
    """Before the stream begins: an unknown id is a 404, not a broken stream."""
    return await videos.progress(video_id)


@router.get("/{video_id}/events")
async def events(
    video_id: str, request: Request, videos: TheVideos, first: Annotated[Progress, Depends(_first)]
) -> StreamingResponse:
    """Stream the run's progress as server-sent events, until it ends or the stream has lived long enough."""
    closing = request.app.state.closing
    stream = progress_events(videos, video_id, first, closing=closing, gone=request.is_disconnected)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def answer(video_id: str, shown: Video | Progress) -> VideoAnswer:
    """Put a video, or how far it is, into one shape."""
    if isinstance(shown, Video):
        told = report.of_video(shown, path=f"/videos/{video_id}/file.mp4")
        progress = report.progress_of(shown)
    else:
        told, progress = report.of_progress(video_id, shown), shown
    return VideoAnswer(**dict(told), state=progress.state, progress=progress)
