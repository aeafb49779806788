"""`qs memory forget`: what is gone for good, and what a memory cannot take with it. Opens Postgres alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import click

from quantumsketch.cli.interruption import Interrupted, run

if TYPE_CHECKING:
    from quantumsketch.settings import Settings


@click.command()
@click.argument("name", metavar="[NAME|ID]", required=False)
@click.option("--kind", metavar="KIND", help="If several things have this name.")
@click.option("--tenant", metavar="NAME", help="Whose memory; else that of QS_TENANT.")
@click.option("--everything", is_flag=True, help="All that a tenant has; needs --tenant.")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
def forget(name: str | None, kind: str | None, tenant: str | None, everything: bool, yes: bool) -> None:
    """Erase a thing, or everything that a tenant has.

    With all that is known of it, its history too; a video goes with its beats and its calls to models,
    a codebase with what it defines. To say that something no longer holds is something else: what is closed
    stays known.
    """
    from quantumsketch.errors import BadInput
    from quantumsketch.memory.keeping.lookup import check_name
    from quantumsketch.memory.tenants import checked_name
    from quantumsketch.settings import Settings

    settings = Settings()
    chosen = checked_name(tenant or settings.tenant)
    if everything:
        if name or kind or not tenant:
            raise BadInput(
                "everything is forgotten of a tenant that is named", mend="Say --everything --tenant NAME."
            )
        if not yes:
            _confirm(chosen)
        run(_forget_everything(chosen, settings))
        return
    if name is None:
        raise BadInput("nothing is named that is to be forgotten", mend="Name it, or say --everything.")
    check_name(name, kind)
    run(_forget(name, kind, chosen, settings))


def _confirm(tenant: str) -> None:
    from quantumsketch.errors import BadInput

    question = f"This cannot be undone. Type {tenant!r} to erase all that it has"
    if click.prompt(question, err=True, default="", show_default=False) != tenant:
        raise BadInput("that is not the tenant's name: nothing was erased")


async def _forget(name: str, kind: str | None, tenant: str, settings: Settings) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell_line
    from quantumsketch.errors import NotFound
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.lookup import id_of
    from quantumsketch.memory.keeping.store import Store
    from workflows.embedder import embedder_of

    embedder = embedder_of(settings)
    async with database_address() as address, Graph.open(address, embedder) as graph:
        node = _as_id(name) or await id_of(graph.database, tenant, name, kind)
        store = Store(graph.database, embedder)
        try:
            entity = await store.entity(tenant, node)
        except NotFound as unknown:
            raise NotFound(unknown.what, mend="`qs memory search` finds names.") from None
        erased = await store.erase(tenant, node)
    others = f", and {erased - 1:,} that were part of it" if erased > 1 else ""
    tell_line(f"erased {entity.kind} {entity.name}{others}")
    if entity.kind == "video":
        remark(f"note: {_what_stays(settings)}")


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


def _what_stays(settings: Settings) -> str:
    return (
        f"films and clips stay in {settings.home / 'assets'}, where tenants with the same clip share it, and "
        "Temporal keeps the histories of finished runs for as long as it is set to"
    )


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
