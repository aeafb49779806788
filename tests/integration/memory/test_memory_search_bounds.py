"""As many are found as were asked for, if there are so many: no long text and no successor hides others."""

from __future__ import annotations

import psycopg
import pytest

from quantumsketch.memory.finding.rankings import LEAST_SIMILARITY
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")


@pytest.mark.parametrize("diaries", [1, 4])
async def test_however_long_some_texts_are_others_are_found_beside_them(
    store: Store, search: Search, tenant: str, administrator: psycopg.Connection, diaries: int
) -> None:
    """Of the longest texts each of 500 pieces is nearer to the question than anything else."""
    question = "harbour cranes in winter"
    notes = [Entity("note", f"Note {number}", f"Entry {number} of the register.") for number in range(9)]
    long = [Entity("note", f"Diary {number}", question) for number in range(diaries)]
    await store.upsert(tenant, [*notes, *long], [], BY_USER)
    administrator.execute(
        "INSERT INTO chunks (tenant, node, place, text, embedding, embedding_model) "
        "SELECT tenant, node, place + n, text, embedding, embedding_model "
        "FROM chunks, generate_series(1, 500) AS n "
        "WHERE tenant = %s AND text = %s",
        [tenant, question],
    )
    for limit in (1, 5, 10, 30):
        hits = await search.by_meaning(tenant, question, limit)
        assert len(hits) == min(limit, len(notes) + diaries)
        assert {hit.name for hit in hits[:diaries]} <= {entity.name for entity in long}
    assert len(await search.find(tenant, f"{question} and the register")) >= 10


async def test_what_has_no_vector_yet_is_not_drowned_by_what_hardly_has_to_do_with_the_question(
    store: Store, search: Search, tenant: str
) -> None:
    things = ["magnet", "box", "lamp", "tool", "wheel", "gift", "friend", "machine", "kite", "spoon"]
    doings = ["Somebody needs a {}.", "This is some {} or other.", "A {} may be useful to whoever has it."]
    notes = [
        Entity("note", f"{thing} {number}", doing.format(thing))
        for thing in things
        for number, doing in enumerate(doings)
    ]
    await store.upsert(tenant, notes, [], BY_USER)
    await store.upsert(tenant, [Entity("function", "shop.stock.helper", "Helps.")], [], BY_USER, embed=False)
    question = "thing that helps"
    near = await search.by_meaning(tenant, question, 10)
    assert all((hit.similarity or 0) > LEAST_SIMILARITY for hit in near), "there is something to drown it"
    assert (await search.find(tenant, question))[0].name == "shop.stock.helper"


async def test_what_was_compared_by_its_duplicate_counts_once_for_what_it_means(
    store: Store, search: Search, tenant: str
) -> None:
    fed, whole = (
        Entity("note", "Fed", "pandas eat bamboo leaves"),
        Entity("note", "Whole", "pandas eat bamboo"),
    )
    other = Entity("note", "Other", "pandas eat bamboo stalks")
    await store.upsert(tenant, [fed, other], [], BY_USER)
    await store.upsert(tenant, [whole], [], BY_USER, embed=False)
    await store.merge(tenant, fed.key, whole.key, BY_USER)
    question = "What do pandas eat?"
    by_meaning = [hit.name for hit in await search.by_meaning(tenant, question)]
    assert set(by_meaning) == {"Whole", "Other"}
    assert [hit.name for hit in await search.find(tenant, question)] == by_meaning


async def test_a_thing_stands_before_what_is_called_after_it_with_vectors_beside_them_or_without(
    store: Store, search: Search, tenant: str
) -> None:
    verbs = ("fill", "fall", "boil")
    shop = [
        Entity("class", "shop.tea.Pot", "Brews and pours."),
        *[Entity("method", f"shop.tea.Pot.{verb}", f"Have the pot {verb}.") for verb in verbs],
        Entity("method", "shop.tea.Pot.rest"),
    ]
    note = Entity("note", "Kettle", "A pot for tea stands on the stove.")
    for of, noted in ((tenant, []), (f"{tenant}-noted", [note])):
        await store.upsert(of, noted, [], BY_USER)
        await store.upsert(of, shop, [], BY_USER, embed=False)
        hits = await search.find(of, "Pot")
        assert next(hit.name for hit in hits if hit.kind != "note") == "shop.tea.Pot"
        assert len(hits) == len(shop) + len(noted)
    (kettle,) = [hit for hit in hits if hit.kind == "note"]
    assert (kettle.similarity or 0) > LEAST_SIMILARITY, "it was compared, the others were not"


async def test_whatever_took_their_places_all_that_are_compared_are_told(
    store: Store, search: Search, tenant: str
) -> None:
    old = [("note", f"old {number}") for number in range(100)]
    new = [("note", f"new {number}") for number in range(100)]
    replaced = [Fact(later, "supersedes", earlier) for later, earlier in zip(new, old, strict=True)]
    written = await store.upsert(
        tenant, [Entity(*key) for key in [*old, *new]], replaced, BY_USER, embed=False
    )
    nodes = [written.ids[key] for key in old]
    hits = await search.compare(tenant, "old", nodes)
    assert {hit.id for hit in hits} == set(nodes)
    assert all(hit.superseded for hit in hits)
