"""Activities that remember: storyboards and scenes of this tenant's earlier videos on like subjects.

Only what came out as it was planned is an example to follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from temporalio import activity

from quantumsketch.memory.graph import Graph
from quantumsketch.storyboard import Storyboard
from quantumsketch.video import Outcome, RenderedBeat, Video
from quantumsketch.visuals import ManimCode
from workflows.jobs import RecallJob

LIKE_ENOUGH = 0.45
"""Cosine from which on two subjects have something to do with each other, by our sentence vectors."""
STORYBOARDS = 2
SCENES = 3
_VIDEOS_LOOKED_AT = 6
_LONGEST_SCENE = 3_000
AS_GOOD_AS_PLANNED = {Outcome.PLANNED, Outcome.REPAIRED}


class RecallActivities:
    """Holds the graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @activity.defn
    async def recall_storyboards(self, job: RecallJob) -> list[Storyboard]:
        """The storyboards of the videos that are most like what is asked, and became what they were to be."""
        videos = await self._alike(job)
        good = [video.storyboard for video in videos if all(map(_is_good, video.beats))]
        return good[:STORYBOARDS]

    @activity.defn
    async def recall_scenes(self, job: RecallJob) -> str:
        """Manim code that was rendered without a fault, for videos most like what is asked."""
        scenes = [scene for video in await self._alike(job) for scene in _scenes(video)]
        return "\n\n".join(scenes[:SCENES]) or "no earlier video of this kind has a scene in Manim code"

    async def _alike(self, job: RecallJob) -> list[Video]:
        """This tenant's videos on like subjects, the likest first."""
        hits = await self.graph.similar(job.tenant, job.query, _VIDEOS_LOOKED_AT)
        near = [hit for hit in hits if hit.similarity >= LIKE_ENOUGH]
        return [await self.graph.video(job.tenant, hit.id) for hit in near]


def _is_good(rendered: RenderedBeat) -> bool:
    return rendered.outcome in AS_GOOD_AS_PLANNED and not rendered.clip.findings


def _scenes(video: Video) -> Iterator[str]:
    for rendered in filter(_is_good, video.beats):
        visual = rendered.beat.visual
        if isinstance(visual, ManimCode) and visual.code and len(visual.code) <= _LONGEST_SCENE:
            yield f"# {rendered.beat.title}\n{visual.code}"
