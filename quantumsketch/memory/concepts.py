"""Which concepts a video is about, by its words alone: no model guesses. Pure; knows no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from quantumsketch.video import Video

_WORD = re.compile("[\u3040-\u9fff\uac00-\ud7af]|[^\\W_\u3040-\u9fff\uac00-\ud7af]+")
"""In scripts without spaces each character is a word."""
_WORKED_EXAMPLE = re.compile(r"^offline: worked example '([^']+)'")
_SUBTITLE = re.compile(r"\s*[:?!|]\s*|\s+[\u2013\u2014-]\s+")
_ASKING = re.compile(r"^(?:what (?:is|are) )?(?:an? |the )?", re.IGNORECASE)
LONGEST_CONCEPT = 8
"""Words; longer names are not looked for."""
_SHORTEST_NAME = 3
"""Characters of a name in ASCII: "e" and "it" stand in every text."""


def subject_of(video: Video) -> str | None:
    """Return what `video` explains: its title without what follows a colon; a worked example has a name."""
    if example := _WORKED_EXAMPLE.match(video.storyboard_by):
        return example[1]
    title = _SUBTITLE.split(video.storyboard.title, maxsplit=1)[0]
    subject = _ASKING.sub("", title, count=1).strip(" .,;\"'")
    return subject if words_of(subject) else None


def words_of(text: str) -> list[str]:
    """Return the words of `text` as they are compared: without case, accents' spelling and plural s."""
    return [_singular(word) for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


def normal_form(name: str) -> str:
    """Return what all spellings of a name have in common."""
    return " ".join(words_of(name))


def speaks_of(text: str, name: str) -> bool:
    """Whether the words of `name` stand together in `text`."""
    wanted = normal_form(name)
    return wanted != "" and f" {wanted} " in f" {normal_form(text)} "


def by_normal_form(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the concepts that can be looked for in a text, by the normal forms of their names.

    Given are names, each with the concept that it stands for; the first of several spellings wins.
    """
    found: dict[str, str] = {}
    for name, concept in names:
        words = words_of(name)
        if 0 < len(words) <= LONGEST_CONCEPT and not (name.isascii() and len(name) < _SHORTEST_NAME):
            found.setdefault(" ".join(words), concept)
    return found


def concepts_in(texts: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return the concepts in `names` whose words stand together in one of `texts`, sorted."""
    return sorted({names[run] for text in texts for run in _runs(words_of(text)) if run in names})


def _runs(words: list[str]) -> Iterable[str]:
    """Every run of words that could be a concept's name."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_CONCEPT, len(words)) + 1):
            yield " ".join(words[start:end])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
