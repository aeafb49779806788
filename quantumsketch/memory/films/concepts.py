"""Which concepts a video is about, by its words alone: no model guesses. Pure; knows no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from quantumsketch.outlines import has_no_answer
from quantumsketch.video import Video

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that are written without spaces; and Korean, whose words grow endings."""
_SIGN = r"(?:\+{1,2}|#)(?![\w+#])"
"""Behind a word it is part of it: C++, C#, H+."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:{_SIGN})?")
"""In scripts without spaces each character is a word."""
_NO_WORD_OF_A_SEARCH = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+{_SIGN}")
_SUBTITLE = re.compile(r"\s*[:?!|]\s*|\s+[\u2013\u2014-]\s+")
_SAYS_NO_SUBJECT = re.compile(
    r"(?:(?:part|chapter|lesson|lecture|episode|section|unit|video|act|day|week)"
    r" *(?:no\.? *)?(?:\d+(?:\.\d+)*|[ivxl]+|one|two|three|four|five)"
    r"|(?:an? |the )?(?:introduction|intro|overview|outline|summary|conclusion|preface|contents|untitled))",
    re.IGNORECASE,
)
_ASKING = (
    re.compile(r"how do(?:es)? (?!(?:it|this|that|they) )(?:an? |the )?(.+) work", re.IGNORECASE),
    re.compile(r"how (?!(?:it|this|that|they) )(?:an? |the )?(.+) works?", re.IGNORECASE),
    re.compile(r"(?:an? )?introduction to (?:an? |the )?(.+)", re.IGNORECASE),
    re.compile(r"(?:what (?:is|are) )?(?:an? |the )?(.*)", re.IGNORECASE),
)
"""How a title may speak of its subject; the last one fits all."""
LONGEST_CONCEPT = 8
"""Words; longer names are not looked for."""
_SHORTEST_NAME = 3
"""Characters of a name in ASCII letters: "e" and "it" stand in every text."""
_ARTICLE = re.compile(r"(?:an?|the) +(?=\w)", re.IGNORECASE)
_AROUND = " .,;\"'"


def subject_of(video: Video) -> str | None:
    """Return what `video` explains: the first part of its title that names something; None if it does not.

    What only asks a question explains nothing.
    """
    if has_no_answer(video.storyboard_by, video.storyboard):
        return None
    parts = (part.strip(_AROUND) for part in _SUBTITLE.split(video.storyboard.title))
    subjects = (_asked_for(part) for part in parts if not _SAYS_NO_SUBJECT.fullmatch(part))
    return next((subject for subject in subjects if words_of(subject)), None)


def words_of(text: str) -> list[str]:
    """Return the words of `text` as they are compared: without case, accents' spelling and plural s."""
    return [_singular(word) for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


def normal_form(name: str) -> str:
    """Return what all spellings of a name have in common."""
    return " ".join(words_of(name))


def without_article(name: str) -> str:
    """Return `name` without an English article in front of it."""
    return _ARTICLE.sub("", name, count=1) if _ARTICLE.match(name) else name


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
        if 0 < len(words) <= LONGEST_CONCEPT and not _stands_everywhere(form := " ".join(words)):
            found.setdefault(form, concept)
    return found


def unsearchable_part(name: str) -> str | None:
    """Return the longest part of `name` that a search by words does not find; None if there is none.

    Such a search takes a run of letters as one word, and leaves signs out.
    """
    return max(_NO_WORD_OF_A_SEARCH.findall(unicodedata.normalize("NFKC", name)), key=len, default=None)


def concepts_in(texts: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return the concepts in `names` whose words stand together in one of `texts`, sorted."""
    return sorted({names[run] for text in texts for run in _runs(words_of(text)) if run in names})


def _asked_for(part: str) -> str:
    return next(found[1] for way in _ASKING if (found := way.fullmatch(part))).strip(_AROUND)


def _stands_everywhere(form: str) -> bool:
    return form.isascii() and form.isalnum() and len(form) < _SHORTEST_NAME


def _runs(words: list[str]) -> Iterable[str]:
    """Every run of words that could be a concept's name."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_CONCEPT, len(words)) + 1):
            yield " ".join(words[start:end])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
