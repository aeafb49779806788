"""What a clip really is, asked of ffprobe in the sandbox once and remembered by the clip's sha256."""

from __future__ import annotations

from pathlib import Path

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.tool import Ending
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import AssetRef
from renderers.ffmpeg.probe import Probe
from renderers.ffmpeg.tools import CLIP, PROBE, ProbeRequest
from workflows.activities.calling import called
from workflows.activities.remembered import remember, remembered

SAID_CHARS = 2000


class Prober:
    """Probes clips; never believes what their maker said of them."""

    def __init__(self, toolbox: Toolbox, store: AssetStore) -> None:
        self.toolbox = toolbox
        self.store = store

    async def probe(self, path: Path) -> Probe:
        """Describe the clip at `path`; raises ToolFailed if it is none."""
        async with self.toolbox.folder("probe") as keep:
            reply = await called(self.toolbox, PROBE, ProbeRequest(name=CLIP), inputs={CLIP: path}, keep=keep)
        if reply.result is None:
            raise ToolFailed(f"ffprobe cannot read the clip: {said(reply.ending)}")
        return reply.result

    async def probe_asset(self, ref: AssetRef) -> Probe:
        """Describe a stored clip."""
        if found := await remembered(self.store, _key(ref), Probe, lambda _: []):
            return found
        probe = await self.probe(self.store.path(ref))
        await self.remember(ref, probe)
        return probe

    async def remember(self, ref: AssetRef, probe: Probe) -> None:
        """Keep what a clip was found to be."""
        await remember(self.store, _key(ref), probe)


def _key(ref: AssetRef) -> str:
    return content_key("probe", ref.sha256)


def said(ending: Ending) -> str:
    """How a call ended and the end of what it printed, for a message."""
    last_words = ending.stderr.decode("utf-8", "replace").strip()[-SAID_CHARS:]
    how = f"{ending.ended} ({ending.detail})" if ending.detail else str(ending.ended)
    return f"{how}: {last_words or 'it printed nothing'}"
