"""The server on a real socket: what it does with connections, whoever is at their other end."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.rehearsed_videos import RehearsedVideos
from web.app import create_app
from web.connection import Connection
from web.server import listen, serve
from web.shares import MOST_OF_VISITORS, Places

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


class Few(Connection):
    """So few that a test can take them all."""

    MOST: ClassVar[int] = 12
    HEAD_PATIENCE_S: ClassVar[float] = 300.0


class Impatient(Connection):
    """Waits for nobody."""

    HEAD_PATIENCE_S: ClassVar[float] = 0.5
    READING_PATIENCE_S: ClassVar[float] = 0.5


class Patient(Connection):
    """Waits for who reads something now and then, also on a busy machine."""

    READING_PATIENCE_S: ClassVar[float] = 2.0


class Served:
    """A server that answers."""

    def __init__(self, place: tuple[str, int], open_ones: AsyncExitStack, client: httpx.AsyncClient) -> None:
        self._place = place
        self._open = open_ones
        self.client = client

    async def connect(self, said: bytes = b"") -> Streams:
        """Open a connection and say something on it; it is closed with the server."""
        streams = await asyncio.open_connection(*self._place)
        self._open.callback(streams[1].close)
        streams[1].write(said)
        return streams


@asynccontextmanager
async def serving(folder: Path, connection: type[Connection] = Connection) -> AsyncIterator[Served]:
    """Serve the page of rehearsed videos, and answers of 64 MB: one that goes on, and one that is whole."""
    ready = asyncio.Event()
    with listen("127.0.0.1", 0) as listening:
        app = create_app(RehearsedVideos(folder))
        app.add_api_route("/long", lambda: StreamingResponse(itertools.repeat(b"x" * 2**16, 2**10)))
        app.add_api_route("/whole", lambda: Response(b"x" * 2**26))
        server = asyncio.ensure_future(serve(app, listening, ready=ready.set, connection=connection))
        await ready.wait()
        host, port = listening.getsockname()
        try:
            async with (
                httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False, timeout=30) as client,
                AsyncExitStack() as open_ones,
            ):
                yield Served((host, port), open_ones, client)
        finally:
            server.cancel()
            with suppress(asyncio.CancelledError):
                await server


async def until(ask: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """Ask until the answer has this status: what others began or ended may not have arrived yet."""
    async with asyncio.timeout(30):
        while (answer := await ask()).status_code != status:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.05)
    return answer


def test_no_part_of_an_answer_waits_for_the_receipt_of_another() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_connections_that_stay_silent_keep_nobody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, Few) as served:
        silent = [await served.connect(said) for said in (b"", HEAD) for _ in range(2 * Few.MOST)]
        for _ in range(3):
            assert (await served.client.get("/healthz")).json() == {"ok": True}
        async with asyncio.timeout(30):
            with suppress(ConnectionError):
                assert await silent[0][0].read() == b"", "the one that waited longest gave way"
            for late, writer in silent[-Few.MOST // 2 :]:
                writer.write(b"\r\n")
                assert (await late.readline()).startswith(b"HTTP/1.1 200 "), "and no later one did"


async def test_a_head_that_does_not_come_is_not_waited_for_also_after_an_answer(tmp_path: Path) -> None:
    async with serving(tmp_path, Impatient) as served:
        for said in (b"", HEAD, b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"):
            reader, writer = await served.connect(said)
            async with asyncio.timeout(30):
                dripping = asyncio.ensure_future(_drip(writer))
                told = await reader.read()
                dripping.cancel()
            assert (b" 404 " in told) == said.startswith(b"POST")


@pytest.mark.parametrize("path", [b"/long", b"/whole"])
@pytest.mark.parametrize(("connection", "is_whole"), [(Connection, True), (Impatient, False)])
async def test_an_answer_ends_when_nothing_is_read_of_it_for_too_long(
    tmp_path: Path, connection: type[Connection], is_whole: bool, path: bytes
) -> None:
    async with serving(tmp_path, connection) as served:
        said = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        reader, _ = await served.connect(said)
        await asyncio.sleep(3 * Impatient.READING_PATIENCE_S)
        length = 0
        with suppress(ConnectionError):
            while read := await reader.read(2**20):
                length += len(read)
        assert (length > 2**26) == is_whole


async def test_who_reads_slowly_gets_a_whole_answer(tmp_path: Path) -> None:
    async with serving(tmp_path, Patient) as served:
        reader, _ = await served.connect(
            b"GET /whole HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        began = time.monotonic()
        for _ in range(8):
            await reader.readexactly(2**23)
            await asyncio.sleep(Patient.READING_PATIENCE_S / 4)
        assert time.monotonic() - began > 1.5 * Patient.READING_PATIENCE_S


async def _drip(writer: asyncio.StreamWriter) -> None:
    """Give signs of life without end."""
    with suppress(ConnectionError):
        while True:
            await asyncio.sleep(0.2)
            writer.write(b"X")
            await writer.drain()


async def test_more_requests_than_there_are_places_are_refused_and_later_ones_are_not() -> None:
    goes_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await goes_on.wait()
        await Response("done")(scope, receive, send)

    transport = httpx.ASGITransport(Places(app, with_key=lambda path: path == "/v1", most=3))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        first = [asyncio.ensure_future(client.get("/v1")) for _ in range(3)]
        await asyncio.sleep(0.1)
        refused = await client.get("/v1")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json()["error"].startswith("3 requests of everybody are under way")
        goes_on.set()
        assert {answer.text for answer in await asyncio.gather(*first)} == {"done"}
        assert (await client.get("/")).text == "done"


async def test_visitors_whose_requests_do_not_end_leave_places_to_others(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        said = b"POST /api/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        stalled = [await served.connect(said + b"Content-Length: 9\r\n\r\n") for _ in range(MOST_OF_VISITORS)]
        refused = await until(lambda: served.client.get("/"), 503)
        told: dict[str, Any] = refused.json()
        assert told["error"].startswith(f"{MOST_OF_VISITORS} requests without a key are under way")
        assert (sorted(told), refused.headers["Retry-After"]) == (["error", "mend"], "1")
        assert (await served.client.get("/healthz")).status_code == 200
        for _, writer in stalled:
            writer.close()
        await until(lambda: served.client.get("/"), 200)
