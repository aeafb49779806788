"""Activities that make one file of several: a beat's parts, the film with its captions, its poster.

Nothing is encoded again, and what was joined once is found by what went into it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel
from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.tool import Tool
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import AssetRef, Clip
from renderers.ffmpeg.commands import CAPTIONS, CLIP_LIST
from renderers.ffmpeg.film import FilmBeat, FilmTexts, clip_list, film_texts
from renderers.ffmpeg.tools import (
    CLIP,
    FILM,
    JOIN_PARTS,
    MAKE_FILM,
    POSTER,
    POSTER_FILE,
    FilmRequest,
    JoinRequest,
    PosterRequest,
    Written,
)
from workflows.activities.calling import called
from workflows.activities.context import heartbeats
from workflows.activities.media import JPEG, MP4, SRT, VTT
from workflows.activities.probing import Prober, said
from workflows.activities.remembered import remember, remembered
from workflows.jobs import FilmJob, JoinedFilm, JoinJob, PosterJob

Request = TypeVar("Request", bound=BaseModel)


class FilmActivities:
    """Holds the toolbox, where ffmpeg runs, and the store, where clips and films lie."""

    def __init__(self, toolbox: Toolbox, store: AssetStore) -> None:
        self.toolbox = toolbox
        self.store = store
        self.prober = Prober(toolbox, store)

    @activity.defn
    async def join_parts(self, job: JoinJob) -> Clip:
        """One clip of the parts of a beat."""
        async with heartbeats():
            parts = {f"p{index:02}.mp4": part.asset for index, part in enumerate(job.parts)}
            probes = {name: await self.prober.probe_asset(ref) for name, ref in parts.items()}
            texts = {CLIP_LIST: clip_list(probes)}
            asset = await self._run(JOIN_PARTS, JoinRequest(), self._paths(parts), texts, CLIP, MP4)
        first = job.parts[0].result
        return Clip(
            asset=asset,
            duration_s=sum(part.result.frames for part in job.parts) / first.fps,
            width=first.width,
            height=first.height,
            fps=first.fps,
            findings=[finding for part in job.parts for finding in part.result.findings],
        )

    @activity.defn
    async def merge_clips(self, job: FilmJob) -> JoinedFilm:
        """The film: clips joined, captions, chapters, title."""
        async with heartbeats():
            clips = {f"b{index + 1:02}.mp4": beat for index, beat in enumerate(job.beats)}
            probes = {name: await self.prober.probe_asset(beat.clip) for name, beat in clips.items()}
            beats = {name: FilmBeat(beat.title, beat.narration, probes[name]) for name, beat in clips.items()}
            try:
                texts = film_texts(job.title, job.summary, beats)
            except ValueError as error:
                raise ToolFailed(str(error)) from error
            paths = self._paths({name: beat.clip for name, beat in clips.items()})
            return await self._made(texts, paths)

    @activity.defn
    async def take_poster(self, job: PosterJob) -> AssetRef:
        """One frame of the film as JPEG: of the moment asked for, or the first if there is none then."""
        async with heartbeats():
            try:
                return await self._poster(job.video, job.at_s)
            except ToolFailed:  # code of a scene's can put data into its clip that decodes to nothing
                return await self._poster(job.video, 0.0)

    async def _poster(self, film: AssetRef, at_s: float) -> AssetRef:
        paths = self._paths({FILM: film})
        return await self._run(POSTER, PosterRequest(at_s=at_s), paths, {}, POSTER_FILE, JPEG)

    async def _made(self, texts: FilmTexts, paths: Mapping[str, Path]) -> JoinedFilm:
        request = FilmRequest(captioned=texts.captioned)
        video = await self._run(MAKE_FILM, request, paths, texts.inputs, FILM, MP4)
        captions = {"captions.vtt": texts.captions_vtt, "captions.srt": texts.inputs[CAPTIONS]}
        async with self.toolbox.folder("captions") as folder:
            files = _written(captions, folder)
            vtt = await asyncio.to_thread(self.store.put, files["captions.vtt"], VTT)
            srt = await asyncio.to_thread(self.store.put, files["captions.srt"], SRT)
        return JoinedFilm(
            video=video,
            captions_vtt=vtt,
            captions_srt=srt,
            duration_s=texts.duration_s,
            poster_s=texts.poster_s,
        )

    async def _run(
        self,
        tool: Tool[Request, Written],
        request: Request,
        paths: Mapping[str, Path],
        texts: Mapping[str, str],
        output: str,
        media_type: str,
    ) -> AssetRef:
        """Run one of ffmpeg's tools, or find what it made of the same inputs before."""
        sources = [f"{name} {path.name}" for name, path in paths.items()]
        key = content_key("ffmpeg", *tool.command(request), *sources, *texts.values())
        if found := await remembered(self.store, key, AssetRef, lambda ref: [ref]):
            return found
        async with self.toolbox.folder("film") as folder:
            inputs = {**paths, **_written(texts, folder)}
            reply = await called(self.toolbox, tool, request, inputs=inputs, keep=folder)
            if reply.result is None:
                raise ToolFailed(f"{tool.name} failed: {said(reply.ending)}")
            ref = await asyncio.to_thread(self.store.put, reply.files[output], media_type)
        await remember(self.store, key, ref)
        return ref

    def _paths(self, refs: Mapping[str, AssetRef]) -> dict[str, Path]:
        return {name: self.store.path(ref) for name, ref in refs.items()}


def _written(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}
