"""`qs memory forget`: what is gone for good, and what a memory cannot take with it. Opens Postgres alone."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.records import EntityRecord
    from quantumsketch.settings import Settings

_TAKEN_ALONG = {
    "video": "the video with its beats and its calls to models",
    "codebase": "the codebase with all that it defines",
}
"""Kinds that take more along than themselves, and what that is: who erases one is asked first."""
_LIKE_A_VIDEO = re.compile(r".+-[0-9a-f]{6}")


@click.command()
@click.argument("name", metavar="[NAME|ID]", required=False)
@click.option("--kind", metavar="KIND", help="If several things have this name.")
@of_tenant
@click.option("--everything", is_flag=True, help="All that a tenant has; needs --tenant.")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
def forget(name: str | None, kind: str | None, tenant: str | None, everything: bool, yes: bool) -> None:
    """Erase a thing, or everything that a tenant has.

    With all that is known of it, its history too; a video goes with its beats and its calls to models,
    a codebase with what it defines: who erases one of these, or everything, is asked first. To say that
    something no longer holds is something else: what is closed stays known.
    """
    from quantumsketch.errors import BadInput
    from quantumsketch.memory.keeping.lookup import check_name
    from quantumsketch.settings import Settings

    settings = Settings()
    chosen = chosen_tenant(tenant)
    if everything:
        if name or kind or not tenant:
            raise BadInput(
                "everything is forgotten of a tenant that is named", mend="Say --everything --tenant NAME."
            )
        if not yes:
            _confirm(chosen, "all that it has")
        run(_forget_everything(chosen, settings))
        return
    if name is None:
        raise BadInput("nothing is named that is to be forgotten", mend="Name it, or say --everything.")
    check_name(name, kind)
    doubtful = run(_forget(name, kind, chosen, settings, sure=yes))
    if doubtful:  # asked between two openings: nothing is held meanwhile, and Ctrl-C is heard
        _confirm(doubtful.name, _TAKEN_ALONG[doubtful.kind])
        run(_forget(str(doubtful.id), None, chosen, settings, sure=True))


def _confirm(name: str, what: str) -> None:
    from quantumsketch.errors import BadInput

    question = f"This cannot be undone. Type {name!r} to erase {what}"
    try:
        answered = click.prompt(question, err=True, default="", show_default=False)
    except click.Abort as abort:
        if isinstance(abort.__cause__ or abort.__context__, EOFError):
            raise BadInput(
                "nobody answered: nothing was erased", mend="Say --yes where nobody can."
            ) from None
        raise
    if answered != name:
        raise BadInput("that is not the name: nothing was erased")


async def _forget(
    name: str, kind: str | None, tenant: str, settings: Settings, *, sure: bool
) -> EntityRecord | None:
    """Erase the thing; unless that is `sure`, return what takes more along than itself, and erase nothing."""
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell_line
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.store import Store
    from workflows.embedder import embedder_of

    embedder = embedder_of(settings)
    async with database_address() as address, Graph.open(address, embedder) as graph:
        entity = await _there(graph, tenant, name, kind)
        if entity.kind in _TAKEN_ALONG and not sure:
            return entity
        erased = await Store(graph.database, embedder).erase(tenant, entity.id)
    others = f", and {erased - 1:,} that were part of it" if erased > 1 else ""
    tell_line(f"erased {entity.kind} {entity.name}{others}")
    if entity.kind == "video":
        remark(f"note: {_what_stays(settings)}")
    return None


async def _there(graph: Graph, tenant: str, name: str, kind: str | None) -> EntityRecord:
    from quantumsketch.errors import NotFound
    from quantumsketch.memory.keeping.lookup import id_of
    from quantumsketch.memory.keeping.reading import read_entity

    try:
        node = await id_of(graph.database, tenant, name, kind)
        async with graph.database.transaction(tenant, "read an entity") as connection:
            return await read_entity(connection, node, None)
    except NotFound as unknown:
        mend = "`qs memory search` finds names."
        if _LIKE_A_VIDEO.fullmatch(name):
            mend += (
                " A video that is being made is known at its end: `qs list` shows it, `qs cancel` ends it."
            )
        raise NotFound(unknown.what, mend=mend) from None


async def _forget_everything(tenant: str, settings: Settings) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.errors import NotFound, QuantumSketchError
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.store import Store
    from quantumsketch.memory.promotion import withdraw
    from workflows.embedder import embedder_of

    embedder = embedder_of(settings)
    try:
        async with database_address() as address, Graph.open(address, embedder) as graph:
            rows = await Store(graph.database, embedder).erase_tenant(tenant)
            try:
                await withdraw(address, tenant)
            except QuantumSketchError as error:  # it is empty, and shows no name
                remark(f"note: its index of vectors is left: {error}")
    except asyncio.CancelledError:
        raise Interrupted("interrupted; everything was erased or nothing: run it again") from None
    if not rows:  # not even a tenant is called so: a name that was mistyped must not look erased
        raise NotFound(
            f"there is nothing of {tenant!r} to forget", mend="`qs tenant list` names the tenants."
        )
    tell(f"erased all that {tenant} had in the database, its keys and quotas too: {rows:,} rows")
    remark(f"note: {_what_stays(settings)}")
    remark("note: a video that is being made is recorded at its end: `qs list` shows it, `qs cancel` ends it")


def _what_stays(settings: Settings) -> str:
    return (
        f"films and clips stay in {settings.home / 'assets'}, where tenants with the same clip share it, and "
        "Temporal keeps the histories of finished runs for as long as it is set to"
    )
