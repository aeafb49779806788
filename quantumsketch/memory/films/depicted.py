"""What a beat puts on screen, in words: by these it is found. Pure; knows no kind of visual by name."""

from __future__ import annotations

from quantumsketch.visual_texts import texts_of
from quantumsketch.visuals import ManimCode, Visual

_NOT_READ = {"kind", "cue", "expression", "language", "highlight", "start", "end", "source", "target"}
"""Fields that steer the drawing, and names that only join its parts."""


def words_on_screen(visual: Visual) -> str:
    """Return what is there to read, a line each and each once; of an animation, its idea."""
    if isinstance(visual, ManimCode):
        return visual.idea or ""
    return "\n".join(dict.fromkeys(texts_of(visual, _NOT_READ)))
