"""What writing leaves to be done later: vectors that are missing yet, and a large tenant's own index.

Knows not who wrote. One tenant at a time, so that those who ask now are not kept waiting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from itertools import islice
from uuid import UUID

from quantumsketch.errors import QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.promotion import LARGE, promote_if_large
from quantumsketch.memory.tenants import Tenants, open_as_owner

PAUSE_S = 60.0
"""Before it is tried again, when the embedder or Postgres was away."""
MOST_WAITING = 10_000
"""Entities of one tenant that are remembered, though an embedder is away for long; the database knows all."""
AT_A_TIME = 256
"""Texts of one tenant that are embedded before the next one's turn."""
_LOG = logging.getLogger(__name__)


class Upkeep:
    """Looks after the tenants that it is told of, while it runs, and after what was left before it began."""

    def __init__(
        self, database: Database, embedder: Embedder, *, large: int = LARGE, most_waiting: int = MOST_WAITING
    ) -> None:
        self._vectors = Vectors(database, embedder)
        self._most_waiting = most_waiting
        self._model = embedder.model
        self._large = large
        self._wanted: dict[str, set[UUID]] = {}
        self._more: set[str] = set()
        """Tenants of which more wait than are remembered."""
        self._not_before: dict[str, float] = {}
        """When a tenant is to be tried again, of the clock that only goes forward."""
        self._called = asyncio.Event()

    def wanted(self, tenant: str, without_vectors: Collection[UUID] = ()) -> None:
        """Say that `tenant` has written much, or entities that have no vectors yet. Costs nothing."""
        waiting = self._wanted.setdefault(tenant, set())
        waiting.update(islice(without_vectors, max(self._most_waiting - len(waiting), 0)))
        if len(waiting) >= self._most_waiting:
            self._more.add(tenant)
        self._called.set()

    @asynccontextmanager
    async def running(
        self, database_url: str, pause_s: float = PAUSE_S, *, since_before: bool = False
    ) -> AsyncIterator[None]:
        """Look after one tenant after the other until the context ends; what goes wrong is logged.

        With `since_before` also after what has no vectors since before, as when a process ended before it
        made them. The login should own the tables: without that large tenants get no indexes, and no tenant
        is known by itself.
        """
        task = asyncio.create_task(self._run(database_url, pause_s, since_before=since_before))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, database_url: str, pause_s: float, *, since_before: bool) -> None:
        if since_before:
            await self._take_up(database_url)
        while True:
            tenant = await self._next()
            nodes = self._wanted.pop(tenant)
            self._not_before.pop(tenant, None)
            if not await self._looked_after(database_url, tenant, nodes):
                self._not_before[tenant] = time.monotonic() + pause_s
                self.wanted(tenant, nodes)

    async def _take_up(self, database_url: str) -> None:
        try:
            async with open_as_owner(database_url) as owner:
                tenants = [tenant.name for tenant in await Tenants(owner).list()]
            for tenant in tenants:
                await self._want_what_is_left(tenant)
        except QuantumSketchError as failure:
            _LOG.warning("what has no vectors since before waits for the next start: %s", failure)

    async def _want_what_is_left(self, tenant: str) -> None:
        self._more.discard(tenant)
        if nodes := await self._vectors.left(tenant, self._most_waiting):
            self.wanted(tenant, nodes)

    async def _next(self) -> str:
        """Wait for a tenant that may be looked after now; one that has to be tried again stops no other."""
        while True:
            self._called.clear()
            now = time.monotonic()
            waits = {tenant: self._not_before.get(tenant, now) - now for tenant in self._wanted}
            for tenant, wait in waits.items():
                if wait <= 0:
                    return tenant
            with suppress(TimeoutError):
                async with asyncio.timeout(min(waits.values(), default=None)):
                    await self._called.wait()

    async def _looked_after(self, database_url: str, tenant: str, nodes: set[UUID]) -> bool:
        """Whether it need not be tried again; the rest of many texts comes after the others."""
        try:
            done = await self._vectors.embed_missing(tenant, sorted(nodes), AT_A_TIME)
            if done >= AT_A_TIME:
                self.wanted(tenant, nodes)
            elif tenant in self._more:
                await self._want_what_is_left(tenant)
            await promote_if_large(database_url, tenant, self._model, self._large)
        except ServiceUnavailable as failure:
            _LOG.warning("the memory of %s is looked after later: %s", tenant, failure)
            return False
        except QuantumSketchError as failure:
            _LOG.warning("the memory of %s cannot be looked after: %s", tenant, failure)
        except Exception:  # whatever it is: the other tenants are looked after all the same
            _LOG.exception("the memory of %s cannot be looked after", tenant)
        return True
