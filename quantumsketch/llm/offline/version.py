"""Names the offline storyboarder's version by its sources, for the keys of what it wrote."""

from __future__ import annotations

import functools
from pathlib import Path

from quantumsketch.sources import sources_sha256

_HERE = Path(__file__).parent
_NOUNS = ("expression.py", "narration.py", "storyboard.py", "visuals.py")


@functools.cache
def offline_version() -> str:
    """The sha256 over every file that decides what is written for a prompt, in hexadecimal."""
    nouns = _HERE.parents[1]
    return sources_sha256([_HERE, *(nouns / name for name in _NOUNS)])
