"""What is shown of a text that is too long to be shown whole: pieces of it, each with its place.

Pure. Knows neither what the text is of, nor why just these pieces are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEFT_OUT = "…"
"""Stands in a line of its own where something is left out."""
_BREAK = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n\s*")
"""Ends of sentences and of lines."""


@dataclass(frozen=True)
class Piece:
    """A part of a text, and how many characters stand before it."""

    at: int
    text: str

    @property
    def end(self) -> int:
        """How many characters stand before what follows it."""
        return self.at + len(self.text)


@dataclass(frozen=True)
class Excerpt:
    """Some of a text of so many characters: pieces in its order, of which none touches the next."""

    length: int
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, length: int, pieces: Iterable[Piece]) -> Excerpt:
        """Return an excerpt of these pieces, in any order; those that touch or overlap become one."""
        joined: list[Piece] = []
        for piece in sorted(pieces, key=lambda each: each.at):
            if joined and piece.at <= joined[-1].end:
                known = joined[-1]
                joined[-1] = Piece(known.at, known.text + piece.text[known.end - piece.at :])
            elif piece.text:
                joined.append(piece)
        return cls(length, tuple(joined))

    @property
    def text(self) -> str:
        """The pieces, with marks where something is left out."""
        parts, end = [], 0
        for piece in self.pieces:
            parts += [LEFT_OUT] * (piece.at > end) + [piece.text.strip()]
            end = piece.end
        return "\n".join([*parts, *[LEFT_OUT] * (end < self.length)])

    def joined(self, other: Excerpt) -> Excerpt:
        """Return what both show of the same text; this one alone if the text is another one by now."""
        return Excerpt.of(self.length, [*self.pieces, *other.pieces]) if other.length == self.length else self


@dataclass(frozen=True)
class Room:
    """How many characters of some texts are shown."""

    together: int
    """Of the first ones, as far as that goes."""
    least: int
    """Of each that follows, whatever that is together."""
    most: int
    """Of one."""

    def shares(self, lengths: Sequence[int]) -> list[int]:
        """Return how much there is room for of texts that are so long: the first ones come first."""
        left, given = self.together, []
        for length in lengths:
            share = max(self.least, min(self.most, left))
            left -= min(share, length)
            given.append(share)
        return given


def part_around(text: Piece, near: tuple[int, int], length: int, room: int) -> Piece:
    """Return at most `room` characters of `text`: what begins and ends at `near`, with what is beside it.

    `near` counts from where the whole text of `length` characters begins. It is cut between sentences.
    """
    at, end = near[0], min(near[1], near[0] + room)
    first = max(text.at, min(at - (room - (end - at)) // 2, text.end - room))
    last = min(text.end, first + room)
    shown = text.text[first - text.at : last - text.at]
    stop = len(shown) if last in {near[1], length} else _last_break(shown, end - first)
    start = 0 if first == 0 else _first_break(shown, at - first)
    return Piece(first + start, shown[start:stop])


def _first_break(text: str, most: int) -> int:
    found = _BREAK.search(text, 0, most)
    return found.end() if found else most


def _last_break(text: str, least: int) -> int:
    """Where the last sentence behind `least` ends; if there is none and nothing has to stay, a word."""
    ends = [found.start() for found in _BREAK.finditer(text, least)]
    if ends or 0 < least < len(text):
        return ends[-1] if ends else least
    return max(text.rfind(" "), 0) or len(text)
