"""`qs doctor`: is every needed part here, and what gets those that are not, or makes them better."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.terminal import tell

if TYPE_CHECKING:
    from quantumsketch.checks import Check


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look whether every needed part is here, and try every wall of the sandbox.

    Exit code 1 if a part is missing or a wall does not stand. A sandbox that is only degraded is a warning,
    unless QS_SANDBOX=full demands more.
    """
    groups = _examine()
    healthy = all(check.ok for checks in groups.values() for check in checks)
    if as_json:
        found = {name: [asdict(check) for check in checks] for name, checks in groups.items()}
        click.echo(json.dumps({"ok": healthy, **found}, indent=2))
    else:
        for name, checks in groups.items():
            _tell_group(name, checks)
    context.exit(0 if healthy else 1)


def _examine() -> Mapping[str, Sequence[Check]]:
    from quantumsketch.runtime import doctor as servers
    from quantumsketch.settings import Settings
    from quantumsketch.tools.sandbox import doctor as sandbox

    settings = Settings()
    return {"parts": servers.checks(), "sandbox": sandbox.checks(settings.sandbox, settings.home)}


def _tell_group(name: str, checks: Sequence[Check]) -> None:
    tell(name)
    said: set[str] = set()
    for check in checks:
        tell(f"  {_state(check):8} {check.name}: {check.detail}")
        if check.mend and check.mend not in said:
            said.add(check.mend)
            tell("\n".join(f"           {line}" for line in check.mend.splitlines()))


def _state(check: Check) -> str:
    if not check.ok:
        return "MISSING"
    return "degraded" if check.degraded else "ok"
