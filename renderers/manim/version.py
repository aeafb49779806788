"""Names versions by their sources, for the keys of finished clips and checks. Imports no Manim."""

from __future__ import annotations

import functools
from importlib.metadata import version
from pathlib import Path

from quantumsketch.sources import sources_sha256

_MANIM = Path(__file__).parent
_NOUNS_OF_CLIPS = ("expression.py", "narration.py", "storyboard.py", "video.py", "visuals.py")
_CHECKS = {"checking", "knowledge", "lint"}
"""What a scene goes through before it is rendered: no clip looks otherwise for it."""


@functools.cache
def kit_version() -> str:
    """The sha256 over every source file that decides what a clip looks like, in hexadecimal."""
    kit = [part for part in sorted(_MANIM.iterdir()) if part.name not in _CHECKS and _is_source(part)]
    return sources_sha256([*kit, *(_noun(name) for name in _NOUNS_OF_CLIPS)])


@functools.cache
def check_version() -> str:
    """The sha256 over every source file that decides what the check of a scene finds, in hexadecimal."""
    checks = [_MANIM / name for name in sorted(_CHECKS)]
    return sources_sha256([*checks, _noun("checking.py"), _noun("time_limit.py")]) + kit_version()


def manim_version() -> str:
    """The installed Manim's version."""
    return version("manim")


def _noun(name: str) -> Path:
    return _MANIM.parents[1] / "quantumsketch" / name


def _is_source(part: Path) -> bool:
    return part.is_dir() or part.suffix == ".py"
