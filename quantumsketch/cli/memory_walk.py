"""`qs memory walk`: what lies around a thing in the memory, as a tree. Opens Postgres alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import click

from quantumsketch.cli.interruption import run
from quantumsketch.cli.moment import Moment
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.records import GraphNode, Neighbourhood

Direction = Literal["out", "in", "both"]


@click.command()
@click.argument("name", metavar="NAME|ID")
@click.option("--kind", metavar="KIND", help="If several things have this name.")
@click.option("--depth", type=click.IntRange(0, 8), default=2, show_default=True, help="Steps.")
@click.option("--relation", "relations", metavar="RELATION", multiple=True, help="Only along these.")
@click.option(
    "--direction",
    type=click.Choice(["out", "in", "both"]),
    default="both",
    show_default=True,
    help="Along the relations, against them, or both.",
)
@click.option("--as-of", type=Moment(), metavar="TIME", help="Along what held at that time.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="Of things, at most."
)
@of_tenant
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def walk(
    name: str,
    kind: str | None,
    depth: int,
    relations: tuple[str, ...],
    direction: Direction,
    as_of: datetime | None,
    limit: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Walk from NAME, or from the thing with this ID, to whatever lies within some steps.

    What this memory does not have is looked up in what is known for all tenants, such as manim.Circle.
    """
    from quantumsketch.memory.keeping.lookup import check_name
    from quantumsketch.memory.ontology import relation

    check_name(name, kind)  # before anything is started
    for each in relations:
        relation(each)
    whose = chosen_tenant(tenant)
    run(_walk(whose, name, kind, depth, relations or None, direction, as_of, limit, as_json=as_json))


async def _walk(
    whose: str,
    name: str,
    kind: str | None,
    depth: int,
    relations: Sequence[str] | None,
    direction: Direction,
    as_of: datetime | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.known_for_all import own_or_for_all
    from quantumsketch.cli.terminal import remark, tell_line, tell_object
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.finding.walking import Walker
    from quantumsketch.memory.keeping.lookup import id_of

    async with database_address() as address, Graph.open(address) as graph:

        async def reached_for(tenant: str) -> Neighbourhood:
            start = await id_of(graph.database, tenant, name, kind, own_names=True)
            return await Walker(graph.database).walk(
                tenant, start, depth, relations=relations, direction=direction, as_of=as_of, budget=limit
            )

        reached = await own_or_for_all(graph.database, whose, name, reached_for)
    if as_json:
        tell_object(reached)
        return
    if reached.merged_from:
        remark(f"{name!r} became part of {reached.nodes[0].kind} {reached.nodes[0].name!r}")
    for line in tree_lines(reached, direction):
        tell_line(line)


def tree_lines(reached: Neighbourhood, direction: Direction = "both") -> Iterator[str]:
    """What a walk reached, for a person: each thing once, below one from where it was reached first."""
    start, *others = reached.nodes
    steps = _steps(reached, direction)
    below: dict[UUID, list[tuple[str, GraphNode]]] = defaultdict(list)
    for node in others:
        parent, arrow = steps[node.id]
        below[parent].append((arrow, node))
    yield f"{start.kind} {start.name}"
    yield from _branches(start.id, below, "  ")
    if untold := len(reached.edges) - len(others):
        facts = "1 more fact" if untold == 1 else f"{untold:,} more facts"
        yield f"... and {facts} between these things: --json shows them"
    if reached.truncated:
        yield "... and more: --limit and --relation choose; of a hub only the newest facts are followed"


def _steps(reached: Neighbourhood, direction: Direction) -> dict[UUID, tuple[UUID, str]]:
    """Of each thing but the first, one a step nearer to the start, and how it was reached from there."""
    depths = {node.id: node.depth for node in reached.nodes}
    found: dict[UUID, tuple[UUID, str]] = {}
    for edge in reached.edges if direction != "in" else ():
        if depths[edge.target] == depths[edge.source] + 1:
            found.setdefault(edge.target, (edge.source, f"{edge.kind} ->"))
    for edge in reached.edges if direction != "out" else ():
        if depths[edge.source] == depths[edge.target] + 1:
            found.setdefault(edge.source, (edge.target, f"<- {edge.kind}"))
    return found


def _branches(parent: UUID, below: dict[UUID, list[tuple[str, GraphNode]]], indent: str) -> Iterator[str]:
    for arrow, node in sorted(below[parent], key=lambda each: (each[0], each[1].kind, each[1].name)):
        yield f"{indent}{arrow} {node.kind} {node.name}"
        yield from _branches(node.id, below, f"{indent}  ")
