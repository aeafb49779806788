"""Videos that are recorded again, anew, late, or erased; on the real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest

from quantumsketch.errors import NotFound
from quantumsketch.memory.embedding import Embedder, EmbedderFailed
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.storyboard import Look
from tests.animated_videos import NOW, animated, to_animate
from tests.integration.memory.libraries import about, record, rows_of

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "user:tester")
LOOK = Look()


class Mute:
    """An embedder that does not answer."""

    model = "mute"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise EmbedderFailed("nobody answers")


async def test_recording_again_changes_nothing(
    graph: Graph, library: Library, tenant: str, administrator: Administrator
) -> None:
    made = animated("v1", tenant, to_animate("Squares"), to_animate("Circles"))
    await record(graph, library, made)
    before = rows_of(administrator, tenant)
    await record(graph, library, made)
    assert len(before) > 20
    assert rows_of(administrator, tenant) == before


async def test_videos_recorded_at_once_are_all_there_once(
    graph: Graph, library: Library, tenant: str, administrator: Administrator
) -> None:
    videos = [
        animated(f"v{n % 4}", tenant, to_animate("Squares"), to_animate(f"Own {n % 4}")) for n in range(8)
    ]
    await asyncio.gather(*(record(graph, library, made) for made in videos))
    before = rows_of(administrator, tenant)
    for number in range(4):
        found = await library.appearances(tenant, f"About v{number}")
        assert [each.video_id for each in found.appearances] == [f"v{number}"]
        assert len(await library.related(tenant, f"v{number}")) == 3
    await record(graph, library, *videos[:4])
    assert rows_of(administrator, tenant) == before


async def test_a_video_recorded_anew_is_no_longer_about_what_it_was(
    graph: Graph, library: Library, search: Search, tenant: str, administrator: Administrator
) -> None:
    await record(graph, library, about("v1", tenant, "Entropy", "disorder", "a broken teacup"))
    before = rows_of(administrator, tenant)
    await record(graph, library, about("v1", tenant, "Enthalpy", "heat"))
    assert (await library.appearances(tenant, "Entropy")).appearances == []
    assert (await library.appearances(tenant, "Enthalpy")).appearances
    hits = await search.by_words(tenant, "teacup")
    assert [hit.superseded for hit in hits] == [True]
    with pytest.raises(NotFound):
        await library.appearances(tenant, "teacup")
    await record(graph, library, about("v1", tenant, "Entropy", "disorder", "a broken teacup"))
    assert [each.beat_id for each in (await library.appearances(tenant, "teacup")).appearances] == ["b02"]
    assert len(rows_of(administrator, tenant)) > len(before), "what was is kept"


async def test_an_erased_video_takes_along_its_texts_its_ideas_and_concepts_that_nobody_else_has(
    graph: Graph, library: Library, store: Store, tenant: str, administrator: Administrator
) -> None:
    await store.upsert(tenant, [Entity("concept", "Squares")], [], BY_TEST)
    beat = to_animate("Squares", "A secret-teacup turns.", "A secret-teacup turns")
    await record(graph, library, animated("v1", tenant, beat), animated("v2", tenant, to_animate("Waves")))
    kept = await library.appearances(tenant, "About v2")
    assert (await library.appearances(tenant, "Squares")).appearances
    await store.erase(tenant, ("video", "v1"))
    for table in ("nodes", "chunks", "node_versions", "edges"):
        text = f"SELECT count(*) FROM {table} AS t WHERE t.tenant = %s AND strpos(t::text, %s) > 0"
        assert administrator.execute(text.encode(), [tenant, "teacup"]).fetchone() == (0,), table
    names = administrator.execute(
        "SELECT name FROM nodes WHERE tenant = %s AND kind IN ('concept', 'idea') ORDER BY kind, name",
        [tenant],
    ).fetchall()
    assert [name for (name,) in names][:2] == ["About v2", "Squares"]
    assert len(names) == 3, "the idea of the other video's beat stays, and no other"
    assert await library.appearances(tenant, "About v2") == kept


async def test_without_an_embedder_videos_are_related_by_what_they_share(
    graph: Graph, library: Library, store: Store, tenant: str
) -> None:
    beat = to_animate()
    await record(graph, library, animated("v1", tenant, beat), animated("v2", tenant, beat))
    search = Search(graph.database, Mute())
    mute = Library(graph, store, search, Upkeep(graph.database, Mute()))
    (found,) = await mute.related(tenant, "v1")
    assert (found.id, found.similarity) == ("v2", None)
    assert "animates one of the same ideas" in found.why
    assert await mute.examples(tenant, beat) == []
    assert await mute.scene_for(tenant, beat, LOOK, NOW)


async def test_a_video_recorded_while_the_embedder_is_away_is_found_by_words_and_later_by_meaning(
    graph: Graph, library: Library, search: Search, embedder: Embedder, tenant: str, database_url: str
) -> None:
    upkeep = Upkeep(graph.database, embedder)
    away = Library(graph, Store(graph.database, Mute()), search, upkeep)
    await record(graph, away, about("v1", tenant, "Pythagoras", "the hypotenuse"))
    assert (await search.by_words(tenant, "hypotenuse"))[0].name == "v1/b01"
    assert await search.by_meaning(tenant, "right triangles") == []
    async with upkeep.running(database_url):
        for _ in range(600):
            if await search.by_meaning(tenant, "right triangles"):
                break
            await asyncio.sleep(0.05)
    assert {hit.name for hit in await search.by_meaning(tenant, "right triangles")} >= {"v1", "v1/b01"}


async def test_videos_of_an_older_version_are_caught_up_with_and_one_that_is_not_read_stays(
    graph: Graph, library: Library, search: Search, tenant: str, administrator: Administrator
) -> None:
    for number in range(3):
        await graph.record_video(animated(f"v{number}", tenant, to_animate()))
    strange = "UPDATE nodes SET document = '{}' WHERE tenant = %s AND kind = 'video' AND name = 'v1'"
    assert administrator.execute(strange, [tenant]).rowcount == 1
    assert await search.by_meaning(tenant, "squares", kinds=["video"]) == []
    assert await library.catch_up(tenant, most=2) == 1
    assert await library.catch_up(tenant) == 1
    assert await library.catch_up(tenant) == 0
    assert {hit.name for hit in await search.by_meaning(tenant, "squares", kinds=["video"])} == {"v0", "v2"}
    (beats,) = [await library.appearances(tenant, "corner")]
    assert {each.video_id for each in beats.appearances} == {"v0", "v2"}


async def test_videos_that_are_not_read_any_more_keep_no_older_one_from_being_caught_up_with(
    graph: Graph, library: Library, tenant: str, administrator: Administrator
) -> None:
    for number in range(4):
        await graph.record_video(animated(f"v{number}", tenant, to_animate()))
    strange = "UPDATE nodes SET document = '{}' WHERE tenant = %s AND name = ANY (%s)"
    assert administrator.execute(strange, [tenant, ["v2", "v3"]]).rowcount == 2
    assert [await library.catch_up(tenant, most=2) for _ in range(3)] == [0, 2, 0]
