"""What writing leaves to be done later: vectors that are missing yet, and a large tenant's own index.

Knows not who wrote. One tenant at a time, so that those who ask now are not kept waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from itertools import islice
from uuid import UUID

from quantumsketch.errors import QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.promotion import LARGE, promote_if_large
from quantumsketch.memory.vectors import Vectors

PAUSE_S = 60.0
"""Before it is tried again, when the embedder or Postgres was away."""
MOST_WAITING = 10_000
"""Entities of one tenant: an embedder may be away for long."""
_LOG = logging.getLogger(__name__)


class Upkeep:
    """Looks after the tenants that it is told of, while it runs. Knows no tenant by itself."""

    def __init__(self, database: Database, embedder: Embedder, *, large: int = LARGE) -> None:
        self._vectors = Vectors(database, embedder)
        self._model = embedder.model
        self._large = large
        self._wanted: dict[str, set[UUID]] = {}
        self._called = asyncio.Event()

    def wanted(self, tenant: str, without_vectors: Collection[UUID] = ()) -> None:
        """Say that `tenant` has written much, or entities that have no vectors yet. Costs nothing.

        Of more than 10,000 that wait, the rest is left to `qs memory reembed`.
        """
        waiting = self._wanted.setdefault(tenant, set())
        waiting.update(islice(without_vectors, max(MOST_WAITING - len(waiting), 0)))
        self._called.set()

    @asynccontextmanager
    async def running(self, database_url: str, pause_s: float = PAUSE_S) -> AsyncIterator[None]:
        """Look after one tenant after the other until the context ends; what goes wrong is logged.

        The login should own the tables: without that large tenants get no indexes.
        """
        task = asyncio.create_task(self._run(database_url, pause_s))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, database_url: str, pause_s: float) -> None:
        while True:
            await self._called.wait()
            self._called.clear()
            while self._wanted:
                tenant = next(iter(self._wanted))  # whoever has to be tried again comes last
                nodes = self._wanted.pop(tenant)
                if not await self._looked_after(database_url, tenant, nodes):
                    self.wanted(tenant, nodes)
                    await asyncio.sleep(pause_s)

    async def _looked_after(self, database_url: str, tenant: str, nodes: set[UUID]) -> bool:
        """Whether there is nothing left to be tried again."""
        try:
            await self._vectors.embed_missing(tenant, sorted(nodes))
            await promote_if_large(database_url, tenant, self._model, self._large)
        except ServiceUnavailable as failure:
            _LOG.warning("the memory of %s is looked after later: %s", tenant, failure)
            return False
        except QuantumSketchError as failure:
            _LOG.warning("the memory of %s cannot be looked after: %s", tenant, failure)
        return True
