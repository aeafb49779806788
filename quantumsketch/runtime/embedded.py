"""The servers that a client needs, for as long as it needs them: external ones as configured, else embedded.

Knows no supervisor and no server; a lease stands for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from quantumsketch.runtime.lease import Lease
from quantumsketch.runtime.places import Places
from quantumsketch.settings import Settings


@dataclass(frozen=True)
class Endpoints:
    """Where the servers are."""

    temporal_address: str | None
    """HOST:PORT. None: external, found through Temporal's environment configuration."""
    temporal_ui: str | None
    """The address of Temporal's own page, None if it is not ours."""
    database_url: str = field(repr=False)
    lost: asyncio.Event = field(default_factory=asyncio.Event, repr=False, compare=False)
    """Set when the embedded servers end although this client still needs them."""


@contextlib.asynccontextmanager
async def attach(settings: Settings, *, temporal: bool = True) -> AsyncIterator[Endpoints]:
    """Have every server that `settings` call for, started if need be, until the context is left.

    Without `temporal` only the database is looked after.
    Raises ServiceUnavailable with the end of its log if one cannot be started.
    """
    database_url = settings.database_url.get_secret_value() if settings.database_url else None
    needs = ["temporal"] if temporal and not settings.temporal_is_external else []
    needs += [] if database_url else ["postgres"]
    async with Lease(Places(settings.home), needs) as lease:
        yield Endpoints(
            temporal_address=lease.found.get("temporal_address", settings.temporal_address),
            temporal_ui=lease.found.get("temporal_ui"),
            database_url=database_url or lease.found["database_url"],
            lost=lease.lost,
        )
