"""Words that very many nodes have: not all of those are looked at, and the best is found all the same."""

from __future__ import annotations

import pytest

from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance

MANY = 620
BY_USER = Provenance("run-1", "write", "user")
SAILS, SINGS = "Quorra sails", "Quorra sings"


@pytest.mark.parametrize("called_so", [True, False])
async def test_what_a_rare_word_found_is_asked_whether_it_holds_the_common_one_too(
    database_url: str, store: Store, embedder: Embedder, tenant: str, called_so: bool
) -> None:
    common = ("Tide table {}", "") if called_so else ("Table {}", "It tells the tide.")
    tables = [Entity("note", common[0].format(n), description=common[1]) for n in range(MANY)]
    last = [
        Entity("note", SINGS, description="She does so all day."),
        Entity("note", SAILS, description="She does so with the tide."),
    ]
    for entities in (tables, last):
        await store.upsert(tenant, entities, [], BY_USER, embed=False)
    async with open_database(database_url) as database:
        hits = await Search(database, embedder).by_words(tenant, "Quorra tide", 5)
    assert [hit.name for hit in hits[:2]] == [SAILS, SINGS]
    assert {"its name holds 'Quorra'", "its text holds 'tide'"} <= set(hits[0].why)
    assert len(hits) == 5
