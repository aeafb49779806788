"""The memory: what was made, of what, by whom, and what is like it. One tenant at a time.

Facts are written by code from what is known, never guessed by a model. Nothing is deleted: an edge that no
longer holds is closed. Knows neither workflows nor files.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from psycopg.rows import DictRow
from pydantic import ValidationError

from quantumsketch.errors import NotFound, QuantumSketchError
from quantumsketch.memory.database import Database, check_database_url, open_database
from quantumsketch.memory.embedding import Embedder, EmbedderFailed, LocalEmbedder, vector_of_question
from quantumsketch.memory.films.facts import (
    RECORDED,
    EdgeFact,
    Facts,
    facts_of,
    properties_json,
    storable,
)
from quantumsketch.memory.finding.walking import Walker
from quantumsketch.memory.keeping.writing import Turn, find_nodes, take_turn
from quantumsketch.memory.meaning import meaning_of
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Neighbourhood, VideoHit, VideoSummary
from quantumsketch.memory.statements import Key, Provenance
from quantumsketch.video import Video

_LOG = logging.getLogger(__name__)


class Graph:
    """The graph of every tenant in one Postgres database; made by `Graph.open`."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self.database = database
        self._embedder = embedder

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str, embedder: Embedder | None = None) -> AsyncIterator[Graph]:
        """Yield the graph at `database_url`, its schema brought up to date; the default embedder is local.

        Raises BadInput, ServiceUnavailable, and QuantumSketchError if the login lacks a right.
        """
        check_database_url(database_url)
        await migrate(database_url)
        async with open_database(database_url) as database:
            yield cls(database, embedder or LocalEmbedder())

    async def record_video(self, video: Video) -> None:
        """Write what `video` is made of, in one transaction; doing so again changes nothing.

        A video recorded earlier under the same id is replaced. U+0000 becomes U+FFFD wherever Postgres cannot
        hold it; the video itself is kept exactly.
        """
        facts = facts_of(video)
        embedding = await self._vector_or_none(meaning_of(video))
        async with self.database.writing(video.tenant, "record a video") as connection:
            at = await take_turn(connection, video.tenant)
            provenance = Provenance(storable(video.id), "record_video", "tool").as_json(at)
            turn = Turn(connection, video.tenant, at, provenance)
            ids = await _upsert_nodes(turn, facts, embedding, self._embedder.model)
            await _replace_edges(turn, facts, ids)

    async def videos(self, tenant: str, limit: int = 50) -> list[VideoSummary]:
        """Return the newest videos of `tenant`, newest first."""
        async with self.database.transaction(tenant, "list videos") as connection:
            rows = await connection.execute(query("newest_videos"), {"limit": limit})
            return [VideoSummary.model_validate(_flat(row)) for row in await rows.fetchall()]

    async def video(self, tenant: str, video_id: str) -> Video:
        """Return a video exactly as it was recorded; raises NotFound."""
        async with self.database.transaction(tenant, "read a video") as connection:
            rows = await connection.execute(query("video_document"), {"name": storable(video_id)})
            row = await rows.fetchone()
        if row is None:
            raise _no_such_video(tenant, video_id)
        try:
            return Video.model_validate_json(row["document"])
        except ValidationError as error:
            raise QuantumSketchError(
                f"the video {video_id!r} was recorded in a form that this version does not read",
                mend="Use the version of QuantumSketch that made it.",
            ) from error

    async def similar(self, tenant: str, text: str, limit: int = 5) -> list[VideoHit]:
        """Return the videos of `tenant` whose prompt, title and summary mean most nearly `text`."""
        embedding = await self._vector(text)
        parameters = {
            "embedding": str(embedding),
            "model": self._embedder.model,
            "dimensions": len(embedding),
            "limit": limit,
        }
        async with self.database.transaction(tenant, "search videos") as connection:
            rows = await connection.execute(query("similar_videos"), parameters)
            return [VideoHit.model_validate(_flat(row)) for row in await rows.fetchall()]

    async def provenance(self, tenant: str, video_id: str) -> Neighbourhood:
        """Return what a video is made of: prompt, storyboard, models, beats, scenes, clips, files.

        Raises NotFound.
        """
        key = (NodeKind.VIDEO, storable(video_id))
        async with self.database.transaction(tenant, "find a video") as connection:
            ids = await find_nodes(connection, [key])
        if key not in ids:
            raise _no_such_video(tenant, video_id)
        walker = Walker(self.database)
        return await walker.walk(tenant, UUID(ids[key]), depth=2, relations=RECORDED, direction="out")

    async def _vector(self, text: str) -> list[float]:
        return await vector_of_question(self._embedder, text)

    async def _vector_or_none(self, text: str) -> list[float] | None:
        """Without one a video is found by its words; `embed_missing` gives it one later."""
        try:
            return await self._vector(text)
        except EmbedderFailed as failure:
            _LOG.warning("a video is recorded, and not found by what it means yet: %s", failure)
            return None


def _no_such_video(tenant: str, video_id: str) -> NotFound:
    return NotFound(
        f"the tenant {tenant!r} has no video {video_id!r}", mend="'qs list' shows those there are."
    )


def _flat(row: DictRow) -> dict[str, object]:
    return {**row.pop("properties"), **row}


async def _upsert_nodes(
    turn: Turn, facts: Facts, embedding: list[float] | None, model: str
) -> dict[Key, str]:
    keys = [node.key for node in facts.nodes]
    parameters = {
        **turn.marks,
        "kinds": [kind for kind, _ in keys],
        "names": [name for _, name in keys],
        "properties": [properties_json(node.properties) for node in facts.nodes],
        "documents": [node.document for node in facts.nodes],
        "embeddings": [str(embedding) if embedding and kind is NodeKind.VIDEO else None for kind, _ in keys],
        "model": model,
    }
    await turn.connection.execute(query("upsert_nodes"), parameters)
    return await find_nodes(turn.connection, keys)


async def _replace_edges(turn: Turn, facts: Facts, ids: Mapping[Key, str]) -> None:
    """Open the edges of `facts`, and close those which its own nodes had and have no more."""
    edges: list[EdgeFact] = facts.edges
    parameters = {
        **turn.marks,
        "owners": [ids[key] for key in facts.owners],
        "recorded": list(RECORDED),
        "sources": [ids[edge.source] for edge in edges],
        "kinds": [edge.kind for edge in edges],
        "targets": [ids[edge.target] for edge in edges],
        "properties": [properties_json(edge.properties) for edge in edges],
    }
    await turn.connection.execute(query("close_edges"), parameters)
    await turn.connection.execute(query("upsert_edges"), parameters)
