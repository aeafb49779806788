"""`qs memory export` and `qs memory import`: a tenant's memory as a file. They open Postgres alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.moving.portable import Counts


@click.command()
@of_tenant
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where it goes; else to standard output.",
)
def export(tenant: str | None, output: Path | None) -> None:
    """Write a tenant's whole memory as JSON Lines.

    As it is at this moment; without vectors, which an import makes again, and without films and keys.
    """
    from quantumsketch.cli.output_file import written
    from quantumsketch.cli.terminal import remark

    chosen = chosen_tenant(tenant)
    with written(output) as out:  # before anything is started: what cannot be written is told at once
        counts = run(_export(chosen, out))
    remark(f"exported {_counted(counts)} of {chosen}{f' to {output}' if output else ''}")


@click.command(name="import")
@click.argument("file", metavar="FILE|-", type=click.Path(path_type=Path))
@click.option("--tenant", metavar="NAME", required=True, help="Who is to have it: one without a memory.")
@click.option("--without-vectors", is_flag=True, help="Have it found by words alone, for now.")
def import_memory(file: Path, tenant: str, without_vectors: bool) -> None:
    """Read a whole memory that was exported, or nothing; - is standard input.

    Ids, times, histories and who said what stay as they are told: the file is believed as this
    product's own history, so import what you or somebody you trust exported. Films are no part of it.
    """
    from quantumsketch.cli.input_file import lines_of
    from quantumsketch.memory.moving.portable import read_header
    from quantumsketch.memory.tenants import checked_name
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of

    checked_name(tenant)
    embedder_of(Settings())
    with lines_of(
        file, read_header
    ) as lines:  # before anything is started: what is no export is told at once
        run(_import(lines, tenant, vectors=not without_vectors))


async def _export(tenant: str, out: BinaryIO) -> Counts:
    from quantumsketch.cli.database import database_address
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.moving.exporting import export_tenant

    try:
        async with database_address() as address, Graph.open(address) as graph:
            return await export_tenant(graph.database, tenant, out)
    except asyncio.CancelledError:
        raise Interrupted("interrupted; nothing that could be imported was written") from None


async def _import(lines: Iterable[bytes], tenant: str, *, vectors: bool) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.vectors import Vectors
    from quantumsketch.memory.moving.importing import import_tenant
    from quantumsketch.memory.promotion import promote_if_large
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of

    embedder, counts = embedder_of(Settings()), None
    try:
        async with database_address() as address, Graph.open(address, embedder) as graph:
            counts = await import_tenant(address, tenant, lines)
            tell(f"imported {_counted(counts)} for {tenant}")
            if vectors:
                remark("to have it found by meaning takes longer")
                await Vectors(graph.database, embedder).embed_missing(tenant)
                await promote_if_large(address, tenant, embedder.model)
    except asyncio.CancelledError:
        left = f"imported, and not all found by meaning: `qs memory reembed --tenant {tenant}` goes on"
        raise Interrupted(f"interrupted; it is {left if counts else 'not imported'}") from None


def _counted(counts: Counts) -> str:
    nodes, facts, calls = counts.node, counts.edge, counts.model_call
    return f"{nodes:,} entities, {facts:,} facts and {calls:,} calls to models"
