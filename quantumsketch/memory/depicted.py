"""What a beat puts on screen, in words: by these it is found. Pure; knows no kind of visual by name."""

from __future__ import annotations

from collections.abc import Iterator

from quantumsketch.visuals import ManimCode, Visual

_NOT_READ = {"kind", "cue", "expression", "language", "highlight", "start", "end", "source", "target"}
"""Fields that steer the drawing, and names that only join its parts."""


def words_on_screen(visual: Visual) -> str:
    """Return what is there to read, a line each and each once; of an animation, its idea."""
    if isinstance(visual, ManimCode):
        return visual.idea or ""
    return "\n".join(dict.fromkeys(_texts(visual.model_dump(mode="json", exclude_none=True))))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in _NOT_READ:
                yield from _texts(part)
