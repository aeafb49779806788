"""Cues that the narration does not say word for word, mended where what was meant is plain. No model."""

from __future__ import annotations

from typing import Any

from quantumsketch.narration import phrase_at
from quantumsketch.storyboard import Beat, Storyboard

_LEAST_LETTERS = 5
"""Of a single word that may stand for a whole cue: shorter ones are said everywhere."""


def with_cues_said(storyboard: Storyboard) -> Storyboard:
    """Cut every cue down to the longest run of its words that its narration says; leave the hopeless ones."""
    return storyboard.model_copy(update={"beats": [_mended(beat) for beat in storyboard.beats]})


def _mended(beat: Beat) -> Beat:
    return Beat.model_validate(_said(beat.model_dump(), beat.narration))


def _said(value: Any, narration: str) -> Any:
    if isinstance(value, list | tuple):
        return [_said(item, narration) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _longest_run(item, narration) if key == "cue" and item else _said(item, narration)
        for key, item in value.items()
    }


def _longest_run(cue: str, narration: str) -> str:
    """The longest run of the cue's words that is said, the cue itself if there is none."""
    words = cue.split()
    if not any(phrase_at(narration, word) is not None for word in words):
        return cue
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            run = " ".join(words[start : start + length])
            if (length > 1 or len(run) >= _LEAST_LETTERS) and phrase_at(narration, run) is not None:
                return run
    return cue
