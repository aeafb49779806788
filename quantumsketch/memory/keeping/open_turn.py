"""Several statements about a tenant in one turn: what is read in it stays so, and all of it counts or none.

Its caller has taken the turn, and ends it. Embeds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.keeping.admission import Admission
from quantumsketch.memory.keeping.chunking import Cut
from quantumsketch.memory.keeping.circles import no_new_circle
from quantumsketch.memory.keeping.reading import entity_id, read_entity, read_facts, spell_around
from quantumsketch.memory.keeping.writing import Turn, cut_texts, find_nodes, write_entities
from quantumsketch.memory.keeping.writing_facts import between, write_facts
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import EntityRecord, FactRecord, Written
from quantumsketch.memory.statements import (
    CLOCKS_DIFFER_BY,
    CheckedEntity,
    CheckedFact,
    Entity,
    Fact,
    Key,
    checked_entities,
    checked_facts,
    checked_time,
    in_words,
)


class OpenTurn:
    """What can be read and said while nobody else writes for the tenant."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn

    async def entity(self, named: UUID | Key) -> EntityRecord | None:
        """Return an entity as it is, None if there is none."""
        try:
            return await read_entity(self.turn.connection, named, None)
        except NotFound:
            return None

    async def facts(self, key: Key, relation: str, limit: int = 1_000) -> list[FactRecord]:
        """Return the facts of one relation that lead from an entity and hold, newest first."""
        node = await self.entity(key)
        if node is None:
            return []
        return await read_facts(self.turn.connection, node.id, relation, "out", (None, None), limit)

    async def spell(self, fact: Fact, at: datetime) -> tuple[datetime, datetime | None] | None:
        """Return from when to when `fact` holds that did at `at`, by what is known; None if it did not."""
        ids = await find_nodes(self.turn.connection, [fact.source, fact.target])
        if not {fact.source, fact.target} <= ids.keys():
            return None
        ends = UUID(ids[fact.source]), fact.relation, UUID(ids[fact.target])
        return await spell_around(self.turn.connection, ends, at)

    async def say(self, entities: Sequence[Entity], facts: Sequence[Fact]) -> Written:
        """Write what is said; saying it again changes nothing. Raises BadInput."""
        told, claims = checked_entities(entities), checked_facts(facts)
        return await write(self.turn, told, claims, await cut_texts(told))

    async def close(self, fact: Fact, at: datetime | None = None) -> int:
        """Close a fact now, or from `at` on; return how many rows that changed.

        Raises NotFound for what never was, BadInput for a time that is later than now or before the fact.
        """
        return await _close_fact(self.turn, fact, self._past(at))

    async def close_entity(self, named: UUID | Key, at: datetime | None = None) -> int:
        """Close an entity and its facts, as `close` does."""
        closed_at = self._past(at)
        node = await entity_id(self.turn.connection, named)
        await read_entity(self.turn.connection, node, None)
        parameters = {**self.turn.marks, "node": node, "closed_at": closed_at, "merged_into": None}
        closed = await self.turn.connection.execute(query("close_entity"), parameters)
        facts = await self.turn.connection.execute(query("close_facts_of"), parameters)
        return closed.rowcount + facts.rowcount

    def _past(self, at: datetime | None) -> datetime:
        return checked_time(at or self.turn.at, self.turn.at + CLOCKS_DIFFER_BY)


async def write(
    turn: Turn,
    told: Sequence[CheckedEntity],
    claims: Sequence[CheckedFact],
    pieces: Cut,
    admission: Admission | None = None,
) -> Written:
    """Write what is said, with `pieces` of its texts, and return what that changed.

    Raises BadInput, and what `admission` does.
    """
    keys = {entity.key for entity in told} | {key for fact in claims for key in (fact.source, fact.target)}
    ids = await find_nodes(turn.connection, keys)
    if admission:
        await admission(turn.connection, [entity.key for entity in told], ids)
    new, changed, merged = await write_entities(turn, told, ids, pieces)
    ids |= new
    async with no_new_circle(turn, claims, ids):
        more, altered, closed = await write_facts(turn, between(claims, ids))
    return Written(
        at=turn.at,
        ids={key: UUID(node) for key, node in ids.items()},
        added=len(new) + more,
        changed=changed + altered,
        closed=closed,
        merged=merged,
    )


async def _close_fact(turn: Turn, fact: Fact, closed_at: datetime) -> int:
    (claim,) = checked_facts([fact])
    ids = await find_nodes(turn.connection, [claim.source, claim.target])
    named = {"source": ids.get(claim.source), "kind": claim.kind, "target": ids.get(claim.target)}
    rows = await (await turn.connection.execute(query("fact_spells"), named)).fetchall()
    if not rows:
        said = f"{in_words(fact.source)} {fact.relation} {in_words(fact.target)}"
        raise NotFound(
            f"it was never said that {said}", mend="Name both ends and the relation as they were said."
        )
    if rows[0]["valid_to"] is not None:
        return 0
    if closed_at < rows[0]["valid_from"]:
        raise BadInput(
            f"the fact cannot end at {closed_at.isoformat()}, before it began",
            mend=f"It holds since {rows[0]['valid_from'].isoformat()}.",
        )
    closed = await turn.connection.execute(
        query("close_fact"), {**turn.marks, **named, "closed_at": closed_at}
    )
    return closed.rowcount
