"""What a finished video means, in words: the text that its vector is made of. Pure."""

from __future__ import annotations

from quantumsketch.video import Video


def meaning_of(video: Video) -> str:
    """Return the text by which `video` is found again."""
    return f"{video.storyboard.title}. {video.storyboard.summary}\n{video.prompt}"
