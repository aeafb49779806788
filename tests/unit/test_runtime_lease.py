"""Whom a client takes for its supervisor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.runtime.lease import Lease
from quantumsketch.runtime.places import Places

ANSWER = b'{"temporal_address": "thief:7233"}\n'


@asynccontextmanager
async def somebody_answers(places: Places) -> AsyncIterator[list[bytes]]:
    """Somebody listens where the supervisor would, and hands out an address; gives what was said to them."""
    heard: list[bytes] = []

    async def pose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(ANSWER)
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(pose, places.leases):
        yield heard


async def test_nothing_is_said_to_a_supervisor_in_a_folder_that_is_open_to_others(qs_home: Path) -> None:
    places = Places(qs_home)
    places.prepare()
    async with somebody_answers(places) as heard:
        async with Lease(places, ["temporal"]) as lease:
            assert lease.found["temporal_address"] == "thief:7233", "in a private folder it is believed"
        assert len(heard) == 1
        places.sockets.chmod(0o755)
        with pytest.raises(ServiceUnavailable, match="not a folder private to this user"):
            async with Lease(places, ["temporal"]):
                pass
        assert len(heard) == 1
