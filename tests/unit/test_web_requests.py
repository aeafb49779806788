"""Requests by the book: HEAD, methods that an address does not know, bodies that cannot be read."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from quantumsketch.storyboard import VideoRequest
from tests.rehearsed_videos import RehearsedVideos

BASE = "http://localhost:8000"
JSON = {"Content-Type": "application/json"}


async def test_a_head_is_that_of_the_answer_to_get_and_nothing_follows_it(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    video = f"/videos/{await videos.finished()}"
    for path in ("/", "/api/videos", f"/api{video}", f"{video}/file.mp4", "/static/style.css", "/nowhere"):
        head, whole = await web.head(path), await web.get(path)
        assert (head.status_code, head.headers, head.content) == (whole.status_code, whole.headers, b"")
        assert whole.content


async def test_the_head_of_a_stream_does_not_wait_for_its_end(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.looks_needed = 10**9
    running = await videos.start(VideoRequest(prompt="Tea?"))
    async with asyncio.timeout(30):
        head = await web.head(f"/api/videos/{running}/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/videos", {"GET", "HEAD", "POST"}),
        ("DELETE", "/api/videos/x", {"GET", "HEAD"}),
        ("OPTIONS", "/api/videos/x/cancel", {"POST"}),
        ("HEAD", "/api/videos/x/cancel", {"POST"}),
        ("GET", "/api/videos/x/cancel", {"POST"}),
        ("POST", "/static/style.css", {"GET", "HEAD"}),
        ("DELETE", "/static/videos", {"GET", "HEAD"}),
    ],
)
async def test_whoever_uses_a_wrong_method_is_told_the_right_ones(
    web: httpx.AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    refused = await web.request(method, path)
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("sent", ["application/x-www-form-urlencoded", "text/plain", None])
async def test_a_body_that_does_not_say_that_it_is_json_is_told_so(
    web: httpx.AsyncClient, sent: str | None
) -> None:
    headers = {"Content-Type": sent} if sent else {}
    refused = await web.post("/api/videos", content=b'{"prompt": "Tea?"}', headers=headers)
    assert refused.status_code == 400
    assert f"Content-Type is {sent or 'missing'}, not application/json" in refused.json()["error"]
    assert "'Content-Type: application/json'" in refused.json()["mend"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        ('{"prompt": "Café"}'.encode("latin-1"), "not UTF-8: its byte 15"),
        (b'{"prompt": ' + b"9" * 5_000 + b"}", "a number that is too long"),
        (b'{"prompt": "tea"', "not JSON: Expecting ',' delimiter, at its character 16"),
    ],
    ids=["deep", "latin-1", "long number", "no JSON"],
)
async def test_a_body_that_cannot_be_read_says_why_and_what_to_do(
    web: httpx.AsyncClient, body: bytes, words: str
) -> None:
    refused = await web.post("/api/videos", content=body, headers=JSON)
    assert refused.status_code == 400
    assert words in refused.json()["error"]
    assert refused.json()["mend"]
