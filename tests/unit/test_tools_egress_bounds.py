"""What the proxy takes of the host whatever a payload does: bytes, connections, time, nothing afterwards."""

from __future__ import annotations

import asyncio
import resource
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.egress import egress
from quantumsketch.tools.sandbox.egress.gate import MOST_AT_ONCE
from quantumsketch.tools.sandbox.egress.refusals import LONGEST_NOTE, MOST_NOTES
from quantumsketch.tools.sandbox.egress.stream import LEAST_BYTES
from quantumsketch.tools.tool import Limits
from tests.outside_world import ECHO_PORT, FLOOD_PORT, GREETING, NAMES, SILENT_PORT, World
from tests.proxy_calls import (
    PATIENT_S,
    PLAIN,
    SHORT,
    UNLISTED,
    ask,
    connected,
    opened,
    tunnel,
    tunnel_to,
    way_through,
)


async def test_the_bytes_of_all_connections_in_both_directions_are_bounded() -> None:
    most = 2**20
    async with opened(Limits(network_bytes=most)) as (_, way):
        down = await ask(way, tunnel_to(FLOOD_PORT) + b"x")
        up = await ask(way, tunnel_to(SILENT_PORT) + bytes(most))
        after = await ask(way, PLAIN)
    assert len(down) + len(up) <= most
    assert len(down) > most // 2
    assert after.startswith(b"HTTP/1.1 403 ")
    assert way.refused == (f"the call has used up its {most} bytes of network",)
    assert way.used_bytes > most


async def test_single_bytes_cost_as_much_as_a_page() -> None:
    async with opened() as (_, way), tunnel(way, ECHO_PORT) as (reader, writer):
        before = way.used_bytes
        for _ in range(10):
            writer.write(b"x")
            await reader.readexactly(1)
        assert way.used_bytes - before == 20 * LEAST_BYTES


async def test_the_connections_of_a_call_are_numbered() -> None:
    async with opened(Limits(connections=3)) as (world, way):
        served = [await ask(way, PLAIN) for _ in range(3)]
        assert all(answer.endswith(GREETING) for answer in served)
        assert b"has had its 3 connections" in await ask(way, PLAIN)
        assert way.unused == []
    assert len(world.dialled) == 3
    assert way.refused == ("the call has had its 3 connections",)


async def test_connections_that_end_unused_are_not_counted() -> None:
    async with opened(Limits(connections=3)) as (_, way):
        way.unused.pop().close()
        for _ in range(3):
            assert (await ask(way, PLAIN)).endswith(GREETING)
        assert way.refused == ()


async def test_connections_at_once_are_fewer() -> None:
    async with opened(Limits(connections=100)) as (_, way), AsyncExitStack() as stack:
        for _ in range(MOST_AT_ONCE):
            await stack.enter_async_context(tunnel(way, SILENT_PORT))
        assert f"{MOST_AT_ONCE} connections at once".encode() in await ask(way, PLAIN)


@pytest.mark.parametrize("said", [b"G", PLAIN[:-2]])
async def test_who_does_not_finish_a_request_is_not_waited_for(said: bytes) -> None:
    async with opened(patience=SHORT) as (_, way), connected(way) as (reader, writer):
        writer.write(said)
        async with asyncio.timeout(PATIENT_S):
            assert await reader.read() == b""


async def test_who_drips_a_request_is_not_waited_for_either() -> None:
    async with opened(patience=SHORT) as (_, way), connected(way) as (reader, writer):
        ended = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(PATIENT_S):
            while not ended.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        assert ended.result() == b""


async def test_a_connection_on_which_nothing_moves_is_ended() -> None:
    async with opened(patience=SHORT) as (_, way), tunnel(way, SILENT_PORT) as (reader, _):
        async with asyncio.timeout(PATIENT_S):
            assert await reader.read() == b""


async def test_when_the_call_is_over_nothing_is_left() -> None:
    world = World()
    async with world.opened(), AsyncExitStack() as stack:
        tasks, descriptors = asyncio.all_tasks(), open_files()
        async with egress(NAMES, Limits(), world.outside) as gate:
            way = stack.enter_context(way_through(gate))
            silent, _ = await stack.enter_async_context(tunnel(way, SILENT_PORT))
            await stack.enter_async_context(tunnel(way, FLOOD_PORT))  # which is not read
            asking, writer = await stack.enter_async_context(connected(way))
            writer.write(b"GET")
        for reader in (silent, asking):
            with suppress(ConnectionResetError):
                async with asyncio.timeout(PATIENT_S):
                    assert await reader.read() == b""
        await stack.aclose()
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == tasks
        assert open_files() == descriptors


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_where_no_file_can_be_opened_there_is_no_way_out_and_nothing_is_left() -> None:
    before, (soft, hard) = open_files(), resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + 20, hard))
    try:
        with pytest.raises(SandboxUnavailable, match="Too many open files"):
            async with egress(NAMES, Limits()):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert open_files() == before


async def test_what_was_refused_is_told_in_bounded_words() -> None:
    async with opened(Limits(connections=100)) as (_, way):
        for n in range(30):
            await ask(way, tunnel_to(443, f"{n}.{'x' * 300}.example.net"))
            await ask(way, tunnel_to(443, UNLISTED))
        assert len(way.refused) == MOST_NOTES + 1
        assert max(map(len, way.refused)) == LONGEST_NOTE
        assert way.refused[1] == f"{UNLISTED}:443 is not in the tool's domains"
        assert way.refused[-1] == "and more"
