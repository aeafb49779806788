"""As many are found as were asked for, if there are so many: no long text and no successor hides others."""

from __future__ import annotations

import pytest

from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")


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
