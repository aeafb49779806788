"""What is asked for is found, by meaning, by words and by what is beside it, and every hit says why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.errors import BadInput
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Hit, Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")
POSTGRES = ("decision", "Postgres for the graph")
FILES = ("decision", "Files for the graph")
AXES, NUMBER_LINE = ("class", "manim.mobject.graphing.Axes"), ("class", "manim.mobject.NumberLine")
ADA = ("person", "Ada")
ENTITIES = [
    Entity(*POSTGRES, "All facts live in one database: backups and transactions come for free."),
    Entity(*FILES, "All facts live in files on disk, one for each video."),
    Entity(*AXES, "Draws two number lines at a right angle.", "Call get_x_axis_label to name the first one."),
    Entity(*NUMBER_LINE, "A straight line with ticks at equal distances."),
    Entity(*ADA, "Writes the renderer."),
    Entity("note", "Cats", "Cats purr when they are content."),
    Entity("note", "Lunch", "The cook serves soup on Mondays."),
]
FACTS = [Fact(FILES, "replaced_by", POSTGRES), Fact(AXES, "uses", NUMBER_LINE), Fact(ADA, "works_on", AXES)]


@pytest_asyncio.fixture
async def search(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[Search]:
    """Search in the module's database."""
    async with open_database(database_url) as database:
        yield Search(database, embedder)


@pytest_asyncio.fixture
async def notes(store: Store, tenant: str) -> str:
    """A tenant with a few notes."""
    await store.upsert(tenant, ENTITIES, FACTS, BY_USER)
    return tenant


def _names(hits: Sequence[Hit]) -> list[str]:
    return [hit.name for hit in hits]


def _hit(hits: Sequence[Hit], name: str) -> Hit:
    (found,) = [hit for hit in hits if hit.name == name]
    return found


async def test_what_means_the_same_is_found_without_a_common_word(search: Search, notes: str) -> None:
    (hit,) = await search.by_meaning(notes, "a pet feline that is happy", 1)
    assert hit.name == "Cats"
    assert hit.similarity is not None
    assert f"({hit.similarity:.2f})" in hit.why[0]
    assert hit.text == "Cats purr when they are content."


async def test_what_is_found_by_its_name_alone_is_shown_with_what_it_says(
    search: Search, store: Store, tenant: str
) -> None:
    said = Entity("note", "Why Postgres", body="One database to run.")
    await store.upsert(tenant, [said], [], BY_USER)
    (hit,) = await search.by_meaning(tenant, "Why do we use Postgres?", 1)
    assert hit.text == "One database to run."


@pytest.mark.parametrize(
    ("question", "name", "reason"),
    [
        ("axes", AXES[1], "its name holds 'axes'"),
        ("manim.mobject.graphing.Axes", AXES[1], "its name holds 'manim.mobject.graphing.Axes'"),
        ("number line", NUMBER_LINE[1], "its name holds 'number', 'line'"),
        ("NumberLi", NUMBER_LINE[1], "its name holds 'NumberLi'"),
        ("mobject.Numb", NUMBER_LINE[1], "its name holds 'mobject.Numb'"),
        ("get_x_ax", AXES[1], "its text holds 'get_x_ax'"),
        ('"right angle"', AXES[1], "its text fits '\"right angle\"'"),
        ("serving", "Lunch", "its text holds 'serving'"),
        ("Where do the cats purr?", "Cats", "its name holds 'cats'"),
    ],
)
async def test_words_are_found_whole_by_their_stems_and_by_the_parts_of_names(
    search: Search, notes: str, question: str, name: str, reason: str
) -> None:
    for hits in (await search.by_words(notes, question), await search.find(notes, question)):
        assert hits[0].name == name
        assert reason in hits[0].why


async def test_quotes_and_a_minus_mean_what_is_written(search: Search, notes: str) -> None:
    assert _names(await search.by_words(notes, '"angle right"')) == []
    assert set(_names(await search.by_words(notes, "facts live"))) == {POSTGRES[1], FILES[1]}
    (hit,) = await search.by_words(notes, "facts live -disk")
    assert (hit.name, hit.why) == (POSTGRES[1], ["its text fits 'facts live -disk'"])
    assert await search.find(notes, "-qwertz") == []


async def test_all_ways_together_tell_all_reasons(search: Search, notes: str) -> None:
    hits = await search.find(notes, "Who works on axes?", 5)
    assert hits[0].name == AXES[1]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    reasons = _hit(hits, "Ada").why
    assert f"one step from '{AXES[1]}' by works_on" in reasons
    assert "one step from" in " ".join(_hit(hits, NUMBER_LINE[1]).why)
    assert all(hit.why for hit in hits)


async def test_what_was_replaced_stands_behind_what_took_its_place_and_says_so(
    search: Search, notes: str
) -> None:
    hits = await search.find(notes, "Files for the graph")
    old, new = _hit(hits, FILES[1]), _hit(hits, POSTGRES[1])
    assert (old.superseded, new.superseded) == (True, False)
    assert hits.index(new) < hits.index(old)
    assert all(not hit.superseded for hit in hits[: hits.index(old)])
    assert f"superseded by {POSTGRES[1]!r}" in old.why
    assert f"took the place of {FILES[1]!r}" in new.why


async def test_what_took_the_place_of_a_hit_is_found_though_nothing_else_leads_to_it(
    search: Search, store: Store, tenant: str
) -> None:
    said = [Entity("note", "Alpha beta gamma"), Entity("note", "Zzz", "Something unlike.")]
    await store.upsert(
        tenant, said, [Fact(("note", "Zzz"), "supersedes", ("note", "Alpha beta gamma"))], BY_USER
    )
    hits = await search.by_words(tenant, "alpha beta")
    assert [(hit.name, hit.superseded) for hit in hits] == [("Zzz", False), ("Alpha beta gamma", True)]


async def test_what_is_deprecated_stands_behind_and_who_deprecates_it_takes_not_its_place(
    search: Search, store: Store, tenant: str
) -> None:
    old, new, manim = ("class", "m.ShowIt"), ("class", "m.ShowItNow"), ("codebase", "manim 1.0")
    said = [Entity(*old, "Shows a thing."), Entity(*new, "Shows a thing."), Entity(*manim)]
    await store.upsert(tenant, said, [Fact(manim, "deprecates", old)], BY_USER)
    hits = await search.by_words(tenant, "ShowIt")
    assert [(hit.name, hit.superseded) for hit in hits] == [(new[1], False), (old[1], True)]
    assert f"superseded: {manim[1]!r} deprecates it" in hits[1].why


async def test_of_two_that_are_alike_the_later_one_comes_first(
    search: Search, store: Store, tenant: str, administrator: psycopg.Connection
) -> None:
    twins = [Entity("note", name, "The deploy goes through the staging cluster.") for name in ("N1", "N2")]
    await store.upsert(tenant, twins, [], BY_USER)
    for later, earlier in (("N1", "N2"), ("N2", "N1")):
        for name, age in ((later, 0), (earlier, 300)):
            administrator.execute(
                "UPDATE nodes SET changed_at = now() - make_interval(days => %s) "
                "WHERE tenant = %s AND name = %s",
                [age, tenant, name],
            )
        assert _names(await search.find(tenant, "deploy through staging")) == [later, earlier]


async def test_what_was_closed_stands_behind_and_stood_in_front_before(
    search: Search, store: Store, notes: str
) -> None:
    before = datetime.now(UTC)
    assert not (await search.find(notes, "soup on Mondays"))[0].superseded
    await store.close(notes, ("note", "Lunch"), BY_USER)
    hit = _hit(await search.find(notes, "soup on Mondays"), "Lunch")
    assert hit.superseded
    assert "superseded: it was closed" in hit.why
    then = _hit(await search.find(notes, "soup on Mondays", as_of=before), "Lunch")
    assert not then.superseded


async def test_as_of_a_time_only_what_had_taken_its_place_by_then_stands_before_it(
    search: Search, store: Store, tenant: str
) -> None:
    old, new = ("note", "Cranes by hand"), ("note", "Cranes by wire")
    other, harbour = ("class", "harbour.Crane"), ("codebase", "harbour 2.0")
    said = [Entity(*each, "How the harbour moves its cranes.") for each in (old, new, other, harbour)]
    await store.upsert(tenant, said, [], BY_USER)
    before = datetime.now(UTC)
    await store.upsert(
        tenant, [], [Fact(new, "supersedes", old), Fact(harbour, "deprecates", other)], BY_USER
    )
    after = datetime.now(UTC)
    for then, superseded in ((before, set()), (after, {old[1], other[1]}), (None, {old[1], other[1]})):
        hits = await search.find(tenant, "harbour cranes", as_of=then)
        assert {hit.name for hit in hits if hit.superseded} == superseded
        assert len(hits) == len(said)


async def test_nothing_is_found_as_of_a_time_when_nothing_was_known(search: Search, notes: str) -> None:
    assert await search.find(notes, "cats purr", as_of=datetime(2001, 1, 1, tzinfo=UTC)) == []


async def test_a_duplicate_is_found_as_what_it_became_part_of(
    search: Search, store: Store, notes: str
) -> None:
    await store.upsert(notes, [Entity("person", "Countess Lovelace", "Knows engines.")], [], BY_USER)
    await store.merge(notes, ("person", "Countess Lovelace"), ADA, BY_USER)
    hits = await search.find(notes, "Countess Lovelace")
    assert hits[0].name == "Ada"
    assert not hits[0].superseded
    assert "the name of its duplicate 'Countess Lovelace' holds 'Countess', 'Lovelace'" in hits[0].why
    assert "Countess Lovelace" not in _names(hits)


async def test_only_the_kinds_asked_for_are_found(search: Search, notes: str) -> None:
    for ask in (search.find, search.by_meaning, search.by_words):
        hits = await ask(notes, "facts about cats and Ada", 10, ["note"])
        assert hits
        assert {hit.kind for hit in hits} == {"note"}


async def test_vectors_of_another_model_are_not_compared(
    search: Search, notes: str, database_url: str, embedder: Embedder
) -> None:
    assert await search.by_meaning(notes, "cats")
    async with open_database(database_url) as database:
        other = Search(database, SameForAll())
        assert await other.by_meaning(notes, "cats") == []
        hits = await other.find(notes, "cats")
        assert hits[0].name == "Cats"
        assert hits[0].similarity is None


async def test_what_is_found_by_words_that_no_text_is_about_says_so(
    search: Search, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [Entity("note", "The Who")], [], BY_USER, embed=False)
    (hit,) = await search.by_words(tenant, "the who")
    assert "its name or text holds the question as it is written" in hit.why


ODD = [
    "", "   ", "\x00", "the of and", "&|!():*<->", "'", '"', '"""', "-", "--x", "a & | b", "x:*", "\\", "\\'",
    "%s %(x)s", "\ud800", "𝔘 ﷺ \u202e\u0301", "word " * 100_000, "x" * 100_000, "ß" * 3_000, "a.b" * 2_000,
    "é\x00è", "or or or", "-" * 1_000, '"unended', "not -", "((((", "1e999 0x1F -0", "._.", "__", "a_" * 500,
]  # fmt: skip


async def test_odd_questions_are_answered(search: Search, notes: str) -> None:
    for question in ODD:
        assert isinstance(await search.by_words(notes, question, 3), list)
        assert "Cats" in _names(await search.find(notes, f"cats purr {question[:5_000]}", 3)), question
    assert await search.find(notes, " \x00 ") == await search.by_meaning(notes, "") == []


@pytest.mark.parametrize(
    ("limit", "kinds", "message"),
    [(0, None, "limited to 0"), (101, None, "limited to 101"), (5, ["unicorn"], "'unicorn'")],
)
async def test_what_cannot_be_asked_is_refused(
    search: Search, notes: str, limit: int, kinds: list[str] | None, message: str
) -> None:
    for ask in (search.find, search.by_meaning, search.by_words):
        with pytest.raises(BadInput, match=message):
            await ask(notes, "cats", limit, kinds)


async def test_a_time_without_a_zone_is_refused(search: Search, notes: str) -> None:
    with pytest.raises(BadInput, match="time zone"):
        await search.find(notes, "cats", as_of=datetime(2026, 1, 1))


async def test_a_long_question_without_blanks_is_compared_whole_and_searched_for_by_its_other_words(
    store: Store, search: Search, notes: str
) -> None:
    question = "为什么所有的事实都保存在同一个数据库里" * 20
    await store.upsert(notes, [Entity("note", "Fakten", question)], [], BY_USER)
    for found in (await search.find(notes, question, 3), await search.by_meaning(notes, question, 3)):
        assert found[0].name == "Fakten"
        assert found[0].similarity is not None
        assert found[0].similarity > 0.9
    assert await search.by_words(notes, question) == []
    assert _names(await search.by_words(notes, f"{question} cats")) == ["Cats"]
