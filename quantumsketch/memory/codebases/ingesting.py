"""What was read of a codebase, into the store: what is new opens, what is gone closes, all of it or nothing.

Closed is only what an earlier reading said: what others say of code stays, as long as the code is there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.memory.arrays import plain_array
from quantumsketch.memory.codebases.reading import Reading
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.keeping.lookup import offered_as
from quantumsketch.memory.keeping.writing import Turn, cut_texts, find_nodes, take_turn, write_entities
from quantumsketch.memory.keeping.writing_facts import between, write_facts
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import (
    CheckedEntity,
    CheckedFact,
    Fact,
    Key,
    Provenance,
    checked_entities,
    checked_facts,
)

ACTIVITY = "ingest"
_KINDS = [
    kind.value
    for kind in (
        NodeKind.CODEBASE,
        NodeKind.MODULE,
        NodeKind.CLASS,
        NodeKind.FUNCTION,
        NodeKind.METHOD,
        NodeKind.PARAMETER,
    )
]
_Fact = tuple[str, str, str]
"""The id of the source, the relation, the id of the target."""


class NotRead(BaseModel):
    """Something that a reading left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(description="relative to the folder")
    why: str


class Recorded(BaseModel):
    """What a reading found, and what that changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codebase: str
    version: str | None
    read: dict[str, int] = Field(description="how many entities of each kind there are")
    facts: int = Field(description="how many facts are told of them")
    added: int = Field(description="entities and facts that were not there")
    changed: int = Field(description="entities and facts of which something else is told now")
    closed: int = Field(description="entities and facts that are no more")
    skipped: list[NotRead]


async def record(database: Database, tenant: str, reading: Reading, *, run: str) -> Recorded:
    """Write down what was read, in one transaction; the same again changes nothing."""
    async with database.writing(tenant, "record a codebase") as connection:
        return await record_on(connection, tenant, reading, run=run)


async def record_on(connection: Connection, tenant: str, reading: Reading, *, run: str) -> Recorded:
    """Do so in the transaction of `connection`, which may have the tenant's turn already."""
    at = await take_turn(connection, tenant)
    turn = Turn(connection, tenant, at, Provenance(run, ACTIVITY, "tool:codebases").as_json(at))
    elsewhere = await _offered_elsewhere(connection, reading)
    entities, facts = await asyncio.to_thread(_checked, reading, elsewhere)
    keys = {entity.key for entity in entities} | set(elsewhere.values())
    known = await find_nodes(connection, keys)
    new, changed, _ = await write_entities(turn, entities, known, await cut_texts(entities))
    ids = known | new
    held = list(between(facts, ids))
    added, altered, ended = await write_facts(turn, held)
    closed = await _close_what_is_gone(turn, reading, ids, {fact[:3] for fact in held})
    return _told(reading, added=len(new) + added, changed=changed + altered, closed=closed + ended)


def _checked(reading: Reading, elsewhere: Mapping[Key, Key]) -> tuple[list[CheckedEntity], list[CheckedFact]]:
    """What is written of a reading; of much of it that takes long, and others wait on the event loop."""
    facts = [
        Fact(each.source, each.relation, elsewhere.get(each.target, each.target)) for each in reading.facts
    ]
    return checked_entities([each for each in reading.entities if each.key not in elsewhere]), checked_facts(
        facts
    )


async def _offered_elsewhere(connection: Connection, reading: Reading) -> dict[Key, Key]:
    """The classes outside of the codebase that were read already: by the names they are offered under."""
    outside = {entity.name: entity.key for entity in reading.entities if entity.properties is None}
    offered = await offered_as(connection, outside, [NodeKind.CLASS.value]) if outside else {}
    return {outside[name]: key for name, key in offered.items() if key != outside[name]}


async def _close_what_is_gone(
    turn: Turn, reading: Reading, ids: Mapping[Key, str], held: Collection[_Fact]
) -> int:
    """Close what was read of the codebase before and is not there now; return how many rows that changed."""
    told = set(ids.values())
    parameters: dict[str, object] = {"kinds": _KINDS, "codebase": reading.name}
    rows = await (await turn.connection.execute(query("entities_of_codebase"), parameters)).fetchall()
    gone = [row["id"] for row in rows if row["id"] not in told and not reading.may_be_there(row["name"])]
    parameters = {"nodes": plain_array(row["id"] for row in rows), "activity": ACTIVITY}
    names = {row["id"]: row["name"] for row in rows}
    open_facts = await turn.connection.execute(query("facts_of_codebase"), parameters)
    facts = [
        {"source": row["source"], "kind": row["kind"], "target": row["target"]}
        for row in await open_facts.fetchall()
        if (row["source"], row["kind"], row["target"]) not in held
        and not any(reading.may_be_there(names.get(row[end], "")) for end in ("source", "target"))
    ]
    closed = await _each(turn, query("close_fact"), facts)
    closed += await _each(turn, query("close_facts_of"), [{"node": node} for node in gone])
    entities = [{"node": node, "merged_into": None} for node in gone]
    return closed + await _each(turn, query("close_entity"), entities)


async def _each(turn: Turn, statement: bytes, changes: Iterable[Mapping[str, object]]) -> int:
    """Run a statement for each of the changes, sent together; return how many rows they changed."""
    parameters = [{**turn.marks, "closed_at": turn.at, **change} for change in changes]
    if not parameters:
        return 0
    async with turn.connection.cursor() as cursor:
        await cursor.executemany(statement, parameters)
        return cursor.rowcount


def _told(reading: Reading, *, added: int, changed: int, closed: int) -> Recorded:
    counts = Counter(entity.kind for entity in reading.entities if entity.properties is not None)
    return Recorded(
        codebase=reading.name,
        version=reading.version,
        read={kind: counts[kind] for kind in _KINDS[1:]},
        facts=len(reading.facts),
        added=added,
        changed=changed,
        closed=closed,
        skipped=[NotRead(path=_readable(each.path), why=each.why) for each in reading.skipped],
    )


def _readable(path: str) -> str:
    """A path may hold bytes that are no text."""
    return path.encode(errors="backslashreplace").decode()
