"""The page with the memory's API on a real server of its own, in a thread, and keys for it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keys import Keys, Scope
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.tenants import Quotas, Tenants, open_as_owner
from tests.rehearsed_videos import RehearsedVideos
from web.app import create_app
from web.server import address, listen, serve
from workflows.bootstrap import LONGEST_STATEMENT_S
from workflows.memory import Memory

ALL = (Scope.READ, Scope.WRITE)


class Served:
    """A server that answers, and the database behind it."""

    def __init__(self, url: str, app: FastAPI, database_url: str) -> None:
        self.url = url
        self.app = app
        self.database_url = database_url

    def key(self, tenant: str, scopes: Sequence[Scope] = ALL, quotas: Quotas | None = None) -> str:
        """Make a key; the tenant is added for it, or its quotas replaced."""

        async def make() -> str:
            async with open_as_owner(self.database_url) as owner:
                await Tenants(owner).add(tenant, quotas)
                return await Keys(owner).create(tenant, scopes)

        return asyncio.run(make())

    def revoke(self, key: str) -> None:
        """Make a key worthless."""

        async def revoke() -> None:
            async with open_as_owner(self.database_url) as owner:
                await Keys(owner).revoke(key)

        asyncio.run(revoke())

    @contextmanager
    def client(self, key: str | None) -> Iterator[httpx.Client]:
        """Lend a client that sends the key with whatever it asks."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False) as client:
            yield client

    @contextmanager
    def tenant(self, scopes: Sequence[Scope] = ALL, quotas: Quotas | None = None) -> Iterator[httpx.Client]:
        """Lend a client with a key of a tenant that nobody else has."""
        with self.client(self.key(f"t-{secrets.token_hex(6)}", scopes, quotas)) as client:
            yield client


@contextmanager
def served(
    database_url: str, embedder: Embedder, folder: Path, longest_statement_s: float = LONGEST_STATEMENT_S
) -> Iterator[Served]:
    """Serve the API of the database until the context ends."""
    started: Future[tuple[str, FastAPI, asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def run() -> None:
        await migrate(database_url)
        async with (
            open_database(database_url, longest_statement_s=longest_statement_s) as database,
            open_database(database_url, connections=2) as door,
        ):
            memory = Memory.on(database, embedder, door=door)
            app = create_app(RehearsedVideos(folder), memory=memory)
            with listen("127.0.0.1", 0) as listening:
                task = asyncio.current_task()
                assert task
                here = address(listening), app, asyncio.get_running_loop(), task
                await serve(app, listening, ready=lambda: started.set_result(here))

    def thread() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                asyncio.run(run())
            except Exception as error:
                started.set_exception(error)  # unless it has started: then the thread ends with it

    server = threading.Thread(target=thread, name="served memory")
    server.start()
    try:
        url, app, loop, task = started.result(timeout=60)
        try:
            yield Served(url, app, database_url)
        finally:
            loop.call_soon_threadsafe(task.cancel)
    finally:
        server.join(timeout=60)
