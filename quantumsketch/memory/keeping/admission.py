"""What somebody outside may write: within the tenant's quota, and nothing that the product itself records.

Knows not who asks. What counts rows holds until the transaction ends, for its caller has the tenant's turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from quantumsketch.errors import AlreadyThere, NotAllowed
from quantumsketch.memory.database import Connection
from quantumsketch.memory.keeping.reading import read_entity
from quantumsketch.memory.ontology import RECORDED_BY_US
from quantumsketch.memory.statements import Key
from quantumsketch.memory.tenants import ROWS_A_NODE, nodes_left, rows_left

Admission = Callable[[Connection, Collection[Key], Collection[Key]], Awaitable[None]]
"""Raises unless entities of these keys may be told, of which the second ones are there."""

_MORE_ROOM = "Delete nodes that are not needed, or have the quota raised: qs tenant add NAME --most-nodes N"


def check_kind(kind: str) -> None:
    """Raise NotAllowed for a kind that the product alone records."""
    if kind in RECORDED_BY_US:
        raise NotAllowed(
            f"a {kind} is recorded by the product itself",
            mend=f"Write and delete other types than {', '.join(sorted(RECORDED_BY_US))}.",
        )


async def within_quota(connection: Connection, told: Collection[Key], known: Collection[Key]) -> None:
    """Raise NotAllowed if there would be more nodes than the tenant may have, or no edge may be added."""
    new = len(set(told) - set(known))
    left = await nodes_left(connection) if new else None
    if left is not None and new > left:
        raise NotAllowed(
            f"{new} more nodes are asked for, the tenant may have {left} more",
            mend=_MORE_ROOM,
        )
    await room_for_edges(connection)


async def room_for_edges(connection: Connection) -> None:
    """Raise NotAllowed if the tenant has all the edges and earlier versions that it may have.

    The last call that is let in may add more than are left: each is bounded by itself.
    """
    left = await rows_left(connection)
    if left is not None and left <= 0:
        raise NotAllowed(
            f"the tenant has as many edges and earlier versions as it may: {ROWS_A_NODE} for each node",
            mend=_MORE_ROOM,
        )


async def new_within_quota(connection: Connection, told: Collection[Key], known: Collection[Key]) -> None:
    """Raise AlreadyThere for what is there and not closed, and as `within_quota` does."""
    for key in {*told} & {*known}:
        there = await read_entity(connection, key, None)
        if there.merged_into is not None:
            raise AlreadyThere(
                f"the {there.kind} {there.name!r} is part of another, {there.merged_into}: a duplicate",
                mend="Change that one by POST /v1/bulk under its own name, or choose another name.",
            )
        if there.closed_at is None:
            raise AlreadyThere(
                f"there is a {there.kind} called {there.name!r} already: {there.id}",
                mend="Change it by POST /v1/bulk, delete it first, or choose another name.",
            )
    await within_quota(connection, told, known)
