"""What stands beside entities: the facts at them, with what they lead to and when they held. Writes nothing.

Bounded for any entity, hubs too. Knows neither questions nor answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from quantumsketch.memory.database import Database
from quantumsketch.memory.keeping.then import StateThen, states_then
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record

_LONGEST_DESCRIPTION = 1_000
FAN_OUT = 12
"""Facts that hold, each way, and facts that ended, that are told of one entity."""


class FactBeside(Record):
    """A fact at the entity `near`, and what it leads to."""

    near: UUID
    source: UUID
    kind: str
    target: UUID
    properties: dict[str, JsonValue]
    valid_from: datetime
    valid_to: datetime | None
    far: UUID
    far_kind: str
    far_name: str

    @property
    def outward(self) -> bool:
        """Whether it leads from `near`."""
        return self.source == self.near

    @property
    def spell(self) -> tuple[UUID, str, UUID, datetime]:
        """What is one fact, wherever it is seen from."""
        return self.source, self.kind, self.target, self.valid_from


class State(Record):
    """What an entity is by itself, shortened."""

    id: UUID
    kind: str
    name: str
    description: str
    properties: dict[str, JsonValue]
    changed_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Surroundings:
    """Some entities, and the facts at each of them: the newest first, then those that ended last."""

    states: dict[UUID, State]
    facts: list[FactBeside]

    def at(self, node: UUID) -> list[FactBeside]:
        """Return the facts at one of the entities."""
        return [fact for fact in self.facts if fact.near == node]


async def surroundings(
    database: Database,
    tenant: str,
    nodes: Sequence[UUID],
    *,
    fan_out: int = FAN_OUT,
    as_of: datetime | None = None,
) -> Surroundings:
    """Return what `tenant` has of these entities, and the facts at them: those that hold, some that ended.

    With `as_of`, those that held or had ended then, and the entities that were there, as they were.
    """
    parameters = {"nodes": list(nodes), "fan_out": fan_out, "as_of": as_of}
    async with database.transaction(tenant, "read what stands beside entities") as connection:
        rows = await connection.execute(query("facts_around"), parameters, prepare=False)
        seen = [FactBeside.model_validate(row) for row in await rows.fetchall()]
        # What leads from an entity to itself is seen from both of its ends.
        facts = list({(each.near, *each.spell): each for each in seen}.values())
        if as_of:
            then = await states_then(connection, nodes, as_of)
            states = {node: _shortened(state) for node, state in then.items()}
            return Surroundings(states, facts)
        rows = await connection.execute(query("present_states"), {"nodes": list(nodes)}, prepare=False)
        states = {row["id"]: State.model_validate(row) for row in await rows.fetchall()}
    return Surroundings(states, facts)


def _shortened(state: StateThen) -> State:
    shown = state.model_dump(include=set(State.model_fields))
    return State.model_validate({**shown, "description": state.description[:_LONGEST_DESCRIPTION]})
