"""Names the scene kit's version by its sources, for the keys of finished clips. Imports no Manim."""

from __future__ import annotations

import functools
from importlib.metadata import version
from pathlib import Path

from quantumsketch.sources import sources_sha256

_KIT = Path(__file__).parent
_NOUNS = ("expression.py", "narration.py", "storyboard.py", "video.py", "visuals.py")


@functools.cache
def kit_version() -> str:
    """The sha256 over every source file that decides what a clip looks like, in hexadecimal."""
    nouns = _KIT.parents[1] / "quantumsketch"
    return sources_sha256([_KIT, *(nouns / name for name in _NOUNS)])


def manim_version() -> str:
    """The installed Manim's version."""
    return version("manim")
