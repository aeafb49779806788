"""What a field of the API may hold: names, times, types. What is wrong is told in our words. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, JsonValue

from quantumsketch.memory.finding.question import LONGEST_QUESTION
from quantumsketch.memory.finding.question import Question as SearchedFor
from quantumsketch.memory.ontology import RELATIONS, EdgeKind, NodeKind
from quantumsketch.memory.statements import LONGEST_NAME

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")
_PLUS_LOST = re.compile(r":[0-9.]+ [0-9]{2}:?[0-9]{2}$")
_LONGEST_TOLD = 100
_ILL_SEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u115f\u1160\u17b4\u17b5\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]"
    "|(?<![^\x00-\x7f])(?!\ufe0f\u20e3)[\u061c\u200e\u200f\ufe00-\ufe0f]"
)
"""Control characters, ends of lines, what turns the text beside it round, fillers and tags.

But joiners, marks of direction and variation selectors may stand behind what they can shape: words of
Persian, Arabic and the Indian scripts, and emoji.
"""


def _those(**declared: bool) -> str:
    """The names of the relations of which that is declared."""
    names = (kind for kind, each in RELATIONS.items() if declared.items() <= each.model_dump().items())
    return ", ".join(names)


def _written_as_time(value: object) -> object:
    """A number is no time, nor are digits alone, though seconds could be counted by them."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _TIME.match(value)):
        raise ValueError("a time is a text such as 2026-01-31T12:00:00Z")
    if isinstance(value, str) and _PLUS_LOST.search(value):
        raise ValueError("the + of its time zone came as a blank: in an address, write it %2B")
    return value


def _plain_name(name: object) -> object:
    """Compose a name (NFC) and take the blanks around it off."""
    if not isinstance(name, str):
        return name
    if found := _ILL_SEEN.search(name.strip()):
        raise ValueError(f"a name cannot hold the character U+{ord(found[0]):04X}")
    return unicodedata.normalize("NFC", name.strip())


def _asking(question: str) -> str:
    if not SearchedFor.of(question).text:
        raise ValueError("it asks nothing: there are blanks alone")
    return question


def _listed_in(names: type[StrEnum], what: str) -> Callable[[object], object]:
    """What refuses whatever is none of `names`, in words that tell them all."""
    there_are = frozenset(names)

    def checked(told: object) -> object:
        if not isinstance(told, str) or told not in there_are:
            shown = repr(told)[:_LONGEST_TOLD]
            raise ValueError(f"no {what} is called {shown}; there are {', '.join(names)}")
        return told

    return checked


Type = Annotated[NodeKind, BeforeValidator(_listed_in(NodeKind, "type"))]
Relation = Annotated[
    EdgeKind,
    BeforeValidator(_listed_in(EdgeKind, "relation")),
    Field(
        description="One target at a time (a new one closes the edge before it) have "
        f"{_those(functional=True)}. Orders, in which no circle can be said, are {_those(acyclic=True)}. "
        f"A node may stand to itself in {_those(to_itself=True)}."
    ),
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_time), Field(examples=["2026-01-31T12:00:00Z"])]
Count = Annotated[int, Field(strict=True)]
"""In a body; in an address every number is text."""
Properties = dict[str, JsonValue]
Direction = Literal["out", "in", "both"]
Name = Annotated[Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)], BeforeValidator(_plain_name)]
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION), AfterValidator(_asking)]
