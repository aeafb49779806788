"""`qs memory times`: what earlier videos took to render, by kind of visual. Opens Postgres alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.films.track_record import RenderTime


@click.command()
@of_tenant
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def times(tenant: str | None, as_json: bool) -> None:
    """Show what earlier videos took to render, by kind of visual."""
    run(_times(chosen_tenant(tenant), as_json=as_json))


async def _times(tenant: str, *, as_json: bool) -> None:
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.terminal import tell
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.films.track_record import render_times

    async with database_address() as address, Graph.open(address) as graph:
        found = await render_times(graph.database, tenant)
    if as_json:
        click.echo(json.dumps({"times": [time.model_dump() for time in found]}, indent=2))
        return
    for line in time_lines(found):
        tell(line)


def time_lines(times: Sequence[RenderTime]) -> Iterator[str]:
    """A table of medians for a person."""
    if not times:
        yield "No beat of an earlier video tells what it took: those that were found again do not count."
        return
    yield f"{'visual':16} {'quality':10} {'beats':>6} {'s a beat':>10} {'s for 1 s of film':>18}"
    for time in times:
        yield (
            f"{time.kind:16} {time.quality:10} {time.beats:6} {time.median_s:10.1f} {time.s_per_film_s:18.2f}"
        )
