"""What is kept of a video, and what was kept on the way: its graph, and the calls that were made for it."""

from __future__ import annotations

from temporalio import activity

from quantumsketch.call_book import CallBook
from quantumsketch.memory.experience import Experience
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.library import Library
from quantumsketch.usage import ModelCall
from quantumsketch.video import Video
from workflows.jobs import CallsJob


class RecordActivities:
    """Holds the graph, the book of calls, the library, and what videos teach."""

    def __init__(self, graph: Graph, book: CallBook, library: Library, experience: Experience) -> None:
        self.graph = graph
        self.book = book
        self.library = library
        self.experience = experience

    @activity.defn
    async def record_video(self, video: Video) -> None:
        """Record a video; doing it twice changes nothing."""
        await self.graph.record_video(video)
        await self.library.record(video)
        await self.experience.record(video)
        await self.library.catch_up(video.tenant)

    @activity.defn
    async def list_calls(self, job: CallsJob) -> list[ModelCall]:
        """Every call that was made for a video, also what was tried again, and what an earlier run made."""
        return await self.book.calls(job.tenant, job.video_id)
