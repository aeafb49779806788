"""The activity that looks up what the installed Manim offers, by name and by meaning.

The index is read off the installed package inside the sandbox, once for each version, and kept in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import BaseModel
from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.toolbox import Toolbox
from renderers.manim.knowledge.index import ManimIndex
from renderers.manim.knowledge.search import search, texts_to_embed
from renderers.manim.knowledge.telling import told
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, NoRequest
from renderers.manim.version import kit_version, manim_version
from workflows.activities.context import heartbeats
from workflows.activities.probing import said
from workflows.activities.remembered import remember, remembered
from workflows.jobs import FindJob

Embed = Callable[[list[str]], list[list[float]]]
_DECIMALS = 4
"""Of a vector of length 1: more would only make the record longer."""


class _Manual(BaseModel):
    """The index, and for each of its texts a vector."""

    index: ManimIndex
    vectors: list[list[float]]


class ManualActivities:
    """Holds the toolbox that reads the manual, the store that keeps it, and what gives texts a meaning."""

    def __init__(self, toolbox: Toolbox, store: AssetStore, embed: Embed) -> None:
        self.toolbox = toolbox
        self.store = store
        self.embed = embed
        self._reading = asyncio.Lock()
        self._manual: _Manual | None = None

    @activity.defn
    async def find_manim(self, job: FindJob) -> str:
        """What the manual has on a name or a wish, in words for whoever writes a scene."""
        async with heartbeats():
            async with self._reading:
                manual = self._manual = self._manual or await self._read()
            [wanted] = await asyncio.to_thread(self.embed, [job.query])
            return told(search(manual.index, job.query, vectors=manual.vectors, query_vector=wanted))

    async def _read(self) -> _Manual:
        key = content_key("manual", manim_version(), kit_version())
        if found := await remembered(self.store, key, _Manual, lambda _: []):
            return found
        async with self.toolbox.folder("manual") as keep:
            reply = await self.toolbox.call(DESCRIBE_MANIM, NoRequest(), keep=keep)
        if reply.result is None:
            raise ToolFailed(f"the installed Manim cannot be described: {said(reply.ending)}")
        vectors = await asyncio.to_thread(self.embed, texts_to_embed(reply.result))
        rounded = [[round(number, _DECIMALS) for number in vector] for vector in vectors]
        manual = _Manual(index=reply.result, vectors=rounded)
        await remember(self.store, key, manual)
        return manual
