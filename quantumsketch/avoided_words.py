"""Where a word that is to be avoided is said or shown: whole words, however they are written. Pure.

Knows no clock: where in time a phrase falls is `narration`'s business.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from quantumsketch.visual_texts import texts_of
from quantumsketch.visuals import CodeWalk, ManimCode, Visual

_NOT_SHOWN = {"kind", "cue", "layout", "style", "language", "idea"}
"""Text fields of visuals that say how something is shown, and when."""
_WITHOUT_SPACES = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+")
_JOINERS = "\u200c\u200d"


@lru_cache(maxsize=256)  # each text is looked through for every word
def as_compared(text: str) -> str:
    """Return `text` in small letters, composed, with plain apostrophes: so words are compared."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded).replace("\u2019", "'")


def says(text: str, phrase: str) -> bool:
    """Tell whether `text` says `phrase`, not merely as a part of longer words."""
    compared = as_compared(text)
    return any(_stands_alone(compared, found) for found in _pattern(phrase).finditer(compared))


def texts_shown(visual: Visual) -> Iterator[str]:
    """Yield the texts that a visual shows; of an animation those that are written out in its code."""
    if isinstance(visual, ManimCode):
        yield from _texts_of_code(visual.code or "")
    elif isinstance(visual, CodeWalk):
        yield visual.code
        yield from (step.note for step in visual.steps if step.note)
    else:
        yield from (_TEX_COMMAND.sub(" ", text) for text in texts_of(visual, _NOT_SHOWN))


def joins_letters(text: str, at: int) -> bool:
    """Tell whether the character at `at` is a joiner between letters, as Persian and Hindi need them."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return (
        text[at] in _JOINERS and len(around) == 2 and all(unicodedata.category(c)[0] in "LM" for c in around)
    )


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(r"\W+".join(re.escape(word) for word in as_compared(phrase).split()))


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """In scripts without spaces a word may begin and end anywhere."""
    start, end = found.span()
    goes_on_before = _is_of_a_word(text[start - 1 : start]) and not _WITHOUT_SPACES.match(text, start)
    goes_on_behind = _is_of_a_word(text[end : end + 1]) and not _WITHOUT_SPACES.match(text, end - 1)
    return not goes_on_before and not goes_on_behind


def _is_of_a_word(char: str) -> bool:
    if not char:
        return False
    return char.isalnum() or char == "_" or char in _JOINERS or unicodedata.category(char).startswith("M")


def _texts_of_code(code: str) -> list[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it is not rendered either
        return []
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [_TEX_COMMAND.sub(" ", value) for value in constants if isinstance(value, str)]
