"""The activity that turns a finished video into nodes and edges of the graph."""

from __future__ import annotations

from temporalio import activity

from quantumsketch.memory.graph import Graph
from quantumsketch.video import Video


class RecordActivities:
    """Holds the graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @activity.defn
    async def record_video(self, video: Video) -> None:
        """Record a video; doing it twice changes nothing."""
        await self.graph.record_video(video)
