"""Neighbourhoods of a graph, and what each sums up to in words: made by code, from facts. Pure.

A neighbourhood is an entity with many of those that were found beside it. Knows no database and no model.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from quantumsketch.memory.finding.search import Hit
from quantumsketch.memory.finding.surroundings import FactBeside, State

MOST_MEMBERS = 24
"""Found entities in one neighbourhood: of a hub's, which may be all, the nearest to the question."""
LONGEST_SUMMARY = 2_400
"""Characters."""
_EXCERPT = 180
_FACTS_OF_A_MEMBER = 4


@dataclass(frozen=True)
class Group:
    """A neighbourhood: an entity in the middle, found itself or not, and found ones beside it."""

    centre: UUID
    members: tuple[UUID, ...]
    """The nearest to the question first; the centre among them only if it was found."""


def neighbourhoods(found: Sequence[UUID], facts: Iterable[FactBeside], most: int) -> list[Group]:
    """Group what was found, the best first, around those entities that have most of it beside them.

    Each is in one group at most; what stands alone is a group by itself, if there is room. The same graph and
    the same order give the same groups.
    """
    place = {node: at for at, node in enumerate(found)}
    beside, names = _adjacency(facts)
    left = set(found)
    groups: list[Group] = []

    def worth(node: UUID) -> tuple[int, int, str]:
        """The more the better; then what is nearer to the question; then by name."""
        return -len((beside[node] | {node}) & left), place.get(node, len(place)), names[node]

    while beside and len(groups) < most:
        centre = min(beside, key=worth)
        members = sorted((beside.pop(centre) | {centre}) & left, key=place.__getitem__)[:MOST_MEMBERS]
        if len(members) < 2:
            break
        left -= set(members)
        groups.append(Group(centre, tuple(members)))
    alone = [Group(node, (node,)) for node in found if node in left]
    return [*groups, *alone][:most]


def summary(
    group: Group, hits: Mapping[UUID, Hit], states: Mapping[UUID, State], facts: Sequence[FactBeside]
) -> str:
    """Return what a neighbourhood holds, in words: counts, what its middle is, and its members with facts."""
    centre = states[group.centre]
    kinds = Counter(hits[node].kind for node in group.members)
    own = [fact for fact in facts if fact.near in group.members and fact.valid_to is None]
    relations = Counter(kind for _, kind, _ in {(fact.source, fact.kind, fact.target) for fact in own})
    lines = [
        f"{len(group.members)} found around {centre.kind} {centre.name!r}: {_counted(kinds)}."
        f" Relations: {_counted(relations) or 'none'}.",
        *([_excerpt(centre.description)] if centre.description else []),
        *(_member(hits[node], [fact for fact in facts if fact.near == node]) for node in group.members),
    ]
    return _whole_lines(lines)


def _adjacency(facts: Iterable[FactBeside]) -> tuple[dict[UUID, set[UUID]], dict[UUID, str]]:
    """What stands beside what now, both ways, and names to tell equals apart."""
    beside: dict[UUID, set[UUID]] = defaultdict(set)
    names: dict[UUID, str] = defaultdict(str)
    for fact in facts:
        if fact.valid_to is None and fact.near != fact.far:
            beside[fact.near].add(fact.far)
            beside[fact.far].add(fact.near)
            names[fact.far] = fact.far_name
    return dict(beside), names


def _member(hit: Hit, facts: Sequence[FactBeside]) -> str:
    """One line: what it is, whether it holds, some facts, and what it says."""
    told = [
        f"{fact.kind} {fact.far_kind} {fact.far_name!r}"
        if fact.outward
        else f"{fact.far_kind} {fact.far_name!r} {fact.kind} this"
        for fact in facts
        if fact.valid_to is None
    ]
    status = " (superseded: no longer holds)" if hit.superseded else ""
    known = f" [{'; '.join(told[:_FACTS_OF_A_MEMBER])}]" if told else ""
    return f"- {hit.kind} {hit.name!r}{status}{known}: {_excerpt(hit.text)}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(
        f"{count} {name}" for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    )


def _excerpt(text: str) -> str:
    short = re.sub(r"\s+", " ", text).strip()
    return short if len(short) <= _EXCERPT else f"{short[:_EXCERPT]}…"


def _whole_lines(lines: Sequence[str]) -> str:
    """As many lines as fit, and how many do not."""
    told = ""
    for at, line in enumerate(lines):
        if len(told) + len(line) > LONGEST_SUMMARY and at:
            return f"{told}- and {len(lines) - at} more"
        told += f"{line}\n"
    return told.rstrip("\n")
