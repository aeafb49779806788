"""Long texts in pieces, each short enough for the embedding model to read whole. Pure; knows no model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

CHUNK_TOKENS = 200
OVERLAP_TOKENS = 40
"""How much of its end a chunk gives to the next one: what is said across the border is found too."""
_TOKEN = re.compile(r"[A-Za-z]{1,5}|\d{1,3}|\S")
"""About what a tokenizer makes of Latin letters, of figures and of all the rest."""
_BREAK = re.compile(r"\n\s*\n\s*|(?<=[.!?…])\s+|(?<=[。！？])|\n\s*|(?<!\s)\s{64,}")
"""Ends of paragraphs, of sentences, of lines; and where there is nothing for long."""
_LONGEST_CHUNK = 10_000
"""Characters: white space counts for no token, and for much in a database."""


Cut = Mapping[str, list[str]]
"""Texts, each with its pieces."""


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
    tokens = 0
    for sentence in _sentences(text):
        if held and sentence.end - held[0].start > _LONGEST_CHUNK:
            chunks.append(_text_of(text, held))
            held, tokens = [], 0
        elif held and tokens + sentence.tokens > CHUNK_TOKENS:
            chunks.append(_text_of(text, held))
            held = _overlap(held, min(OVERLAP_TOKENS, CHUNK_TOKENS - sentence.tokens))
            tokens = sum(each.tokens for each in held)
        held.append(sentence)
        tokens += sentence.tokens
    if held:
        chunks.append(_text_of(text, held))
    return chunks


def cut(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return the pieces of each of `texts`. Blocking: up to seconds for a text of a million characters."""
    return {text: chunks_of(text) for text in texts}


def _text_of(text: str, held: list[_Sentence]) -> str:
    return text[held[0].start : held[-1].end]


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
            tokens = [match.span() for match in islice(found, CHUNK_TOKENS + 1)]  # the rest may be endless
            stop = end
            if len(tokens) > CHUNK_TOKENS:
                limit = tokens[CHUNK_TOKENS][0]
                stop = max(text.rfind(" ", start + 1, limit), text.rfind("\t", start + 1, limit)) + 1 or limit
                tokens = [token for token in tokens if token[0] < stop]
            if tokens:
                yield _Sentence(tokens[0][0], tokens[-1][1], len(tokens))
            start = stop
