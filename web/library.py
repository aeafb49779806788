"""What finished videos have to do with each other, where a concept appears, what a rebuild would take."""

from __future__ import annotations

from fastapi import APIRouter

from quantumsketch.connections import Concept, Rebuild, Related
from quantumsketch.intake import concept_of
from web.asking import TheVideos

router = APIRouter(prefix="/api")


@router.get("/videos/{video_id}/related")
async def related(video_id: str, videos: TheVideos) -> Related:
    """List the finished videos that have most to do with this one, each with the reasons."""
    return Related(id=video_id, related=list(await videos.related(video_id)))


@router.get("/videos/{video_id}/rebuild")
async def rebuild(video_id: str, videos: TheVideos) -> Rebuild:
    """Tell what it would take to make a finished video again, with its storyboard."""
    return await videos.rebuild(video_id)


@router.get("/concepts/{name:path}")
async def concept(name: str, videos: TheVideos) -> Concept:
    """Tell every video and beat in which a concept appears, and when."""
    return await videos.appearances(concept_of(name))
