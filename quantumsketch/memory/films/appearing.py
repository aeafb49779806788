"""Where a concept appears: what recordings said of it, and beats whose text has its words. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from psycopg.rows import DictRow

from quantumsketch.connections import Appearance, Concept
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.films.concepts import speaks_of, unsearchable_part
from quantumsketch.memory.finding.search import MOST_HITS, Search
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import LONGEST_NAME, check_text

MOST_APPEARANCES = 500
_BEATS_READ = 20_000
_WORDS = "its text has the words"


async def appearances_of(database: Database, search: Search, tenant: str, name: str) -> Concept:
    """Return where the concept of this very name appears, and where else its words do.

    Raises BadInput for what nothing can be called.
    """
    check_text("the concept's name", name, 1, LONGEST_NAME)
    phrase = name.replace('"', " ")
    hits = await search.by_words(tenant, f'"{phrase}"', MOST_HITS, [NodeKind.BEAT])
    async with database.transaction(tenant, "find a concept") as connection:
        read, unread = await _holding(connection, name)
        row = await (await connection.execute(query("concept_named"), {"name": name})).fetchone()
        said = await _said(connection, row["id"]) if row else {}
        nodes = {*said, *(hit.id for hit in hits), *read}
        places = await (
            await connection.execute(query("places_in_videos"), {"nodes": list(nodes)})
        ).fetchall()
    # words are also found in a beat's name, which is made of its video's title
    found = [place for place in places if place["id"] in said or speaks_of(place["description"], name)]
    return Concept(
        name=row["name"] if row else name,
        recorded=row is not None,
        appearances=[
            _appearance(place, said.get(place["id"], _WORDS)) for place in sorted(found, key=_order)
        ],
        truncated=len(said) == MOST_APPEARANCES or len(hits) == MOST_HITS or unread,
    )


async def _holding(connection: Connection, name: str) -> tuple[list[UUID], bool]:
    """The beats that hold what of `name` no search by words finds, and whether others were not read."""
    part = unsearchable_part(name)
    if part is None:
        return [], False
    parameters = {"part": part, "looked_at": _BEATS_READ}
    row = await (await connection.execute(query("beats_with_part"), parameters)).fetchone()
    assert row  # noqa: S101 - an aggregate has one row
    return row["beats"], row["more"]


async def _said(connection: Connection, concept: UUID) -> Mapping[UUID, str]:
    parameters = {"concept": concept, "limit": MOST_APPEARANCES}
    rows = await (await connection.execute(query("speaking_of_concept"), parameters)).fetchall()
    words = {EdgeKind.EXPLAINS: "explains it", EdgeKind.MENTIONS: "mentions it"}
    return {row["source"]: words[EdgeKind(row["kind"])] for row in rows}


def _order(place: DictRow) -> tuple[float, str, bool, float, str]:
    whole = place["kind"] == NodeKind.VIDEO
    return (
        -place["recorded_at"].timestamp(),
        place["video_id"],
        not whole,
        place["at_s"] or 0.0,
        place["beat_id"],
    )


def _appearance(place: DictRow, why: str) -> Appearance:
    whole = place["kind"] == NodeKind.VIDEO
    return Appearance(
        video_id=place["video_id"],
        video_title=place["video_title"] or place["video_id"],
        beat_id=None if whole else place["beat_id"],
        beat_title=None if whole else place["title"],
        at_s=0.0 if whole else place["at_s"],
        why=why,
    )
