"""Related videos, concepts and what a rebuild takes, at both doors of a rehearsed studio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from quantumsketch.connections import Appearance, Concept, Rebuild, RelatedVideo
from quantumsketch.errors import NotFound
from quantumsketch.intake import storyboard_of
from quantumsketch.video import AssetRef
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import STORYBOARD, WRITER, RehearsedStudio, RehearsedVideos
from web.app import create_app

RELATED = RelatedVideo(
    id="milk-1",
    title="Milk & <sugar>",
    why=["speaks of 'tea' too", "means something near (0.61)"],
    similarity=0.61,
)
TEA = Concept(
    name="Tea/time",
    recorded=True,
    appearances=[
        Appearance(
            video_id="tea-1", video_title="Tea", beat_id=None, beat_title=None, at_s=0.0, why="explains it"
        ),
        Appearance(
            video_id="milk-1",
            video_title="Milk",
            beat_id="b02",
            beat_title="Pouring",
            at_s=63.9,
            why="mentions it",
        ),
    ],
    truncated=False,
)


@pytest.fixture
def videos(tmp_path: Path) -> RehearsedVideos:
    return RehearsedVideos(tmp_path, related_to_it=[RELATED], concepts={TEA.name: TEA}, reused="milk-1")


@pytest.fixture
async def web(videos: RehearsedVideos) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(videos))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def _said(videos: RehearsedVideos, *arguments: str) -> Said:
    studio = RehearsedStudio(videos)
    said = qs(studio, arguments)
    assert studio.opened == studio.closed
    return said


async def test_the_page_of_a_finished_video_shows_related_ones_and_whose_scene_it_reuses(
    web: httpx.AsyncClient, videos: RehearsedVideos
) -> None:
    await videos.finished()
    shown = (await web.get("/videos/tea-1")).text
    assert '<h2 id="related">Related videos</h2>' in shown
    assert '<a href="/videos/milk-1"><span class="name">Milk &amp; &lt;sugar&gt;</span>' in shown
    assert "speaks of &#39;tea&#39; too; means something near (0.61)" in shown
    assert 'The scene of <a href="/videos/milk-1">milk-1</a> is reused' in shown
    videos.related_to_it, videos.reused = [], None
    shown = (await web.get("/videos/tea-1")).text
    assert "Related videos" not in shown
    assert "reused" not in shown


async def test_each_is_one_call_of_the_api(web: httpx.AsyncClient, videos: RehearsedVideos) -> None:
    video_id = await videos.finished()
    related = (await web.get(f"/api/videos/{video_id}/related")).json()
    assert related == {"id": video_id, "related": [RELATED.model_dump()]}
    rebuild = (await web.get(f"/api/videos/{video_id}/rebuild")).json()
    assert [beat["clip"] for beat in rebuild["beats"]] == ["there", "of other versions"]
    assert rebuild["storyboard"] == STORYBOARD.model_dump(mode="json")
    concept = await web.get("/api/concepts/Tea%2Ftime")
    assert concept.json() == TEA.model_dump(mode="json")
    assert (await web.get(f"/api/videos/{video_id}")).json()["beats"][0]["reused"] == "milk-1"


async def test_what_is_not_there_is_not_found_and_what_is_no_name_is_refused(web: httpx.AsyncClient) -> None:
    for path in ("videos/nothing/related", "videos/nothing/rebuild", "concepts/nothing"):
        answered = await web.get(f"/api/{path}")
        assert (answered.status_code, "nothing" in answered.text) == (404, True), path
    for name in ("%20", "a%00b", "x" * 201):
        assert (await web.get(f"/api/concepts/{name}")).status_code == 400, name


def test_related_videos_are_told_with_their_reasons(videos: RehearsedVideos) -> None:
    asyncio.run(videos.finished())
    said = _said(videos, "related", "tea-1")
    assert said.stdout == "milk-1  Milk & <sugar>\n    speaks of 'tea' too; means something near (0.61)\n"
    told = json.loads(_said(videos, "related", "tea-1", "--json").stdout)
    assert [each["id"] for each in told["related"]] == ["milk-1"]
    videos.related_to_it = []
    assert _said(videos, "related", "tea-1").stderr == "no other video has to do with tea-1\n"
    assert _said(videos, "related", "nothing").code == 2


def test_a_concept_is_told_with_the_minute_and_second(videos: RehearsedVideos) -> None:
    assert _said(videos, "concept", " Tea/time ").stdout.splitlines() == [
        "tea-1  Tea: explains it",
        "milk-1   1:03  b02 Pouring: mentions it",
    ]
    assert json.loads(_said(videos, "concept", "Tea/time", "--json").stdout)["recorded"] is True
    assert _said(videos, "concept", "nothing").code == 2
    studio = RehearsedStudio(videos)
    for name in ("", "  ", "x" * 201, "a\x01b"):
        assert qs(studio, ["concept", name]).code == 2
    assert studio.opened == 0, "bad input opened the studio"


class _FilmsElsewhere(RehearsedVideos):
    """Videos that were imported: their films lie on another machine."""

    def path(self, ref: AssetRef) -> Path:
        raise NotFound(f"asset {ref.sha256!r} is not in the store")


def test_what_is_advised_for_a_film_that_is_saved_nowhere_is_possible(tmp_path: Path) -> None:
    for videos, advice in (
        (RehearsedVideos(tmp_path), "saved nowhere: qs resume tea-1 -o FILE.mp4 saves it"),
        (_FilmsElsewhere(tmp_path), "its film is not here: qs show tea-1 --rebuild says what it takes"),
    ):
        asyncio.run(videos.finished())
        assert _said(videos, "show", "tea-1").stdout.splitlines()[-1].startswith(advice)


def test_a_film_that_is_elsewhere_is_not_saved_and_that_is_said(tmp_path: Path) -> None:
    videos, target = _FilmsElsewhere(tmp_path), tmp_path / "tea.mp4"
    asyncio.run(videos.finished())
    said = _said(videos, "resume", "tea-1", "-o", str(target))
    assert (said.code, said.stdout) == (2, "")
    assert "the film of tea-1 is not here" in said.stderr
    assert "qs show tea-1 --rebuild" in said.stderr
    assert not target.exists()


def test_what_a_rebuild_would_take_is_told_beat_by_beat(videos: RehearsedVideos) -> None:
    asyncio.run(videos.finished())
    assert _said(videos, "show", "tea-1", "--rebuild").stdout.splitlines() == [
        "Tea & <biscuits>: the film is there",
        "since it was made: Manim was 0.1 and is 0.2",
        "b01 Tea (title, planned): its clip is there",
        "b02 Biscuits (bullets, planned): to be drawn: its clip is of other versions",
        "1 of 2 beats would be drawn anew; about 1 s",
        "to have the film that there is: qs resume tea-1 -o FILE.mp4",
        "to make it again: qs show tea-1 --rebuild -o tea-1.json"
        " && qs render --storyboard tea-1.json --quality standard --aspect 16:9 --theme night",
        f"that would be told as yours; it was written by {WRITER}",
    ]
    told = json.loads(_said(videos, "show", "tea-1", "--rebuild", "--json").stdout)
    assert (told["storyboard_by"], told["look"]["aspect"]) == (WRITER, "16:9")
    assert told["storyboard"] == STORYBOARD.model_dump(mode="json")
    assert _said(videos, "show", "nothing", "--rebuild").code == 2
    assert "scene of milk-1 reused, no model was asked" in _said(videos, "show", "tea-1").stdout


def test_the_storyboard_of_a_rebuild_is_written_where_a_render_reads_it(
    videos: RehearsedVideos, tmp_path: Path
) -> None:
    asyncio.run(videos.finished())
    file = tmp_path / "its board.json"
    said = _said(videos, "show", "tea-1", "--rebuild", "-o", str(file))
    assert f"to make it again: qs render --storyboard '{file}' --quality" in said.stdout
    assert storyboard_of(file.read_text(), "the file") == STORYBOARD
    studio = RehearsedStudio(videos)
    for words in (
        ["--rebuild", "-o", "film.mp4"],
        ["--rebuild", "-o", f"{tmp_path}/no/x.json"],
        ["-o", "x.json"],
    ):
        assert qs(studio, ["show", "tea-1", *words]).code == 2, words
    assert studio.opened == 0, "bad input opened the studio"


@pytest.mark.parametrize(
    ("film_is_there", "estimated_s", "told"),
    [
        (True, 0.1, "nothing has to be made"),
        (False, 0.1, "less than a second"),
        (False, 2.6, "about 3 s"),
        (False, None, "how long that takes is not known"),
    ],
)
def test_what_takes_no_time_is_not_told_as_no_seconds(
    tmp_path: Path, film_is_there: bool, estimated_s: float | None, told: str
) -> None:
    class Cached(RehearsedVideos):
        async def rebuild(self, video_id: str) -> Rebuild:
            rebuild = await super().rebuild(video_id)
            there = [beat.model_copy(update={"clip": "there"}) for beat in rebuild.beats]
            update = {"beats": there, "film_is_there": film_is_there, "estimated_s": estimated_s}
            return rebuild.model_copy(update=update)

    videos = Cached(tmp_path)
    asyncio.run(videos.finished())
    said = _said(videos, "show", "tea-1", "--rebuild").stdout
    assert f"0 of 2 beats would be drawn anew; {told}\n" in said
    assert ("qs resume tea-1" in said) == film_is_there
