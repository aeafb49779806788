"""A question as searches take it: whole for what it means, and what of it can be searched by words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_QUESTION = 2_000
"""Characters that count; so many more than any embedding model reads."""
MOST_WORDS = 16
"""Different words that are searched for one by one."""
_UNSEARCHABLE = re.compile(r"[^\s\"]{256,}")
"""What Postgres might take for too long a word; without blanks, as in Chinese, it is a whole question."""
_WORD = re.compile(r"\w+(?:\.\w+)*")
_MINUS = re.compile(r"(?:^|\s)-\w{2,}")
"""Before a word to be left out; what has one letter is a flag of some command."""
_DASH = re.compile(r"(?:^|(?<=\s))-+(?=\w)")
"""Before a word: to Postgres it is a minus."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_IDENTIFIER = re.compile(r"\w[._]\w|[a-z0-9][A-Z]|[A-Za-z]\d")


@dataclass(frozen=True)
class Question:
    """What is searched for, whole and word by word."""

    text: str
    """All of it: for what it means."""
    searchable: str
    """What can be searched for by words."""
    words: tuple[str, ...]
    """None if it has quotes, or a minus beside other words: who writes those means what is written."""

    @classmethod
    def of(cls, text: str) -> Question:
        """Return what of `text` can be searched for."""
        sound = text[:LONGEST_QUESTION].replace("\x00", " ").encode(errors="replace").decode()
        whole = " ".join(sound.split())
        searchable = " ".join(_UNSEARCHABLE.sub(" ", whole).split())
        # A minus alone would find whatever has not the word.
        others = _WORD.search(_MINUS.sub(" ", searchable))
        if '"' in searchable or (others and _MINUS.search(searchable)):
            return cls(whole, searchable, ())
        searchable = _DASH.sub(" ", searchable)
        words = {word.casefold(): word for word in reversed(_WORD.findall(searchable))}
        return cls(whole, searchable, tuple(reversed(words.values()))[:MOST_WORDS])

    @property
    def parts(self) -> list[str | None]:
        """The parts of each word that is an identifier: the like of 'x_axis' is found by them."""
        return [parts_of(word) if _IDENTIFIER.search(word) else None for word in self.words]


def parts_of(identifier: str) -> str:
    """Return the parts of a dotted, snake-cased or camel-cased name, separated by blanks."""
    return " ".join(re.split(r"[\W_]+", _CAMEL.sub(" ", identifier))).strip()
