"""`qs tenant`: who shares this installation, and what each may have at most."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run

if TYPE_CHECKING:
    from quantumsketch.memory.tenants import Tenant


@click.group()
def tenant() -> None:
    """Add and list tenants: each sees nothing of another's."""


@tenant.command()
@click.argument("name")
@click.option(
    "--most-nodes",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="In its graph; 50 times as many edges and earlier versions.",
)
@click.option(
    "--requests-per-minute", type=click.IntRange(1, 2**31 - 1), metavar="N", help="Of all its keys."
)
def add(name: str, most_nodes: int | None, requests_per_minute: int | None) -> None:
    """Add the tenant NAME; what is not limited here is not limited.

    Adding it again replaces its limits.
    """
    run(_add(name, most_nodes, requests_per_minute))


@tenant.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_tenants(as_json: bool) -> None:
    """List the tenants, by name."""
    run(_list(as_json))


async def _add(name: str, most_nodes: int | None, requests_per_minute: int | None) -> None:
    from quantumsketch.cli.database import owned_database
    from quantumsketch.cli.terminal import tell
    from quantumsketch.memory.tenants import Quotas, Tenants, checked_name

    checked_name(name)  # before anything is started
    quotas = Quotas(most_nodes=most_nodes, requests_per_minute=requests_per_minute)
    async with owned_database() as connection:
        added = await Tenants(connection).add(name, quotas)
    tell(_line(added))


async def _list(as_json: bool) -> None:
    from quantumsketch.cli.database import owned_database
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.memory.tenants import Tenants

    async with owned_database() as connection:
        tenants = await Tenants(connection).list()
    if as_json:
        click.echo(json.dumps({"tenants": [each.model_dump(mode="json") for each in tenants]}, indent=2))
        return
    for each in tenants:
        tell(_line(each))
    if not tenants:
        remark("no tenants yet: qs tenant add NAME adds one")


def _line(tenant: Tenant) -> str:
    nodes = "any number of" if tenant.most_nodes is None else f"at most {tenant.most_nodes:,}"
    minute = tenant.requests_per_minute
    requests = "any number of" if minute is None else f"at most {minute:,}"
    since = f"{tenant.created_at.astimezone():%Y-%m-%d %H:%M}"
    return f"{tenant.name}  since {since}  {nodes} nodes, {requests} requests a minute"
