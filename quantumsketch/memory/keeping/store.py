"""The store of entities and facts: what is said and by whom, when it was so and when we knew.

One tenant at a time. Nothing is deleted but by `erase`: a fact that no longer holds is closed. Knows no
video, and searches nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from quantumsketch.errors import NotFound, ServiceUnavailable
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keeping.admission import Admission
from quantumsketch.memory.keeping.merging import check_merge, merge_nodes
from quantumsketch.memory.keeping.open_turn import OpenTurn, write
from quantumsketch.memory.keeping.reading import (
    Direction,
    entity_id,
    read_duplicates,
    read_entity,
    read_fact_page,
    read_facts,
    read_page,
)
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.keeping.writing import Turn, cut_texts, take_turn, wait_for_turn
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import EntityHead, EntityRecord, FactPage, FactRecord, Merged, Page, Written
from quantumsketch.memory.statements import (
    CheckedEntity,
    CheckedFact,
    Entity,
    Fact,
    Key,
    Provenance,
    checked_entities,
    checked_facts,
)

_CHECKED_AT_ONCE = 100
"""Statements that hold up nobody for longer than a millisecond or two, unless they are huge."""


class Store:
    """Entities and facts of every tenant in a database that is migrated.

    Each method, and each `turn`, is one transaction; they raise ServiceUnavailable if nobody answers.
    """

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._vectors = Vectors(database, embedder)

    async def upsert(
        self,
        tenant: str,
        entities: Sequence[Entity],
        facts: Sequence[Fact],
        provenance: Provenance,
        *,
        embed: bool = True,
        vectors_at_once: int | None = None,
        admission: Admission | None = None,
    ) -> Written:
        """Write what is said, all of it or nothing; saying it again changes nothing.

        A new target of a functional relation closes the fact before it from when on the new one holds. Facts
        speak of entities of the same call, or of those that are there. With `embed` all texts have vectors
        when it returns, or the first `vectors_at_once`, or fewer if the embedder or, once all is written, the
        database failed: what is left is told. Without, when `embed_missing` was called. Raises BadInput, and
        what `admission` does.
        """
        told, claims = await _checked(entities, facts)
        pieces = await cut_texts(told)
        async with self.turn(tenant, "write down facts", provenance) as opened:
            written = await write(opened.turn, told, claims, pieces, admission)
        if not embed or not told:
            return written
        left = await self._embed([written.ids[entity.key] for entity in told], tenant, vectors_at_once)
        return written.model_copy(update={"without_vectors": left})

    async def _embed(self, nodes: list[UUID], tenant: str, most: int | None) -> str | None:
        """Why some texts of `nodes` have no vectors after that."""
        try:
            done = await self._vectors.embed_missing(tenant, nodes, most)
            if most is not None and done >= most and await self._vectors.are_missing(tenant, nodes):
                return f"the first {done} of its texts are, and the others will be"
        except (
            ServiceUnavailable
        ) as failure:  # of the embedder or the database: what was said is kept already
            return str(failure)
        return None

    @asynccontextmanager
    async def turn(self, tenant: str, action: str, provenance: Provenance) -> AsyncIterator[OpenTurn]:
        """Yield what reads and says several things while nobody else writes for `tenant`; none has vectors.

        What was said counts when it ends without an error. Raises BadInput.
        """
        provenance.as_json(datetime.now(UTC))  # bad input waits for nobody
        async with self._database.writing(tenant, action) as connection:
            at = await take_turn(connection, tenant)
            yield OpenTurn(Turn(connection, tenant, at, provenance.as_json(at)))

    async def close(
        self, tenant: str, what: Fact | Key | UUID, provenance: Provenance, at: datetime | None = None
    ) -> int:
        """Close a fact, or an entity and its facts, from `at` on; return how many rows that changed.

        What is closed already stays as it is. Raises BadInput for a time that is later than now or before the
        fact, NotFound for what never was.
        """
        async with self.turn(tenant, "close a fact", provenance) as turn:
            if isinstance(what, Fact):
                return await turn.close(what, at)
            return await turn.close_entity(what, at)

    async def entity(self, tenant: str, named: UUID | Key, as_of: datetime | None = None) -> EntityRecord:
        """Return an entity as it is, or as it was recorded at `as_of`; raises NotFound."""
        async with self._database.transaction(tenant, "read an entity") as connection:
            return await read_entity(connection, named, as_of)

    async def duplicates(
        self, tenant: str, node: UUID, as_of: datetime | None = None, limit: int = 100
    ) -> list[EntityHead]:
        """Return the entities that are part of `node`, and were at `as_of` if that is given, newest first."""
        async with self._database.transaction(tenant, "read duplicates") as connection:
            return await read_duplicates(connection, node, as_of, limit)

    async def facts(
        self,
        tenant: str,
        node: UUID,
        relation: str | None = None,
        direction: Direction = "out",
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        limit: int = 1_000,
    ) -> list[FactRecord]:
        """Return the facts at `node`, newest first: those that hold, or held at `as_of`.

        With `known_at`, as we knew then. Raises BadInput.
        """
        async with self._database.transaction(tenant, "read facts") as connection:
            return await read_facts(connection, node, relation, direction, (as_of, known_at), limit)

    async def fact_page(
        self,
        tenant: str,
        node: UUID,
        relation: str | None = None,
        direction: Direction = "out",
        times: tuple[datetime | None, datetime | None] = (None, None),
        limit: int = 1_000,
        cursor: str | None = None,
    ) -> FactPage:
        """Return facts as `facts` does, from where a page before ended; `times` are as_of and known_at."""
        async with self._database.transaction(tenant, "list facts") as connection:
            return await read_fact_page(connection, node, relation, direction, times, limit, cursor)

    async def entities(
        self, tenant: str, kind: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Return entities that are not closed, the newest first, from where a page before this one ended.

        They are fewer than `limit` if they are long.
        """
        async with self._database.transaction(tenant, "list entities") as connection:
            return await read_page(connection, kind, limit, cursor)

    async def merge(
        self,
        tenant: str,
        duplicate: UUID | Key,
        into: UUID | Key,
        provenance: Provenance,
        *,
        admission: Admission | None = None,
    ) -> Merged:
        """Make `duplicate` a part of `into`: its facts go on there, and what both were stays known.

        From then on a fact about the duplicate's key is one about the survivor. Again, it changes nothing.
        Raises NotFound, BadInput if they cannot be one, and what `admission` does.
        """
        async with self._database.writing(tenant, "merge entities") as connection:
            at = await take_turn(connection, tenant)
            old = await read_entity(connection, duplicate, None)
            survivor = await read_entity(connection, into, None)
            check_merge(old, survivor)
            if old.merged_into == survivor.id:
                return Merged(at=old.changed_at, into=survivor.id, moved=0, dropped=[])
            if admission:
                both = [(old.kind, old.name), (survivor.kind, survivor.name)]
                await admission(connection, both, both)
            kept = provenance.as_json(at, merged_from=str(old.id))
            return await merge_nodes(Turn(connection, tenant, at, kept), old.id, survivor.id)

    async def erase(self, tenant: str, named: UUID | Key) -> int:
        """Delete an entity, its duplicates and all that is known of them; return how many entities that were.

        A video goes with its beats, its calls to models, and what no other video is made of: its id is taken
        out of whatever stays. A codebase goes with what it defines. Raises NotFound.
        """
        async with self._database.writing(tenant, "erase an entity") as connection:
            await wait_for_turn(connection, tenant)
            node = await entity_id(connection, named)
            erased = await _erased(connection, query("erase_entity"), node)
        if not erased:
            raise NotFound(f"there is no entity {str(node)!r}")
        return erased

    async def erase_tenant(self, tenant: str) -> int:
        """Delete whatever `tenant` has in the database; return how many rows that were."""
        async with self._database.writing(tenant, "erase a tenant") as connection:
            await wait_for_turn(connection, tenant)
            return await _erased(connection, query("erase_tenant"), None)

    async def embed_missing(self, tenant: str) -> int:
        """Give each text that has no vector one; return how many those were."""
        return await self._vectors.embed_missing(tenant)


async def _checked(
    entities: Sequence[Entity], facts: Sequence[Fact]
) -> tuple[list[CheckedEntity], list[CheckedFact]]:
    """Check what is said; of much of it beside the event loop, on which others wait."""

    def checked() -> tuple[list[CheckedEntity], list[CheckedFact]]:
        return checked_entities(entities), checked_facts(facts)

    much = len(entities) + len(facts) > _CHECKED_AT_ONCE
    return await asyncio.to_thread(checked) if much else checked()


async def _erased(connection: Connection, statement: bytes, node: UUID | None) -> int:
    row = await (await connection.execute(statement, {"node": node})).fetchone()
    return int(row["erased"]) if row else 0
