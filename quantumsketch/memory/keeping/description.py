"""One entity with the facts at it, each with the name of its other end: what a person is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from quantumsketch.errors import NotFound
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.keeping.lookup import key_of
from quantumsketch.memory.keeping.reading import read_duplicates, read_entity, read_facts
from quantumsketch.memory.records import EntityHead, EntityRecord, FactRecord, Record
from quantumsketch.memory.statements import Key, in_words


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
    """An entity, and the facts that hold of it, now or as of a time."""

    entity: EntityRecord
    part_of: EntityHead | None = Field(default=None, description="what it became part of, being a duplicate")
    duplicates: list[EntityHead] = Field(default=[], description="what became part of it, the newest first")
    facts: list[DescribedFact]
    truncated: bool = Field(description="whether there are more facts, or duplicates")


async def describe(
    database: Database,
    tenant: str,
    name: str,
    kind: str | None = None,
    *,
    limit: int = 50,
    as_of: datetime | None = None,
) -> Described:
    """Return what is known of the entity called `name`, or was at `as_of`, with `limit` facts each way.

    A piece of code may be called by the end of its dotted name. Raises NotFound, or BadInput if it may be
    several.
    """
    key = await key_of(database, tenant, name, kind, own_names=True)
    async with database.transaction(tenant, "read an entity") as connection:
        entity = await _entity_then(connection, key, as_of)
        outward = await read_facts(connection, entity.id, None, "out", (as_of, as_of), limit + 1)
        inward = await read_facts(connection, entity.id, None, "in", (as_of, as_of), limit + 1)
        duplicates = await read_duplicates(connection, entity.id, as_of, limit + 1)
        part_of = entity.merged_into and await read_entity(connection, entity.merged_into, as_of)
        found = outward[:limit] + [fact for fact in inward[:limit] if fact.source != fact.target]
        ends: dict[UUID, EntityRecord] = {entity.id: entity}
        for end in {end for fact in found for end in (fact.source, fact.target)} - set(ends):
            ends[end] = await read_entity(connection, end, as_of)
    shown = [_seen_from(entity.id, fact, ends) for fact in found]
    shown.sort(key=lambda fact: (not fact.outward, fact.relation, fact.kind, fact.name))
    return Described(
        entity=entity,
        part_of=part_of,
        duplicates=duplicates[:limit],
        facts=shown,
        truncated=max(len(outward), len(inward), len(duplicates)) > limit,
    )


async def _entity_then(connection: Connection, key: Key, as_of: datetime | None) -> EntityRecord:
    try:
        return await read_entity(connection, key, as_of)
    except NotFound:
        when = f" was recorded as of {as_of.isoformat()}" if as_of else " is there any more"
        raise NotFound(f"no {in_words(key)}{when}", mend="Ask as of a later time, or of now.") from None


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
