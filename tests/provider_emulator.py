"""A model provider on the loopback: real HTTP, answers from a script or from a function of the request."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Mapping

from tests.provider_shapes import (
    Asked,
    Call,
    Json,
    Scripted,
    anthropic,
    anthropic_error,
    embedded,
    error,
    gemini,
    gemini_body,
    gemini_error,
    gemini_quota,
    hang_up,
    openai,
    openai_error,
    openrouter_key,
    openrouter_model,
    openrouter_models,
    said,
    silence,
    texts_of,
)

__all__ = [
    "Asked",
    "Call",
    "Json",
    "ProviderEmulator",
    "Scripted",
    "anthropic",
    "anthropic_error",
    "embedded",
    "error",
    "gemini",
    "gemini_body",
    "gemini_error",
    "gemini_quota",
    "hang_up",
    "openai",
    "openai_error",
    "openrouter_key",
    "openrouter_model",
    "openrouter_models",
    "said",
    "silence",
    "texts_of",
]

PAGES = {"/api/v1/models": openrouter_models(), "/api/v1/key": openrouter_key()}
"""What OpenRouter's lists say unless a test has its own: no models, a key of the free tier."""


class ProviderEmulator:
    """Answers questions from its script, then by `respond`; keeps what it was asked.

    Pages are what a GET of their path shows, each time; they use up no script.
    """

    def __init__(
        self,
        *script: Scripted,
        respond: Callable[[Asked], Scripted] | None = None,
        pages: Mapping[str, Scripted] = PAGES,
    ) -> None:
        self.script = list(script)
        self.pages = {**PAGES, **pages}
        self.asked: list[Asked] = []
        """The questions to models, in the order of their coming."""
        self.fetched: list[Asked] = []
        """The requests for pages."""
        self._respond = respond

    async def __aenter__(self) -> ProviderEmulator:
        self._conversations: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._conversations:
            task.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        await self._server.wait_closed()

    def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = self._next(*await _request(reader))
            await asyncio.sleep(answer.delay_s)
            if answer.status is None:
                await asyncio.Event().wait()
            writer.write(_response(answer)[: answer.cut_after])
            await writer.drain()
            if answer.cut_after is not None:
                _reset(writer)
        finally:
            writer.close()

    def _next(self, method: str, asked: Asked) -> Scripted:
        if method == "GET":
            self.fetched.append(asked)
            return self.pages.get(asked.path.partition("?")[0], error(404, "no such page"))
        self.asked.append(asked)
        if self.script:
            return self.script.pop(0)
        return self._respond(asked) if self._respond else error(500, "the script is over")


async def _request(reader: asyncio.StreamReader) -> tuple[str, Asked]:
    """The method, and the rest of a request."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split()
    return method, Asked(path, json.loads(body or b"{}"), headers)


def _response(answer: Scripted) -> bytes:
    body = (answer.body if isinstance(answer.body, str) else json.dumps(answer.body)).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection as a crash does, not with a farewell."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
