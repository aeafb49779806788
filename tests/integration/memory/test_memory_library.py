"""Recorded videos are found, related, and known by their concepts; on the real Postgres."""

from __future__ import annotations

import psycopg
import pytest

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance
from tests.integration.memory.libraries import about, record, rows_of

Administrator = psycopg.Connection
BY_TEST = Provenance("run", "test", "user:tester")


async def test_a_recorded_video_and_its_beats_are_found_by_meaning_and_by_words(
    graph: Graph, library: Library, search: Search, tenant: str
) -> None:
    made = about("v1", tenant, "Pythagoras: why it holds", "the hypotenuse", "two legs")
    other = about("v2", tenant, "Acids and bases", "litmus paper")
    await record(graph, library, made, other)
    assert (await search.by_words(tenant, "hypotenuse"))[0].name == "v1/b01"
    assert (await search.by_meaning(tenant, "sides of a right triangle", kinds=["video"]))[0].name == "v1"
    found = await search.find(tenant, "What does litmus show?", kinds=["beat", "video"])
    assert found[0].name in {"v2", "v2/b01"}
    assert await search.find(f"{tenant}-2", "hypotenuse") == []


async def test_a_video_is_about_its_subject_and_its_beats_name_what_the_tenant_knows(
    graph: Graph, library: Library, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [Entity("concept", "Right Triangle")], [], BY_TEST)
    await record(
        graph, library, about("v1", tenant, "Pythagoras: why it holds", "nothing", "a right triangle")
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
    made = about("v1", tenant, "Chances", "the rule of Bayes", "the theorem of somebody")
    await record(graph, library, made)
    for name in ("rule of bayes", "Bayes theorem"):
        found = await library.appearances(tenant, name)
        assert (found.name, [each.beat_id for each in found.appearances]) == ("Bayes' theorem", ["b01"])
    before = rows_of(administrator, tenant)
    await record(graph, library, made)
    assert rows_of(administrator, tenant) == before


async def test_a_concept_that_nobody_recorded_is_found_by_its_words_in_their_order(
    graph: Graph, library: Library, tenant: str
) -> None:
    made = about("v1", tenant, "Sorting", "halve the list", "list the halves")
    await record(graph, library, made)
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
    await record(graph, library, about("v1", tenant, "Entropy", "disorder"))
    await record(graph, library, about("v9", other, "Heat", "we speak of entropy"))
    assert {each.video_id for each in (await library.appearances(tenant, "entropy")).appearances} == {"v1"}
    assert {each.video_id for each in (await library.appearances(other, "entropy")).appearances} == {"v9"}
    assert await library.related(tenant, "v1") == []
    with pytest.raises(NotFound, match="v9"):
        await library.related(tenant, "v9")


async def test_related_videos_tell_why_and_the_nearest_comes_first(
    graph: Graph, library: Library, tenant: str
) -> None:
    await record(
        graph,
        library,
        about("one", tenant, "Binary search: halving", "a sorted list", "the middle"),
        about("two", tenant, "Binary search: in code", "a sorted list", "a loop"),
        about("far", tenant, "Volcanoes: how they erupt", "magma", "ash"),
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


async def test_odd_names_are_recorded_and_found(graph: Graph, library: Library, tenant: str) -> None:
    odd = about("v1", tenant, "∑\x00 “quotes” \U0001f3ac: sub", "it's; 100% \\ x\x00y")
    await record(graph, library, odd)
    found = await library.appearances(tenant, "∑ “QUOTES”")
    assert [each.video_id for each in found.appearances] == ["v1"]
    await record(graph, library, about("v2", tenant, "...", "nothing"))
    assert await library.related(tenant, "v2") == []
