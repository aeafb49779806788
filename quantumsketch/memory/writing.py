"""Statements into rows, a whole batch at a time. Its caller has the tenant's turn and checked what is said.

Knows not what the statements are about, and embeds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import DictRow

from quantumsketch.errors import BadInput
from quantumsketch.memory.chunking import chunks_of
from quantumsketch.memory.database import Connection
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import CheckedEntity, CheckedFact, Key
from quantumsketch.memory.timeline import Spell, said

Timeline = tuple[UUID, str, UUID | None]
"""Source and relation, and the target unless the relation is functional."""


class FactBetween(NamedTuple):
    """A fact to be there, between two nodes that are."""

    source: UUID
    kind: str
    target: UUID
    functional: bool
    properties: str
    valid_from: datetime | None


@dataclass(frozen=True)
class Turn:
    """The right to write for a tenant until the transaction ends, and what is kept beside each change."""

    connection: Connection
    tenant: str
    at: datetime
    provenance: str

    @property
    def marks(self) -> dict[str, object]:
        return {"tenant": self.tenant, "at": self.at, "provenance": self.provenance}


async def take_turn(connection: Connection, tenant: str) -> datetime:
    """Wait until no other writer of `tenant` is at work; return a time later than whatever they recorded."""
    await connection.execute(query("take_turn"), {"name": f"memory of {tenant}"})
    row = await (await connection.execute(query("recording_time"))).fetchone()
    assert row  # noqa: S101 - a SELECT without FROM has one row
    at: datetime = row["at"]
    return at


async def write_entities(turn: Turn, entities: Sequence[CheckedEntity]) -> tuple[int, int]:
    """Return how many were added, and how many changed; their chunks are cut anew."""
    if not entities:
        return 0, 0
    parameters = {
        **turn.marks,
        "kinds": [entity.key[0] for entity in entities],
        "names": [entity.key[1] for entity in entities],
        "descriptions": [entity.description for entity in entities],
        "bodies": [entity.body for entity in entities],
        "properties": [entity.properties for entity in entities],
    }
    changed = await (await turn.connection.execute(query("change_entities"), parameters)).fetchall()
    added = await (await turn.connection.execute(query("add_entities"), parameters)).fetchall()
    await _write_chunks(turn, [*changed, *added])
    return len(added), len(changed)


async def node_ids(connection: Connection, keys: Iterable[Key]) -> dict[Key, UUID]:
    """Return the id of each key that is there; of a duplicate, that of what it became part of."""
    wanted = list(keys)
    parameters = {"kinds": [kind for kind, _ in wanted], "names": [name for _, name in wanted]}
    rows = await connection.execute(query("node_ids"), parameters)
    return {(row["kind"], row["name"]): row["id"] for row in await rows.fetchall()}


async def write_facts(turn: Turn, facts: Iterable[FactBetween]) -> tuple[int, int, int]:
    """Return how many facts were added, how many changed, and how many ended."""
    lines: dict[Timeline, list[FactBetween]] = defaultdict(list)
    for fact in facts:
        lines[fact.source, fact.kind, None if fact.functional else fact.target].append(fact)
    spells = await _stored_spells(turn.connection, lines)
    for line, statements in lines.items():
        for fact in statements:
            spells[line] = said(spells[line], fact.target, fact.properties, fact.valid_from or turn.at)
    told = [(source, kind, spell) for (source, kind, _), those in spells.items() for spell in those]
    changed = await _change_facts(turn, [fact for fact in told if fact[2].is_changed])
    added = await _add_facts(turn, [fact for fact in told if fact[2].is_new])
    ended = sum(spell.is_ended for _, _, spell in told)
    return added, changed - ended, ended


def between(facts: Iterable[CheckedFact], ids: Mapping[Key, UUID]) -> Iterator[FactBetween]:
    """Yield the facts with their ends' ids; raises BadInput for one whose end is not there."""
    for fact in facts:
        try:
            source, target = ids[fact.source], ids[fact.target]
        except KeyError as missing:
            raise BadInput(
                f"a fact speaks of {missing.args[0]!r}, which is not there",
                mend="Say the entity with its facts.",
            ) from None
        yield FactBetween(source, fact.kind, target, fact.functional, fact.properties, fact.valid_from)


async def _stored_spells(
    connection: Connection, lines: Iterable[Timeline]
) -> defaultdict[Timeline, list[Spell]]:
    single = [line for line in lines if line[2] is not None]
    functional = [line for line in lines if line[2] is None]
    parameters = {
        "sources": [source for source, _, _ in single],
        "kinds": [kind for _, kind, _ in single],
        "targets": [target for _, _, target in single],
        "functional_sources": [source for source, _, _ in functional],
        "functional_kinds": [kind for _, kind, _ in functional],
    }
    spells: defaultdict[Timeline, list[Spell]] = defaultdict(list)
    for row in await (await connection.execute(query("spells"), parameters)).fetchall():
        line = row["source"], row["kind"], row["target"] if row["single"] else None
        span = row["valid_from"], row["valid_to"]
        spells[line].append(Spell(row["target"], *span, stored=span))
    return spells


async def _change_facts(turn: Turn, facts: list[tuple[UUID, str, Spell]]) -> int:
    if not facts:
        return 0
    stored_froms = [spell.stored[0] for _, _, spell in facts if spell.stored]
    parameters = {**turn.marks, **_columns(facts), "stored_froms": stored_froms}
    return (await turn.connection.execute(query("change_facts"), parameters)).rowcount


async def _add_facts(turn: Turn, facts: list[tuple[UUID, str, Spell]]) -> int:
    if not facts:
        return 0
    parameters = {**turn.marks, **_columns(facts)}
    return (await turn.connection.execute(query("add_facts"), parameters)).rowcount


def _columns(facts: list[tuple[UUID, str, Spell]]) -> dict[str, list[object]]:
    return {
        "sources": [source for source, _, _ in facts],
        "kinds": [kind for _, kind, _ in facts],
        "targets": [spell.target for _, _, spell in facts],
        "valid_froms": [spell.valid_from for _, _, spell in facts],
        "valid_tos": [spell.valid_to for _, _, spell in facts],
        "properties": [spell.properties for _, _, spell in facts],
    }


async def _write_chunks(turn: Turn, rows: list[DictRow]) -> None:
    texts = {row["id"]: [*(chunks_of(row["description"]) or [""]), *chunks_of(row["body"])] for row in rows}
    chunks = [(node, place, text) for node, those in texts.items() for place, text in enumerate(those)]
    if not chunks:
        return
    parameters = {
        "tenant": turn.tenant,
        "nodes": [node for node, _, _ in chunks],
        "places": [place for _, place, _ in chunks],
        "texts": [text for _, _, text in chunks],
    }
    await turn.connection.execute(query("put_chunks"), parameters)
    counts = {"nodes": [*texts], "counts": [len(those) for those in texts.values()]}
    await turn.connection.execute(query("drop_chunks"), counts)
