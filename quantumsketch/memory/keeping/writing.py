"""Entities into rows, a whole batch at a time. Its caller has the tenant's turn and checked what is said.

Knows not what the statements are about, and embeds nothing. Ids are texts here: they only pass through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from quantumsketch.memory.arrays import plain_array, quoted_array
from quantumsketch.memory.database import Connection
from quantumsketch.memory.keeping.chunking import Cut, cut
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import CLOCKS_DIFFER_BY, CheckedEntity, Key


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


async def wait_for_turn(connection: Connection, tenant: str) -> None:
    """Wait until no other writer of `tenant` is at work; enough for whoever records nothing."""
    await connection.execute(query("take_turn"), {"name": f"memory of {tenant}"})


async def take_turn(connection: Connection, tenant: str) -> datetime:
    """Wait so, too; return a time later than what was recorded of `tenant` by clocks not too far ahead."""
    await wait_for_turn(connection, tenant)
    asked = {"tenant": tenant, "differ_by": CLOCKS_DIFFER_BY}
    row = await (await connection.execute(query("recording_time"), asked)).fetchone()
    assert row  # noqa: S101 - what is inserted or updated is returned
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
) -> tuple[dict[Key, str], int, list[Key]]:
    """Return the ids of what was added, how many of the `known` changed, and which are part of another.

    What changed has new chunks then; of what is part of another nothing is written.

    Texts that are not in `pieces` are cut in a thread, while others wait for their turn.
    """
    new = [entity for entity in entities if entity.key not in known]
    rows = await turn.connection.execute(query("add_entities"), {**turn.marks, **_columns_of(new)})
    added = {(row["kind"], row["name"]): row["id"] for row in await rows.fetchall()}
    old = [entity for entity in entities if entity.key in known]
    rows = await turn.connection.execute(query("entities_that_differ"), _columns_of(old))
    differing = {(row["kind"], row["name"]): row for row in await rows.fetchall()}
    merged = sorted(key for key, row in differing.items() if row["is_merged"])
    by_id = {row["id"]: key for key, row in differing.items() if not row["is_merged"]}
    if changed := list(by_id):
        by_key = {entity.key: entity for entity in old}
        changes = [{**turn.marks, **asdict(by_key[by_id[node]]), "node": node} for node in changed]
        async with turn.connection.cursor() as cursor:
            await cursor.executemany(query("change_entity"), changes)
        rows = await turn.connection.execute(query("texts_of"), {"nodes": plain_array(changed)})
        told = {row["id"]: (row["kind"], row["description"], row["body"]) for row in await rows.fetchall()}
        texts = await _chunks_of(told, pieces)
        await _put_chunks(turn, texts)
        await _drop_chunks(turn, texts)
    told = {added[each.key]: (each.key[0], each.description or "", each.body or "") for each in new}
    await _put_chunks(turn, await _chunks_of(told, pieces))
    return added, len(changed), merged


async def cut_texts(entities: Iterable[CheckedEntity]) -> Cut:
    """Return the pieces of what is told of `entities`; best done before the turn is taken."""
    texts = {text or "" for entity in entities for text in (entity.description, entity.body)}
    return await asyncio.to_thread(cut, texts) if texts else {}


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
