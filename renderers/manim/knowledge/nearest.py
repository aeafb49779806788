"""Which names somebody may have meant who wrote one that does not exist. Pure text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache

_MOST = 4
_ALIKE = 0.6


def distance(one: str, other: str, most: int = 3) -> int:
    """How many letters to insert, delete, change or swap with a neighbour; `most` + 1 if there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(above) >= most:  # a swap looks two rows back
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)


def nearest(name: str, valid: Iterable[str], most: int = _MOST) -> list[str]:
    """The valid names that look most like one, best first; none if nothing does."""
    return list(_nearest(name, frozenset(valid), most))


@lru_cache(maxsize=1024)
def _nearest(name: str, valid: frozenset[str], most: int) -> tuple[str, ...]:
    look = difflib.SequenceMatcher()
    look.set_seq2(_plain(name))
    alike: dict[str, float] = {}
    for one in valid:
        look.set_seq1(_plain(one))
        if look.real_quick_ratio() >= _ALIKE and look.quick_ratio() >= _ALIKE and look.ratio() >= _ALIKE:
            alike[one] = look.ratio()
    return tuple(sorted(alike, key=lambda one: (-alike[one], one))[:most])


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def the_one_meant(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that one is a misspelling of, None if there is none or more than one."""
    return _the_one_meant(name, frozenset(valid))


@lru_cache(maxsize=8192)
def _the_one_meant(name: str, valid: frozenset[str]) -> str | None:
    same = [one for one in valid if _plain(one) == _plain(name)]
    if same:
        return same[0] if len(same) == 1 else None
    if len(name) < 4:
        return None
    allowed = 1 if len(name) <= 5 else 2
    close = sorted((far, one) for one in valid if (far := distance(name, one, allowed)) <= allowed)
    if not close or (len(close) > 1 and close[0][0] == close[1][0]):
        return None
    return close[0][1]


def told(names: list[str]) -> str:
    """Suggestions as the end of a message: '; did you mean A, B?', or nothing."""
    return f"; did you mean {', '.join(names)}?" if names else ""
