"""The vectors of what is kept: made where there are none, and made anew by another model.

Outside of any turn: embedding takes milliseconds a text, and nobody should wait for that. Knows neither how
vectors are searched nor how they are indexed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from psycopg.rows import DictRow
from pydantic import Field, ValidationError

from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder, vectors_of
from quantumsketch.memory.keeping.writing import wait_for_turn
from quantumsketch.memory.meaning import meaning_of
from quantumsketch.memory.ontology import NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.video import Video

AT_ONCE = 64
_FIRST = UUID(int=0)
_OF_CODE = [
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


class Reembedded(Record):
    """How far the vectors of a tenant are the present model's."""

    model: str
    done: int = Field(description="texts that were given a vector of it now")
    left: int = Field(description="texts that have none of it yet")


class Vectors:
    """Gives the texts of any tenant their vectors, by one model.

    Raises EmbedderFailed, with all kept that was embedded before, and ServiceUnavailable if Postgres does not
    answer.
    """

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def embed_missing(
        self, tenant: str, nodes: Sequence[UUID] | None = None, most: int | None = None
    ) -> int:
        """Give each text that has no vector one, of `nodes` or of all; return how many those were.

        After `most` of them, videos aside, it ends. One that has another model's vector keeps it: see
        `reembed`.
        """
        done = 0
        wanted: dict[str, object] = {"nodes": None if nodes is None else list(nodes), "limit": AT_ONCE}
        while most is None or done < most:
            limit = AT_ONCE if most is None else min(AT_ONCE, most - done)
            chunks = await self._rows(tenant, query("chunks_without_vector"), {**wanted, "limit": limit})
            if not chunks:
                break
            done += await self.embed_chunks(tenant, chunks)
        async for videos in self._pages(tenant, query("videos_without_vector"), wanted):
            done += await self._embed_videos(tenant, videos)
        return done

    async def left(self, tenant: str, most: int) -> list[UUID]:
        """Return at most so many entities that have texts without vectors, those of code aside.

        Code is found by its words until somebody asks for more.
        """
        wanted = {"but": _OF_CODE, "limit": most}
        rows = await self._rows(tenant, query("entities_without_vectors"), wanted)
        return [row["node"] for row in rows]

    async def are_missing(self, tenant: str, nodes: Sequence[UUID]) -> bool:
        """Tell whether any text of `nodes` has no vector."""
        wanted = {"nodes": list(nodes), "limit": 1}
        return bool(await self._rows(tenant, query("chunks_without_vector"), wanted))

    async def reembed(self, tenant: str, told: Callable[[Reembedded], None] = lambda _: None) -> Reembedded:
        """Give each text a vector of the present model that has none; return what was done and is left.

        Everything is found all the while: what has its new vector by meaning too, the rest by words. What an
        earlier call did is not done again. `told` hears of the progress.
        """
        (probe,) = await vectors_of(self._embedder, [self._embedder.model])
        wanted = {"model": self._embedder.model, "dimensions": len(probe)}
        left, done = await self._count_stale(tenant, wanted), 0
        told(Reembedded(model=self._embedder.model, done=done, left=left))
        async for chunks in self._pages(tenant, query("stale_chunks"), wanted):
            done += await self.embed_chunks(tenant, chunks)
            told(Reembedded(model=self._embedder.model, done=done, left=max(left - done, 0)))
        async for videos in self._pages(tenant, query("stale_videos"), wanted):
            done += await self._embed_videos(tenant, videos)
        return Reembedded(model=self._embedder.model, done=done, left=await self._count_stale(tenant, wanted))

    async def embed_chunks(self, tenant: str, chunks: list[DictRow]) -> int:
        """Give these chunks vectors, rows of node, place, text and name; return how many those were."""
        texts = [f"{chunk['name']}\n{chunk['text']}".strip() for chunk in chunks]
        return await self._put(tenant, query("put_vectors"), chunks, texts)

    async def _pages(
        self, tenant: str, statement: bytes, parameters: dict[str, object]
    ) -> AsyncIterator[list[DictRow]]:
        """The rows of a statement in the order of their nodes, some at a time; each is seen once."""
        node, place = _FIRST, -1
        while rows := await self._rows(
            tenant, statement, {**parameters, "node": node, "place": place, "limit": AT_ONCE}
        ):
            yield rows
            node, place = rows[-1]["node"], rows[-1]["place"]

    async def _rows(self, tenant: str, statement: bytes, parameters: dict[str, object]) -> list[DictRow]:
        async with self._database.transaction(tenant, "find texts without vectors") as connection:
            return await (await connection.execute(statement, parameters)).fetchall()

    async def _count_stale(self, tenant: str, wanted: dict[str, object]) -> int:
        (row,) = await self._rows(tenant, query("count_stale"), wanted)
        return int(row["texts"])

    async def _embed_videos(self, tenant: str, videos: list[DictRow]) -> int:
        """A video in a form that this version does not read keeps what it has."""
        readable = [(video, meaning) for video in videos if (meaning := _meaning(video["text"])) is not None]
        rows, meanings = [video for video, _ in readable], [meaning for _, meaning in readable]
        return await self._put(tenant, query("put_video_vectors"), rows, meanings) if rows else 0

    async def _put(self, tenant: str, statement: bytes, rows: list[DictRow], texts: list[str]) -> int:
        vectors = await vectors_of(self._embedder, texts)
        parameters = {
            "nodes": [row["node"] for row in rows],
            "places": [row["place"] for row in rows],
            "texts": [row["text"] for row in rows],
            "embeddings": [str(vector) for vector in vectors],
            "model": self._embedder.model,
        }
        async with self._database.writing(tenant, "keep vectors") as connection:
            await wait_for_turn(connection, tenant)
            await connection.execute(statement, parameters)
        return len(rows)


def _meaning(document: str) -> str | None:
    try:
        return meaning_of(Video.model_validate_json(document))
    except ValidationError:
        return None
