"""Narration cut into caption cues: what stands on screen, and from when to when.

Cuts at sentences and clauses where it can. Knows the clock of the narration and the width of letters;
knows no file format and no voice.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from quantumsketch.narration import LEAD_S, TAIL_S, WORDS_PER_MINUTE, words

LINE_WIDTH = 420
"""Width of a line: 42 narrow characters of 10, or 20 wide ones of 21."""
SHORTEST_CUE_MS = 1000
_NARROW, _WIDE = 10, 21
_IDEOGRAPHS = "\u2e80-\u2fdf\u3040-\u30ff\u31c0-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"[（「『《〈【]*[{_IDEOGRAPHS}][、。，！？；：）」』》〉】…ー]*|[^{_IDEOGRAPHS}]+")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]+[\"'”’»)\]」』）]*$")
_CLAUSE_END = re.compile(r"[,;:—–、，；：،؛]+[\"'”’»)\]」』）]*$")


@dataclass(frozen=True)
class SpokenBeat:
    """What is said in a beat, and the time the beat takes, in seconds from the start of the film."""

    start_s: float
    duration_s: float
    narration: str


@dataclass(frozen=True)
class Cue:
    """One caption of one or two lines; times in milliseconds from the start of the film."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Piece:
    """The least that is kept on one line: a word, or a character of a script without spaces."""

    text: str
    spaced: bool
    """A space stands before it."""
    word: float
    """Its place on the narration's clock, in words."""


def cues(beats: Iterable[SpokenBeat]) -> list[Cue]:
    """Cut the narration of each beat into cues, in order; none leaves its beat, none overlaps another."""
    return [cue for beat in beats for cue in _beat_cues(beat)]


def _beat_cues(beat: SpokenBeat) -> Iterator[Cue]:
    pieces = _pieces(beat.narration)
    groups = _grouped(pieces)
    first, last = math.ceil(beat.start_s * 1000), math.floor((beat.start_s + beat.duration_s) * 1000)
    if not groups or last - first < len(groups):
        return
    word_ms = 60_000 / WORDS_PER_MINUTE
    spoken_ms = LEAD_S * 1000 + len(words(_printable(beat.narration))) * word_ms
    pace = min(1.0, (last - first) / spoken_ms)  # a beat that is shorter than its words hurries them
    starts = [first + round((LEAD_S * 1000 + pieces[a].word * word_ms) * pace) for a, _ in groups]
    end = first + round((spoken_ms + TAIL_S * 500) * pace)
    for (a, b), (start, stop) in zip(groups, _with_room(starts, first, end, last), strict=True):
        yield Cue(start, stop, _lines(pieces[a:b]))


def _with_room(starts: list[int], first: int, end: int, last: int) -> list[tuple[int, int]]:
    """Starts and ends, moved as little as needed for each cue to have its second, or else an equal share."""
    room = min(SHORTEST_CUE_MS, (last - first) // len(starts))
    moved: list[int] = []
    for start in starts:
        moved.append(max(start, moved[-1] + room) if moved else start)
    end = min(last, max(end, moved[-1] + room))
    moved = [min(start, end - room * (len(moved) - index)) for index, start in enumerate(moved)]
    return list(pairwise([*moved, end]))


def _printable(text: str) -> str:
    """Without control characters, which no caption format can hold; joiners of letters stay."""
    return "".join(c if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"} else " " for c in text)


def _pieces(narration: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    word = 0.0
    for token in _printable(narration).split():
        length, done = len(words(token)), 0
        for text in (part for match in _PIECES.findall(token) for part in _cut(match)):
            pieces.append(_Piece(text, spaced=done == 0, word=word + length * done / len(token)))
            done += len(text)
        word += length
    return pieces


def _cut(text: str) -> Iterator[str]:
    """The text, in as many parts as lines are needed for it."""
    part, width = "", 0
    for char in text:
        if part and width + _width(char) > LINE_WIDTH:
            yield part
            part, width = "", 0
        part, width = part + char, width + _width(char)
    yield part


def _width(text: str) -> int:
    return sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in {"W", "F"} else _NARROW


class _Ruler:
    """Measures runs of pieces on a line."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._spaces = [_NARROW if piece.spaced else 0 for piece in pieces]
        widths = (_width(piece.text) + space for piece, space in zip(pieces, self._spaces, strict=True))
        self._ends = list(accumulate(widths, initial=0))

    def width(self, a: int, b: int) -> int:
        return self._ends[b] - self._ends[a] - self._spaces[a]

    def line_end(self, a: int) -> int:
        """The first piece that does not fit on a line begun with piece `a`."""
        return bisect_right(self._ends, self._ends[a] + self._spaces[a] + LINE_WIDTH) - 1

    def cue_end(self, a: int) -> int:
        """The first piece that does not fit on two lines begun with piece `a`."""
        end = self.line_end(a)
        return self.line_end(end) if end < len(self._spaces) else end


def _grouped(pieces: list[_Piece]) -> list[tuple[int, int]]:
    """The cheapest way to cut the pieces into cues, as ranges of pieces."""
    if not pieces:
        return []
    ruler = _Ruler(pieces)
    costs = [_break_cost(piece) for piece in pieces]
    costs[-1] = 0.0
    best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(pieces)
    for a in range(len(pieces)):
        sentences = 0
        for b in range(a + 1, ruler.cue_end(a) + 1):
            fill = ruler.width(a, b) / (2 * LINE_WIDTH)
            short = b < len(pieces) and (pieces[b].word - pieces[a].word) * 60 / WORDS_PER_MINUTE < 1.0
            cost = best[a][0] + 1.0 + costs[b - 1] + 0.5 * sentences + 0.5 * (1 - fill) ** 2 + 2.0 * short
            best[b] = min(best[b], (cost, a))
            sentences += costs[b - 1] == 0.0
    cuts = [len(pieces)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return list(pairwise(cuts))


def _break_cost(before: _Piece) -> float:
    """What it costs the reader when a cue ends after this piece."""
    if _SENTENCE_END.search(before.text):
        return 0.0
    return 0.6 if _CLAUSE_END.search(before.text) else 2.5


def _lines(pieces: list[_Piece]) -> tuple[str, ...]:
    """One line, or two of about the same width, cut at a clause where that is near the middle."""
    ruler, count = _Ruler(pieces), len(pieces)
    if ruler.width(0, count) <= LINE_WIDTH:
        return (_text(pieces),)
    fitting = (k for k in range(1, count) if max(ruler.width(0, k), ruler.width(k, count)) <= LINE_WIDTH)
    cut = min(
        fitting,
        key=lambda k: abs(ruler.width(0, k) - ruler.width(k, count)) + 60 * _break_cost(pieces[k - 1]),
    )
    return _text(pieces[:cut]), _text(pieces[cut:])


def _text(pieces: list[_Piece]) -> str:
    return "".join(" " * piece.spaced + piece.text for piece in pieces).strip()
