"""The text's own words, cut to length: as they are shown and as they are said. Claims nothing new."""

from __future__ import annotations

import re
from collections.abc import Callable

from quantumsketch.llm.offline.outline.tex import spoken, typed
from quantumsketch.narration import words

_FORMULA = re.compile(r"\$([^$\n]{1,160})\$|\\\((.{1,160}?)\\\)")
_AMOUNT = re.compile(r"\$\s?(\d[\d,.]*\d|\d)( ?(?:million|billion|thousand|m|bn|k)\b)?")
_EMPHASIS = re.compile(r"(?<![\w*_])(\*\*|__|~~|\*|_)(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*_])")
_CODE_SPAN = re.compile(r"`([^`\n]{1,200})`")
_LINK = re.compile(r"!?\[([^\]\[]{0,200})\]\([^()\s]{0,500}\)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\W_a-z])|(?<=[。！？])\s*|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|approx|ca|Dr|Mr|Mrs|Ms|Prof|St|No|Fig|Eq|etc)|\b[A-Z]|^\d+)\.$"
)
_CLAUSE_END = re.compile(r"[,;:–—)](?=\s)|\s[–—-](?=\s)|[、，；：]")


def sentences(text: str) -> list[str]:
    """Split `text` into its sentences, in order; one without any sentence end is a single one."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if found and _ABBREVIATED.search(found[-1][-12:]):
            found[-1] += " " + piece.strip()
        elif piece.strip():
            found.append(piece.strip())
    return found


def shown(text: str) -> str:
    """Give `text` as it is drawn: without Markdown's marks, `$...$` left only around plain mathematics."""
    return _with_formulas(text, lambda tex: f"${typed(tex)}$")


def said(text: str) -> str:
    """Give `text` as it is spoken: its formulas in words."""
    return _with_formulas(text, lambda tex: spoken(tex) or tex)


def _with_formulas(text: str, formula: Callable[[str], str]) -> str:
    pieces: list[str] = []
    rest = 0
    for match in _FORMULA.finditer(text):
        tex = match[1] or match[2] or ""
        if spoken(tex) is None or _looks_like_money(match, text):
            continue
        pieces += [_unmarked(text[rest : match.start()]), formula(tex)]
        rest = match.end()
    return " ".join("".join([*pieces, _unmarked(text[rest:])]).split())


def _looks_like_money(match: re.Match[str], text: str) -> bool:
    return match[1] is not None and (match[1][-1:].isspace() or text[match.end() : match.end() + 1].isdigit())


def _unmarked(text: str) -> str:
    plain = _CODE_SPAN.sub(r"\1", _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text)))
    return _AMOUNT.sub(r"\1\2 dollars", plain).replace("$", "＄")


def fitted(text: str, limit: int) -> str:
    """Give `text` if it has at most `limit` characters, else its front, cut where a clause or a word ends."""
    if len(text) <= limit:
        return text
    front = text[: limit - 1]
    clause = max((m.start() for m in _CLAUSE_END.finditer(front) if m.start() >= limit // 2), default=0)
    word = front.rfind(" ") if front.rfind(" ") >= limit // 2 else len(front)
    front = front[: clause or word]
    if front.count("$") % 2:
        front = front[: front.rfind("$")]
    return front.rstrip(" ,;:–—-") + "…"


def opening(spoken_text: str) -> str | None:
    """Give the first words of a spoken sentence, for a cue; None if they are too long for one."""
    start = " ".join(spoken_text.split()[:4])
    return start if 0 < len(start) <= 60 and words(start) else None
