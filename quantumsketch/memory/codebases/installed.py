"""An installed package in the graph, for all tenants: read once for each version and database, then asked.

Whoever needs it first reads it; nothing of it is imported or run. Knows not which package it is.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from psycopg.rows import DictRow
from pydantic import Field

from quantumsketch.errors import NotFound
from quantumsketch.memory.codebases.ingesting import record_on
from quantumsketch.memory.codebases.reading import Reading, read_codebase
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.search import MOST_HITS, Hit, Search
from quantumsketch.memory.keeping.lookup import public_code
from quantumsketch.memory.keeping.reading import read_entity
from quantumsketch.memory.keeping.vectors import AT_ONCE, Vectors
from quantumsketch.memory.keeping.writing import find_nodes, take_turn
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.memory.statements import Key
from quantumsketch.memory.tenants import SYSTEM_TENANT
from quantumsketch.sources import sources_sha256

EMBEDDING_S = 20.0
"""Seconds that one question waits at most for vectors to be made; the next question goes on with them."""
_CALLABLE = [kind.value for kind in (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)]


class Piece(Record):
    """A class, a function, a method or a module."""

    kind: str
    name: str = Field(description="dotted, as it is defined")


class Surroundings(Piece):
    """What the graph knows of a piece of code beside its text."""

    deprecated: bool
    deprecated_since: str | None = Field(description="the version, if it is told")
    replaced_by: Piece | None
    inherits: list[Piece]
    inherited_by: list[Piece]
    uses: list[Piece]
    overridden_by: list[Piece]


class InstalledPackage:
    """A package of Python as it is installed in `folder`, in a database that is migrated.

    Raises BadInput if there is no Python in the folder, ServiceUnavailable if nobody answers.
    """

    def __init__(self, database: Database, embedder: Embedder, folder: Path, version: str) -> None:
        self._database = database
        self._search = Search(database, embedder)
        self._vectors = Vectors(database, embedder)
        self._folder, self._version = folder, version
        self._reading, self._embedding = asyncio.Lock(), asyncio.Lock()
        self._is_recorded = self._has_vectors = False

    @property
    def name(self) -> str:
        return self._folder.name

    async def find(self, question: str, *, patience_s: float = EMBEDDING_S) -> list[Hit]:
        """Return the classes, functions and methods that fit the question, the best first, at most 100.

        Waits so many seconds for vectors to be made; what has none is found by its name and words alone.
        """
        await self.record()
        await self.embed(patience_s)
        hits = await self._search.find(SYSTEM_TENANT, question, MOST_HITS, _CALLABLE)
        return [hit for hit in hits if hit.name.startswith(f"{self.name}.")]

    async def surroundings(self, names: Collection[str]) -> dict[str, Surroundings]:
        """Return what is known around those of the public names that are there: `Circle`, `Circle.move_to`.

        An inherited method is found where it is defined.
        """
        await self.record()
        async with self._transaction("look around in a codebase") as connection:
            keys = {name: key for name in names if (key := await self._key(connection, name))}
            ids = await find_nodes(connection, {*keys.values()})
            rows = await connection.execute(query("code_beside"), {"nodes": [*ids.values()]}, prepare=False)
            beside: dict[Key, list[DictRow]] = defaultdict(list)
            for row in await rows.fetchall():
                beside[row["kind"], row["name"]].append(row)
        return {name: _surroundings(beside[key]) for name, key in keys.items()}

    async def record(self) -> None:
        """Have the package in the graph as it is now: the first one records it, the others wait."""
        async with self._reading:
            if self._is_recorded:
                return
            if not await self.is_told():
                # before the turn is taken: nobody waits for a transaction in which nothing happens
                await self._record(await asyncio.to_thread(self._read))
            self._is_recorded = True

    async def is_told(self) -> bool:
        """Tell whether the package is in the graph as it is now; if not, it is read when it is needed."""
        async with self._transaction("look for a codebase") as connection:
            return await self._is_told(connection)

    async def _is_told(self, connection: Connection) -> bool:
        try:
            told = await read_entity(connection, (NodeKind.CODEBASE.value, self.name), None)
        except NotFound:
            return False
        wanted = {"version": self._version, "reader": _reader()}
        return told.closed_at is None and wanted.items() <= told.properties.items()

    async def _record(self, reading: Reading) -> None:
        async with self._database.writing(SYSTEM_TENANT, "read an installed package") as connection:
            await take_turn(connection, SYSTEM_TENANT)
            if not await self._is_told(connection):  # somebody else may just have recorded it
                await record_on(connection, SYSTEM_TENANT, reading, run=f"installed-{uuid.uuid4().hex}")

    def _read(self) -> Reading:
        """The reading with a mark of who read: an improved reader reads the same version anew."""
        reading = read_codebase(self._folder, version=self._version)
        marked = [
            replace(each, properties={**(each.properties or {}), "reader": _reader()})
            if each.kind == NodeKind.CODEBASE else each
            for each in reading.entities
        ]  # fmt: skip
        return replace(reading, entities=marked)

    async def is_found_by_meaning(self) -> bool:
        """Tell whether everything that the package offers has a vector."""
        parameters = {"codebase": self.name, "limit": 1}
        async with self._transaction("look for vectors") as connection:
            rows = await connection.execute(query("offered_without_vector"), parameters)
            return await rows.fetchone() is None

    async def embed(self, patience_s: float) -> None:
        """Go on so many seconds with the vectors of what is offered, unless somebody else is just at it."""
        if self._has_vectors or self._embedding.locked():
            return
        async with self._embedding:
            until = time.monotonic() + patience_s
            while not self._has_vectors and time.monotonic() < until:
                if not await self._embed_some():
                    return

    async def _embed_some(self) -> bool:
        """Make the next vectors, in a turn of their own; returns whether it was to be had."""
        async with self._transaction("embed an installed package") as connection:
            row = await (
                await connection.execute(query("try_turn"), {"name": f"vectors of {self.name}"})
            ).fetchone()
            if row is None or not row["taken"]:
                return False
            parameters = {"codebase": self.name, "limit": AT_ONCE}
            chunks = await (await connection.execute(query("offered_without_vector"), parameters)).fetchall()
            await self._vectors.embed_chunks(SYSTEM_TENANT, chunks)
            self._has_vectors = len(chunks) < AT_ONCE
            return True

    async def _key(self, connection: Connection, name: str) -> Key | None:
        return await public_code(connection, f"{self.name}.{name}") or await public_code(connection, name)

    @asynccontextmanager
    async def _transaction(self, action: str) -> AsyncIterator[Connection]:
        async with self._database.transaction(SYSTEM_TENANT, action) as connection:
            yield connection


def _surroundings(rows: Sequence[DictRow]) -> Surroundings:
    """What rows about one node say: one for each that stands beside it, one at least."""
    beside: dict[str, list[Piece]] = defaultdict(list)
    for row in rows:
        if row["place"]:
            beside[row["place"]].append(Piece(kind=row["far_kind"], name=row["far"]))
    told = rows[0]["properties"]
    return Surroundings(
        kind=rows[0]["kind"],
        name=rows[0]["name"],
        deprecated=bool(told.get("deprecated")),
        deprecated_since=told.get("deprecated_since"),
        replaced_by=next(iter(beside["replaced_by"]), None),
        inherits=beside["inherits"],
        inherited_by=beside["inherited_by"],
        uses=beside["uses"],
        overridden_by=beside["overridden_by"],
    )


@cache
def _reader() -> str:
    """Which reader this is, by its sources."""
    return sources_sha256([Path(__file__).parent])[:12]
