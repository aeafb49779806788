"""How long words take, and where in time a phrase of the narration falls.

One clock for the picture and the captions. Knows no voice: 150 words a minute until one is measured.
"""

from __future__ import annotations

import re

WORDS_PER_MINUTE = 150.0
LEAD_S = 0.6
"""Silence before the first word of a beat, in seconds."""
TAIL_S = 1.0
"""Time to read on after the last word, in seconds."""
SHORTEST_BEAT_S = 3.0


def words(text: str) -> list[str]:
    """The spoken words of `text`, in order. Scripts without spaces count two characters as a word."""
    return [piece for token in text.split() for piece in _pieces(token)]


def _pieces(token: str) -> list[str]:
    if any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" for char in token):
        return [token[i : i + 2] for i in range(0, len(token), 2)]
    return [token]


def speech_seconds(narration: str) -> float:
    """Seconds that speaking `narration` takes."""
    return len(words(narration)) * 60.0 / WORDS_PER_MINUTE


def beat_seconds(narration: str) -> float:
    """Seconds that a beat with this narration lasts at least, silence around it included."""
    return max(SHORTEST_BEAT_S, LEAD_S + speech_seconds(narration) + TAIL_S)


def phrase_at(narration: str, phrase: str) -> float | None:
    """Seconds from the start of the beat at which `phrase` begins, None if it is not said."""
    spoken, wanted = _bare(narration), _bare(phrase)
    if not wanted:
        return None
    for index in range(len(spoken) - len(wanted) + 1):
        if spoken[index : index + len(wanted)] == wanted:
            return LEAD_S + index * 60.0 / WORDS_PER_MINUTE
    return None


def _bare(text: str) -> list[str]:
    return [re.sub(r"[^\w]", "", word).casefold() for word in words(text)]


def cue_times(narration: str, cues: list[str | None]) -> list[float]:
    """When each of several parts appears: seconds from the start of the beat, never decreasing.

    A part with a cue that is said appears as it is said; the others share the time between their neighbours.
    """
    last = max(LEAD_S, LEAD_S + speech_seconds(narration) * 0.85)
    known: list[float | None] = [phrase_at(narration, cue) if cue else None for cue in cues]
    times: list[float] = []
    for index, at in enumerate(known):
        floor = times[-1] if times else LEAD_S
        if at is None:
            later = next(
                ((j, t) for j, t in enumerate(known) if j > index and t is not None and t >= floor), None
            )
            ahead, ceiling = later or (len(known), last)
            share = ahead - index + (1 if times else 0)
            at = floor if not times else floor + max(0.0, ceiling - floor) / share
        times.append(max(floor, at))
    return times
