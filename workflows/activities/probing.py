"""What a clip really is, asked of ffprobe in the sandbox once and remembered by the clip's sha256."""

from __future__ import annotations

import asyncio
from pathlib import Path

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.tool import Ending
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import AssetRef
from renderers.ffmpeg.probe import Probe
from renderers.ffmpeg.tools import CLIP, PROBE, ProbeRequest

SAID_CHARS = 2000


class Prober:
    """Probes clips; never believes what their maker said of them."""

    def __init__(self, toolbox: Toolbox, store: AssetStore) -> None:
        self.toolbox = toolbox
        self.store = store

    async def probe(self, path: Path) -> Probe:
        """Describe the clip at `path`; raises ToolFailed if it is none."""
        async with self.toolbox.folder("probe") as keep:
            reply = await self.toolbox.call(PROBE, ProbeRequest(name=CLIP), inputs={CLIP: path}, keep=keep)
        if reply.result is None:
            raise ToolFailed(f"ffprobe cannot read the clip: {said(reply.ending)}")
        return reply.result

    async def probe_asset(self, ref: AssetRef) -> Probe:
        """Describe a stored clip."""
        key = content_key("probe", ref.sha256)
        if (record := await asyncio.to_thread(self.store.find, key)) is not None:
            return Probe.model_validate_json(record)
        probe = await self.probe(self.store.path(ref))
        await asyncio.to_thread(self.store.remember, key, probe.model_dump_json().encode())
        return probe


def said(ending: Ending) -> str:
    """How a call ended and the end of what it printed, for a message."""
    last_words = ending.stderr.decode("utf-8", "replace").strip()[-SAID_CHARS:]
    how = f"{ending.ended} ({ending.detail})" if ending.detail else str(ending.ended)
    return f"{how}: {last_words or 'it printed nothing'}"
