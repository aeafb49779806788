"""The files of a finished video: picture, captions, poster. Ranges are answered, so that players can seek."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse

from quantumsketch.errors import NotFound
from quantumsketch.studio import Videos
from quantumsketch.video import AssetRef, Film, Video
from web.asking import TheVideos

router = APIRouter(prefix="/videos/{video_id}")


@router.get("/file.mp4")
async def film(video_id: str, videos: TheVideos) -> FileResponse:
    """Send the MP4."""
    return _file(videos, (await _film(videos, video_id)).video, "video/mp4")


@router.get("/captions.vtt")
async def captions_vtt(video_id: str, videos: TheVideos) -> FileResponse:
    """Send the captions as WebVTT."""
    return _file(videos, (await _film(videos, video_id)).captions_vtt, "text/vtt; charset=utf-8")


@router.get("/captions.srt")
async def captions_srt(video_id: str, videos: TheVideos) -> FileResponse:
    """Send the captions as SubRip."""
    return _file(videos, (await _film(videos, video_id)).captions_srt, "application/x-subrip; charset=utf-8")


@router.get("/poster.jpg")
async def poster(video_id: str, videos: TheVideos) -> FileResponse:
    """Send the poster."""
    return _file(videos, (await _film(videos, video_id)).poster, "image/jpeg")


async def _film(videos: Videos, video_id: str) -> Film:
    shown = await videos.show(video_id)
    if not isinstance(shown, Video):
        raise NotFound(f"video {video_id!r} is {shown.state}: it has no file", mend="Wait until it is done")
    return shown.film


def _file(videos: Videos, ref: AssetRef, media_type: str) -> FileResponse:
    """The type is ours, not the stored one: what a browser makes of the bytes is decided here."""
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{ref.sha256}"'}
    return FileResponse(videos.path(ref), media_type=media_type, headers=headers)
