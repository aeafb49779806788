"""`qs memory`: codebases into the memory, and what it knows of a thing. Opens Postgres alone."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.cli.moment import Moment
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.codebases.ingesting import Recorded
    from quantumsketch.memory.codebases.reading import Reading
    from quantumsketch.memory.keeping.description import Described
    from quantumsketch.memory.records import EntityHead

SKIPPED_TOLD = 10
"""What was not read, named one by one in the lines for a person."""


@click.group()
def memory() -> None:
    """Search the memory, fill, move and empty it."""


@memory.command()
@click.argument("path")
@click.option("--name", metavar="NAME", help="What the codebase is called; else what it says itself.")
@click.option("--version", metavar="VERSION", help="Which version it is; else what it says itself.")
@click.option("--without-tests", is_flag=True, help="Leave out its tests.")
@of_tenant
@click.option("--with-vectors", is_flag=True, help="Find it by meaning too: minutes for a large codebase.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ingest(
    path: str,
    name: str | None,
    version: str | None,
    without_tests: bool,
    tenant: str | None,
    with_vectors: bool,
    as_json: bool,
) -> None:
    """Read the Python package or repository in the folder PATH into the memory.

    Nothing of it is run, and nothing but Python is read. Reading it again, or a newer version under the same
    name, changes what is another now, and closes what is no more.
    """
    from quantumsketch.errors import BadInput
    from quantumsketch.memory.codebases.reading import read_codebase

    if not path:  # a variable that is not set, say: it must not mean the current folder
        raise BadInput("the path is empty", mend="Name a folder; '.' is the one you are in.")
    chosen = chosen_tenant(tenant)
    reading = read_codebase(Path(path), name=name, version=version, tests=not without_tests)
    run(_ingest(chosen, reading, vectors=with_vectors, as_json=as_json))


@memory.command()
@click.argument("name")
@click.option("--kind", metavar="KIND", help="If several things have this name.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Of facts, each way."
)
@click.option("--as-of", type=Moment(), metavar="TIME", help="What was known, and held, at that time.")
@of_tenant
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(
    name: str, kind: str | None, limit: int, as_of: datetime | None, tenant: str | None, as_json: bool
) -> None:
    """Show what is known of NAME, since when, and who said so.

    Code can be named by the end of its name: Option for click.core.Option. What this memory does not have is
    looked up in what is known for all tenants, such as manim.Circle: the installed Manim is read when it is
    first asked for.
    """
    from quantumsketch.memory.keeping.lookup import check_name

    check_name(name, kind)  # before anything is started
    run(_show(chosen_tenant(tenant), name, kind, limit, as_of, as_json=as_json))


async def _ingest(tenant: str, reading: Reading, *, vectors: bool, as_json: bool) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import remark, tell_line, tell_object
    from quantumsketch.memory.codebases.ingesting import record
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.store import Store
    from quantumsketch.memory.promotion import promote_if_large
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of

    embedder, recorded = embedder_of(Settings()), None
    try:
        async with database_address() as address, Graph.open(address, embedder) as graph:
            recorded = await record(graph.database, tenant, reading, run=f"ingest-{uuid.uuid4().hex}")
            if vectors:
                remark(f"{recorded.codebase} is recorded; to have it found by meaning takes longer")
                await Store(graph.database, embedder).embed_missing(tenant)
                await promote_if_large(address, tenant, embedder.model)
    except asyncio.CancelledError:
        raise Interrupted(_left_behind(recorded)) from None
    if as_json:
        tell_object(recorded)
        return
    for line in ingest_lines(recorded, tenant, vectors=vectors):
        tell_line(line)


def _left_behind(recorded: Recorded | None) -> str:
    if recorded is None:
        return "interrupted; the codebase is recorded as a whole or not at all: ingest it again"
    left = "not all of it is found by meaning: ingest it again"
    return f"interrupted; {recorded.codebase} is recorded, but {left}"


def ingest_lines(recorded: Recorded, tenant: str, *, vectors: bool) -> Iterator[str]:
    """What was read and what that changed, and by what it is found, for a person."""
    yield " ".join(filter(None, [recorded.codebase, recorded.version]))
    found = ", ".join(f"{_counted(count, kind)}" for kind, count in recorded.read.items())
    yield f"read: {found}; {recorded.facts:,} facts"
    yield f"added {recorded.added:,}, changed {recorded.changed:,}, closed {recorded.closed:,}"
    if not vectors and recorded.added + recorded.changed:
        reembed = f"qs memory reembed --tenant {tenant}"
        yield f"what is new is found by words; `{reembed}` has it found by meaning too"
    for each in recorded.skipped[:SKIPPED_TOLD]:
        yield f"not read: {each.path}: {each.why}"
    if len(recorded.skipped) > SKIPPED_TOLD:
        yield f"not read: {len(recorded.skipped) - SKIPPED_TOLD:,} more (--json names them)"


def _counted(count: int, kind: str) -> str:
    plural = "classes" if kind == "class" else f"{kind}s"
    return f"{count:,} {kind if count == 1 else plural}"


async def _show(
    whose: str, name: str, kind: str | None, limit: int, as_of: datetime | None, *, as_json: bool
) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.known_for_all import own_or_for_all
    from quantumsketch.cli.terminal import tell_line, tell_object
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.keeping.description import describe

    async with database_address() as address, Graph.open(address) as graph:
        described = await own_or_for_all(
            graph.database,
            whose,
            name,
            lambda tenant: describe(graph.database, tenant, name, kind, limit=limit, as_of=as_of),
        )
    if as_json:
        tell_object(described)
        return
    for line in described_lines(described):
        tell_line(line)


def described_lines(described: Described) -> Iterator[str]:
    """What is known of an entity, for a person: facts that lead away from it first."""
    entity = described.entity
    yield f"{entity.kind} {entity.name}"
    if entity.closed_at:
        now = f"is part of {_called(described.part_of)}" if described.part_of else "is no more"
        yield f"    {now} since {entity.closed_at.astimezone():%Y-%m-%d %H:%M}"
    text = entity.body or entity.description
    yield from (f"    {line}" for line in text.expandtabs(4).splitlines())
    for name, value in entity.properties.items():
        yield f"    {name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
    said_by = entity.provenance.get("said_by", "nobody who is known")
    yield f"    known since {entity.recorded_at.astimezone():%Y-%m-%d %H:%M}, said by {said_by}"
    if entity.changed_at > entity.recorded_at:
        yield f"    as it is since {entity.changed_at.astimezone():%Y-%m-%d %H:%M}"
    for duplicate in described.duplicates:
        since = duplicate.closed_at or duplicate.changed_at
        yield f"    {_called(duplicate)} is part of it since {since.astimezone():%Y-%m-%d %H:%M}"
    for fact in described.facts:
        arrow = f"{fact.relation} ->" if fact.outward else f"<- {fact.relation}"
        said_by = fact.provenance.get("said_by", "nobody who is known")
        yield (
            f"  {arrow} {fact.kind} {fact.name}"
            f" (since {fact.valid_from.astimezone():%Y-%m-%d %H:%M}, said by {said_by})"
        )
    if described.truncated:
        yield "  ... and more facts: --limit shows more"


def _called(entity: EntityHead) -> str:
    return f"{entity.kind} {entity.name}"
