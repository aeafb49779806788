"""What the installed Manim offers: read off the package, kept as data, searched by name and by meaning."""

from __future__ import annotations

from renderers.manim.knowledge.index import Entry, ManimIndex, Method, Parameter

__all__ = ["Entry", "ManimIndex", "Method", "Parameter"]
