"""What was said of a duplicate is found and told as said of what it became part of, from then on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quantumsketch.answered import Mode
from quantumsketch.excerpts import Room
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance
from tests.integration.memory.test_memory_answering_texts import VAULT, journal
from workflows.answering import Answers

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")
PLANTS, DUPLICATE = ("concept", "Photosynthesis"), ("concept", "Photo-synthesis (again)")
SUGAR = "Plants turn light into sugar."
CHLOROPHYLL = "Chlorophyll absorbs red and blue wavelengths, and green ones hardly."
QUESTION = "Which wavelengths does chlorophyll absorb?"
OTHERS = [Entity("note", "Bread", "Bread is baked from flour."), Entity("note", "Light", "Lamps need power.")]


async def _merged(store: Store, tenant: str, said: str = CHLOROPHYLL) -> datetime:
    """Two concepts that are one now, and a time when they were not."""
    concepts = [Entity(*PLANTS, body=SUGAR), Entity(*DUPLICATE, body=said)]
    await store.upsert(tenant, [*concepts, *OTHERS], [], BY_USER)
    before = datetime.now(UTC)
    await store.merge(tenant, DUPLICATE, PLANTS, BY_USER)
    return before


async def test_what_a_duplicate_says_is_told_with_how_near_it_is(
    store: Store, search: Search, tenant: str
) -> None:
    await _merged(store, tenant)
    for find in (search.find, search.by_meaning):
        first, *others = await find(tenant, QUESTION)
        assert (first.name, first.text, first.superseded) == (PLANTS[1], CHLOROPHYLL, False)
        assert f"({first.similarity:.2f})" in first.why[0]
        assert DUPLICATE[1] not in [hit.name for hit in others]
    similarities = [hit.similarity or 0 for hit in await search.by_meaning(tenant, QUESTION)]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] > 0.6
    (told,) = await search.by_words(tenant, "wavelengths")
    assert (told.name, told.text) == (PLANTS[1], CHLOROPHYLL)
    assert (await search.find(tenant, "What do plants make of light?"))[0].text == SUGAR


async def test_what_became_part_of_it_later_by_way_of_another_is_not_told_as_of_a_time_before(
    store: Store, search: Search, tenant: str
) -> None:
    await _merged(store, tenant)
    between = datetime.now(UTC)
    last = Entity("concept", "Life")
    await store.upsert(tenant, [last], [], BY_USER)
    await store.merge(tenant, PLANTS, last.key, BY_USER)
    for find in (search.by_meaning, search.find):
        assert last.name in [hit.name for hit in await find(tenant, QUESTION)]
        assert last.name not in [hit.name for hit in await find(tenant, QUESTION, as_of=between)]


@pytest.mark.parametrize("mode", ["fast", "deep"])
async def test_what_a_duplicate_says_is_put_before_a_model_beside_what_its_survivor_says(
    database_url: str, embedder: Embedder, store: Store, tenant: str, mode: Mode
) -> None:
    before = await _merged(store, tenant)
    async with open_database(database_url) as database:
        answers = Answers(database, Search(database, embedder), Walker(database))
        (source,) = (await answers.ask(tenant, QUESTION, top_k=1, mode=mode, retrieve_only=True)).sources
        then = await answers.ask(tenant, QUESTION, top_k=1, mode=mode, retrieve_only=True, as_of=before)
    assert [(each.name, each.text) for each in then.sources] == [(DUPLICATE[1], CHLOROPHYLL)]
    assert source.text == f"{SUGAR}\n\n{DUPLICATE[1]}:\n{CHLOROPHYLL}"


async def test_of_a_long_text_of_a_duplicate_the_piece_that_is_nearest_is_told(
    store: Store, search: Search, tenant: str
) -> None:
    await _merged(store, tenant, journal(VAULT))
    question = "With which code is the vault of the archive opened?"
    (hit,) = await search.by_meaning(tenant, question, 1)
    (excerpt,) = (await search.excerpts(tenant, question, [hit.id], Room(800, least=800, most=800))).values()
    assert hit.name == PLANTS[1]
    assert VAULT in hit.text
    assert VAULT in excerpt.text
    assert excerpt.text.startswith("…")


async def test_as_of_a_time_before_they_were_merged_each_says_its_own(
    store: Store, search: Search, tenant: str
) -> None:
    before = await _merged(store, tenant)
    for find in (search.find, search.by_meaning, search.by_words):
        then, now = await find(tenant, QUESTION, as_of=before), await find(tenant, QUESTION)
        assert [(hit.name, hit.text) for hit in now[:1]] == [(PLANTS[1], CHLOROPHYLL)]
        assert [(hit.name, hit.text) for hit in then[:1]] == [(DUPLICATE[1], CHLOROPHYLL)]
        assert not then[0].superseded
        assert all(hit.text == SUGAR for hit in then if hit.name == PLANTS[1])
        after = await find(tenant, QUESTION, as_of=datetime.now(UTC))
        assert [hit.name for hit in after] == [hit.name for hit in now]
    ids = [hit.id for hit in then]
    texts = await search.excerpts(tenant, QUESTION, ids, Room(24_000, least=800, most=2_500), before)
    assert texts[ids[0]].text == CHLOROPHYLL
