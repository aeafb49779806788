"""The index of the installed Manim for tests, read off once per process; a scene around lines of its body."""

from __future__ import annotations

from functools import cache

from renderers.manim.knowledge import ManimIndex


@cache
def installed() -> ManimIndex:
    """What `describe` says of the Manim at hand."""
    from renderers.manim.knowledge.introspection import describe

    return describe()


def scene(*lines: str, base: str = "Scene") -> str:
    """A scene whose construct method has these lines."""
    body = "\n".join(f"        {line}" if line else "" for line in lines)
    return f"from manim import *\n\n\nclass Shown({base}):\n    def construct(self):\n{body}\n"
