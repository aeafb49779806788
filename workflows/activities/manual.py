"""What the installed Manim offers, found in the graph of its code, told as it is called.

The graph finds and tells what belongs together; signatures with all that passes through **kwargs come from an
index, which is read off the installed package inside the sandbox, once for each version, and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel
from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ServiceUnavailable, ToolFailed
from quantumsketch.memory.codebases.installed import EMBEDDING_S, InstalledPackage, Piece, Surroundings
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import AssetRef
from renderers.manim.knowledge.index import Entry, ManimIndex
from renderers.manim.knowledge.lookup import best, entry_of
from renderers.manim.knowledge.naming import Named, named
from renderers.manim.knowledge.telling import told
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, INDEX, NoRequest
from renderers.manim.version import check_version, manim_version
from workflows.activities.calling import called
from workflows.activities.context import heartbeats
from workflows.activities.media import JSON
from workflows.activities.probing import said
from workflows.activities.remembered import remember, remembered
from workflows.jobs import FindJob

_MOST_NEIGHBOURS = 5
_NAMES_ALONE = "the memory does not answer now: only names were looked up (classes, methods, keywords)"


class _Index(BaseModel):
    file: AssetRef


class Manual:
    """Holds the toolbox that reads Manim, the store that keeps it, and the graph of Manim's code."""

    def __init__(self, toolbox: Toolbox, store: AssetStore, manim: InstalledPackage) -> None:
        self.toolbox = toolbox
        self.store = store
        self.manim = manim
        self._reading = asyncio.Lock()
        self._file: Path | None = None
        self._index: ManimIndex | None = None

    async def file(self) -> Path:
        """Where the index lies, a ManimIndex in JSON; raises ToolFailed if Manim cannot be read."""
        async with self._reading:
            self._file = self._file or self.store.path((await self._described()).file)
        return self._file

    @activity.defn
    async def find_manim(self, job: FindJob) -> str:
        """What there is on a name or a wish, in words for whoever writes a scene."""
        async with heartbeats():
            index = await self._known()
            by_name = named(index, job.query)
            try:
                text = await self._from_graph(index, job.query, by_name)
            except ServiceUnavailable:
                entries = best([*by_name.entries, *by_name.guesses])
                text = told(entries, notes=[_NAMES_ALONE, *by_name.notes])
            return f"Manim {index.version}:\n{text}"

    async def _from_graph(self, index: ManimIndex, query: str, by_name: Named) -> str:
        """What a query names, then what the graph finds; who names something waits for no vectors."""
        hits = await self.manim.find(query, patience_s=0 if by_name.entries else EMBEDDING_S)
        found = [entry for hit in hits if (entry := entry_of(index, hit.kind, hit.name))]
        entries = best([*by_name.entries, *found, *by_name.guesses])
        around = await self.manim.surroundings([entry.name for entry in entries])
        remarks = {name: remarks_on(index, name, each) for name, each in around.items()}
        return told(entries, remarks, by_name.notes)

    async def _known(self) -> ManimIndex:
        path = await self.file()
        async with self._reading:
            if self._index is None:
                self._index = ManimIndex.model_validate_json(await asyncio.to_thread(path.read_bytes))
        return self._index

    async def _described(self) -> _Index:
        key = content_key("manim index", manim_version(), check_version())
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


def remarks_on(index: ManimIndex, name: str, around: Surroundings) -> list[str]:
    """What the graph adds to the entry of this name, in lines: is it deprecated, what is beside it."""
    lines = []
    if around.deprecated:
        since = f" since {around.deprecated_since}" if around.deprecated_since else ""
        instead = f": use {_short(around.replaced_by.name)}" if around.replaced_by else ""
        lines.append(f"deprecated{since}{instead}")
    visible = [each for each in _entries(index, around.uses) if _is_shown(index, each)]
    for what, entries in (
        ("special ones", _entries(index, around.inherited_by)),
        ("done otherwise by", _entries(index, around.overridden_by)),
        ("makes use of", visible),
    ):
        names = [each.name for each in entries if each.name not in {name, name.rpartition(".")[0]}]
        if names:
            lines.append(f"{what}: {', '.join(names[:_MOST_NEIGHBOURS])}")
    return lines


def _entries(index: ManimIndex, pieces: Sequence[Piece]) -> list[Entry]:
    return [entry for piece in pieces if (entry := entry_of(index, piece.kind, piece.name))]


def _is_shown(index: ManimIndex, entry: Entry) -> bool:
    return any(index.is_a(entry.name, one) for one in ("Mobject", "Animation"))


def _short(dotted: str) -> str:
    """A name as a scene writes it: the class, or the class and the method."""
    *_, owner, name = ["", *dotted.split(".")]
    return f"{owner}.{name}" if owner[:1].isupper() else name
