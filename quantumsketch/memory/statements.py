"""What can be said to the memory: entities and facts, and who says so. Checked before anything is stored.

Knows what is declared (ontology) and what Postgres can hold, but no database.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from quantumsketch.errors import BadInput
from quantumsketch.memory.ontology import node_kind, relation
from quantumsketch.memory.properties import checked_json

Key = tuple[str, str]
"""Kind and name: the natural key of an entity within its tenant."""
LONGEST_NAME = 500
LONGEST_DESCRIPTION = 20_000
LONGEST_BODY = 1_000_000
CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""A time may lie so far in the future: what is told is what was or is, but clocks are not all alike."""
_SPEAKERS = ("tool", "model", "user", "import")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK = re.compile("[\u034f\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Letters and marks of which nothing is seen either: fillers and selectors."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something to be there. What is None is not said: what was there before stays."""

    kind: str
    name: str
    description: str | None = None
    body: str | None = None
    """A long text: it is cut into chunks, each found by itself."""
    properties: Mapping[str, JsonValue] | None = None
    """As a whole: they replace those that were there."""

    @property
    def key(self) -> Key:
        return self.kind, self.name


@dataclass(frozen=True, slots=True)
class Fact:
    """The source stands in a relation to the target."""

    source: Key
    relation: str
    target: Key
    properties: Mapping[str, JsonValue] | None = field(default_factory=dict)
    """As a whole: they replace those that were there. None: not said, what was there stays."""
    valid_from: datetime | None = None
    """None: from when it is recorded."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where statements come from: kept beside whatever they change."""

    run: str
    activity: str
    said_by: str
    """One of tool, model, user and import, and whose name it was if that is known: 'model:NAME'."""

    def as_json(self, at: datetime, **more: str) -> str:
        """Return what is kept of it, and `more`; raises BadInput if that cannot be."""
        for name in ("run", "activity", "said_by"):
            check_text(f"the provenance's {name}", getattr(self, name), 1, LONGEST_NAME)
        if self.said_by.split(":")[0] not in _SPEAKERS:
            raise BadInput(
                f"nothing can be said by {self.said_by!r}", mend=f"Say one of {', '.join(_SPEAKERS)}."
            )
        kept = {"run": self.run, "activity": self.activity, "said_by": self.said_by, "at": at.isoformat()}
        return json.dumps({**kept, **more})


@dataclass(frozen=True, slots=True)
class CheckedEntity:
    """An entity that can be stored."""

    key: Key
    description: str | None
    body: str | None
    properties: str | None
    """As JSON."""


class CheckedFact(NamedTuple):
    """A fact that can be stored, if its ends are there."""

    source: Key
    kind: str
    target: Key
    functional: bool
    properties: str | None
    """As JSON; None: not said."""
    valid_from: datetime | None


def checked_entities(entities: Sequence[Entity]) -> list[CheckedEntity]:
    """Return `entities` as they are stored; raises BadInput for one that cannot be or is told twice."""
    checked: dict[Key, CheckedEntity] = {}
    for entity in entities:
        new = _checked_entity(entity)
        if checked.setdefault(new.key, new) != new:
            raise BadInput(
                f"the {in_words(new.key)} is described twice and differently", mend="Describe it once."
            )
    return list(checked.values())


def checked_facts(facts: Sequence[Fact]) -> list[CheckedFact]:
    """Return `facts` as they are stored; raises BadInput for the first that cannot be or is told twice.

    Of a functional relation several targets are told if each has a time of its own: they follow each other.
    What else follows each other, as the properties of one fact, is told call by call.
    """
    latest = datetime.now(UTC) + CLOCKS_DIFFER_BY
    keys: dict[Key, Key] = {}
    checked = [_checked_fact(fact, latest, keys) for fact in facts]
    told: dict[tuple[Key, str, Key | datetime | None], CheckedFact] = {}
    for new in checked:
        line = new.source, new.kind, new.valid_from if new.functional else new.target
        known = told.setdefault(line, new)
        if known is not new and known != new:
            raise _told_differently(known, new)
    return checked


def checked_key(key: object) -> Key:
    """Return `key` if an entity can have it; raises BadInput."""
    match key:
        case (kind, str(name)):
            check_text("an entity's name", name, 1, LONGEST_NAME)
            return node_kind(kind).value, name
    raise BadInput(f"{key!r} names no entity", mend="Name it by its kind and its name.")


def in_words(key: Key) -> str:
    """Name an entity in a sentence, as `note 'Why Postgres'`."""
    kind, name = key
    return f"{kind} {name!r}"


def checked_time(at: datetime, latest: datetime) -> datetime:
    """Return `at` in UTC; raises BadInput if it has no time zone, no such time, or is later than `latest`.

    Postgres knows no time zone that is 16 hours away from UTC.
    """
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise BadInput(f"{at!r} is no point in time", mend="Give a datetime with its time zone.")
    if at > latest:
        raise BadInput(f"{at.isoformat()} is in the future", mend="Say what was or is; later, what then is.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadInput(
            f"{at.isoformat()} is not within the years 1 to 9999 of UTC", mend="Give a time that is."
        ) from None


def check_text(what: str, text: object, shortest: int, longest: int) -> None:
    """Raise BadInput unless `text` is text that Postgres can hold, of so many characters."""
    if not isinstance(text, str):
        raise BadInput(f"{what} is not text but {type(text).__name__}", mend="Give text.")
    if not shortest <= len(text) <= longest:
        raise BadInput(
            f"{what} has {len(text)} characters: {text[:40]!r}", mend=f"{shortest} to {longest} are possible."
        )
    if not text.isascii():
        _check_encodable(what, text)
    if "\x00" in text:
        raise BadInput(f"{what} holds the character U+0000: {text[:40]!r}", mend="Leave it out.")


def _check_encodable(what: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput(
            f"{what} holds half of a surrogate pair: {text[:40]!r}", mend="Leave it out."
        ) from None


def _checked_entity(entity: Entity) -> CheckedEntity:
    key = checked_key(entity.key)
    if not any(map(_is_seen, key[1])):
        raise BadInput(f"the {in_words(key)} has no name that can be seen", mend="Give it one.")
    if entity.description is not None:
        check_text(f"the description of {in_words(key)}", entity.description, 0, LONGEST_DESCRIPTION)
    if entity.body is not None:
        check_text(f"the body of {in_words(key)}", entity.body, 0, LONGEST_BODY)
    properties = (
        None
        if entity.properties is None
        else checked_json(f"the properties of {in_words(key)}", entity.properties)
    )
    return CheckedEntity(key, entity.description, entity.body, properties)


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and not _BLANK.match(character)


def _checked_fact(fact: Fact, latest: datetime, keys: dict[Key, Key]) -> CheckedFact:
    """Check `fact`; in `keys` is what was checked before, for many facts share their ends."""
    try:
        source = keys.get(fact.source) or keys.setdefault(fact.source, checked_key(fact.source))
        target = keys.get(fact.target) or keys.setdefault(fact.target, checked_key(fact.target))
    except TypeError:
        raise BadInput(f"a fact leads from {fact.source!r} to {fact.target!r}: no keys of entities") from None
    declared = relation(fact.relation)
    if source[0] not in declared.sources or target[0] not in declared.targets:
        raise BadInput(
            f"{declared.kind.value!r} does not lead from {in_words(source)} to {in_words(target)}",
            mend=f"It leads from {_one_of(declared.sources)} to {_one_of(declared.targets)}.",
        )
    if source == target and not declared.to_itself:
        raise BadInput(
            f"the {in_words(source)} cannot stand in the relation {declared.kind.value!r} to itself",
            mend="Name another target, or leave it out.",
        )
    since = None if fact.valid_from is None else checked_time(fact.valid_from, latest)
    properties = None if fact.properties is None else "{}"
    if fact.properties:
        words = f"the properties of {in_words(source)} {declared.kind.value} {in_words(target)}"
        properties = checked_json(words, fact.properties)
    return CheckedFact(source, declared.kind.value, target, declared.functional, properties, since)


def _told_differently(one: CheckedFact, other: CheckedFact) -> BadInput:
    if one.target != other.target:
        return BadInput(
            f"of {in_words(one.source)} two are told at once for {one.kind!r}, which leads to one at a time: "
            f"{in_words(one.target)} and {in_words(other.target)}",
            mend="Tell one of them, or from when on each of them held.",
        )
    return BadInput(
        f"{in_words(one.source)} {one.kind} {in_words(one.target)} is described twice and differently",
        mend="Describe it once; what it was before, in a call before.",
    )


def _one_of(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(kinds))
