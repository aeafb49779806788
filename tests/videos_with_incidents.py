"""Videos whose beats had faults, for tests of what is learned from them."""

from __future__ import annotations

from collections.abc import Sequence

from quantumsketch.incidents import Change, Complaint, Hint, Incident
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.video import Video
from tests.sample_videos import video

OVERLAP = Complaint(
    error="overlap: a text and a text overlap by # x # units", message="text 'a' and text 'b' overlap by 1"
)
MISSING = Complaint(
    error="unknown-name: there is nothing named 'showcreation' in this manim or in the code",
    message="there is nothing named 'ShowCreation' in this Manim or in the code",
)
APART = Change(before="b.move_to(a)", after="b.next_to(a, DOWN)", by="a/b")
ABOVE = Change(before="b.shift(LEFT)", after="b.to_edge(UP)", by="a/b")


def mended(change: Change = APART, complaint: Complaint = OVERLAP, *hints: str) -> Incident:
    return Incident(complaint=complaint, mended=True, repair=change, hints=list(hints))


def with_incidents(tenant: str, video_id: str, *incidents: Incident, render_s: float | None = None) -> Video:
    made = video(video_id, tenant, scenes=("one",))
    beats = [
        beat.model_copy(update={"incidents": list(incidents), "render_s": render_s}) for beat in made.beats
    ]
    return made.model_copy(update={"beats": beats})


async def recorded(graph: Graph, experience: Experience, *videos: Video) -> None:
    for made in videos:
        await graph.record_video(made)
        await experience.record(made)


async def hints(experience: Experience, tenant: str, *complaints: Complaint) -> list[Hint]:
    return await experience.hints(tenant, complaints)


def texts(found: Sequence[Hint]) -> str:
    return "\n".join(hint.text for hint in found)
