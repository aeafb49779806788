"""The activity that draws: one sandboxed render call for a beat, or for the rest of one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import NotFound, ToolFailed
from quantumsketch.tools.tool import Ended, Ending
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import RenderResult
from renderers.manim.tools import RENDER_BEAT, scene_failure
from renderers.manim.version import kit_version, manim_version
from workflows.activities.context import heartbeats
from workflows.activities.probing import Prober, said
from workflows.jobs import Part, RenderAttempt, RenderJob

CLIP = "clip.mp4"
MP4 = "video/mp4"


class RenderActivities:
    """Holds the toolbox and the store, where finished parts are found again."""

    def __init__(self, toolbox: Toolbox, store: AssetStore) -> None:
        self.toolbox = toolbox
        self.store = store
        self.prober = Prober(toolbox, store)

    @activity.defn
    async def render_part(self, job: RenderJob) -> RenderAttempt:
        """Render a beat from an animation on, as far as one call's time reaches; nothing twice."""
        async with heartbeats():
            key = content_key("part", kit_version(), manim_version(), job.request)
            if found := await asyncio.to_thread(self._found, key):
                return RenderAttempt(part=found, cached=True)
            await _tell_started(job.beat_id)
            async with self.toolbox.folder("clip") as keep:
                reply = await self.toolbox.call(RENDER_BEAT, job.request, keep=keep)
                if reply.result is None:
                    return RenderAttempt(complaint=_why(reply.ending))
                if complaint := await self._mismatch(reply.files[CLIP], reply.result, job):
                    return RenderAttempt(complaint=complaint)
                return RenderAttempt(
                    part=await asyncio.to_thread(self._keep, key, reply.files[CLIP], reply.result)
                )

    async def _mismatch(self, path: Path, result: RenderResult, job: RenderJob) -> str | None:
        """How the clip differs from what was asked for and from what its maker says, None if it does not."""
        look = job.request.look
        try:
            clip = await self.prober.probe(path)
        except ToolFailed as error:
            return str(error)
        asked = (*look.size, look.fps, result.frames)
        found = (clip.width, clip.height, clip.fps, clip.frames)
        return None if asked == found else f"the clip is (width, height, fps, frames) {found}, not {asked}"

    def _found(self, key: str) -> Part | None:
        record = self.store.find(key)
        if record is None:
            return None
        part = Part.model_validate_json(record)
        try:
            self.store.path(part.asset)
        except NotFound:
            return None  # the record outlived its clip: render it again
        return part

    def _keep(self, key: str, clip: Path, result: RenderResult) -> Part:
        part = Part(asset=self.store.put(clip, MP4), result=result)
        self.store.remember(key, part.model_dump_json().encode())
        return part


async def _tell_started(beat_id: str) -> None:
    """Let the run know that its beat no longer waits for a slot."""
    run = activity.client().get_workflow_handle(activity.info().workflow_id or "")
    await run.signal("beat_started", beat_id)


def _why(ending: Ending) -> str:
    if ending.ended is Ended.TIMEOUT:
        return f"the render took longer than {ending.wall_s:.0f} s"
    if failure := scene_failure(ending):
        line = f" in line {failure.line} of its code" if failure.line else ""
        return f"the scene failed{line}: {failure.error}"
    return f"the render ended with {said(ending)}"
