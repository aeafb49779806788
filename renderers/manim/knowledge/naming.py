"""What a query names of an index of Manim; what has to be said of old and misspelt names and of keywords.

Finds by names alone. A word of a sentence is no name: only what is written like one is. Imports no Manim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from renderers.manim.knowledge.index import Entry, ManimIndex
from renderers.manim.knowledge.lookup import exactly, holders_of, takers_of, whatever_the_case
from renderers.manim.knowledge.nearest import nearest, the_one_meant
from renderers.manim.knowledge.renames import CALLS, KEYWORDS, MEMBERS, NAMES
from renderers.manim.knowledge.scene_use import is_called, is_drawn, is_for_scenes

_WORD = re.compile(r"\b[A-Za-z_][\w.]*")
_IDENTIFIER = re.compile(r"\w[._]\w|[a-z0-9][A-Z]|[A-Za-z]\d")
"""Dots, underscores, capitals or digits inside a word: no word of a sentence is written so."""
_OWN = re.compile(r"^(?:self|scene|cls)\.")
_BESIDE = ("module", "constant")
"""What is called like a class or a keyword, and is seldom meant."""
_MOST_TOLD = 6
_MOST_SHOWN = 2
"""So many of those that take a keyword are shown, not only named."""


@dataclass
class Named:
    """What the names in a query stand for."""

    entries: list[Entry] = field(default_factory=list)
    """What is called so now, or took its place."""
    notes: list[str] = field(default_factory=list)
    """What is not called so, in lines: an old name, a keyword, a guess."""
    guesses: list[Entry] = field(default_factory=list)
    """What is written nearly like a word that stands alone and names nothing."""


def named(index: ManimIndex, query: str) -> Named:
    """What a query names: a class, `Class.method`, a keyword, an old name; nearly a name if it is alone."""
    words = [_OWN.sub("", word.strip(".")) for word in _WORD.findall(query)]
    found = Named()
    unknown = []
    for place, word in enumerate(words):
        known = _known(index, words, place)
        found.entries += known
        if not known and (len(words) == 1 or _IDENTIFIER.search(word)):
            unknown.append(word)
    for word in unknown:
        _tell_of(index, word, found, alone=len(words) == 1)
    found.notes += _taken_by_what_is_named(found.entries, [word for word in words if word not in unknown])
    found.entries = list({entry.name: entry for entry in found.entries}.values())
    return found


def _known(index: ManimIndex, words: Sequence[str], place: int) -> list[Entry]:
    """What a word names as it is written; one that stands alone, or cannot be of a sentence, in any case."""
    word = words[place]
    if word in CALLS:  # what is written like it now is something else
        return []
    if len(words) > 1 and not _IDENTIFIER.search(word):
        return exactly(index, word) if _is_capital(words, place) and index.entry(word) else []
    entry = index.entry(word)
    known = exactly(index, word) if entry and entry.kind not in _BESIDE else []
    known = known or [*whatever_the_case(index, word), *exactly(index, word)] or _of_an_object(index, word)
    return [one for one in known if one.kind not in _BESIDE or is_for_scenes(one)]


def _of_an_object(index: ManimIndex, word: str) -> list[Entry]:
    """The method of `axes.plot`: of the class that the object is called like, or else of any."""
    *owners, last = word.split(".")
    if not owners or not word.replace("_", "a").replace(".", "a").islower():
        return []
    classes = [entry.name for owner in reversed(owners) for entry in whatever_the_case(index, owner)]
    found = (exactly(index, f"{name}.{last}") for name in classes)
    return next(filter(None, found), exactly(index, last))


def _is_capital(words: Sequence[str], place: int) -> bool:
    """Whether a word is capitalized, and not because a sentence begins with it."""
    begins = place == 0 and words[1].islower() and not _IDENTIFIER.search(words[1])
    return words[place][:1].isupper() and not begins


def _tell_of(index: ManimIndex, word: str, found: Named, *, alone: bool) -> None:
    """Add what is known of a word that names no entry."""
    if instead := _successor(index, word):
        found.notes.append(f"{word} is not in this Manim; now {instead}")
        found.entries += exactly(index, instead.partition("(")[0])
    elif (entry := index.entry(word)) and not is_drawn(entry):
        found.notes.append(f"{word} is for the other renderer: a scene here cannot show it")
    elif "." in word and _tell_of_attributes(index, word, found):
        return
    elif not (_tell_of_keyword(index, word, found) or _tell_of_attributes(index, word, found)):
        _guess(index, word, found, alone=alone)


def _successor(index: ManimIndex, word: str) -> str | None:
    """What is written now instead of an old name."""
    owner, _, last = word.rpartition(".")
    if instead := CALLS.get(last) or NAMES.get(last):
        return instead
    for one in MEMBERS:
        if one.old == last and not word.endswith(one.new):
            return f"{owner if index.is_a(owner, one.owner) else one.owner}.{one.new}"
    return None


def _tell_of_keyword(index: ManimIndex, word: str, found: Named) -> bool:
    takers = takers_of(index, word)
    here = [entry for entry in found.entries if word in entry.keywords]
    names = list(dict.fromkeys(entry.name for entry in (*here, *takers)))
    if not names:
        return _tell_of_old_keyword(index, word, found)
    found.notes.append(f"{word}: keyword of {_listed(names)}")
    found.entries += [] if here else takers[:_MOST_SHOWN]
    return True


def _tell_of_old_keyword(index: ManimIndex, word: str, found: Named) -> bool:
    instead = next((one.new for one in KEYWORDS if one.old == word and takers_of(index, one.new)), None)
    if instead is None:
        return False
    found.notes.append(f"{word} is no keyword in this Manim; now {instead}")
    return _tell_of_keyword(index, instead, found)


def _tell_of_attributes(index: ManimIndex, word: str, found: Named) -> bool:
    """Of each part of `camera.frame`, whose it is."""
    told = False
    for part in word.split("."):
        if names := holders_of(index, part):
            found.notes.append(f"{part}: attribute, no argument, of {_listed(names)}")
            told = True
    return told


def _guess(index: ManimIndex, word: str, found: Named, *, alone: bool) -> None:
    """Say that there is no such name, and to a word that stands alone what looks like it."""
    owner, _, member = word.rpartition(".")
    members = {one for one in index.members(owner) if is_called(one)}
    valid, begun = (members, f"{owner}.") if members else (_guessable(index), "")
    wanted = member if members else word
    meant = the_one_meant(wanted, valid) if alone or members else None
    near = list(dict.fromkeys([*([meant] if meant else []), *(nearest(wanted, valid) if alone else [])]))
    if near:
        found.notes.append(f"{word} is not in this Manim; nearest: {', '.join(begun + one for one in near)}")
    elif members or (_IDENTIFIER.search(word) and "." not in word):
        found.notes.append(f"{word} is not in this Manim")
    found.entries += exactly(index, begun + meant) if meant else exactly(index, owner) if members else []
    found.guesses += [entry for one in near for entry in exactly(index, begun + one)]


def _guessable(index: ManimIndex) -> set[str]:
    """The names that somebody may have meant who misspelt one."""
    return {one.name for one in index.entries if one.exported and one.kind != "module" and is_for_scenes(one)}


def _taken_by_what_is_named(entries: Sequence[Entry], words: Sequence[str]) -> Iterator[str]:
    """The words of a query that are keywords of what it names."""
    for word in dict.fromkeys(words):
        if takers := [entry.name for entry in entries if word in entry.keywords]:
            yield f"{word}: keyword of {_listed(takers)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_TOLD]) + (", …" if len(names) > _MOST_TOLD else "")
