"""The layout audit: what is outside the frame, overlaps, is hidden, left over, or too small to read.

Pure geometry over Manim objects. Typed visuals say what belongs together (`belongs`, `ignore`); raw Manim
code is judged by the types it uses. Knows no visual and draws nothing.
"""

from renderers.manim.audit.auditor import MOST_FINDINGS, Auditor
from renderers.manim.audit.marks import belongs, ignore

__all__ = ["MOST_FINDINGS", "Auditor", "belongs", "ignore"]
