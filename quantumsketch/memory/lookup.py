"""Finds an entity by its name alone; code also by a name under which a package offers it."""

from __future__ import annotations

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import Database
from quantumsketch.memory.ontology import NodeKind, node_kind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import LONGEST_NAME, Key, check_text

_OFFERED = [NodeKind.CLASS.value, NodeKind.FUNCTION.value]


def check_name(name: str, kind: str | None) -> None:
    """Raise BadInput unless something can be called so, and of this kind if one is given."""
    check_text("the name", name, 1, LONGEST_NAME)
    if kind is not None:
        node_kind(kind)


async def key_of(database: Database, tenant: str, name: str, kind: str | None = None) -> Key:
    """Return the key of what is called `name`; what is no more only if nothing else is called so.

    Raises NotFound, or BadInput if it may be several things.
    """
    check_name(name, kind)
    kinds = [kind] if kind is not None else [each.value for each in NodeKind]
    async with database.transaction(tenant, "find an entity by its name") as connection:
        rows = await connection.execute(query("entities_named"), {"kinds": kinds, "name": name})
        found = await rows.fetchall()
        if not found:
            offered = [each for each in _OFFERED if each in kinds]
            rows = await connection.execute(
                query("entities_of_public_name"), {"kinds": offered, "name": name}
            )
            found = await rows.fetchall()
    is_there = any(row["is_open"] for row in found)
    keys = [(row["kind"], row["name"]) for row in found if row["is_open"] or not is_there]
    if not keys:
        raise NotFound(f"the memory of {tenant!r} has nothing called {name!r}")
    whole = (NodeKind.CODEBASE.value, name)
    if whole in keys:  # its package has the same name, and is a part of it
        return whole
    if len(keys) > 1:
        several = ", ".join(f"{kind} {name}" for kind, name in keys)
        raise BadInput(f"{name!r} may be {several}", mend="Choose by --kind, or by the whole name.")
    return keys[0]
