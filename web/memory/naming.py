"""Looking up the node that somebody names. Whoever names none is told so in the words of the API."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from quantumsketch.errors import NotFound
from quantumsketch.memory.records import EntityRecord
from web.memory.shapes import NodeRef
from workflows.memory import Memory


async def node_there(
    memory: Memory, tenant: str, named: NodeRef, as_of: datetime | None = None
) -> EntityRecord:
    """Return the node, as it was at `as_of` if that is given; raises NotFound."""
    try:
        return await memory.store.entity(tenant, named if isinstance(named, UUID) else named.key, as_of)
    except NotFound:
        raise no_such_node(named, as_of) from None


def no_such_node(named: NodeRef, as_of: datetime | None = None) -> NotFound:
    """Say that there is no such node, or was none then."""
    node = f"node {str(named)!r}" if isinstance(named, UUID) else f"{named.type} {named.name!r}"
    if as_of is None:
        return NotFound(f"there is no {node}", mend="'GET /v1/nodes' lists those that there are.")
    return NotFound(
        f"there was no {node} recorded as of {as_of.isoformat()}", mend="Ask as of a later time, or of now."
    )
