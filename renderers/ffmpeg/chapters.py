"""The film's title and its chapters, in ffmpeg's own metadata format. Knows nothing of files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """A part of the film with a name; times in seconds from its start."""

    title: str
    start_s: float
    end_s: float


def ffmetadata(title: str, comment: str, chapters: Iterable[Chapter]) -> str:
    """Write title, comment and chapters as an ffmetadata file.

    Raises ValueError if a chapter ends before it starts, or starts before the one ahead of it ends.
    """
    lines = [";FFMETADATA1", f"title={_escaped(title)}", f"comment={_escaped(comment)}"]
    previous_end = 0
    for chapter in chapters:
        start, end = round(chapter.start_s * 1000), round(chapter.end_s * 1000)
        if not previous_end <= start < end:
            raise ValueError(
                f"chapter {chapter.title!r} goes from {start} to {end} ms, but the one before ends at"
                f" {previous_end} ms: give chapters in order, each with a length"
            )
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}"]
        lines.append(f"title={_escaped(chapter.title)}")
        previous_end = end
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """One line without control characters, and with what means something to the format escaped."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    escaped = re.sub(r"[=;#\\]", r"\\\g<0>", line)
    return escaped + " " if escaped.endswith("\\") else escaped  # ffmpeg takes any \ at the end to join lines
