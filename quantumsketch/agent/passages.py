"""What of the graph is put before a model: entities with their numbers, and how each stands to others.

Written as JSON, a line each: no text of an entity can look like another entity, or like its number. What no
reader of a text sees, no model is told either. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quantumsketch.agent.orders import shown
from quantumsketch.answered import Source
from quantumsketch.excerpts import Excerpt

LONGEST_TEXT = 2_500
"""Characters of one entity that one search shows; a chunk of a text has about 800."""
_LONGEST_SHOWN = 8_000
"""With what further searches add."""
_LONGEST_OF_OTHERS = 300
"""Characters of a name, or of properties."""
_MOST_PRESENT, _MOST_PAST = 8, 4
"""Relations of one entry to what is not among the entries."""
_MOST_RELATIONS = 16
"""Of one entry, those to other entries too."""
_HIGHEST = 999
"""No passage has a higher number."""
MOST_CHARACTERS = 48_000
"""Of all passages of one question together, however often is searched: about 14,000 tokens."""
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Those that JSON would leave as they are."""


@dataclass(frozen=True)
class Relation:
    """A fact at an entity, as it is seen from there."""

    kind: str
    outward: bool
    """Whether it leads from the entity to the other one."""
    other_id: str
    other_kind: str
    other_name: str
    since: str
    """A date."""
    until: str | None = None
    """A date; None: it holds."""
    properties: str = ""
    """As JSON; empty: none."""


@dataclass(frozen=True)
class Passage:
    """An entity that was found, with what decides on how it is to be read."""

    source: Source
    written: str = ""
    """The date since when it says what it says; empty: not known."""
    status: str = ""
    """In words, since when it does not hold and what replaced it; empty: it holds."""
    properties: str = ""
    """As JSON; empty: none."""
    relations: tuple[Relation, ...] = ()
    excerpt: Excerpt | None = None
    """What the source's text is of the whole one; None: that is not known."""

    def joined(self, other: Passage) -> Passage:
        """Return this with what another passage shows of the same entity's text."""
        if self.excerpt is None or other.excerpt is None:
            return self
        excerpt = self.excerpt.joined(other.excerpt)
        source = self.source.model_copy(update={"text": excerpt.text})
        return self if excerpt == self.excerpt else replace(self, source=source, excerpt=excerpt)

    @property
    def texts(self) -> list[str]:
        """Whatever in it somebody else wrote, as far as it is shown."""
        others = [text for each in self.relations for text in (each.other_name, each.properties)]
        return [
            shown(self.source.text[:_LONGEST_SHOWN]),
            *map(_short, [self.source.name, self.properties, *others]),
        ]


Numbered = Mapping[int, Passage]
"""Passages by the numbers that an answer cites them by."""


def numbered(passages: Sequence[Passage]) -> dict[int, Passage]:
    """Return the passages by their places, from 1."""
    return dict(enumerate(passages, start=1))


def fitting(passages: Sequence[Passage], most: int = MOST_CHARACTERS) -> list[Passage]:
    """Return the first passages, as many as fit into so many characters; at least one, if there is one."""
    kept: list[Passage] = []
    for passage in passages:
        most -= _most_of(passage)
        if most < 0 and kept:
            break
        kept.append(passage)
    return kept


def together(
    known: Sequence[Passage], found: Sequence[Passage], most: int = MOST_CHARACTERS
) -> tuple[list[Passage], int]:
    """Return what is known with what was found, and how many of that find no room in so many characters.

    Numbers stay: what was found of a known entity is added to it, other entities follow. There is room for
    one at least.
    """
    kept, left_out = list(known), 0
    places = {passage.source.id: place for place, passage in enumerate(kept)}
    left = most - sum(map(_most_of, kept))
    for passage in found:
        place = places.get(passage.source.id, len(kept))
        old = kept[place : place + 1]
        new = old[0].joined(passage) if old else passage
        more = _most_of(new) - sum(map(_most_of, old))
        if more > left and kept:
            left_out += 1
            continue
        left -= more
        kept[place : place + 1] = [new]
        places[passage.source.id] = place
    return kept, left_out


def as_lines(passages: Numbered) -> str:
    """Return the passages as JSON, one a line."""
    numbers = {passage.source.id: number for number, passage in passages.items()}
    return "\n".join(_line(number, passage, numbers) for number, passage in passages.items())


def _most_of(passage: Passage) -> int:
    """How many characters it takes at most, its line's end too, whatever it is shown beside."""
    numbers = dict.fromkeys((each.other_id for each in passage.relations), _HIGHEST)
    longest = sorted(passage.relations, key=lambda each: len(_json(_relation(each, numbers))), reverse=True)
    fullest = replace(passage, relations=tuple(longest[:_MOST_RELATIONS]))
    return len(_line(_HIGHEST, fullest, numbers)) + len("\n")


def _line(number: int, passage: Passage, numbers: Mapping[str, int]) -> str:
    source = passage.source
    told: dict[str, Any] = {
        "source": number,
        "kind": source.kind,
        "name": _short(source.name),
        "text": source.text[:_LONGEST_SHOWN],
        "written": passage.written,
        "no longer holds": passage.status,
        "properties": _short(passage.properties),
        "relations": [_relation(relation, numbers) for relation in _shown(passage.relations, numbers)],
    }
    return _json({name: value for name, value in told.items() if value})


def _json(told: Mapping[str, Any]) -> str:
    return shown(json.dumps(told, ensure_ascii=False)).translate(_LINE_ENDS)


def _shown(relations: Sequence[Relation], numbers: Mapping[str, int]) -> list[Relation]:
    """What joins this entry to others comes first; then some of the rest, present and past."""
    joining = [each for each in relations if each.other_id in numbers]
    rest = [each for each in relations if each.other_id not in numbers]
    present, past = ([each for each in rest if bool(each.until) is ended] for ended in (False, True))
    return [*joining, *present[:_MOST_PRESENT], *past[:_MOST_PAST]][:_MOST_RELATIONS]


def _relation(relation: Relation, numbers: Mapping[str, int]) -> dict[str, Any]:
    """One relation as an object, read in its direction: this - because - that."""
    number = numbers.get(relation.other_id)
    other = f"{relation.other_kind} {_short(relation.other_name)!r}"
    there = f"source {number}: {other}" if number else other
    ends = ("this", there) if relation.outward else (there, "this")
    told = {"from": ends[0], "relation": relation.kind, "to": ends[1], "since": relation.since}
    if relation.until:
        told["no longer, since"] = relation.until
    if relation.properties:
        told["properties"] = _short(relation.properties)
    return told


def _short(text: str) -> str:
    return shown(text[:_LONGEST_OF_OTHERS])
