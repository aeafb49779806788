"""The installed Manim in the memory, for all tenants: read by the first command that needs it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from quantumsketch.cli.interruption import Interrupted

if TYPE_CHECKING:
    from quantumsketch.memory.database import Database
    from quantumsketch.memory.embedding import Embedder


async def read_manim(database: Database, embedder: Embedder, *, vectors: bool) -> None:
    """Have the installed Manim in the graph, with `vectors` as what is found by meaning too."""
    from quantumsketch.cli.terminal import remark
    from quantumsketch.memory.codebases.installed import InstalledPackage
    from renderers.manim.knowledge.place import manim_folder
    from renderers.manim.version import manim_version

    manim = InstalledPackage(database, embedder, manim_folder(), manim_version())
    try:
        if not await manim.is_told():
            remark("reading the installed Manim into the memory: some seconds, only this once")
            await manim.record()
        if vectors and not await manim.is_found_by_meaning():
            remark("having it found by meaning too: half a minute, only this once")
            await manim.embed(patience_s=math.inf)
    except asyncio.CancelledError:
        raise Interrupted("interrupted; what is done of it is kept, and the next command goes on") from None
