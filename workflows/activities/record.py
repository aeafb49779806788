"""What is kept of a video, and what was kept on the way: its graph, and the calls that were made for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import activity

from quantumsketch.call_book import CallBook, CoolDown
from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.usage import ANSWERED, ModelCall
from quantumsketch.video import Video
from workflows.jobs import CallsJob

Cooling = Callable[[], Awaitable[dict[str, CoolDown]]]
"""Until when models are left alone, and why, by their ids."""


class RecordActivities:
    """Holds the graph, the book of calls, the library, what videos teach, and who knows of cool-downs."""

    def __init__(
        self, graph: Graph, book: CallBook, library: Library, experience: Experience, cooling: Cooling
    ) -> None:
        self.graph = graph
        self.book = book
        self.library = library
        self.experience = experience
        self.cooling = cooling

    @activity.defn
    async def record_video(self, video: Video) -> None:
        """Record a video; doing it twice changes nothing.

        What trying again cannot mend is our error, so that nobody waits for a film that is made.
        """
        try:
            await self._record(video)
        except QuantumSketchError:
            raise
        except Exception as error:
            raise QuantumSketchError(f"the video cannot be recorded: {error!r}") from error

    async def _record(self, video: Video) -> None:
        await self.graph.record_video(video)
        await self.library.record(video)
        some_failed = any(call.ended != ANSWERED for call in video.calls)
        await self.experience.record(video, await self.cooling() if some_failed else {})
        await self.library.catch_up(video.tenant)

    @activity.defn
    async def list_calls(self, job: CallsJob) -> list[ModelCall]:
        """Every call that was made for a video, also what was tried again, and what an earlier run made."""
        return await self.book.calls(job.tenant, job.video_id)
