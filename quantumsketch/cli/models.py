"""`qs models`: who is asked, in which order, how each is reached, and what it costs.

Starts nothing, unless it is asked how the models did: that lies in the database.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import click

from quantumsketch.cli.interruption import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quantumsketch.llm.chain import Chain
    from quantumsketch.llm.free_tier import Allowance
    from quantumsketch.llm.openrouter import Known
    from quantumsketch.llm.types import ModelEntry

WIDTH = 80
_MILLION = 1_000_000


@click.command()
@click.option("--health", is_flag=True, help="Also how each did lately, and until when it is left alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def models(health: bool, as_json: bool) -> None:
    """Show the model chain: who is asked, in which order.

    Exit code 2 if nobody could answer.
    """
    from quantumsketch.llm.chain import chain_of
    from quantumsketch.settings import Settings

    settings = Settings()
    chain = chain_of(settings)
    run(_models(chain, tenant=settings.tenant if health else None, as_json=as_json))
    if settings.worker == "inline":  # else the keys are elsewhere
        chain.check()


async def _models(chain: Chain, *, tenant: str | None, as_json: bool) -> None:
    """Show the chain, and how its models did for `tenant` if one is named."""
    from quantumsketch.cli.terminal import tell

    entries = await chain.entries()
    known = await chain.free_tier.known() if chain.free_tier else None
    online = chain.free_tier if known and not known.trouble else None
    allowance = await online.allowance() if online else None
    health = None
    if tenant:
        from quantumsketch.cli.model_health import health_lines, health_of

        health = await health_of(chain, entries, tenant)
    if as_json:
        told = _told(chain, entries, known, allowance)
        told |= {"health": health.model_dump(mode="json")} if health else {}
        click.echo(json.dumps(told, indent=2))
        return
    for line in [*_table(chain, entries), "", *_last_tiers(chain, known, allowance)]:
        tell(line)
    for line in ["", *health_lines(health, WIDTH)] if health else []:
        tell(line)


def _table(chain: Chain, entries: list[ModelEntry]) -> Iterator[str]:
    """The chain: two lines an entry, as wide as a terminal is at least."""
    widest = max([len(entry.id) for entry in entries], default=0)
    column = min(max(widest, 30), WIDTH - 24)
    yield f"The chain is {chain.origin}; prices are USD for a million tokens."
    yield ""
    yield f"{'':4}{'model':{column}} {'in':>9} {'out':>9}"
    for place, entry in enumerate(entries, 1):
        tokens_in, tokens_out = _prices(entry)
        yield f"{place:2}  {entry.id:{column}} {tokens_in:>9} {tokens_out:>9}"
        how = entry.why if entry.reachable else f"passed over: {entry.why}"
        yield textwrap.fill(how, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4)


def _prices(entry: ModelEntry) -> tuple[str, str]:
    if entry.free:
        return "free", "free"
    if entry.price is None:
        return ("unknown", "unknown") if entry.reachable else ("-", "-")
    return _usd(entry.price.input_usd), _usd(entry.price.output_usd)


def _usd(of_one_token: float) -> str:
    amount = of_one_token * _MILLION
    return f"{amount:.2f}" if abs(amount - round(amount, 2)) < 1e-9 else f"{amount:.4g}"


def _last_tiers(chain: Chain, known: Known | None, allowance: Allowance | None) -> Iterator[str]:
    """What comes after the named models: free ones, and last none."""
    yield textwrap.fill(f"free tier: {_free_tier(chain, known)}", WIDTH, subsequent_indent=" " * 4)
    if allowance:
        limits, left = allowance.limits, allowance.left_today
        rest = "" if left is None else f"; {left} left today"
        yield f"    at most {limits.per_day} calls a day and {limits.per_minute} a minute{rest}"
    yield f"offline: {'on, last: a storyboard without a model' if chain.offline else 'off'}"


def _free_tier(chain: Chain, known: Known | None) -> str:
    from quantumsketch.llm.free_tier import MOST_ENTRIES, age, ranked
    from quantumsketch.llm.openrouter import utc_now
    from quantumsketch.providers import OPENROUTER

    if not chain.free_tier_on:
        return "off"
    if known is None:
        return f"on, but {OPENROUTER.key} is not set"
    if known.listing is None:
        return f"on, but nothing is known of it: {known.trouble}"
    now = utc_now()
    usable = len(ranked(known.listing.models, now))
    told = f"on, the best {min(usable, MOST_ENTRIES)} of {usable} usable; list {age(known.listing, now)} old"
    return f"{told}: {known.trouble}" if known.trouble else told


def _told(
    chain: Chain, entries: list[ModelEntry], known: Known | None, allowance: Allowance | None
) -> dict[str, Any]:
    """The same for programs."""
    return {
        "origin": chain.origin,
        "models": [_entry(place, entry) for place, entry in enumerate(entries, 1)],
        "free_tier": {
            "on": chain.free_tier_on,
            "told": _free_tier(chain, known),
            "listed_at": known.listing.fetched_at.isoformat() if known and known.listing else None,
            "calls_a_day": allowance.limits.per_day if allowance else None,
            "calls_a_minute": allowance.limits.per_minute if allowance else None,
            "calls_left_today": allowance.left_today if allowance else None,
        },
        "offline": chain.offline,
    }


def _entry(place: int, entry: ModelEntry) -> dict[str, Any]:
    price = entry.price
    return {
        "place": place,
        "id": entry.id,
        "called": entry.litellm_id,
        "reachable": entry.reachable,
        "why": entry.why,
        "free": entry.free,
        "input_usd_per_million": round(price.input_usd * _MILLION, 6) if price else None,
        "output_usd_per_million": round(price.output_usd * _MILLION, 6) if price else None,
    }
