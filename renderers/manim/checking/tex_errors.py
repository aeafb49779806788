"""Finds TeX's own complaint behind the error that Manim raises when a formula cannot be set."""

from __future__ import annotations

import re
from pathlib import Path
from types import FrameType

from renderers.manim.writing.braces import unpaired
from renderers.manim.writing.complaints import complaint

_SETTING = "tex_file_writing.py"
_MOST_TEX = 120


def complaint_of(error: BaseException, frames: list[tuple[FrameType, int]]) -> str | None:
    """What TeX says of which formula, None if the error did not come out of TeX."""
    variables = [frame.f_locals for frame, _ in frames if frame.f_code.co_filename.endswith(_SETTING)]
    if not variables:
        return None
    logs = [Path(found["tex_file"]).with_suffix(".log") for found in variables if "tex_file" in found]
    said = next((said for log in logs if log.exists() and (said := complaint(_read(log)))), None)
    tex = _formula(frames)
    return f"TeX refuses {_short(tex)!r}: {unpaired(tex) or _cut_command(frames, tex) or said or error}"


def _cut_command(frames: list[tuple[FrameType, int]], tex: str) -> str | None:
    """Manim isolates a part wherever its letters stand, in the middle of a command too."""
    makers = [frame.f_locals["self"] for frame, _ in frames if frame.f_locals.get("tex_strings")]
    parts = {part for maker in makers for part in getattr(maker, "substrings_to_isolate", ()) if part}
    for command in re.findall(r"\\[a-zA-Z]+", tex):
        for part in sorted(map(str, parts)):
            if part in command[1:] and part != command:
                return (
                    f"isolating {part!r} (substrings_to_isolate, tex_to_color_map) cuts the command {command}"
                    " in two: give the formula in parts instead, MathTex('a', '+', 'b'), and colour those"
                )
    return None


def _formula(frames: list[tuple[FrameType, int]]) -> str:
    """The formula as the scene gave it: the outermost constructor still has all of its parts."""
    for frame, _ in frames:
        parts = frame.f_locals.get("tex_strings") if frame.f_code.co_name == "__init__" else None
        if parts and all(isinstance(part, str) for part in parts):
            return " ".join(parts)
    texts = [frame.f_locals.get("tex_string") for frame, _ in frames]
    return next((text for text in texts if isinstance(text, str)), "a formula")


def _short(tex: str) -> str:
    return tex if len(tex) <= _MOST_TEX else f"{tex[:_MOST_TEX]}…"


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
