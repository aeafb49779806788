"""Finished videos as the workflow would hand them to the graph, made up for tests."""

from __future__ import annotations

import hashlib

from quantumsketch.storyboard import Beat, Look, Storyboard
from quantumsketch.video import AssetRef, Clip, Film, Outcome, RenderedBeat, Video
from quantumsketch.visuals import TitleCard


def asset(content: str, media_type: str = "video/mp4") -> AssetRef:
    """A reference to bytes that nobody stored."""
    return AssetRef(
        sha256=hashlib.sha256(content.encode()).hexdigest(), media_type=media_type, size=len(content)
    )


def rendered_beat(number: int, text: str, model: str = "offline: worked example 'x'") -> RenderedBeat:
    """A beat that shows `text`; beats with the same text show the same scene in the same clip."""
    return RenderedBeat(
        id=f"b{number:02}",
        beat=Beat(title=f"Beat {number}", narration=f"We say {text}.", visual=TitleCard(heading=text)),
        outcome=Outcome.PLANNED,
        attempts=1,
        model=model,
        clip=Clip(asset=asset(f"clip of {text}"), duration_s=3.0, width=854, height=480, fps=15),
        cached=False,
    )


def video(
    video_id: str = "v1",
    tenant: str = "default",
    prompt: str = "Explain the theorem of Pythagoras",
    title: str = "Pythagoras",
    scenes: tuple[str, ...] = ("first", "second", "third"),
    model: str = "offline: worked example 'x'",
) -> Video:
    """A video with one beat for each of `scenes`."""
    beats = [rendered_beat(number, text, model) for number, text in enumerate(scenes, start=1)]
    return Video(
        id=video_id,
        prompt=prompt,
        tenant=tenant,
        storyboard=Storyboard(title=title, summary=f"About {title}.", beats=[b.beat for b in beats]),
        storyboard_by=model,
        look=Look(),
        beats=beats,
        film=Film(
            video=asset(f"film {video_id}"),
            captions_vtt=asset(f"vtt {video_id}", "text/vtt"),
            captions_srt=asset(f"srt {video_id}", "application/x-subrip"),
            poster=asset(f"poster {video_id}", "image/png"),
            duration_s=3.0 * len(beats),
        ),
        stages={"storyboard": 0.1, "beats": 2.5},
        cost_usd=None,
    )
