"""Serves the application on a socket, in this process, until the awaiting task is cancelled.

Signals are the caller's: uvicorn's own handlers would end the process before the studio is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from quantumsketch.errors import BadInput
from web.connection import Connection

LAST_ANSWERS_S = 3
"""How long answers under way may take to end when the server stops."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port; raise BadInput if that is not possible."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(
            f"cannot listen on {host!r}, port {port}: {reason}", mend="Choose another with --host and --port"
        ) from None
    # Its connections have it too: a body that waits for the head's receipt costs each answer 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address(listening: socket.socket) -> str:
    """Where a browser finds the page."""
    host, port = listening.getsockname()[:2]
    named = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104  (compared, not bound)
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


async def serve(
    app: FastAPI,
    listening: socket.socket,
    *,
    ready: Callable[[], None],
    connection: type[Connection] = Connection,
) -> None:
    """Serve `app` until cancelled; `ready` is called once it answers."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        http=connection,
        timeout_graceful_shutdown=LAST_ANSWERS_S,
        lifespan="off",
    )
    server = _Server(config, ready)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        app.state.closing.set()
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()
