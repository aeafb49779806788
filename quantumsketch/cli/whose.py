"""Whose memory a command is about: one option for all that asks, fills or empties it."""

from __future__ import annotations

import click

of_tenant = click.option("--tenant", metavar="NAME", help="Whose memory; else that of QS_TENANT.")
"""The option `--tenant` of a command."""


def chosen_tenant(tenant: str | None) -> str:
    """Return the tenant that is named, or else set; raises BadInput for what cannot be one's name."""
    from quantumsketch.memory.tenants import checked_name
    from quantumsketch.settings import Settings

    return checked_name(Settings().tenant if tenant is None else tenant)  # '' is a variable that is not set
