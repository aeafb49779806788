"""The pages and the guard in front of them, on a rehearsed studio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from quantumsketch.errors import RunFailed
from quantumsketch.storyboard import VideoRequest
from quantumsketch.video import Outcome
from tests.rehearsed_videos import STORYBOARD, RehearsedVideos
from web.app import create_app
from web.guard import HEADERS

BASE = "http://localhost:8000"
FORM = {"prompt": "Tea?", "quality": "draft", "aspect": "16:9"}


@pytest.fixture
async def web(videos: RehearsedVideos) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(videos, names=["studio.example"]))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def test_the_form_leads_to_the_page_of_the_new_video(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    sent = await web.post("/videos", data=FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/videos/tea-1")
    shown = await web.get("/videos/tea-1")
    assert '<noscript><meta http-equiv="refresh"' in shown.text
    assert 'data-events="/api/videos/tea-1/events"' in shown.text
    assert 'action="/videos/tea-1/cancel"' in shown.text
    assert 'href="/videos/tea-1"' in (await web.get("/")).text


async def test_the_page_of_a_finished_video_has_player_captions_downloads_and_maker(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.outcome = Outcome.REPAIRED
    videos.notes = ["no key is set", "b01 repaired: the <kettle> did not fit"]
    await web.post("/videos", data=FORM)
    for _ in range(videos.looks_needed + 1):
        await videos.progress("tea-1")
    shown = (await web.get("/videos/tea-1")).text
    for words in (
        'src="/videos/tea-1/file.mp4"',
        '<track kind="captions" srclang="en" label="Captions" src="/videos/tea-1/captions.vtt" default>',
        'download="tea-biscuits.mp4"',
        "Storyboard by offline: rehearsed",
        '<span class="chip repaired">repaired</span>',
        "no key is set",
        "$0.00",
    ):
        assert words in shown
    assert "<li>no key is set</li>" in shown
    assert "<li>b01" not in shown, "what a beat says of itself is no note"
    assert "refresh" not in shown


async def test_whatever_a_model_wrote_is_escaped(web: httpx.AsyncClient, videos: RehearsedVideos) -> None:
    attack = "<script>alert(1)</script>"
    videos.storyboard = STORYBOARD.model_copy(update={"title": attack})
    videos.outcome, videos.notes = Outcome.CARD, [attack]
    await web.post("/videos", data={**FORM, "prompt": attack})
    for _ in range(videos.looks_needed + 1):
        await videos.progress("tea-1")
    for path in ("/", "/videos/tea-1", "/videos/<script>alert(1)"):
        page = (await web.get(path)).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


async def test_a_refused_form_keeps_what_was_written(web: httpx.AsyncClient, videos: RehearsedVideos) -> None:
    refused = await web.post("/videos", data={**FORM, "prompt": "tea\x01", "aspect": "9:16"})
    assert refused.status_code == 400
    assert "control character" in refused.text
    assert "tea\x01</textarea>" in refused.text
    assert 'value="9:16" checked' in refused.text
    assert videos.runs == {}


async def test_a_run_without_a_video_says_how_to_go_on(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.fails_with = RunFailed("no tea")
    await web.post("/videos", data=FORM)
    for _ in range(videos.looks_needed + 1):
        await videos.progress("tea-1")
    shown = (await web.get("/videos/tea-1")).text
    assert "This video is failed" in shown
    assert "qs resume tea-1" in shown
    assert "refresh" not in shown


async def test_cancel_by_form_goes_back_to_the_page(web: httpx.AsyncClient, videos: RehearsedVideos) -> None:
    await web.post("/videos", data=FORM)
    sent = await web.post("/videos/tea-1/cancel")
    assert (sent.status_code, sent.headers["location"]) == (303, "/videos/tea-1")
    assert "This video is cancelled" in (await web.get("/videos/tea-1")).text


async def test_an_unknown_page_is_refused_on_a_page(web: httpx.AsyncClient) -> None:
    for path in ("/videos/coffee", "/nowhere"):
        refused = await web.get(path)
        assert refused.status_code == 404
        assert "That did not work" in refused.text


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/api/videos", "/nowhere", "/healthz"])
async def test_every_answer_carries_the_protecting_headers(web: httpx.AsyncClient, path: str) -> None:
    sent = await web.get(path)
    assert {name: sent.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "192.168.1.5", "studio.example:80"],
)
async def test_our_own_names_and_bare_addresses_may_be_asked_for(web: httpx.AsyncClient, host: str) -> None:
    assert (await web.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "a@localhost@b"]
)
async def test_a_foreign_name_is_refused_against_rebinding(web: httpx.AsyncClient, host: str) -> None:
    refused = await web.get("/", headers={"Host": host})
    assert refused.status_code == 403
    assert sorted(refused.json()) == ["error", "mend"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/videos", "/api/videos", "/videos/tea-1/cancel", "/api/videos/tea-1/cancel"]
)
async def test_another_site_may_change_nothing(
    web: httpx.AsyncClient, videos: RehearsedVideos, headers: dict[str, str], path: str
) -> None:
    await videos.start(VideoRequest(prompt="Tea?"))
    refused = await web.post(path, data=FORM, headers=headers)
    assert refused.status_code == 403
    assert [run.state for run in videos.runs.values()] == ["running"]


async def test_our_own_page_may_change_things(web: httpx.AsyncClient) -> None:
    own = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    assert (await web.post("/videos", data=FORM, headers=own)).status_code == 303


def test_no_page_loads_anything_from_elsewhere_or_holds_a_script() -> None:
    folder = Path(__file__).parents[2] / "web"
    files = [*folder.glob("templates/*.html"), *folder.glob("static/*.css"), *folder.glob("static/*.js")]
    assert len(files) > 5
    for file in files:
        text = file.read_text()
        assert "http://" not in text
        assert "https://" not in text
        assert "style=" not in text
        assert "onclick=" not in text
        assert "<script>" not in text
