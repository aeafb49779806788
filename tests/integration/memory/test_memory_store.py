"""Entities and facts go into a real Postgres: added, changed, superseded, closed, read back."""

from __future__ import annotations

from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.memory.store import Store

BY_TOOL = Provenance("run-1", "ingest", "tool")
ADA, ENGINE = ("person", "Ada"), ("project", "Engine")


async def test_what_was_said_is_known_with_who_said_it(store: Store, tenant: str) -> None:
    said = [Entity(*ADA, "A mathematician", "Long. " * 300, {"born": 1815}), Entity(*ENGINE)]
    written = await store.upsert(tenant, said, [Fact(ADA, "works_on", ENGINE)], BY_TOOL)
    assert (written.added, written.changed, written.closed) == (3, 0, 0)
    ada = await store.entity(tenant, ADA)
    assert (ada.id, ada.description, ada.properties) == (written.ids[ADA], "A mathematician", {"born": 1815})
    assert ada.provenance["activity"] == "ingest"
    (fact,) = await store.facts(tenant, ada.id)
    assert (fact.kind, fact.target, fact.valid_from) == ("works_on", written.ids[ENGINE], written.at)
    again = await store.upsert(tenant, said, [Fact(ADA, "works_on", ENGINE)], BY_TOOL)
    assert (again.added, again.changed, again.closed) == (0, 0, 0)
