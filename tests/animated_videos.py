"""Finished videos whose beats are animations in Manim code, made up for tests."""

from __future__ import annotations

from collections.abc import Mapping

from quantumsketch.storyboard import Aspect, Beat, Look
from quantumsketch.video import Finding, MadeWith, Outcome, Video
from quantumsketch.visuals import ManimCode
from tests.sample_videos import asset, rendered_beat, video

NOW = MadeWith(manim="0.20", kit="a" * 64, check="b" * 64)
"""The versions that these videos were made with."""
NARRATION = "A square becomes a circle before our eyes, slowly enough to follow every corner on its way."
IDEA = "A square is drawn and turns into a circle"


def to_animate(title: str = "Squares", narration: str = NARRATION, idea: str = IDEA) -> Beat:
    """A beat whose scene is not written yet."""
    return Beat(title=title, narration=narration, visual=ManimCode(idea=idea))


def code_of(beat: Beat) -> str:
    """The code that is written for a beat here."""
    return f"from manim import *\n\nclass Beat(Scene):\n    pass  # {beat.title}\n"


def animated(
    video_id: str,
    tenant: str,
    *beats: Beat,
    outcome: Outcome = Outcome.PLANNED,
    findings: tuple[Finding, ...] = (),
    aspect: Aspect = Aspect.WIDE,
    made_with: MadeWith | None = NOW,
    **more: Mapping[str, object] | str,
) -> Video:
    """A video with these beats, each with a scene in code; all came out as `outcome` says."""
    titles = tuple(beat.title for beat in beats)
    made = video(video_id, tenant, f"Show {video_id}", f"About {video_id}", titles, "a/model")
    rendered = []
    for number, beat in enumerate(beats, 1):
        idea = beat.visual.idea if isinstance(beat.visual, ManimCode) else None
        whole = beat.model_copy(update={"visual": ManimCode(idea=idea, code=code_of(beat))})
        one = rendered_beat(number, f"{video_id} {beat.title}", model="a/model")
        clip = one.clip.model_copy(update={"findings": list(findings), "asset": asset(f"{video_id}{number}")})
        rendered.append(one.model_copy(update={"beat": whole, "outcome": outcome, "clip": clip}))
    board = made.storyboard.model_copy(update={"beats": [one.beat for one in rendered]})
    update = {"beats": rendered, "storyboard": board, "look": Look(aspect=aspect), "made_with": made_with}
    return made.model_copy(update={**update, **more})
