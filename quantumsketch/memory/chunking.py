"""Long texts in pieces, each short enough for the embedding model to read whole. Pure; knows no model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

CHUNK_TOKENS = 200
OVERLAP_TOKENS = 40
"""How much of its end a chunk gives to the next one: what is said across the border is found too."""
_TOKEN = re.compile(r"[A-Za-z]{1,5}|\d{1,3}|\S")
"""About what a tokenizer makes of Latin letters, of figures and of all the rest."""
_BREAK = re.compile(r"\n\s*\n\s*|(?<=[.!?…])\s+|(?<=[。！？])|\n\s*")
"""Ends of paragraphs, of sentences, of lines."""


class _Sentence(NamedTuple):
    start: int
    end: int
    tokens: int


def chunks_of(text: str) -> list[str]:
    """Return pieces of `text` in order, at most about 200 tokens each, cut where paragraphs or sentences end.

    Each begins with the last sentences of the one before, if they are short. Only white space is left out.
    """
    chunks: list[str] = []
    held: list[_Sentence] = []
    for sentence in _sentences(text):
        if held and sum(each.tokens for each in held) + sentence.tokens > CHUNK_TOKENS:
            chunks.append(_text_of(text, held))
            held = _overlap(held, min(OVERLAP_TOKENS, CHUNK_TOKENS - sentence.tokens))
        held.append(sentence)
    if held:
        chunks.append(_text_of(text, held))
    return chunks


def _text_of(text: str, held: list[_Sentence]) -> str:
    return text[held[0].start : held[-1].end].strip()


def _overlap(held: list[_Sentence], most: int) -> list[_Sentence]:
    """The last sentences that have `most` tokens together, and never all."""
    first = len(held)
    while first > 1 and (most := most - held[first - 1].tokens) >= 0:
        first -= 1
    return held[first:]


def _sentences(text: str) -> Iterator[_Sentence]:
    """The sentences of `text` that say something; one that no chunk could hold is cut between words."""
    start = 0
    for end in (*(match.end() for match in _BREAK.finditer(text)), len(text)):
        while start < end:
            found = _TOKEN.finditer(text, start, end)
            tokens = [match.start() for match in islice(found, CHUNK_TOKENS + 1)]  # the rest may be endless
            stop = end
            if len(tokens) > CHUNK_TOKENS:
                limit = tokens[CHUNK_TOKENS]
                stop = max(text.rfind(" ", start + 1, limit), text.rfind("\t", start + 1, limit)) + 1 or limit
                tokens = [token for token in tokens if token < stop]
            if tokens:
                yield _Sentence(start, stop, len(tokens))
            start = stop
