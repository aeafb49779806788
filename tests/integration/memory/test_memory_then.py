"""As of a time that is past: texts and properties of then, and nothing that was not recorded then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from quantumsketch.errors import NotFound
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from workflows.answering import Answers

BY_USER = Provenance("run-1", "write", "user")
LUNCH, COOK, SPY, GUEST = ("note", "Lunch"), ("person", "Cook"), ("person", "Spy"), ("person", "Guest")
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
QUESTION = "What is there for lunch on Mondays?"


@dataclass(frozen=True)
class Kitchen:
    """What changed at `then` and later."""

    ids: dict[tuple[str, str], UUID]
    before: datetime
    then: datetime


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest_asyncio.fixture
async def kitchen(store: Store, tenant: str) -> Kitchen:
    """A note whose text and properties changed, and a spy who came later with facts that are older."""
    before = datetime.now(UTC)
    old = [
        Entity(*LUNCH, "Lunch on Mondays is soup.", properties={"price": 3}),
        Entity(*COOK),
        Entity(*GUEST),
    ]
    facts = [Fact(LUNCH, "written_by", COOK, valid_from=EARLY)]
    await store.upsert(tenant, old, facts, BY_USER)
    then = datetime.now(UTC)
    new = [Entity(*LUNCH, "Lunch on Mondays is secret stew.", properties={"price": 9}), Entity(*SPY)]
    backdated = [
        Fact(LUNCH, "mentions", SPY, valid_from=EARLY),
        Fact(SPY, "mentions", GUEST, valid_from=EARLY),
    ]
    written = await store.upsert(tenant, new, backdated, BY_USER)
    ids = dict(written.ids)
    for key in (COOK, GUEST):
        ids[key] = (await store.entity(tenant, key)).id
    return Kitchen(ids, before, then)


async def test_a_search_tells_the_text_of_then_and_that_it_was_found_by_todays(
    search: Search, kitchen: Kitchen, tenant: str
) -> None:
    for find in (search.find, search.by_meaning, search.by_words):
        now = next(hit for hit in await find(tenant, QUESTION) if hit.name == "Lunch")
        assert "stew" in now.text
        hits = await find(tenant, QUESTION, as_of=kitchen.then)
        then = next(hit for hit in hits if hit.name == "Lunch")
        assert then.text == "Lunch on Mondays is soup."
        assert "its text is that of then; it was found by what it says now" in then.why
        assert "Spy" not in [hit.name for hit in hits]
        assert await find(tenant, QUESTION, as_of=kitchen.before) == []


@pytest.mark.parametrize("mode", ["fast", "deep", "global"])
async def test_an_answer_rests_on_what_was_written_then(
    database: Database, embedder: Embedder, kitchen: Kitchen, tenant: str, mode: str
) -> None:
    answers = Answers(database, Search(database, embedder), Walker(database))
    told = await answers.ask(tenant, QUESTION, mode=mode, as_of=kitchen.then)  # type: ignore[arg-type]  # a mode
    said = told.model_dump_json(include={"sources"})
    assert "soup" in said
    assert "stew" not in said
    assert any("as they were recorded then" in note for note in told.notes)
    nothing = await answers.ask(tenant, QUESTION, mode=mode, as_of=kitchen.before)  # type: ignore[arg-type]  # a mode
    assert nothing.sources == []
    assert any("searched for by what they say now" in note for note in nothing.notes)
    now = await answers.ask(tenant, QUESTION, mode=mode)  # type: ignore[arg-type]  # a mode
    assert "stew" in now.model_dump_json(include={"sources"})
    assert not any("recorded then" in note for note in now.notes)


async def test_a_walk_a_path_and_a_part_tell_properties_of_then_and_only_what_was_there(
    database: Database, kitchen: Kitchen, tenant: str
) -> None:
    walker, ids = Walker(database), kitchen.ids
    assert {node.name for node in (await walker.walk(tenant, ids[LUNCH], 3)).nodes} == {
        "Lunch", "Cook", "Spy", "Guest",
    }  # fmt: skip
    then = await walker.walk(tenant, ids[LUNCH], 3, as_of=kitchen.then)
    assert [(node.name, node.properties) for node in then.nodes] == [("Lunch", {"price": 3}), ("Cook", {})]
    assert [edge.target for edge in then.edges] == [ids[COOK]]
    way = await walker.path(tenant, ids[LUNCH], ids[COOK], as_of=kitchen.then)
    assert [node.properties for node in way.nodes] == [{"price": 3}, {}]
    assert (await walker.path(tenant, ids[LUNCH], ids[GUEST], as_of=kitchen.then)).nodes == []
    assert len((await walker.path(tenant, ids[LUNCH], ids[GUEST])).nodes) == 3
    part = await walker.subgraph(tenant, list(ids.values()), kitchen.then)
    assert {node.name: node.properties for node in part.nodes} == {
        "Lunch": {"price": 3}, "Cook": {}, "Guest": {},
    }  # fmt: skip
    assert [(edge.source, edge.target) for edge in part.edges] == [(ids[LUNCH], ids[COOK])]


async def test_nothing_leads_from_what_was_not_there(
    database: Database, kitchen: Kitchen, tenant: str
) -> None:
    walker, ids = Walker(database), kitchen.ids
    with pytest.raises(NotFound, match="as of"):
        await walker.walk(tenant, ids[SPY], as_of=kitchen.then)
    with pytest.raises(NotFound, match="as of"):
        await walker.path(tenant, ids[LUNCH], ids[SPY], as_of=kitchen.then)
    assert (await walker.subgraph(tenant, [ids[SPY]], kitchen.then)).nodes == []


async def test_what_is_too_long_to_be_told_is_cut_short_and_said_to_be(
    database: Database, store: Store, tenant: str
) -> None:
    hub, text = ("tag", "all"), "x" * 99_000
    notes = [Entity("note", f"n{n:03}", properties={"text": text}) for n in range(120)]
    facts = [Fact(note.key, "tagged", hub) for note in notes]
    ids = (await store.upsert(tenant, [Entity(*hub), *notes], facts, BY_USER, embed=False)).ids
    walker = Walker(database)
    walk = await walker.walk(tenant, ids[hub], 1, fan_out=200)
    part = await walker.subgraph(tenant, list(ids.values()))
    for found in (walk, part):
        assert found.truncated
        assert 20 < len(found.nodes) < 90
        assert len(found.model_dump_json()) < 9 * 2**20
        assert {edge.source for edge in found.edges} <= {node.id for node in found.nodes}
    few = await walker.walk(tenant, ids[hub], 1, fan_out=20)
    assert len(few.nodes) == 21
