"""A model provider on the loopback: real HTTP, scripted answers in the shapes of the providers' own APIs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Scripted:
    """One answer of the provider. Without a status it never comes."""

    status: int | None
    body: Json | str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    body: Json


class ProviderEmulator:
    """Answers one request after the other from its script; keeps what it was asked."""

    def __init__(self, *script: Scripted) -> None:
        self.script = list(script)
        self.asked: list[Asked] = []

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
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            lengths = [line.partition(":")[2] for line in head if line.lower().startswith("content-length:")]
            body = json.loads(await reader.readexactly(int(lengths[0])))
            self.asked.append(Asked(head[0].split()[1], body))
            writer.write(_response(self.script.pop(0) if self.script else error(500, "the script is over")))
            await writer.drain()
        except _NeverError:
            await asyncio.Event().wait()
        finally:
            writer.close()


class _NeverError(Exception):
    pass


def _response(scripted: Scripted) -> bytes:
    if scripted.status is None:
        raise _NeverError
    body = (scripted.body if isinstance(scripted.body, str) else json.dumps(scripted.body)).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **scripted.headers,
    }
    lines = [f"HTTP/1.1 {scripted.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def silence() -> Scripted:
    """No answer, for as long as the client waits."""
    return Scripted(None, "")


def openai(text: str | None, finish: str = "stop", **usage: float) -> Scripted:
    """A chat completion, as OpenRouter and OpenAI-compatible servers give it."""
    message = {"role": "assistant", "content": text}
    counts = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, **usage}
    return Scripted(
        200,
        {
            "id": "gen-1", "object": "chat.completion", "created": 1, "model": "m", "usage": counts,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        },
    )  # fmt: skip


def anthropic(text: str | None, stop: str = "end_turn") -> Scripted:
    """A message, as Anthropic gives it."""
    return Scripted(
        200,
        {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6",
            "content": [{"type": "text", "text": text}] if text else [],
            "stop_reason": stop, "usage": {"input_tokens": 10, "output_tokens": 20},
        },
    )  # fmt: skip


def gemini(text: str, finish: str = "STOP") -> Scripted:
    """A generateContent response, as Google gives it."""
    content = {"parts": [{"text": text}], "role": "model"}
    usage = {"promptTokenCount": 4, "candidatesTokenCount": 6, "totalTokenCount": 10}
    return Scripted(
        200,
        {"candidates": [{"content": content, "finishReason": finish, "index": 0}], "usageMetadata": usage},
    )


def error(status: int, message: str, **headers: str) -> Scripted:
    """An error as OpenRouter words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(status, {"error": {"message": message, "code": status}}, named)


def anthropic_error(status: int, kind: str, message: str, **headers: str) -> Scripted:
    """An error as Anthropic words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(status, {"type": "error", "error": {"type": kind, "message": message}}, named)


def gemini_error(code: int, status: str, message: str) -> Scripted:
    """An error as Google words it."""
    return Scripted(code, {"error": {"code": code, "message": message, "status": status}})
