"""Changes to a source at their places, so that everything else stays as it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """The characters from `start` to `end` become `text`, because of what `note` says."""

    start: int
    end: int
    text: str
    note: str


def applied(text: str, edits: Iterable[Edit]) -> tuple[str, list[str]]:
    """The source after the edits that do not get in each other's way, and their notes, in order."""
    chosen: list[Edit] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end)):
        if not chosen or edit.start >= chosen[-1].end + (edit.start == edit.end == chosen[-1].start):
            chosen.append(edit)
    for edit in reversed(chosen):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, [edit.note for edit in chosen]
