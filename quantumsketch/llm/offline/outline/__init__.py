"""An outline of the prompt's own text."""

from __future__ import annotations

from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import TitleCard


def outline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    """Turn the text of `prompt` into a storyboard of at most `max_beats` beats."""
    title = " ".join("".join(c if c.isprintable() else " " for c in prompt).split())[:80].strip() or "…"
    beat = Beat(title=title, narration=title, visual=TitleCard(heading=title))
    return Storyboard(title=title, summary=title, beats=[beat]), "offline: outline of your text"
