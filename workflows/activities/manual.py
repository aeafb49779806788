"""What the installed Manim offers, looked up by name and by meaning.

It is read off the installed package inside the sandbox, once for each version, and kept in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel
from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import AssetRef
from renderers.manim.knowledge.index import ManimIndex
from renderers.manim.knowledge.search import search, texts_to_embed
from renderers.manim.knowledge.telling import told
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, INDEX, NoRequest
from renderers.manim.version import check_version, manim_version
from workflows.activities.calling import called
from workflows.activities.context import heartbeats
from workflows.activities.media import JSON
from workflows.activities.probing import said
from workflows.activities.remembered import remember, remembered
from workflows.jobs import FindJob

Embed = Callable[[list[str]], list[list[float]]]
_DECIMALS = 4
"""Of a vector of length 1: more would only make the record longer."""


class _Index(BaseModel):
    file: AssetRef


class _Meanings(BaseModel):
    """A vector for each text of the index, in order."""

    vectors: list[list[float]]


class Manual:
    """Holds the toolbox that reads Manim, the store that keeps it, and what gives texts a meaning."""

    def __init__(self, toolbox: Toolbox, store: AssetStore, embed: Embed) -> None:
        self.toolbox = toolbox
        self.store = store
        self.embed = embed
        self._reading = asyncio.Lock()
        self._file: Path | None = None
        self._searchable: tuple[ManimIndex, list[list[float]]] | None = None

    async def file(self) -> Path:
        """Where the index lies, a ManimIndex in JSON; raises ToolFailed if Manim cannot be read."""
        async with self._reading:
            self._file = self._file or self.store.path((await self._index()).file)
        return self._file

    @activity.defn
    async def find_manim(self, job: FindJob) -> str:
        """What there is on a name or a wish, in words for whoever writes a scene."""
        async with heartbeats():
            path = await self.file()
            async with self._reading:
                self._searchable = self._searchable or await self._meanings(path)
            index, vectors = self._searchable
            [wanted] = await asyncio.to_thread(self.embed, [job.query])
            found = await asyncio.to_thread(search, index, job.query, vectors=vectors, query_vector=wanted)
            return told(found)

    async def _index(self) -> _Index:
        key = _key("manim index")
        if found := await remembered(self.store, key, _Index, lambda index: [index.file]):
            return found
        async with self.toolbox.folder("manual") as keep:
            reply = await called(self.toolbox, DESCRIBE_MANIM, NoRequest(), keep=keep)
            if reply.result is None:
                raise ToolFailed(f"the installed Manim cannot be described: {said(reply.ending)}")
            file = await asyncio.to_thread(self.store.put, reply.files[INDEX], JSON)
        index = _Index(file=file)
        await remember(self.store, key, index)
        return index

    async def _meanings(self, path: Path) -> tuple[ManimIndex, list[list[float]]]:
        index = ManimIndex.model_validate_json(await asyncio.to_thread(path.read_bytes))
        key = _key("manim meanings")
        if found := await remembered(self.store, key, _Meanings, lambda _: []):
            return index, found.vectors
        vectors = await asyncio.to_thread(self.embed, texts_to_embed(index))
        rounded = [[round(number, _DECIMALS) for number in vector] for vector in vectors]
        await remember(self.store, key, _Meanings(vectors=rounded))
        return index, rounded


def _key(what: str) -> str:
    return content_key(what, manim_version(), check_version())
