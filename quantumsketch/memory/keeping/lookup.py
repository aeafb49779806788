"""Finds an entity by its name alone; code also by a name under which a package offers it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from psycopg.rows import DictRow

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import Connection, Database
from quantumsketch.memory.keeping.reading import entity_id
from quantumsketch.memory.ontology import NodeKind, node_kind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import LONGEST_NAME, Key, check_text

_MOST_TOLD = 10
OFFERED = (NodeKind.CLASS.value, NodeKind.FUNCTION.value)
"""Kinds that can have public names."""


def check_name(name: str, kind: str | None) -> None:
    """Raise BadInput unless something can be called so, and of this kind if one is given."""
    check_text("the name", name, 1, LONGEST_NAME)
    if kind is not None:
        node_kind(kind)


async def key_of(
    database: Database, tenant: str, name: str, kind: str | None = None, *, own_names: bool = False
) -> Key:
    """Return the key of what is called `name`; what is no more only if nothing else is called so.

    With `own_names` it may also be the end of a dotted name of code: a class's or function's, or else a
    method's. Raises NotFound, or BadInput if it may be several things.
    """
    check_name(name, kind)
    kinds = [kind] if kind is not None else [each.value for each in NodeKind]
    async with database.transaction(tenant, "find an entity by its name") as connection:
        parameters = {"kinds": kinds, "name": name}
        named = await (await connection.execute(query("entities_named"), parameters)).fetchall()
        offered = await public_code(connection, name)
        ending = await _ending_in(connection, name, kinds) if own_names and not (named or offered) else []
    known = [(row["kind"], row["name"]) for row in named if row["is_open"] and not row["is_bare"]]
    keys = known or ([offered] if offered and offered[0] in kinds else []) or ending or _unless_closed(named)
    if not keys:
        what = f"the memory of {tenant!r} has nothing called {name!r}"
        raise NotFound(what, mend="`qs memory search` finds names.")
    whole = (NodeKind.CODEBASE.value, name)
    if whole in keys:  # its package has the same name, and is a part of it
        return whole
    if len(keys) > 1:
        several = ", ".join(f"{kind} {name}" for kind, name in keys[:_MOST_TOLD])
        several += ", …" if len(keys) > _MOST_TOLD else ""
        raise BadInput(f"{name!r} may be {several}", mend="Choose by --kind, or by the whole name.")
    return keys[0]


async def id_of(
    database: Database, tenant: str, name: str, kind: str | None = None, *, own_names: bool = False
) -> UUID:
    """Return the id of what is called `name`, as `key_of` finds it, else `name` if it is an id itself."""
    try:
        key = await key_of(database, tenant, name, kind, own_names=own_names)
    except NotFound:
        with suppress(ValueError):
            return UUID(name)
        raise
    async with database.transaction(tenant, "find an entity by its name") as connection:
        return await entity_id(connection, key)


async def public_code(connection: Connection, name: str) -> Key | None:
    """Return the key of the class or function offered as `name`, or of a class's method, perhaps inherited.

    None if packages offer nothing so.
    """
    owner, _, member = name.rpartition(".")
    offered = await offered_as(connection, [name, owner])
    if name in offered:
        return offered[name]
    _, whole = offered.get(owner, (NodeKind.CLASS.value, owner))
    rows = await connection.execute(query("member_of_class"), {"owner": whole, "member": member})
    row = await rows.fetchone()
    return (row["kind"], row["name"]) if row else None


async def offered_as(
    connection: Connection, names: Collection[str], kinds: Collection[str] = OFFERED
) -> dict[str, Key]:
    """Return the keys of the code that packages offer under some of these public names, by the names."""
    parameters = {"kinds": [each for each in OFFERED if each in kinds], "names": list(names)}
    rows = await (await connection.execute(query("entities_of_public_names"), parameters)).fetchall()
    wanted = set(names)
    found: dict[str, Key] = {}
    for row in rows:
        for name in wanted.intersection(row["public_names"]):
            found.setdefault(name, (row["kind"], row["name"]))
    return found


async def _ending_in(connection: Connection, name: str, kinds: Collection[str]) -> list[Key]:
    """The classes and functions whose names end in `.name`, or else the methods; too many are not counted."""
    for sought in (OFFERED, (NodeKind.METHOD.value,)):
        parameters = {
            "kinds": [each for each in sought if each in kinds],
            "ending": f".{name}",
            "most": _MOST_TOLD + 1,
        }
        rows = await connection.execute(query("code_ending_in"), parameters)
        if found := [(row["kind"], row["name"]) for row in await rows.fetchall()]:
            return found
    return []


def _unless_closed(named: list[DictRow]) -> list[Key]:
    is_there = any(row["is_open"] for row in named)
    return [(row["kind"], row["name"]) for row in named if row["is_open"] or not is_there]
