"""How a command gets the database alone: nothing that makes videos is started for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantumsketch.memory.database import Connection


@asynccontextmanager
async def database_address() -> AsyncIterator[str]:
    """Yield the URL of the database, the embedded server started if there is no other."""
    from quantumsketch.runtime.embedded import attach
    from quantumsketch.settings import Settings

    async with attach(Settings(), temporal=False) as endpoints:
        yield endpoints.database_url


@asynccontextmanager
async def owned_database() -> AsyncIterator[Connection]:
    """Yield a connection of the login that owns the database, as the environment names it."""
    from quantumsketch.memory.tenants import open_as_owner

    async with database_address() as address, open_as_owner(address) as connection:
        yield connection
