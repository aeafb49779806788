"""What nobody foresaw, bodies that do not come, and bodies that are wrong a million times."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from tests.rehearsed_videos import RehearsedVideos
from web.app import create_app
from web.guard import Guard
from web.memory.bulk import Said
from web.memory.graph import Part
from web.refusals import Unexpected

BASE = "http://localhost:8000"
SECRET = "somebody's data"


@pytest.mark.parametrize("path", ["/api/broken", "/v1/broken", "/broken"])
async def test_what_nobody_foresaw_is_answered_in_the_one_form_and_the_log_has_no_data(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    app = create_app(RehearsedVideos(tmp_path))

    async def broken() -> None:
        raise ZeroDivisionError(SECRET)

    app.add_api_route(path, broken)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        answer = await client.get(path)
    assert answer.status_code == 500
    assert "nobody foresaw" in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"
    if path != "/broken":
        assert sorted(answer.json()) == ["error", "mend"]
    assert SECRET not in answer.text + caplog.text
    assert f"ZeroDivisionError at {Path(__file__).name}:" in caplog.text


async def test_what_fails_in_the_middle_of_an_answer_ends_it_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError(SECRET)

    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await Unexpected(half)({"type": "http"}, _never, keep)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert "ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("pieces", [[], [b"{", b'"prompt":']])
async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path, pieces: list[bytes]) -> None:
    left = list(pieces)

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        return await _never()

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"host": "localhost", "content-type": "application/json", "content-length": "100"}
    scope: Scope = {
        "type": "http", "method": "POST", "path": "/api/videos", "query_string": b"", "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    guard = Guard(create_app(RehearsedVideos(tmp_path)), body_patience_s=0.1)
    await asyncio.wait_for(guard(scope, receive, send), timeout=30)
    assert sent[0]["status"] == 408
    assert b"did not come within 0.1 s" in sent[1]["body"]


async def test_what_comes_after_a_body_is_waited_for_as_long_as_it_takes() -> None:
    heard: list[str] = []
    told: list[Message] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        await asyncio.sleep(0 if len(told) == 2 else 0.3)
        return told.pop(0)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")]}
    await Guard(app, body_patience_s=0.1)(scope, receive, _ignored)
    assert heard == ["http.request", "http.disconnect"]


async def _ignored(message: Message) -> None: ...


@pytest.mark.parametrize(
    ("shape", "sent"),
    [
        (Said, {"entities": [{"type": 1, **{f"x{n}": 1 for n in range(2_000)}}] * 900}),
        (Said, {"facts": [{"source": {"a": 1, "b": 2}, "relation": 1, "target": [], "c": 1}] * 9_999}),
        (Said, {f"x{n}": 1 for n in range(1_000_000)}),
        (Said, {"entities": [{"type": "note", "name": "n"}, {"a": 1, "b": 2}] * 400}),
        (Part, {"ids": ["x"] * 100_000}),
    ],
    ids=["fields", "facts", "stray", "second", "ids"],
)
def test_a_body_that_is_wrong_everywhere_is_refused_at_its_first_faults(
    shape: type[Said | Part], sent: object
) -> None:
    began = time.process_time()
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(sent)
    assert 1 <= refused.value.error_count() < 50
    assert time.process_time() - began < 3
