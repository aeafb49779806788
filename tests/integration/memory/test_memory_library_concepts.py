"""Concepts in every script, with signs, and of videos made before anybody knew them; on the real Postgres."""

from __future__ import annotations

import psycopg
import pytest

from quantumsketch.errors import NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Provenance
from tests.integration.memory.libraries import about, record, rows_of

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "user:tester")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("斜边是直角三角形的长边", "直角"),
        ("これは二分探索です", "二分探索"),
        ("전자기파의 속도", "전자기파"),
        ("คลื่นแม่เหล็กไฟฟ้า", "แม่เหล็ก"),
        ("templates of c++ are code", "C++"),
        ("a list in C# is an object", "c#"),
    ],
)
async def test_a_concept_of_which_no_search_by_words_knows_is_found_in_the_texts(
    graph: Graph, library: Library, tenant: str, said: str, name: str
) -> None:
    await record(graph, library, about("v1", tenant, "Something else", "c, and nothing more", said))
    found = await library.appearances(tenant, name)
    assert [(each.beat_id, each.why) for each in found.appearances] == [("b02", "its text has the words")]
    assert not found.truncated
    with pytest.raises(NotFound):
        await library.appearances(f"{tenant}-2", name)


async def test_an_article_does_not_matter_and_a_name_near_a_known_one_is_answered_with_that(
    graph: Graph, library: Library, tenant: str
) -> None:
    await record(graph, library, about("v1", tenant, "The Pythagorean theorem", "the hypotenuse"))
    plain = await library.appearances(tenant, "Pythagorean theorem")
    assert plain.recorded
    assert await library.appearances(tenant, "the Pythagorean theorem") == plain
    words = await library.appearances(tenant, "a hypotenuse")
    assert [each.beat_id for each in words.appearances] == ["b01"]
    for name in ("Pythagoras", "a pythagorean theorm"):
        with pytest.raises(NotFound, match=r"Did you mean 'Pythagorean theorem'\?"):
            await library.appearances(tenant, name)
    for name, asking in (("entropy", tenant), ("Pythagoras", f"{tenant}-2")):
        with pytest.raises(NotFound, match=r"speaks of '\w+'\. 'qs list' shows the videos\."):
            await library.appearances(asking, name)


async def test_what_videos_have_in_common_does_not_depend_on_the_order_in_which_they_were_made(
    graph: Graph, library: Library, tenant: str, administrator: Administrator
) -> None:
    explaining = about("explaining", tenant, "Entropy: an arrow", "disorder")
    speaking = about("speaking", tenant, "Volcanoes: how they erupt", "magma", "the entropy of ash")
    told = []
    for order in ([explaining, speaking], [speaking, explaining]):
        own = f"{tenant}-{order[0].id}"
        videos = [made.model_copy(update={"tenant": own}) for made in order]
        await record(graph, library, *videos)
        related = await library.related(own, "explaining")
        found = (await library.appearances(own, "entropy")).appearances
        told.append(
            ({each.id: each.why for each in related}, {(a.video_id, a.beat_id, a.why) for a in found})
        )
        before = rows_of(administrator, own)
        await record(graph, library, *videos)
        assert rows_of(administrator, own) == before
    assert told[0] == told[1]
    assert "speaks of 'Entropy' too" in told[1][0]["speaking"]
    assert ("speaking", "b02", "mentions it") in told[1][1]


async def test_the_id_of_a_video_does_not_make_it_mean_something_else(
    graph: Graph, library: Library, search: Search, tenant: str
) -> None:
    for video_id in ("volcanoes-and-lava-1a2b", "x"):
        await record(graph, library, about(video_id, f"{tenant}-{video_id}", "Binary search", "halves"))
    similar = [
        {
            hit.kind: hit.similarity
            for hit in await search.by_meaning(f"{tenant}-{video_id}", "lava", kinds=kinds)
        }
        for video_id in ("volcanoes-and-lava-1a2b", "x")
        for kinds in (["video", "beat"],)
    ]
    assert set(similar[0]) == {"video", "beat"}
    assert similar[0] == pytest.approx(similar[1])


async def test_a_video_that_was_closed_is_nowhere_until_it_is_recorded_again(
    graph: Graph, library: Library, store: Store, tenant: str
) -> None:
    one = about("one", tenant, "Binary search: halving", "a sorted list")
    two = about("two", tenant, "Binary search: in code", "a sorted list")
    await record(graph, library, one, two)
    assert [each.id for each in await library.related(tenant, "one")] == ["two"]
    await store.close(tenant, ("video", "two"), BY_TEST)
    assert await library.related(tenant, "one") == []
    assert [each.id for each in await graph.videos(tenant)] == ["one"]
    assert [each.id for each in await graph.similar(tenant, "binary search")] == ["one"]
    assert {each.video_id for each in (await library.appearances(tenant, "binary search")).appearances} == {
        "one"
    }
    with pytest.raises(NotFound):
        await graph.video(tenant, "two")
    assert await library.catch_up(tenant) == 0
    await record(graph, library, two)
    assert [each.id for each in await library.related(tenant, "one")] == ["two"]


async def test_of_very_many_beats_it_is_said_that_not_all_were_read(
    graph: Graph, library: Library, tenant: str
) -> None:
    await record(graph, library, about("v1", tenant, "Something else", "直角", "直线"))
    told = []
    for looked_at in (1, 2, 3):
        async with graph.database.transaction(tenant, "read beats") as connection:
            parameters = {"part": "直角", "looked_at": looked_at}
            row = await (await connection.execute(query("beats_with_part"), parameters)).fetchone()
        assert row
        told.append((len(row["beats"]), row["more"]))
    assert told[1:] == [(1, True), (1, False)]
    assert told[0][1]
