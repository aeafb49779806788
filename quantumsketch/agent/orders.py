"""Orders in somebody's text about what an answer is to say: found by their wording, so that none is obeyed.

Pure. It finds phrases in quotation marks, and codes, that an English sentence wants said. It does not find a
lie, nor an order in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NOTHING = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Fillers, variation selectors, tags, and what Unicode calls format characters, but those that are drawn."""
_JOINERS = "\u200c\u200d"
"""Not seen either, but they shape words of Persian and of the Indian scripts, and emoji."""
_UNSEEN = re.compile(f"[{_NOTHING}{_JOINERS}]")
_NEVER_SEEN = re.compile(f"[{_NOTHING}]")
_SHAPES_NOTHING = re.compile(f"(?<![^\x00-\x7f{_JOINERS}])[{_JOINERS}]")
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n")
# An order about the answer: a verb in the imperative, and words that only concern who answers.
_ORDER = re.compile(
    r"(?:^|[,;:—–-]\s|\b(?:and|then|please|instead|only|just|now|always|never|secretly|simply|immediately|job|"
    r"task|to|you (?:must|should|shall|will))\s+)(?:is to\s+)?"
    r"(?:output|say|reply|respond|answer|print|write|append|add|include|insert|begin|start|end|finish|close|"
    r"prefix|repeat|state|confirm)\b",
    re.IGNORECASE,
)
_ABOUT_THE_ANSWER = re.compile(
    r"\b(?:repl(?:y|ies)|respon(?:d|se|ses)|answers?|your output|output (?:it|this|that|them|the|only|just)|"
    r"verbatim|exact(?:ly)?|single word|nothing else|token|assistant|prompt|conversation)\b",
    re.IGNORECASE,
)
# An entry that speaks as if it were more than data: in it any order that names a phrase is about the answer.
_TAKES_OVER = re.compile(
    r"\b(?:ignore|forget|disregard|override)\b[^.\n]{0,60}\b(?:instructions?|rules?|prompts?|above|question)\b|"
    r"\bsystem prompts?\b|\b(?:admin(?:istrator)?|developer|operator|maintenance) mode\b|"
    r"^[^\w\n]*system[^\w\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"(?<!\w)[\"'“‘«`„]([^\"'”’»`“\n]{4,120})[\"'”’»`“](?!\w)")
_CODE = re.compile(r"\b(?=[0-9_-]{0,40}[A-Z])[A-Z0-9]{2,}(?:[-_][A-Z0-9]{2,})+\b|\b[A-Z]{8,}\b")


def orders_in(text: str) -> set[str]:
    """Return the phrases that a text orders to be said in an answer: in quotation marks, or codes."""
    text = visible(text)
    takes_over = _TAKES_OVER.search(text)
    return {
        phrase.strip()
        for sentence in map(str.strip, _SENTENCE_END.split(text))
        if (order := _ORDER.search(sentence)) and (takes_over or _ABOUT_THE_ANSWER.search(sentence))
        for phrase in _phrases(sentence[order.start() :])
    }


def _phrases(text: str) -> Iterator[str]:
    for found in _QUOTED.finditer(text):
        yield found[1]
    for found in _CODE.finditer(text):
        yield found[0]


def visible(text: str) -> str:
    """Return the text without the characters that nobody sees."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def shown(text: str) -> str:
    """Return the text as it looks: what is not seen is left out, but one joiner behind what it may shape."""
    return text if text.isascii() else _SHAPES_NOTHING.sub("", _NEVER_SEEN.sub("", text))
