"""What a command finds in the tenant's own memory, or else in what is known for all tenants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from quantumsketch.memory.database import Database

_Found = TypeVar("_Found")


async def own_or_for_all(
    database: Database, own: str, name: str, find: Callable[[str], Awaitable[_Found]]
) -> _Found:
    """Return what `find` finds of `name` for a tenant: for the `own` one, or else for all, which is said.

    A name of the installed Manim has it read first if nobody did. Raises NotFound.
    """
    from quantumsketch.cli.installed_manim import read_manim
    from quantumsketch.cli.terminal import remark
    from quantumsketch.errors import NotFound
    from quantumsketch.memory.embedding import LocalEmbedder
    from quantumsketch.memory.tenants import SYSTEM_TENANT

    try:
        return await find(own)
    except NotFound as unknown:
        if name.split(".")[0] == "manim":
            await read_manim(database, LocalEmbedder(), vectors=False)
        try:
            found = await find(SYSTEM_TENANT)
        except NotFound:
            where = "`qs memory search` finds names; those of the installed Manim with --for-all."
            raise NotFound(unknown.what, mend=where) from None
    remark("not of this memory: this is known for all tenants")
    return found
