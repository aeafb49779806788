"""The activity that draws: one sandboxed render call for a beat, or for the rest of one."""

from __future__ import annotations

import asyncio
import time

from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.storyboard import Beat, Look
from quantumsketch.tools.tool import Ended, Ending
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import RenderRequest, RenderResult
from quantumsketch.visuals import ManimCode, TitleCard
from renderers.ffmpeg.probe import Probe, check_joinable
from renderers.manim.clip_format import CLIP, CODEC, PIXELS, PROFILE, STREAMS, TAG, TICKS_PER_FRAME
from renderers.manim.tools import RENDER_BEAT, scene_failure
from renderers.manim.version import kit_version, manim_version
from workflows.activities.calling import called
from workflows.activities.context import heartbeats, tell_run
from workflows.activities.media import MP4
from workflows.activities.probing import SAID_CHARS, Prober, said
from workflows.activities.remembered import remember, remembered
from workflows.jobs import Part, RenderAttempt, RenderJob
from workflows.versions import part_key

OF_THE_KIT = Beat(title="A title", narration="A title.", visual=TitleCard(heading="A title"))
"""No code of anybody else has a hand in its clip."""


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
            key = part_key(job.request)
            if part := await remembered(self.store, key, Part, lambda part: [part.asset]):
                return RenderAttempt(part=part, cached=True)
            # the beat no longer waits for a slot
            await tell_run("beat_started", job.beat_id)
            began = time.monotonic()
            async with self.toolbox.folder("clip") as keep:
                reply = await called(self.toolbox, RENDER_BEAT, job.request, keep=keep)
                if reply.result is None:
                    slow = reply.ending.ended is Ended.TIMEOUT
                    return RenderAttempt(complaint=_why(reply.ending), too_slow=slow)
                try:
                    probe = await self.prober.probe(reply.files[CLIP])
                except ToolFailed as error:
                    return RenderAttempt(complaint=str(error))
                if complaint := _mismatch(probe, reply.result, job.request):
                    return RenderAttempt(complaint=complaint)
                if complaint := await self._unlike_ours(probe, job.request):
                    return RenderAttempt(complaint=complaint)
                asset = await asyncio.to_thread(self.store.put, reply.files[CLIP], MP4)
            degraded = self.toolbox.backend.notice
            notice = f"clips were drawn where {degraded}" if degraded else None
            part = Part(asset=asset, result=reply.result, notice=notice)
            await self.prober.remember(asset, probe)
            await remember(self.store, key, part)
            return RenderAttempt(part=part, took_s=round(time.monotonic() - began, 3))

    async def _unlike_ours(self, probe: Probe, request: RenderRequest) -> str | None:
        """Why a clip that a scene may have written by itself could not be joined to those that we write."""
        if not isinstance(request.beat.visual, ManimCode):
            return None
        try:
            check_joinable({"of the kit": await self._of_the_kit(request.look), "of the scene": probe})
        except ValueError as error:
            return str(error)
        return None

    async def _of_the_kit(self, look: Look) -> Probe:
        """What a clip is that the kit itself writes in this look: rendered once, then remembered."""
        key = content_key("of the kit", kit_version(), manim_version(), look)
        if probe := await remembered(self.store, key, Probe, lambda _: []):
            return probe
        async with self.toolbox.folder("of-the-kit") as keep:
            request = RenderRequest(beat=OF_THE_KIT, look=look)
            reply = await called(self.toolbox, RENDER_BEAT, request, keep=keep)
            if reply.result is None:
                raise ToolFailed(f"not even a title could be rendered: {_why(reply.ending)}")
            probe = await self.prober.probe(reply.files[CLIP])
        await remember(self.store, key, probe)
        return probe


def _mismatch(probe: Probe, result: RenderResult, request: RenderRequest) -> str | None:
    """How the clip differs from what was asked for and from what its maker says, None if it does not."""
    look = request.look
    wanted = {
        "size": look.size,
        "frame rate": look.fps,
        "frames": result.frames,
        # clips of one format can be joined without encoding
        "format": (CODEC, TAG, PROFILE, PIXELS, STREAMS, f"1/{look.fps * TICKS_PER_FRAME}"),
        "claimed size": look.size,
        "claimed frame rate": look.fps,
    }
    found = {
        "size": (probe.width, probe.height),
        "frame rate": probe.fps,
        "frames": probe.frames,
        "format": (
            probe.codec,
            probe.codec_tag,
            probe.profile,
            probe.pix_fmt,
            probe.streams,
            probe.time_base,
        ),
        "claimed size": (result.width, result.height),
        "claimed frame rate": result.fps,
    }
    for what, value in wanted.items():
        if value != found[what]:
            return f"the clip's {what} is {found[what]}, not {value}"
    if result.next_animation is not None and result.next_animation <= request.first_animation:
        return f"the render came no further than animation {request.first_animation}, with which it began"
    return None


def _why(ending: Ending) -> str:
    if ending.ended is Ended.TIMEOUT:
        return f"the render took longer than {ending.wall_s:.0f} s"
    if failure := scene_failure(ending):
        line = f" in line {failure.line} of its code" if failure.line else ""
        return f"the scene failed{line}: {failure.error[:SAID_CHARS]}"
    return f"the render ended with {said(ending)}"
