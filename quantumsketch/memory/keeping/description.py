"""One entity with the facts at it, each with the name of its other end: what a person is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from quantumsketch.memory.database import Database
from quantumsketch.memory.keeping.lookup import key_of
from quantumsketch.memory.keeping.reading import read_entity, read_facts
from quantumsketch.memory.records import EntityRecord, FactRecord, Record


class DescribedFact(Record):
    """A fact as it is seen from one of its ends."""

    relation: str
    outward: bool = Field(description="whether the entity shown is its source")
    kind: str = Field(description="of the other end")
    name: str = Field(description="of the other end")
    properties: dict[str, JsonValue]
    provenance: dict[str, JsonValue]
    valid_from: datetime


class Described(Record):
    """An entity, and the facts that hold of it now."""

    entity: EntityRecord
    facts: list[DescribedFact]
    truncated: bool = Field(description="whether there are more facts")


async def describe(
    database: Database, tenant: str, name: str, kind: str | None = None, *, limit: int = 50
) -> Described:
    """Return what is known of the entity called `name`, with at most `limit` facts each way.

    A piece of code may be called by the end of its dotted name. Raises NotFound, or BadInput if it may be
    several.
    """
    key = await key_of(database, tenant, name, kind, own_names=True)
    async with database.transaction(tenant, "read an entity") as connection:
        entity = await read_entity(connection, key, None)
        outward = await read_facts(connection, entity.id, None, "out", (None, None), limit + 1)
        inward = await read_facts(connection, entity.id, None, "in", (None, None), limit + 1)
        found = outward[:limit] + [fact for fact in inward[:limit] if fact.source != fact.target]
        ends: dict[UUID, EntityRecord] = {entity.id: entity}
        for end in {end for fact in found for end in (fact.source, fact.target)} - set(ends):
            ends[end] = await read_entity(connection, end, None)
    shown = [_seen_from(entity.id, fact, ends) for fact in found]
    shown.sort(key=lambda fact: (not fact.outward, fact.relation, fact.kind, fact.name))
    truncated = max(len(outward), len(inward)) > limit
    return Described(entity=entity, facts=shown, truncated=truncated)


def _seen_from(node: UUID, fact: FactRecord, ends: Mapping[UUID, EntityRecord]) -> DescribedFact:
    outward = fact.source == node
    other = ends[fact.target if outward else fact.source]
    return DescribedFact(
        relation=fact.kind,
        outward=outward,
        kind=other.kind,
        name=other.name,
        properties=fact.properties,
        provenance=fact.provenance,
        valid_from=fact.valid_from,
    )
