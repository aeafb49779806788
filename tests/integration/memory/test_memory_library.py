"""Recorded videos are found, related, and their scenes offered again; on the real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder, EmbedderFailed
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.library import Library
from quantumsketch.memory.search import Search
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.memory.store import Store
from quantumsketch.memory.upkeep import Upkeep
from quantumsketch.storyboard import Aspect, Look, Quality
from quantumsketch.video import Finding, Outcome, Video
from tests.animated_videos import NOW, animated, code_of, to_animate
from tests.sample_videos import video

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "user:tester")
LOOK = Look()
FAULT = Finding(rule="overlap", objects=[], at_s=1.0, message="they touch")


class Mute:
    """An embedder that does not answer."""

    model = "mute"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise EmbedderFailed("nobody answers")


@pytest_asyncio.fixture
async def search(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[Search]:
    async with open_database(database_url) as database:
        yield Search(database, embedder)


@pytest.fixture
def library(graph: Graph, store: Store, search: Search, embedder: Embedder) -> Library:
    return Library(graph, store, search, Upkeep(graph.database, embedder))


async def _record(graph: Graph, library: Library, *videos: Video) -> None:
    for made in videos:
        await graph.record_video(made)
        await library.record(made)


def _about(video_id: str, tenant: str, title: str, *said: str) -> Video:
    """A video by a model with this title, whose beats show these words."""
    return video(video_id, tenant, f"Explain {title}", title, said, model="a/model")


def _rows(administrator: Administrator, tenant: str) -> list[tuple[object, ...]]:
    """Everything that `tenant` has, with the number of the transaction that wrote each row last."""
    rows: list[tuple[object, ...]] = []
    for table in ("nodes", "edges", "chunks", "node_versions", "edge_versions"):
        statement = f"SELECT xmin::text, t::text FROM {table} AS t WHERE tenant = %s ORDER BY t::text"
        rows += administrator.execute(statement.encode(), [tenant]).fetchall()
    return rows


async def test_a_recorded_video_and_its_beats_are_found_by_meaning_and_by_words(
    graph: Graph, library: Library, search: Search, tenant: str
) -> None:
    made = _about("v1", tenant, "Pythagoras: why it holds", "the hypotenuse", "two legs")
    other = _about("v2", tenant, "Acids and bases", "litmus paper")
    await _record(graph, library, made, other)
    assert (await search.by_words(tenant, "hypotenuse"))[0].name == "v1/b01"
    assert (await search.by_meaning(tenant, "sides of a right triangle", kinds=["video"]))[0].name == "v1"
    found = await search.find(tenant, "What does litmus show?", kinds=["beat", "video"])
    assert found[0].name in {"v2", "v2/b01"}
    assert await search.find(f"{tenant}-2", "hypotenuse") == []


async def test_recording_again_changes_nothing(
    graph: Graph, library: Library, tenant: str, administrator: Administrator
) -> None:
    made = animated("v1", tenant, to_animate("Squares"), to_animate("Circles"))
    await _record(graph, library, made)
    before = _rows(administrator, tenant)
    await _record(graph, library, made)
    assert len(before) > 20
    assert _rows(administrator, tenant) == before


async def test_a_video_is_about_its_subject_and_its_beats_name_what_the_tenant_knows(
    graph: Graph, library: Library, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [Entity("concept", "Right Triangle")], [], BY_TEST)
    await _record(
        graph, library, _about("v1", tenant, "Pythagoras: why it holds", "nothing", "a right triangle")
    )
    subject = await library.appearances(tenant, "pythagoras")
    assert (subject.name, subject.recorded) == ("Pythagoras", True)
    assert [(each.video_id, each.beat_id, each.why) for each in subject.appearances] == [
        ("v1", None, "explains it")
    ]
    known = await library.appearances(tenant, "right triangles")
    assert known.name == "Right Triangle"
    (there,) = known.appearances
    assert (there.video_id, there.beat_id, there.beat_title, there.at_s) == ("v1", "b02", "Beat 2", 3.0)
    assert there.why == "mentions it"


async def test_a_name_that_became_part_of_another_concept_stands_for_that(
    graph: Graph, library: Library, store: Store, tenant: str, administrator: Administrator
) -> None:
    bayes, rule = ("concept", "Bayes' theorem"), ("concept", "Rule of Bayes")
    await store.upsert(tenant, [Entity(*bayes), Entity(*rule)], [], BY_TEST)
    await store.merge(tenant, rule, bayes, BY_TEST)
    made = _about("v1", tenant, "Chances", "the rule of Bayes", "the theorem of somebody")
    await _record(graph, library, made)
    for name in ("rule of bayes", "Bayes theorem"):
        found = await library.appearances(tenant, name)
        assert (found.name, [each.beat_id for each in found.appearances]) == ("Bayes' theorem", ["b01"])
    before = _rows(administrator, tenant)
    await _record(graph, library, made)
    assert _rows(administrator, tenant) == before


async def test_a_concept_that_nobody_recorded_is_found_by_its_words_in_their_order(
    graph: Graph, library: Library, tenant: str
) -> None:
    made = _about("v1", tenant, "Sorting", "halve the list", "list the halves")
    await _record(graph, library, made)
    found = await library.appearances(tenant, "halve the list")
    assert not found.recorded
    assert [(each.beat_id, each.at_s, each.why) for each in found.appearances] == [
        ("b01", 0.0, "its text has the words")
    ]
    for name in ("quantum foam", "x" * 500, "''; DROP TABLE nodes;--", '"'):
        with pytest.raises(NotFound, match="speaks of"):
            await library.appearances(tenant, name)
    for name in ("", "a\x00b", "x" * 501, "\ud800"):
        with pytest.raises(BadInput):
            await library.appearances(tenant, name)


async def test_a_concept_of_one_tenant_is_nothing_to_another(
    graph: Graph, library: Library, tenant: str
) -> None:
    other = f"{tenant}-2"
    await _record(graph, library, _about("v1", tenant, "Entropy", "disorder"))
    await _record(graph, library, _about("v9", other, "Heat", "we speak of entropy"))
    assert {each.video_id for each in (await library.appearances(tenant, "entropy")).appearances} == {"v1"}
    assert {each.video_id for each in (await library.appearances(other, "entropy")).appearances} == {"v9"}
    assert await library.related(tenant, "v1") == []
    with pytest.raises(NotFound, match="v9"):
        await library.related(tenant, "v9")


async def test_related_videos_tell_why_and_the_nearest_comes_first(
    graph: Graph, library: Library, tenant: str
) -> None:
    await _record(
        graph,
        library,
        _about("one", tenant, "Binary search: halving", "a sorted list", "the middle"),
        _about("two", tenant, "Binary search: in code", "a sorted list", "a loop"),
        _about("far", tenant, "Volcanoes: how they erupt", "magma", "ash"),
    )
    (two,) = await library.related(tenant, "one")
    assert two.id == "two"
    assert two.title == "Binary search: in code"
    assert "speaks of 'Binary search' too" in two.why
    assert "shares one of its clips" in two.why
    assert any(reason.startswith("means something near (0.") for reason in two.why)
    assert await library.related(tenant, "far") == []
    with pytest.raises(NotFound, match="no-such"):
        await library.related(tenant, "no-such")


async def test_the_scene_of_the_same_beat_is_found_with_who_wrote_it(
    graph: Graph, library: Library, tenant: str
) -> None:
    beat = to_animate()
    made = animated("v1", tenant, to_animate("Other"), beat, outcome=Outcome.REPAIRED)
    await _record(graph, library, made)
    shouted = beat.model_copy(update={"title": beat.title.upper(), "narration": f" {beat.narration}\n"})
    for same, look in ((beat, LOOK), (shouted, LOOK), (beat, Look(quality=Quality.DRAFT))):
        found = await library.scene_for(tenant, same, look, NOW)
        assert found
        assert (found.video_id, found.by, found.repaired) == ("v1", "a/model", True)
        assert found.beat == made.beats[1].beat
    newer = animated("v2", tenant, beat)
    await _record(graph, library, newer)
    latest = await library.scene_for(tenant, beat, LOOK, NOW)
    assert latest
    assert latest.video_id == "v2"


async def test_no_scene_is_found_for_another_beat_look_version_or_tenant(
    graph: Graph, library: Library, tenant: str
) -> None:
    beat = to_animate()
    await _record(graph, library, animated("v1", tenant, beat))
    assert await library.scene_for(tenant, beat, LOOK, NOW)
    assert await library.scene_for(tenant, to_animate("Another"), LOOK, NOW) is None
    assert await library.scene_for(tenant, beat, Look(aspect=Aspect.TALL), NOW) is None
    assert await library.scene_for(f"{tenant}-2", beat, LOOK, NOW) is None
    newer = NOW.model_copy(update={"manim": "0.21"})
    assert await library.scene_for(tenant, beat, LOOK, newer) is None


@pytest.mark.parametrize(
    ("outcome", "findings"), [(Outcome.SIMPLIFIED, ()), (Outcome.CARD, ()), (Outcome.PLANNED, (FAULT,))]
)
async def test_a_scene_that_did_not_come_out_well_is_neither_used_again_nor_an_example(
    graph: Graph, library: Library, tenant: str, outcome: Outcome, findings: tuple[Finding, ...]
) -> None:
    beat = to_animate()
    await _record(graph, library, animated("bad", tenant, beat, outcome=outcome, findings=findings))
    assert await library.scene_for(tenant, beat, LOOK, NOW) is None
    assert await library.examples(tenant, beat) == []
    await _record(graph, library, animated("good", tenant, beat))
    found = await library.scene_for(tenant, beat, LOOK, NOW)
    assert found
    assert found.video_id == "good"
    assert [each.video_id for each in await library.examples(tenant, beat)] == ["good"]


async def test_examples_are_of_similar_beats_the_likest_first_and_each_code_once(
    graph: Graph, library: Library, tenant: str
) -> None:
    squares = to_animate("Squares")
    waves = to_animate("Waves", "Two waves meet and add up where they cross.", "Two waves add up")
    sums = to_animate("Interest", "Money in the bank grows by interest every year.", "Stacks of coins grow")
    await _record(graph, library, animated("v1", tenant, squares, waves, sums))
    await _record(graph, library, animated("v2", tenant, squares))
    found = await library.examples(tenant, "a square is transformed into a circle")
    assert [each.beat.title for each in found] == ["Squares"]
    like = to_animate("Ripples", "Two ripples on water meet, and where they cross they add up.", "Waves add")
    assert (await library.examples(tenant, like))[0].beat.visual.model_dump()["code"] == code_of(waves)
    assert await library.examples(tenant, like, aspect=Aspect.TALL) == []
    assert await library.examples(tenant, "the history of Rome") == []
    assert await library.examples(f"{tenant}-2", squares) == []


async def test_a_video_recorded_anew_is_no_longer_about_what_it_was(
    graph: Graph, library: Library, search: Search, tenant: str, administrator: Administrator
) -> None:
    await _record(graph, library, _about("v1", tenant, "Entropy", "disorder", "a broken teacup"))
    before = _rows(administrator, tenant)
    await _record(graph, library, _about("v1", tenant, "Enthalpy", "heat"))
    assert (await library.appearances(tenant, "Entropy")).appearances == []
    assert (await library.appearances(tenant, "Enthalpy")).appearances
    hits = await search.by_words(tenant, "teacup")
    assert [hit.superseded for hit in hits] == [True]
    with pytest.raises(NotFound):
        await library.appearances(tenant, "teacup")
    await _record(graph, library, _about("v1", tenant, "Entropy", "disorder", "a broken teacup"))
    assert [each.beat_id for each in (await library.appearances(tenant, "teacup")).appearances] == ["b02"]
    assert len(_rows(administrator, tenant)) > len(before), "what was is kept"


async def test_an_erased_video_takes_along_its_texts_its_ideas_and_concepts_that_nobody_else_has(
    graph: Graph, library: Library, store: Store, tenant: str, administrator: Administrator
) -> None:
    await store.upsert(tenant, [Entity("concept", "Squares")], [], BY_TEST)
    beat = to_animate("Squares", "A secret-teacup turns.", "A secret-teacup turns")
    await _record(graph, library, animated("v1", tenant, beat), animated("v2", tenant, to_animate("Waves")))
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
    await _record(graph, library, animated("v1", tenant, beat), animated("v2", tenant, beat))
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
    await _record(graph, away, _about("v1", tenant, "Pythagoras", "the hypotenuse"))
    assert (await search.by_words(tenant, "hypotenuse"))[0].name == "v1/b01"
    assert await search.by_meaning(tenant, "right triangles") == []
    async with upkeep.running(database_url):
        for _ in range(600):
            if await search.by_meaning(tenant, "right triangles"):
                break
            await asyncio.sleep(0.05)
    assert {hit.name for hit in await search.by_meaning(tenant, "right triangles")} >= {"v1", "v1/b01"}


async def test_odd_names_are_recorded_and_found(graph: Graph, library: Library, tenant: str) -> None:
    odd = _about("v1", tenant, "∑\x00 “quotes” \U0001f3ac: sub", "it's; 100% \\ x\x00y")
    await _record(graph, library, odd)
    found = await library.appearances(tenant, "∑ “QUOTES”")
    assert [each.video_id for each in found.appearances] == ["v1"]
    await _record(graph, library, _about("v2", tenant, "...", "nothing"))
    assert await library.related(tenant, "v2") == []
