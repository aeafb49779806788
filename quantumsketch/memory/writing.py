"""Statements into rows, a whole batch at a time. Its caller has the tenant's turn and checked what is said.

Knows not what the statements are about, and embeds nothing. Ids are texts here: they only pass through.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from quantumsketch.errors import BadInput
from quantumsketch.memory.arrays import plain_array, quoted_array
from quantumsketch.memory.chunking import Cut, cut
from quantumsketch.memory.database import Connection
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import CheckedEntity, CheckedFact, Key
from quantumsketch.memory.timeline import Spell, Stored, said

Timeline = tuple[str, str, str | None]
"""Source and relation, and the target unless the relation is functional."""


_NewFact = tuple[str, str, str, datetime | None, datetime | None, str]
"""Source, relation, target, from when (None: now) and to when, and the properties as JSON."""


class FactBetween(NamedTuple):
    """A fact to be there, between two nodes that are."""

    source: str
    kind: str
    target: str
    functional: bool
    properties: str
    valid_from: datetime | None


async def cut_texts(entities: Iterable[CheckedEntity]) -> Cut:
    """Return the pieces of what is told of `entities`; best done before the turn is taken."""
    texts = {text or "" for entity in entities for text in (entity.description, entity.body)}
    return await asyncio.to_thread(cut, texts) if texts else {}


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


async def find_nodes(connection: Connection, keys: Collection[Key]) -> dict[Key, str]:
    """Return the id of each key that is there; of a duplicate, that of what it became part of."""
    parameters = {
        "kinds": plain_array(kind for kind, _ in keys),
        "names": quoted_array(name for _, name in keys),
    }
    rows = await (await connection.execute(query("find_nodes"), parameters)).fetchall()
    return {(row["kind"], row["name"]): row["id"] for row in rows}


async def write_entities(
    turn: Turn, entities: Sequence[CheckedEntity], known: Mapping[Key, str], pieces: Cut
) -> tuple[dict[Key, str], int]:
    """Return the ids of those that were added, and how many of the `known` changed; give them new chunks.

    Texts that are not in `pieces` are cut in a thread, while others wait for their turn.
    """
    new = [entity for entity in entities if entity.key not in known]
    rows = await turn.connection.execute(query("add_entities"), {**turn.marks, **_columns_of(new)})
    added = {(row["kind"], row["name"]): row["id"] for row in await rows.fetchall()}
    old = [entity for entity in entities if entity.key in known]
    rows = await turn.connection.execute(query("entities_that_differ"), _columns_of(old))
    changed = [row["id"] for row in await rows.fetchall()]
    if changed:
        by_id = {known[entity.key]: entity for entity in old}
        changes = [{**turn.marks, **asdict(by_id[node]), "node": node} for node in changed]
        async with turn.connection.cursor() as cursor:
            await cursor.executemany(query("change_entity"), changes)
        rows = await turn.connection.execute(query("texts_of"), {"nodes": plain_array(changed)})
        told = {row["id"]: (row["kind"], row["description"], row["body"]) for row in await rows.fetchall()}
        texts = await _chunks_of(told, pieces)
        await _put_chunks(turn, texts)
        await _drop_chunks(turn, texts)
    told = {added[each.key]: (each.key[0], each.description or "", each.body or "") for each in new}
    await _put_chunks(turn, await _chunks_of(told, pieces))
    return added, len(changed)


async def write_facts(turn: Turn, facts: Iterable[FactBetween]) -> tuple[int, int, int]:
    """Return how many facts were added, how many changed, and how many ended."""
    lines: dict[Timeline, list[FactBetween]] = defaultdict(list)
    for fact in facts:
        lines[fact.source, fact.kind, None if fact.functional else fact.target].append(fact)
    stored = await _stored_spells(turn.connection, lines)
    changed: list[dict[str, object]] = []
    new: list[_NewFact] = []
    ended = 0
    for line, statements in lines.items():
        if len(statements) == 1 and line not in stored:  # as of most facts
            (fact,) = statements
            new.append((fact.source, fact.kind, fact.target, fact.valid_from, None, fact.properties))
            continue
        source, kind, _ = line
        spells = _said_all(statements, stored.get(line, []), turn.at)
        new += [(source, kind, *spell[:4]) for spell in spells if spell.is_new]
        changed += [_change(turn, source, kind, spell) for spell in spells if spell.is_changed]
        ended += sum(spell.is_ended for spell in spells)
    altered = await _change_facts(turn, changed)  # what ends makes room for what begins
    return await _add_facts(turn, new), altered - ended, ended


def between(facts: Iterable[CheckedFact], ids: Mapping[Key, str]) -> Iterator[FactBetween]:
    """Yield the facts with their ends' ids; raises BadInput for one whose end is not there.

    A fact between two that became one says nothing any more, and is left out.
    """
    for fact in facts:
        try:
            source, target = ids[fact.source], ids[fact.target]
        except KeyError as missing:
            raise BadInput(
                f"a fact speaks of {missing.args[0]!r}, which is not there",
                mend="Say the entity with its facts.",
            ) from None
        if source == target and fact.source != fact.target:
            continue
        yield FactBetween(source, fact.kind, target, fact.functional, fact.properties, fact.valid_from)


async def _stored_spells(connection: Connection, lines: Collection[Timeline]) -> dict[Timeline, list[Spell]]:
    """What is stored of these timelines; looked for only where the source has any such fact."""
    begun = await _begun(connection, {(source, kind) for source, kind, _ in lines})
    if not begun:
        return {}
    known = [line for line in lines if line[:2] in begun]
    single = [line for line in known if line[2] is not None]
    functional = [line for line in known if line[2] is None]
    parameters = {
        "sources": plain_array(source for source, _, _ in single),
        "kinds": plain_array(kind for _, kind, _ in single),
        "targets": plain_array(target for _, _, target in single),
        "functional_sources": plain_array(source for source, _, _ in functional),
        "functional_kinds": plain_array(kind for _, kind, _ in functional),
    }
    spells: dict[Timeline, list[Spell]] = defaultdict(list)
    for row in await (await connection.execute(query("spells"), parameters)).fetchall():
        stored = Stored(row["valid_from"], row["valid_to"], row["properties"])
        line = row["source"], row["kind"], row["target"] if row["single"] else None
        spells[line].append(
            Spell(row["target"], stored.valid_from, stored.valid_to, stored.properties, stored)
        )
    return spells


async def _begun(connection: Connection, relations: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those sources and relations of which any fact is stored, whenever it held."""
    parameters = {
        "sources": plain_array(source for source, _ in relations),
        "kinds": plain_array(kind for _, kind in relations),
    }
    rows = await (await connection.execute(query("begun"), parameters)).fetchall()
    return {(row["source"], row["kind"]) for row in rows}


def _said_all(statements: Iterable[FactBetween], spells: list[Spell], now: datetime) -> list[Spell]:
    """The `spells` of a timeline after all of that was said, in this order."""
    for fact in statements:
        at, dated = fact.valid_from or now, fact.valid_from is not None
        spells = said(spells, fact.target, fact.properties, at, among_others=fact.functional and dated)
    return spells


def _change(turn: Turn, source: str, kind: str, spell: Spell) -> dict[str, object]:
    assert spell.stored  # noqa: S101 - only what is stored can change
    return {
        **turn.marks,
        "source": source,
        "kind": kind,
        "target": spell.target,
        "stored_from": spell.stored.valid_from,
        "valid_from": spell.valid_from,
        "valid_to": spell.valid_to,
        "properties": spell.properties,
    }


async def _change_facts(turn: Turn, changes: list[dict[str, object]]) -> int:
    """One by one, but sent together: no plan of a join could be worse than it looks."""
    if not changes:
        return 0
    async with turn.connection.cursor() as cursor:
        await cursor.executemany(query("change_fact"), changes)
        return cursor.rowcount


async def _add_facts(turn: Turn, facts: list[_NewFact]) -> int:
    """Add them; what most have, no properties and a time that is now, goes as NULL: that is quickly read."""
    if not facts:
        return 0
    sources, kinds, targets, starts, ends, properties = zip(*facts, strict=True)
    text_of = cache(_iso)
    parameters = {
        **turn.marks,
        "sources": plain_array(sources),
        "kinds": plain_array(kinds),
        "targets": plain_array(targets),
        "valid_froms": plain_array(map(text_of, starts)),
        "valid_tos": plain_array(map(text_of, ends)),
        "properties": quoted_array(None if each == "{}" else each for each in properties),
    }
    return (await turn.connection.execute(query("add_facts"), parameters)).rowcount


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _columns_of(entities: Collection[CheckedEntity]) -> dict[str, str]:
    return {
        "kinds": plain_array(entity.key[0] for entity in entities),
        "names": quoted_array(entity.key[1] for entity in entities),
        "descriptions": quoted_array(entity.description for entity in entities),
        "bodies": quoted_array(entity.body for entity in entities),
        "properties": quoted_array(entity.properties for entity in entities),
    }


async def _chunks_of(told: Mapping[str, tuple[str, str, str]], pieces: Cut) -> dict[str, list[str]]:
    """The texts that nodes, of these kinds, descriptions and bodies, are found by.

    One at least, for the name, unless that means nothing by itself.
    """
    if missing := {text for _, *texts in told.values() for text in texts} - pieces.keys():
        pieces = {**pieces, **await asyncio.to_thread(cut, missing)}
    return {
        node: [*(pieces[description] or ([] if kind == NodeKind.PARAMETER else [""])), *pieces[body]]
        for node, (kind, description, body) in told.items()
    }


async def _put_chunks(turn: Turn, texts: Mapping[str, list[str]]) -> None:
    chunks = [(node, str(place), text) for node, those in texts.items() for place, text in enumerate(those)]
    parameters = {
        "tenant": turn.tenant,
        "nodes": plain_array(node for node, _, _ in chunks),
        "places": plain_array(place for _, place, _ in chunks),
        "texts": quoted_array(text for _, _, text in chunks),
    }
    await turn.connection.execute(query("put_chunks"), parameters)


async def _drop_chunks(turn: Turn, texts: Mapping[str, list[str]]) -> None:
    """Remove what nodes had beyond the chunks that they have now."""
    counts = plain_array(str(len(those)) for those in texts.values())
    await turn.connection.execute(query("drop_chunks"), {"nodes": plain_array(texts), "counts": counts})
