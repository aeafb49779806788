"""Facts into rows, a whole batch at a time. Its caller has the tenant's turn and checked what is said.

Knows what holds when by asking timeline.py. Ids are texts here: they only pass through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import tuple_row

from quantumsketch.errors import BadInput
from quantumsketch.memory.arrays import plain_array, quoted_array, times_array
from quantumsketch.memory.database import Connection
from quantumsketch.memory.keeping.timeline import Spell, Stored, said
from quantumsketch.memory.keeping.writing import Turn
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import CheckedFact, Key, in_words

Timeline = tuple[str, str, str | None]
"""Source and relation, and the target unless the relation is functional."""
Ends = tuple[str, str, str]
"""Source, relation and target."""
_NewFact = tuple[str, str, str, datetime | None, datetime | None, str | None]
"""Source, relation, target, from when (None: now) and to when, and the properties as JSON (None: none)."""


class FactBetween(NamedTuple):
    """A fact to be there, between two nodes that are."""

    source: str
    kind: str
    target: str
    functional: bool
    properties: str | None
    valid_from: datetime | None


async def write_facts(turn: Turn, facts: Iterable[FactBetween]) -> tuple[int, int, int]:
    """Return how many facts were added, how many changed, and how many ended."""
    first, later = _by_timeline(facts)
    stored = await _stored_spells(turn.connection, first)
    alone: list[FactBetween] = []
    changed: list[dict[str, object]] = []
    new: list[_NewFact] = []
    ended = 0
    for line, fact in first.items():
        known = stored.get(line)
        if known is None and line not in later:
            alone.append(fact)
            continue
        spells = _said_all([fact, *later.get(line, [])], known or [], turn.at)
        if spells is known:
            continue
        source, kind, _ = line
        new += [(source, kind, *spell[:4]) for spell in spells if spell.is_new]
        changed += [_change(turn, source, kind, spell) for spell in spells if spell.is_changed]
        ended += sum(spell.is_ended for spell in spells)
    altered = await _change_facts(turn, changed)  # what ends makes room for what begins
    added = await _add_facts(turn, alone) + await _add_spells(turn, new)
    return added, altered - ended, ended


def between(facts: Iterable[CheckedFact], ids: Mapping[Key, str]) -> Iterator[FactBetween]:
    """Yield the facts with their ends' ids; raises BadInput for one whose end is not there.

    A fact between two that became one says nothing any more, and is left out.
    """
    for fact in facts:
        try:
            source, target = ids[fact.source], ids[fact.target]
        except KeyError as missing:
            raise BadInput(
                f"a fact speaks of {in_words(missing.args[0])}, which is not there",
                mend="Say the entity with its facts.",
            ) from None
        if source == target and fact.source != fact.target:
            continue
        yield FactBetween(source, fact.kind, target, fact.functional, fact.properties, fact.valid_from)


async def open_facts(turn: Turn, facts: Sequence[FactBetween]) -> dict[Ends, str]:
    """Return the properties of those of `facts` that hold, whatever else is said of them."""
    if not facts:
        return {}
    parameters = {
        "sources": plain_array(fact.source for fact in facts),
        "kinds": plain_array(fact.kind for fact in facts),
        "targets": plain_array(fact.target for fact in facts),
    }
    rows = await turn.connection.execute(query("open_facts"), parameters)
    return {(row["source"], row["kind"], row["target"]): row["properties"] for row in await rows.fetchall()}


def _by_timeline(
    facts: Iterable[FactBetween],
) -> tuple[dict[Timeline, FactBetween], dict[Timeline, list[FactBetween]]]:
    """The first fact of each timeline, and those after it: of most there are none.

    A list for each would cost more than all else here: the garbage collector looks at it again and again.
    """
    first: dict[Timeline, FactBetween] = {}
    later: dict[Timeline, list[FactBetween]] = defaultdict(list)
    for fact in facts:
        source, kind, target, functional, _, _ = fact
        line = source, kind, None if functional else target
        if first.setdefault(line, fact) is not fact:
            later[line].append(fact)
    return first, later


async def _stored_spells(connection: Connection, lines: Collection[Timeline]) -> dict[Timeline, list[Spell]]:
    """What is stored of these timelines; looked for only where the source has any such fact."""
    begun = await _begun(connection, {(source, kind) for source, kind, _ in lines})
    if not begun:
        return {}
    known = [line for line in lines if line[:2] in begun]
    single = [(source, kind, target) for source, kind, target in known if target is not None]
    functional = [(source, kind) for source, kind, target in known if target is None]
    parameters = {
        "sources": plain_array(source for source, _, _ in single),
        "kinds": plain_array(kind for _, kind, _ in single),
        "targets": plain_array(target for _, _, target in single),
        "functional_sources": plain_array(source for source, _ in functional),
        "functional_kinds": plain_array(kind for _, kind in functional),
    }
    spells: dict[Timeline, list[Spell]] = defaultdict(list)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query("spells"), parameters)
        for source, kind, target, since, until, properties, is_single in await cursor.fetchall():
            line = source, kind, target if is_single else None
            stored = Stored(since, until, properties)
            spells[line].append(Spell(target, since, until, properties, stored))
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


async def _add_facts(turn: Turn, facts: Sequence[FactBetween]) -> int:
    """Add what begins its timeline."""
    if not facts:
        return 0
    sources, kinds, targets, _, properties, starts = zip(*facts, strict=True)
    return await _add(turn, sources, kinds, targets, starts, None, properties)


async def _add_spells(turn: Turn, spells: Sequence[_NewFact]) -> int:
    return await _add(turn, *zip(*spells, strict=True)) if spells else 0


async def _add(
    turn: Turn,
    sources: Iterable[str],
    kinds: Iterable[str],
    targets: Iterable[str],
    starts: Collection[datetime | None],
    ends: Collection[datetime | None] | None,
    properties: Iterable[str | None],
) -> int:
    """What most facts have, no properties and a time that is now, goes as NULL: that is quickly read."""
    parameters = {
        **turn.marks,
        "sources": plain_array(sources),
        "kinds": plain_array(kinds),
        "targets": plain_array(targets),
        "valid_froms": times_array(starts),
        "valid_tos": None if ends is None else times_array(ends),
        "properties": quoted_array(None if each == "{}" else each for each in properties),
    }
    return (await turn.connection.execute(query("add_facts"), parameters)).rowcount
