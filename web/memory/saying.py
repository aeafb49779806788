"""Writing down what somebody outside says, and noting what that leaves to be done later."""

from __future__ import annotations

from collections.abc import Sequence

from quantumsketch.memory.keeping.admission import Admission
from quantumsketch.memory.records import Written
from quantumsketch.memory.statements import Entity, Fact, Provenance
from workflows.memory import Memory

VECTORS_AT_ONCE = 32
"""Texts that have theirs when the answer comes, within seconds; the rest of a long body has them later."""


async def say(
    memory: Memory,
    tenant: str,
    entities: Sequence[Entity],
    facts: Sequence[Fact],
    provenance: Provenance,
    admission: Admission,
) -> Written:
    """Write all of it or nothing, and let the memory's upkeep look after the tenant. Raises BadInput."""
    written = await memory.store.upsert(
        tenant, entities, facts, provenance, vectors_at_once=VECTORS_AT_ONCE, admission=admission
    )
    memory.upkeep.wanted(tenant, written.ids.values() if written.without_vectors else ())
    return written
