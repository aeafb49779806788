"""What is known, and what was known or held at a time that is past. Writes nothing."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import DictRow

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import Connection
from quantumsketch.memory.ontology import node_kind, relation
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import EntityHead, EntityRecord, FactPage, FactRecord, Page
from quantumsketch.memory.statements import Key, checked_key, checked_time

Direction = Literal["out", "in", "both"]
MOST_ENTITIES = 1_000
"""Entities on a page."""
LONGEST_PAGE = 8_000_000
"""Bytes of what its entities or facts tell; one of them is on it however long it is."""
MOST_FACTS = 10_000
_AT_ONCE = 20
"""Entities or facts that are fetched together: of those behind the end of a page none are made."""
_OUTWARD, _INWARD = 1, 2
_ALWAYS = datetime.max.replace(tzinfo=UTC)
_FIRST = _ALWAYS, UUID(int=2**128 - 1)


async def entity_id(connection: Connection, named: UUID | Key) -> UUID:
    """Return the id of the entity; raises NotFound for a key that nothing has."""
    if isinstance(named, UUID):
        return named
    kind, name = checked_key(named)
    row = await (await connection.execute(query("entity_id"), {"kind": kind, "name": name})).fetchone()
    if row is None:
        raise NotFound(f"there is no entity {named!r}")
    found: UUID = row["id"]
    return found


async def read_entity(connection: Connection, named: UUID | Key, as_of: datetime | None) -> EntityRecord:
    """Return the entity as it is, or as it was recorded at `as_of`; raises NotFound if it was not there."""
    node = await entity_id(connection, named)
    if as_of is None:
        rows = await connection.execute(query("entity"), {"node": node})
    else:
        parameters = {"node": node, "as_of": checked_time(as_of, _ALWAYS)}
        rows = await connection.execute(query("entity_as_of"), parameters)
    row = await rows.fetchone()
    if row is None:
        when = f" as of {as_of.isoformat()}" if as_of else ""
        raise NotFound(f"there is no entity {str(node)!r}{when}")
    return EntityRecord.model_validate(row)


async def read_duplicates(
    connection: Connection, node: UUID, as_of: datetime | None, limit: int
) -> list[EntityHead]:
    """Return what is part of a node, and was at `as_of` if that is given, the newest first."""
    parameters = {"node": node, "as_of": as_of and checked_time(as_of, _ALWAYS), "limit": limit}
    rows = await connection.execute(query("duplicates"), parameters)
    return [EntityHead.model_validate(row) for row in await rows.fetchall()]


async def read_facts(
    connection: Connection,
    node: UUID,
    kind: str | None,
    direction: Direction,
    times: tuple[datetime | None, datetime | None],
    limit: int,
) -> list[FactRecord]:
    """Return the facts at a node, newest first; `times` are as_of and known_at."""
    parameters = _facts_at(node, kind, direction, times) | {"limit": _checked_limit(limit, MOST_FACTS)}
    rows = await connection.execute(_asked_by(parameters), parameters | _place(None))
    return [_fact(row) for row in await rows.fetchall()]


async def read_fact_page(
    connection: Connection,
    node: UUID,
    kind: str | None,
    direction: Direction,
    times: tuple[datetime | None, datetime | None],
    limit: int,
    cursor: str | None,
) -> FactPage:
    """Return facts as `read_facts` does, behind where `cursor` points; long ones are fewer than `limit`."""
    parameters = _facts_at(node, kind, direction, times) | {"limit": _checked_limit(limit, MOST_FACTS) + 1}
    found: list[FactRecord] = []
    left = LONGEST_PAGE
    async with connection.cursor("page") as rows:
        rows.itersize = _AT_ONCE
        await rows.execute(_asked_by(parameters), parameters | _place(cursor))
        async for row in rows:
            left -= row["bytes"]
            if found and (left < 0 or len(found) == limit):
                return FactPage(facts=found, next=_place_of(found[-1], node, direction))
            found.append(_fact(row))
    return FactPage(facts=found, next=None)


async def read_page(connection: Connection, kind: str | None, limit: int, cursor: str | None) -> Page:
    """Return the entities that are not closed, the newest first, behind where `cursor` points.

    If they are long, they are fewer than `limit`.
    """
    recorded_at, node = _FIRST if cursor is None else _position(cursor)
    parameters = {
        "kind": None if kind is None else node_kind(kind).value,
        "after_at": recorded_at,
        "after": node,
        "limit": _checked_limit(limit, MOST_ENTITIES) + 1,
    }
    found: list[EntityHead] = []
    left = LONGEST_PAGE
    async with connection.cursor("page") as rows:
        rows.itersize = _AT_ONCE
        await rows.execute(query("entities"), parameters)
        async for row in rows:
            left -= row.pop("bytes")
            if found and (left < 0 or len(found) == limit):
                return Page(entities=found, next=_cursor(found[-1]))
            found.append(EntityHead.model_validate(row))
    return Page(entities=found, next=None)


async def spell_around(
    connection: Connection, ends: tuple[UUID, str, UUID], at: datetime
) -> tuple[datetime, datetime | None] | None:
    """Return from when to when a fact holds that did at `at`, given its source, relation and target."""
    named = dict(zip(("source", "kind", "target"), ends, strict=True))
    rows = await (await connection.execute(query("fact_spells"), named)).fetchall()
    spells = [(row["valid_from"], row["valid_to"]) for row in rows]
    return next((spell for spell in spells if spell[0] <= at and (spell[1] is None or at < spell[1])), None)


def _facts_at(
    node: UUID, kind: str | None, direction: Direction, times: tuple[datetime | None, datetime | None]
) -> dict[str, object]:
    if direction not in ("out", "in", "both"):
        raise BadInput(f"facts have no direction {direction!r}", mend="There are out, in and both.")
    as_of, known_at = (time and checked_time(time, _ALWAYS) for time in times)
    return {
        "node": node,
        "relation": None if kind is None else relation(kind).kind.value,
        "outward": direction != "in",
        "inward": direction != "out",
        "as_of": as_of,
        "known_at": known_at,
    }


def _asked_by(parameters: Mapping[str, object]) -> bytes:
    now = parameters["as_of"] is parameters["known_at"] is None
    return query("facts_now") if now else query("facts_then")


def _fact(row: DictRow) -> FactRecord:
    del row["bytes"]
    return FactRecord.model_validate(row)


def _place_of(last: FactRecord, node: UUID, direction: Direction) -> str:
    """The cursor behind a fact at `node`: when it began, its other end, its kind, and which way it leads."""
    outward = direction != "in" and last.source == node
    far, way = (last.target, _OUTWARD) if outward else (last.source, _INWARD)
    return base64.urlsafe_b64encode(
        f"{last.valid_from.isoformat()} {far} {last.kind} {way}".encode()
    ).decode()


def _place(cursor: str | None) -> dict[str, object]:
    """What facts are behind; without a cursor all of them are."""
    if cursor is None:
        return {"after_at": _ALWAYS, "after_far": None, "after_kind": None, "after_way": _OUTWARD}
    try:
        at, far, kind, way = base64.urlsafe_b64decode(cursor).decode().split(" ")
        begun = checked_time(datetime.fromisoformat(at), _ALWAYS)
        ways = {str(each): each for each in (_OUTWARD, _INWARD)}
        declared = relation(kind).kind.value
        return {"after_at": begun, "after_far": UUID(far), "after_kind": declared, "after_way": ways[way]}
    except (ValueError, TypeError, KeyError, BadInput):
        raise _no_such_page(cursor) from None


def _checked_limit(limit: int, most: int) -> int:
    if not isinstance(limit, int) or not 1 <= limit <= most:
        raise BadInput(f"a list cannot be limited to {limit!r}", mend=f"1 to {most} are possible.")
    return limit


def _cursor(last: EntityHead) -> str:
    return base64.urlsafe_b64encode(f"{last.recorded_at.isoformat()} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, node = base64.urlsafe_b64decode(cursor).decode().split(" ")
        return checked_time(datetime.fromisoformat(at), _ALWAYS), UUID(node)
    except (ValueError, TypeError, BadInput):
        raise _no_such_page(cursor) from None


def _no_such_page(cursor: str) -> BadInput:
    return BadInput(f"no page begins at the cursor {cursor!r}", mend="Use one that a page gave.")
