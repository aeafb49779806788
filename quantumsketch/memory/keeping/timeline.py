"""When facts held, of which only one can at a time, and what a new statement changes of that. Pure.

A timeline is all that was ever said of one source and relation if that is functional, else of one source,
relation and target. Its spells do not overlap.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

_NONE = "{}"
"""Properties of which there are none."""


class Stored(NamedTuple):
    """What the database has of a spell."""

    valid_from: datetime
    valid_to: datetime | None
    properties: str


class Spell(NamedTuple):
    """From when to when, if it has ended, one target held."""

    target: str
    valid_from: datetime
    valid_to: datetime | None
    properties: str
    """As JSON."""
    stored: Stored | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether it held at that time."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    @property
    def is_new(self) -> bool:
        """Whether it is to be stored; what ended where it began never was."""
        return self.stored is None and self.valid_from != self.valid_to

    @property
    def is_changed(self) -> bool:
        """Whether what is stored of it is another."""
        return self.stored is not None and self.stored != self[1:4]

    @property
    def is_ended(self) -> bool:
        """Whether it is stored to hold and does no more."""
        return self.stored is not None and self.stored.valid_to is None and self.valid_to is not None


def said(
    spells: list[Spell], target: str, properties: str | None, at: datetime, *, among_others: bool = False
) -> list[Spell]:
    """Return the `spells` of a timeline after `target` was said to hold from `at` on.

    If that was known, it is the list itself. What held until then ends. What was said to hold from a later
    time on stays: an older statement that comes late reaches only so far. Saying what is known changes at
    most the properties, unless the statement stands `among_others`, of other targets: then it is a spell of
    its own, which a late one cannot undo. Properties that are not said stay those of what goes on.
    """
    if not spells:
        return [Spell(target, at, None, properties or _NONE)]
    held = next((spell for spell in spells if spell.holds(at)), None)
    if held is not None and held.target == target and (held.valid_from == at or not among_others):
        if properties is None or held.properties == properties:
            return spells
        return [*(spell for spell in spells if spell is not held), _with_properties(held, properties, at)]
    later = min((s for s in spells if s.valid_from > at), key=lambda s: s.valid_from, default=None)
    if properties is None:
        properties = next((s.properties for s in (held, later) if s and s.target == target), _NONE)
    others = [spell for spell in spells if spell is not held]
    end = later.valid_from if later else None
    if held is not None:
        end = held.valid_to if held.target == target else end
        others.append(held._replace(valid_to=at))
    empty = next((s for s in others if s.target == target and s.valid_from == at), None)
    if empty is not None:  # it ended where it began: what is stored of it begins anew
        others.remove(empty)
        return [*others, empty._replace(properties=properties, valid_to=end)]
    if later is not None and later.target == target and not among_others:
        others.remove(later)
        return [*others, later._replace(properties=properties, valid_from=at)]
    return [*others, Spell(target, at, end, properties)]


def _with_properties(held: Spell, properties: str, at: datetime) -> Spell:
    """What has ended is history: only what was said of its very beginning is corrected."""
    if held.valid_to is not None and held.valid_from != at:
        return held
    return held._replace(properties=properties)
