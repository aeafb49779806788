"""`qs key`: the keys by which programs of a tenant are known. A key is printed once, when it is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run

if TYPE_CHECKING:
    from datetime import datetime

    from quantumsketch.memory.keys import KeyRecord

SCOPES = ("read", "write", "admin")
USUAL_SCOPES = ("read", "write")
LONGEST_LIFE_DAYS = 3650


@click.group()
def key() -> None:
    """Create, list and revoke API keys."""


@key.command()
@click.option("--tenant", required=True, metavar="NAME", help="Whose data the key opens.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=USUAL_SCOPES,
    show_default=True,
    help="What it allows; repeatable. An admin's key allows all.",
)
@click.option("--note", default="", metavar="TEXT", help="What it is for.")
@click.option(
    "--expires",
    "days",
    type=click.IntRange(1, LONGEST_LIFE_DAYS),
    metavar="DAYS",
    help="After how many days it ends; if not given, never.",
)
def create(tenant: str, scopes: tuple[str, ...], note: str, days: int | None) -> None:
    """Create a key and print it, once: only its hash is kept."""
    run(_create(tenant, scopes, note, days))


@key.command(name="list")
@click.option("--tenant", metavar="NAME", help="Of this tenant only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_keys(tenant: str | None, as_json: bool) -> None:
    """List the keys by their first characters; no key can be shown again."""
    run(_list(tenant, as_json))


@key.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Make the key that begins with PREFIX worthless, from now on.

    PREFIX is its first 12 characters, as `qs key list` shows them.
    """
    run(_revoke(prefix))


async def _create(tenant: str, scopes: tuple[str, ...], note: str, days: int | None) -> None:
    from datetime import UTC, datetime, timedelta

    from quantumsketch.cli.database import owned_database
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.memory.keys import Keys, Scope, checked_note, public_id
    from quantumsketch.memory.tenants import checked_name

    checked_name(tenant), checked_note(note)  # before anything is started
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    async with owned_database() as connection:
        made = await Keys(connection).create(tenant, [*map(Scope, scopes)], note, expires_at)
    tell(made)
    remark(f"the key {public_id(made)} is never shown again: put it where secrets are kept")


async def _list(tenant: str | None, as_json: bool) -> None:
    from datetime import UTC, datetime

    from quantumsketch.cli.database import owned_database
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.memory.keys import Keys
    from quantumsketch.memory.tenants import checked_name

    if tenant is not None:
        checked_name(tenant)  # before anything is started
    async with owned_database() as connection:
        keys = await Keys(connection).list(tenant)
    now = datetime.now(UTC)
    if as_json:
        told = [{**each.model_dump(mode="json"), "state": each.state(now)} for each in keys]
        click.echo(json.dumps({"keys": told}, indent=2))
        return
    for each in keys:
        tell(_line(each, now))
    if not keys:
        remark("no keys yet: qs key create --tenant NAME makes one")


async def _revoke(prefix: str) -> None:
    from quantumsketch.cli.database import owned_database
    from quantumsketch.cli.terminal import remark
    from quantumsketch.memory.keys import Keys, public_id

    public_id(prefix)  # before anything is started
    async with owned_database() as connection:
        revoked = await Keys(connection).revoke(prefix)
    remark(f"the key {revoked.id} of {revoked.tenant} opens nothing any more")


def _line(key: KeyRecord, now: datetime) -> str:
    used = f"used {_day(key.last_used_at)}" if key.last_used_at else "never used"
    ends = f"until {_day(key.expires_at)}" if key.expires_at else "without end"
    told = f"{key.id}  {key.tenant}  {key.state(now):7}  {','.join(key.scopes)}  {ends}  {used}"
    return f"{told}  {key.note}".rstrip()


def _day(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d}"
