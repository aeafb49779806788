"""Activities that remember: storyboards and scenes of this tenant's earlier videos on like subjects.

Only what came out as it was planned is an example to follow, and only without the words to avoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from temporalio import activity

from quantumsketch.agent.review import words_left, words_shown
from quantumsketch.connections import EarlierScene
from quantumsketch.memory.embedding import EmbedderFailed
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.ideas import is_verified
from quantumsketch.memory.films.library import LIKE_ENOUGH, Library
from quantumsketch.outlines import is_outline
from quantumsketch.storyboard import Storyboard
from quantumsketch.visuals import ManimCode
from workflows.jobs import EarlierScenes, RecallJob, SceneJob
from workflows.versions import MADE_WITH

VERY_MUCH_ALIKE = 0.6
"""Cosine from which on the scene of one beat is shown to who writes another's without being asked for."""
STORYBOARDS = 2
SCENES = 3
_VIDEOS_LOOKED_AT = 20
_LONGEST_SCENE = 3_000
"""Characters; of a longer one not enough would be read."""


class RecallActivities:
    """Holds the graph and the library."""

    def __init__(self, graph: Graph, library: Library) -> None:
        self.graph = graph
        self.library = library

    @activity.defn
    async def recall_storyboards(self, job: RecallJob) -> list[Storyboard]:
        """The storyboards of the videos that are most like what is asked, and became what they were to be."""
        good: list[Storyboard] = []
        for video_id in await self._alike(job):
            video = await self.library.readable(job.tenant, video_id)
            if not video or words_left(video.storyboard, job.avoid):
                continue
            if all(map(is_verified, video.beats)):
                good.append(video.storyboard)
            if len(good) == STORYBOARDS:
                break
        return good

    @activity.defn
    async def recall_scenes(self, job: RecallJob) -> str:
        """Manim code that was rendered without a fault, for beats most like what is asked."""
        alike = await self.library.examples(job.tenant, job.query, limit=2 * SCENES, manim=MADE_WITH.manim)
        found = _to_learn_by(alike, job.avoid)
        told = [f"# {scene.beat.title}\n{code}" for scene, code in found]
        return "\n\n".join(told[:SCENES]) or "no earlier beat of this kind has a scene in Manim code"

    @activity.defn
    async def recall_scene(self, job: SceneJob) -> EarlierScenes:
        """The scene that this very beat had before; else one of a beat that is very much like it."""
        same = await self.library.scene_for(job.tenant, job.beat, job.look, MADE_WITH)
        if same and not words_shown(same.beat.visual, job.avoid):
            return EarlierScenes(same=same)
        alike = await self.library.examples(
            job.tenant,
            job.beat,
            least=VERY_MUCH_ALIKE,
            aspect=job.look.aspect,
            manim=MADE_WITH.manim,
        )
        return EarlierScenes(like=next((scene for scene, _ in _to_learn_by(alike, job.avoid)), None))

    async def _alike(self, job: RecallJob) -> list[str]:
        """This tenant's videos on like subjects that somebody planned, the likest first.

        None without an embedder.
        """
        try:
            hits = await self.graph.similar(job.tenant, job.query, _VIDEOS_LOOKED_AT)
        except EmbedderFailed:
            return []
        near = [hit for hit in hits if hit.similarity >= LIKE_ENOUGH]
        return [hit.id for hit in near if not is_outline(hit.storyboard_by)]


def _to_learn_by(scenes: Iterable[EarlierScene], avoid: Sequence[str]) -> list[tuple[EarlierScene, str]]:
    """Those that can be told whole and show no word to avoid, with their code."""
    found = [(scene, scene.beat.visual) for scene in scenes if not words_shown(scene.beat.visual, avoid)]
    return [
        (scene, visual.code)
        for scene, visual in found
        if isinstance(visual, ManimCode) and visual.code and len(visual.code) <= _LONGEST_SCENE
    ]
