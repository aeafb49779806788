"""The linter that knows the installed Manim: `mend` a scene's source before anything is paid for a repair."""

from __future__ import annotations

from renderers.manim.lint.mending import Mended, mend

__all__ = ["Mended", "mend"]
