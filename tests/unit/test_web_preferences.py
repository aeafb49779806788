"""The page for preferences, its JSON, and the form for a video that begins with what is preferred."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.preferences import Preference, Preferring
from quantumsketch.storyboard import Aspect, Quality
from tests.rehearsed_preferences import RehearsedPreferences
from tests.rehearsed_videos import RehearsedVideos
from web.app import create_app

BASE = "http://localhost:8000"
EMPTY = {"quality": "", "aspect": "", "theme": "", "audience": "", "avoid": "", "voice": ""}


@pytest.fixture
def preferences() -> RehearsedPreferences:
    return RehearsedPreferences()


@pytest.fixture
async def web(videos: RehearsedVideos, preferences: RehearsedPreferences) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(videos, preferences=preferences))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def shown(web: httpx.AsyncClient) -> dict[str, str]:
    """The form as a browser sends it back if nothing is changed."""
    text = (await web.get("/preferences")).text
    [hidden] = re.findall(r'<input type="hidden" name="shown" value="([^"]*)">', text)
    before = html.unescape(hidden)
    return {**json.loads(before), "shown": before}


async def test_what_the_form_says_is_kept_and_shown_with_its_reason(web: httpx.AsyncClient) -> None:
    filled = {"aspect": "9:16", "audience": "children", "avoid": "utilize\r\n\r\nin order to\r\n"}
    sent = await web.post("/preferences", data={**await shown(web), **filled})
    assert (sent.status_code, sent.headers["location"]) == (303, "/preferences?kept=true")
    told = (await web.get(sent.headers["location"])).text
    for words in (
        '<p class="quiet" role="status">Kept.</p>',
        'name="aspect" value="9:16" checked',
        'value="children"',
        ">in order to\nutilize</textarea>",
        "9:16 because you set that on 2026-11-22",
        "Without 'utilize' because you set that on 2026-11-22",
    ):
        assert words in told
    await web.post("/preferences", data={**await shown(web), **EMPTY})
    told = (await web.get("/preferences")).text
    assert "because you set" not in told
    assert 'role="status"' not in told


async def test_the_form_as_it_is_shown_changes_nothing_when_it_is_sent(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    await preferences.change(Preferring(quality=Quality.HIGH, avoid=("utilize",)))
    before = dict(preferences.kept)
    await web.post("/preferences", data=await shown(web))
    assert preferences.kept == before


async def test_what_was_changed_elsewhere_while_the_form_was_open_stays(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    await preferences.change(Preferring(aspect=Aspect.TALL, avoid=("utilize", "leverage")))
    form = await shown(web)
    await preferences.change(
        Preferring(aspect=Aspect.SQUARE, avoid_also=("in order to",), avoid_no_more=("leverage",))
    )
    await web.post("/preferences", data={**form, "audience": "children", "avoid": "leverage\r\nMoreover"})
    known = [one.key for one in await preferences.known()]
    assert known == ["aspect", "audience", "avoid/in order to", "avoid/moreover"]
    assert not preferences.kept["avoid/utilize"].holds, "that one was taken away in the form"
    assert preferences.kept["aspect"].value == "1:1"


async def test_a_form_whose_beginning_cannot_be_read_changes_nothing(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    refused = await web.post("/preferences", data={**EMPTY, "aspect": "1:1", "shown": "x"})
    assert (refused.status_code, preferences.kept) == (400, {})
    assert "the form cannot be read. Load the page again." in refused.text


async def test_a_value_that_is_refused_is_not_shown_with_the_reason_of_the_one_that_is_kept(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    await preferences.change(Preferring(aspect=Aspect.TALL, audience="children"))
    form = await shown(web)
    refused = await web.post("/preferences", data={**form, "aspect": "1:1", "audience": "x" * 201})
    assert refused.status_code == 400
    assert "because you set" not in refused.text
    assert "Because you set" not in refused.text
    again = await web.post("/preferences", data={**form, "audience": "x" * 201})
    assert "9:16 because you set" in again.text


@pytest.mark.parametrize("words", ["ß" * 60, "ŉ" * 31])
async def test_a_word_that_is_too_long_in_small_letters_is_refused(
    web: httpx.AsyncClient, words: str
) -> None:
    for sent in (
        await web.post("/preferences", data={**EMPTY, "avoid": words}),
        await web.put("/api/preferences", json={"avoid": [words]}),
        await web.put("/api/preferences", json={"avoid_also": [words]}),
    ):
        assert sent.status_code == 400
        assert "at most 60 characters" in sent.text


async def test_a_form_that_cannot_be_used_stays_filled_and_changes_nothing(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    filled = {**await shown(web), "aspect": "4:3", "audience": "<b>all</b>"}
    refused = await web.post("/preferences", data=filled)
    assert refused.status_code == 400
    assert "that cannot be preferred: aspect" in refused.text
    assert 'value="&lt;b&gt;all&lt;/b&gt;"' in refused.text
    assert preferences.kept == {}


async def test_programs_read_and_change_preferences_field_by_field(web: httpx.AsyncClient) -> None:
    assert (await web.get("/api/preferences")).json() == {"preferences": []}
    await web.put("/api/preferences", json={"audience": "children", "avoid": ["utilize"]})
    await web.put("/api/preferences", json={"avoid_also": ["LEVERAGE"], "avoid_no_more": ["Leverage"]})
    changed = await web.put("/api/preferences", json={"quality": "draft", "audience": None})
    assert changed.status_code == 200
    told = changed.json()["preferences"]
    assert [(one["about"], one["value"], one["known_by"]) for one in told] == [
        ("quality", "draft", "said"),
        ("avoid", "utilize", "said"),
    ]
    assert told == (await web.get("/api/preferences")).json()["preferences"]
    assert told[0]["why"] == "you set that on 2026-11-22"


@pytest.mark.parametrize(
    "body",
    [
        {"aspect": "4:3"},
        {"colour": "red"},
        {"avoid": "utilize"},
        {"avoid": [""]},
        {"audience": "a\u0000b"},
        [],
        "x",
    ],
)
async def test_bad_json_is_refused_and_changes_nothing(
    web: httpx.AsyncClient, preferences: RehearsedPreferences, body: Any
) -> None:
    refused = await web.put("/api/preferences", json=body)
    assert refused.status_code == 400
    assert sorted(refused.json()) == ["error", "mend"]
    assert preferences.kept == {}


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_site_may_change_no_preference(
    web: httpx.AsyncClient, preferences: RehearsedPreferences, headers: dict[str, str]
) -> None:
    put = await web.put("/api/preferences", json={"aspect": "1:1"}, headers=headers)
    posted = await web.post("/preferences", data={**EMPTY, "aspect": "1:1"}, headers=headers)
    assert (put.status_code, posted.status_code) == (403, 403)
    assert preferences.kept == {}


async def test_the_form_for_a_video_begins_with_what_is_preferred_and_says_why(
    web: httpx.AsyncClient, preferences: RehearsedPreferences
) -> None:
    await preferences.change(Preferring(aspect=Aspect.SQUARE, audience="children"))
    home = (await web.get("/")).text
    assert 'name="aspect" value="1:1" checked' in home
    assert 'name="quality" value="standard" checked' in home
    assert "<li>1:1 because you set that on 2026-11-22</li>" in home
    assert "with a model: said for &#39;children&#39; because you set that" in home
    assert 'href="/preferences"' in home


async def test_what_was_preselected_is_not_asked_for_and_what_was_changed_is(
    web: httpx.AsyncClient, videos: RehearsedVideos, preferences: RehearsedPreferences
) -> None:
    await preferences.change(Preferring(aspect=Aspect.SQUARE))
    for aspect in ("1:1", "16:9"):
        await web.post("/videos", data={"prompt": "Tea?", "quality": "standard", "aspect": aspect})
    looks = [run.request.look for run in videos.runs.values()]
    assert [look.model_fields_set for look in looks] == [set(), {"aspect"}]
    assert looks[1].aspect is Aspect.WIDE


async def test_a_program_that_names_no_look_leaves_it_open(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    await web.post("/api/videos", json={"prompt": "Tea?", "quality": "standard", "audience": "children"})
    [run] = videos.runs.values()
    assert run.request.look.model_fields_set == {"quality"}
    assert run.request.wording.audience == "children"


async def test_the_page_of_a_video_tells_what_was_as_preferred(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    videos.because = ["1:1 because you <set> that"]
    await web.post("/videos", data={"prompt": "Tea?"})
    await videos.progress("tea-1")  # until then there is no storyboard
    assert "<li>1:1 because you &lt;set&gt; that</li>" in (await web.get("/videos/tea-1")).text
    for _ in range(videos.looks_needed + 1):
        await videos.progress("tea-1")
    assert "<li>1:1 because you &lt;set&gt; that</li>" in (await web.get("/videos/tea-1")).text
    assert (await web.get("/api/videos/tea-1")).json()["because"] == videos.because


class Away(RehearsedPreferences):
    async def known(self) -> list[Preference]:
        raise ServiceUnavailable("the database does not answer")


async def test_without_a_database_there_is_a_form_for_videos_nevertheless(videos: RehearsedVideos) -> None:
    transport = httpx.ASGITransport(app=create_app(videos, preferences=Away()))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as web:
        assert 'name="aspect" value="16:9" checked' in (await web.get("/")).text
        assert (await web.post("/videos", data={"prompt": "Tea?"})).status_code == 303
        assert (await web.get("/api/preferences")).status_code == 503


async def test_where_no_preferences_are_kept_there_is_no_page_for_them(videos: RehearsedVideos) -> None:
    transport = httpx.ASGITransport(app=create_app(videos))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as web:
        assert "/preferences" not in (await web.get("/")).text
        assert (await web.get("/preferences")).status_code == 404
