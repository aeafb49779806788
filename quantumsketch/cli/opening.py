"""How a command gets its studio: the real one, which is imported late, or whichever it was handed."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from quantumsketch.studio import Studio


class Opener(Protocol):
    def __call__(self, *, worker: bool, always: bool = False) -> AbstractAsyncContextManager[Studio]:
        """Open the studio for as long as the context lasts; with `worker` this process does the work too.

        The settings may leave all work to a `qs worker` elsewhere; with `always` it is done here even so.
        """
        ...


@asynccontextmanager
async def working_studio(opener: Opener, *, always: bool = False) -> AsyncIterator[Studio]:
    """Open a studio in which this process works; say on standard error if its sandbox is degraded."""
    from quantumsketch.cli.terminal import remark

    async with opener(worker=True, always=always) as studio:
        if studio.sandbox_notice:
            remark(f"note: {studio.sandbox_notice}")
        yield studio


@asynccontextmanager
async def open_real_studio(*, worker: bool, always: bool = False) -> AsyncIterator[Studio]:
    """Open the studio on Temporal and Postgres, as the environment says."""
    from quantumsketch.llm.chain import chain_of
    from quantumsketch.llm.embedding import embedding_model
    from quantumsketch.runtime.embedded import attach
    from quantumsketch.settings import Settings

    settings = Settings(worker="inline") if always else Settings()
    chain = chain_of(settings)  # a bad chain is told before anything is started
    embedding_model(settings)  # and so is a bad embedder
    if worker and settings.worker == "inline":  # else the keys are elsewhere, or nobody is asked
        chain.check()
    # the servers start while this process is busy importing
    workflows = asyncio.ensure_future(asyncio.to_thread(importlib.import_module, "workflows.bootstrap"))
    async with attach(settings) as endpoints:
        bootstrap = await workflows
        async with bootstrap.open_studio(settings, endpoints, worker=worker) as studio:
            yield studio
