"""The JSON API, the files and the events, on a rehearsed studio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from quantumsketch import errors
from quantumsketch.errors import QuantumSketchError, RunFailed
from quantumsketch.report import VideoReport
from quantumsketch.storyboard import PROMPT_LIMIT, Aspect, Quality, VideoRequest
from quantumsketch.video import Outcome
from tests.rehearsed_videos import RehearsedVideos
from web.events import progress_events
from web.guard import BODY_LIMIT
from web.refusals import refusal_of, status_of

BASE = "http://localhost:8000"


async def test_a_video_is_accepted_listed_shown_and_cancelled(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    asked = {
        "prompt": " Tea?\r\nWhy? ",
        "quality": "draft",
        "aspect": "1:1",
        "max_beats": 2,
        "max_cost_usd": 0.5,
    }
    accepted = await web.post("/api/videos", json=asked)
    assert (accepted.status_code, accepted.json()) == (202, {"id": "tea-1"})
    request = videos.runs["tea-1"].request
    assert request.prompt == "Tea?\nWhy?"
    assert (request.look.quality, request.look.aspect, request.max_beats) == (Quality.DRAFT, Aspect.SQUARE, 2)
    assert request.max_cost_usd == 0.5
    [summary] = (await web.get("/api/videos")).json()
    assert (summary["id"], summary["state"]) == ("tea-1", "running")
    assert (await web.post("/api/videos/tea-1/cancel")).status_code == 202
    assert (await web.get("/api/videos/tea-1")).json()["state"] == "cancelled"


async def test_an_answer_has_the_fields_of_the_command_line_and_the_progress(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.outcome = Outcome.CARD
    video_id = await videos.finished()
    running_id = await videos.start(VideoRequest(prompt="Tea?"))
    for each in (video_id, running_id):
        told = (await web.get(f"/api/videos/{each}")).json()
        assert list(told) == [*VideoReport.model_fields, "state", "progress"]
    done = (await web.get(f"/api/videos/{video_id}")).json()
    assert (done["state"], done["storyboard_by"], done["duration_s"]) == ("done", "offline: rehearsed", 6.5)
    assert [beat["outcome"] for beat in done["beats"]] == ["card", "card"]
    assert (await web.get(done["path"])).content == videos.film


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "prompt: Field required"),
        ({"prompt": "  "}, "the prompt is empty"),
        ({"prompt": "a" * (PROMPT_LIMIT + 1)}, "20,001 characters"),
        ({"prompt": "tea\x00"}, "control character"),
        ({"prompt": "tea", "quality": "best"}, "quality: "),
        ({"prompt": "tea", "aspect": "4:3"}, "aspect: "),
        ({"prompt": "tea", "max_beats": 0}, "max_beats: "),
        ({"prompt": "tea", "max_cost_usd": -1}, "max_cost_usd: "),
        ({"prompt": "tea", "tenant": "another"}, "tenant: "),
        ({"prompt": 5}, "prompt: "),
        (["tea"], "the request: "),
    ],
)
async def test_what_cannot_be_used_is_refused_with_what_and_how_to_mend_it(
    web: httpx.AsyncClient, videos: RehearsedVideos, body: object, words: str
) -> None:
    refused = await web.post("/api/videos", json=body)
    assert refused.status_code == 400
    assert sorted(refused.json()) == ["error", "mend"]
    assert words in refused.json()["error"]
    assert refused.json()["mend"]
    assert videos.runs == {}


async def test_half_a_character_and_broken_json_are_refused(web: httpx.AsyncClient) -> None:
    for body in (b'{"prompt": "\\ud800"}', b'{"prompt": "tea"'):
        refused = await web.post("/api/videos", content=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, sorted(refused.json())) == (400, ["error", "mend"])


async def test_the_longest_prompt_fits_in_its_longest_spelling_and_more_is_too_large(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    longest = json.dumps({"prompt": "𝄞" * PROMPT_LIMIT}).encode()
    headers = {"Content-Type": "application/json"}
    assert (await web.post("/api/videos", content=longest, headers=headers)).status_code == 202
    refused = await web.post("/api/videos", content=b" " * (BODY_LIMIT + 1), headers=headers)
    assert (refused.status_code, sorted(refused.json())) == (413, ["error", "mend"])
    chunked = await web.post("/api/videos", content=_pieces(), headers=headers)
    assert (chunked.status_code, sorted(chunked.json())) == (411, ["error", "mend"])
    assert len(videos.runs) == 1


async def _pieces() -> AsyncIterator[bytes]:
    yield b'{"prompt": "tea"}'


@pytest.mark.parametrize("path", ["", "/events"])
async def test_an_unknown_video_is_a_404(web: httpx.AsyncClient, path: str) -> None:
    refused = await web.get(f"/api/videos/coffee{path}")
    assert refused.status_code == 404
    assert refused.json()["error"] == "no video has the id 'coffee'"


async def test_a_range_of_the_film_is_answered_so_that_players_can_seek(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    video_id = await videos.finished()
    part = await web.get(f"/videos/{video_id}/file.mp4", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(videos.film)}"
    assert part.content == videos.film[100:200]


@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("file.mp4", "video/mp4", b"\x00\x01"),
        ("captions.vtt", "text/vtt; charset=utf-8", b"WEBVTT"),
        ("captions.srt", "application/x-subrip; charset=utf-8", b"1\n"),
        ("poster.jpg", "image/jpeg", b"not really"),
    ],
)
async def test_each_file_has_its_type_and_none_before_the_video_is_done(
    web: httpx.AsyncClient, videos: RehearsedVideos, name: str, media_type: str, begins: bytes
) -> None:
    video_id = await videos.finished()
    sent = await web.get(f"/videos/{video_id}/{name}")
    assert (sent.status_code, sent.headers["content-type"]) == (200, media_type)
    assert sent.content.startswith(begins)
    running = await videos.start(VideoRequest(prompt="Tea?"))
    assert (await web.get(f"/videos/{running}/{name}")).status_code == 404


async def _events(videos: RehearsedVideos, video_id: str, closing: asyncio.Event) -> list[str]:
    first = await videos.progress(video_id)

    async def gone() -> bool:
        return False

    return [each async for each in progress_events(videos, video_id, first, closing=closing, gone=gone)]


async def test_the_events_tell_each_change_once_and_then_the_end(videos: RehearsedVideos) -> None:
    video_id = await videos.start(VideoRequest(prompt="Tea?"))
    told = await _events(videos, video_id, asyncio.Event())
    assert told[-1] == "event: end\ndata: done\n\n"
    stages = [json.loads(each.split("data: ")[1])["stage"] for each in told if "event: progress" in each]
    assert stages == ["storyboard", "beats", "done"]


async def test_the_events_of_a_failed_run_end_with_its_state(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.fails_with = RunFailed("no tea")
    video_id = await videos.finished()
    stream = await web.get(f"/api/videos/{video_id}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.text.endswith("event: end\ndata: failed\n\n")


async def test_the_events_stop_when_the_server_closes_or_the_browser_leaves(videos: RehearsedVideos) -> None:
    videos.waits_for_ever = True
    video_id = await videos.start(VideoRequest(prompt="Tea?"))
    closing = asyncio.Event()
    closing.set()
    assert "event: end" not in "".join(await _events(videos, video_id, closing))

    async def gone() -> bool:
        return True

    first = await videos.progress(video_id)
    stream = progress_events(videos, video_id, first, closing=asyncio.Event(), gone=gone)
    assert "event: end" not in "".join([each async for each in stream])


async def test_healthz_answers(web: httpx.AsyncClient) -> None:
    assert (await web.get("/healthz")).json() == {"ok": True}


def test_every_error_has_a_status_and_bad_input_is_never_a_servers_fault() -> None:
    every = [each for each in vars(errors).values() if isinstance(each, type)]
    kinds = [each for each in every if issubclass(each, QuantumSketchError)]
    assert len(kinds) > 5
    for kind in kinds:
        assert (status_of(kind("it")) < 500) == (kind.exit_code == 2), kind


def test_every_error_class_below_another_keeps_its_status() -> None:
    class Stranger(errors.ServiceUnavailable):
        """Nobody knows this one."""

    assert status_of(Stranger("it")) == 503


def test_what_is_wrong_with_our_servers_is_logged_and_told_to_no_program_of_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = refusal_of(errors.ServiceUnavailable("no answer at db.internal", mend="Check QS_DATABASE_URL"))
    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    assert (sorted(json.loads(bytes(told.body))), b"internal" in bytes(told.body)) == (
        ["error", "mend"],
        False,
    )
    assert "db.internal" in caplog.text
    told = refusal_of(errors.AlreadyThere("there is a note", mend="Delete it"))
    assert (told.status_code, json.loads(bytes(told.body))["error"]) == (409, "there is a note")
