"""What is known of a node that a search found: what it says, and whether something took its place.

In a transaction of the tenant; what each search runs is planned once a connection. Knows not how a node
was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from quantumsketch.memory.database import Connection
from quantumsketch.memory.finding.rankings import Asked
from quantumsketch.memory.keeping.then import states_then
from quantumsketch.memory.queries import query


@dataclass(frozen=True)
class Candidate:
    """What decides on a node that was found, beside its ranks."""

    id: UUID
    kind: str
    name: str
    text: str
    similarity: float | None
    uncompared: bool
    partly_compared: bool
    changed_at: datetime
    closed: bool
    successor: UUID | None = None
    successor_name: str | None = None
    deprecated_by: str | None = None

    @property
    def superseded(self) -> str | None:
        """In words, why it does not hold any more."""
        if self.successor_name is not None:
            return f"superseded by {self.successor_name!r}"
        if self.deprecated_by is not None:
            return f"superseded: {self.deprecated_by!r} deprecates it"
        return "superseded: it was closed" if self.closed else None

    def reservations(self, asked: Asked) -> list[str]:
        """Return what speaks against it, or was not looked at."""
        lacking = f"it has no vector of {asked.model!r} yet"
        if asked.unembedded:
            lacking = "the question could not be embedded"
        uncompared = f"what it means was not compared: {lacking}" if self.uncompared else None
        partly = (
            "some of its texts were not compared: they have no vectors yet" if self.partly_compared else None
        )
        return [reason for reason in (self.superseded, uncompared, partly) if reason]


async def known_of(connection: Connection, asked: Asked, nodes: Iterable[UUID]) -> dict[UUID, Candidate]:
    """Return what is known of those of `nodes` that the question allows."""
    parameters = {**asked.compared, "nodes": list(nodes), "kinds": asked.kinds, "as_of": asked.as_of}
    successions = query("successions") if asked.as_of is None else query("successions_then")
    found = await connection.execute(query("candidates"), parameters, prepare=True)
    followed = await connection.execute(successions, parameters, prepare=True)
    later = {row["id"]: row for row in await followed.fetchall()}
    return {row["id"]: Candidate(**{**row, **later.get(row["id"], {})}) for row in await found.fetchall()}


async def as_they_were(
    connection: Connection, candidates: Mapping[UUID, Candidate], nodes: Sequence[UUID], as_of: datetime
) -> dict[UUID, Candidate]:
    """Return those that were changed later with what they said then; of one whose past is lost, nothing."""
    states = await states_then(connection, nodes, as_of)
    return {
        node: replace(
            candidates[node],
            text=states[node].text if node in states else "",
            closed=node in states and states[node].closed_at is not None,
        )
        for node in nodes
    }
