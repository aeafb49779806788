"""How long words take, and where in time a phrase of the narration falls.

One clock for the picture and the captions. Knows no voice: 150 words a minute until one is measured.
"""

from __future__ import annotations

import re
from functools import lru_cache

WORDS_PER_MINUTE = 150.0
LEAD_S = 0.6
"""Silence before the first word of a beat, in seconds."""
TAIL_S = 1.0
"""Time to read on after the last word, in seconds."""
SHORTEST_BEAT_S = 3.0
_WITHOUT_SPACES = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_PARTS = re.compile(r"(?=\w)[\u3040-\u9fff\uac00-\ud7af]|[^\W\u3040-\u9fff\uac00-\ud7af]+")
"""Of a token in such a script: its characters, and the words of other scripts between them."""


def words(text: str) -> list[str]:
    """The spoken words of `text`, in order. Scripts without spaces count two characters as a word."""
    return [piece for token in text.split() for piece in _pieces(token)]


def _pieces(token: str) -> list[str]:
    if _WITHOUT_SPACES.search(token):
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
    spoken, wanted = _bare(narration), [said for said, _ in _bare(phrase)]
    if not wanted:
        return None
    for index, (said, before) in enumerate(spoken):
        if said == wanted[0] and [said for said, _ in spoken[index : index + len(wanted)]] == wanted:
            return LEAD_S + before * 60.0 / WORDS_PER_MINUTE
    return None


@lru_cache(maxsize=256)  # a narration is searched for every run of words of every cue
def _bare(text: str) -> tuple[tuple[str, int], ...]:
    """What is said, without punctuation, each with the number of words before it.

    Word by word; character by character in scripts without spaces, where a phrase may begin at any.
    """
    said: list[tuple[str, int]] = []
    before = 0
    for token in text.split():
        if _WITHOUT_SPACES.search(token):
            said += [(part[0].casefold(), before + part.start() // 2) for part in _PARTS.finditer(token)]
        elif bare := re.sub(r"\W", "", token).casefold():
            said.append((bare, before))
        before += len(_pieces(token))
    return tuple(said)


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
