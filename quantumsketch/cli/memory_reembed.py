"""`qs memory reembed`: every text of a tenant by the present embedding model. Opens Postgres alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.embedding import Embedder
    from quantumsketch.memory.keeping.vectors import Reembedded


@click.command()
@of_tenant
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reembed(tenant: str | None, as_json: bool) -> None:
    """Give every text a vector of the present model.

    That is the one that QS_EMBEDDER names, or the local one.
    Everything is found all the while: what has its new vector by meaning too, the rest by words. What was
    interrupted goes on where it ended.
    """
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of

    run(_reembed(chosen_tenant(tenant), embedder_of(Settings()), as_json=as_json))


async def _reembed(tenant: str, embedder: Embedder, *, as_json: bool) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell, tell_object
    from quantumsketch.errors import NotFound, QuantumSketchError
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.vectors import Vectors
    from quantumsketch.memory.promotion import promote_if_large, withdraw
    from quantumsketch.memory.tenants import is_tenant

    def told(so_far: Reembedded) -> None:
        remark(f"{so_far.done:,} done, {so_far.left:,} to do")

    try:
        async with database_address() as address, Graph.open(address, embedder) as graph:
            if not await is_tenant(graph.database, tenant):
                raise NotFound(f"there is nothing of {tenant!r}", mend="`qs tenant list` names the tenants.")
            done = await Vectors(graph.database, embedder).reembed(tenant, told)
            try:
                await promote_if_large(address, tenant, embedder.model)
                await withdraw(address, tenant, but=embedder.model)
            except QuantumSketchError as error:  # a large tenant is searched more slowly, and that is all
                remark(f"note: no index was made: {error}")
    except asyncio.CancelledError:
        raise Interrupted("interrupted; what was done is kept: run it again for the rest") from None
    if as_json:
        tell_object(done)
        return
    rest = f"{done.left:,} have none yet" if done.left else "all have one now"
    tell(f"{done.done:,} texts of {tenant} were given vectors of {done.model}: {rest}")
