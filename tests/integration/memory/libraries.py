"""Videos in the library and in the graph, for the tests of both."""

from __future__ import annotations

import psycopg

from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.video import Video
from tests.sample_videos import video


async def record(graph: Graph, library: Library, *videos: Video) -> None:
    """Record videos as the activity does, one after the other."""
    for made in videos:
        await graph.record_video(made)
        await library.record(made)


def about(video_id: str, tenant: str, title: str, *said: str) -> Video:
    """A video by a model with this title, whose beats show these words."""
    return video(video_id, tenant, f"Explain {title}", title, said, model="a/model")


def rows_of(administrator: psycopg.Connection, tenant: str) -> list[tuple[object, ...]]:
    """Everything that `tenant` has, with the number of the transaction that wrote each row last."""
    rows: list[tuple[object, ...]] = []
    for table in ("nodes", "edges", "chunks", "node_versions", "edge_versions"):
        statement = f"SELECT xmin::text, t::text FROM {table} AS t WHERE tenant = %s ORDER BY t::text"
        rows += administrator.execute(statement.encode(), [tenant]).fetchall()
    return rows
