"""`qs preference`: what you like videos to be, unless you ask for something else. Opens Postgres alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run

if TYPE_CHECKING:
    from quantumsketch.preferences import Preference, Preferring
    from workflows.preferences import Preferences

# written out, because importing the nouns would cost `qs --help` its quickness; a test compares them
ABOUT = ("theme", "aspect", "quality", "voice", "audience", "avoid")

_about = click.Choice(ABOUT)


@click.group()
def preference() -> None:
    """Set what videos are like unless you ask for something else."""


@preference.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_preferences(as_json: bool) -> None:
    """List what is preferred, since when, and how that is known."""
    run(_list(as_json=as_json))


@preference.command(name="set")
@click.argument("name", type=_about)
@click.argument("value")
def set_preference(name: str, value: str) -> None:
    """Prefer VALUE for NAME from the next video on.

    To `avoid`, words can be given with commas between; they are added to those there are.
    """
    from quantumsketch.intake import preferring_of

    if name != "avoid":
        run(_change(preferring_of({name: value})))
        return
    words = preferring_of({name: [word.strip() for word in value.split(",")]}).avoid
    run(_change(preferring_of({"avoid_also": words})))


@preference.command()
@click.argument("name", type=_about)
@click.argument("word", required=False)
def unset(name: str, word: str | None) -> None:
    """Prefer nothing for NAME any more; of words to avoid, take away WORD or all.

    What is taken away here is not taken from your edits again.
    """
    from quantumsketch.errors import BadInput
    from quantumsketch.intake import preferring_of

    if word is None:
        run(_change(preferring_of({name: [] if name == "avoid" else None})))
    elif name == "avoid":
        run(_change(preferring_of({"avoid_no_more": [word]})))
    else:
        raise BadInput(f"{name} has one value", mend=f"Say qs preference unset {name}")


async def _list(*, as_json: bool) -> None:
    from quantumsketch.cli.terminal import tell_object
    from quantumsketch.preferences import report_of

    async with _preferences() as preferences:
        known = await preferences.known()
    if as_json:
        tell_object(report_of(known))
        return
    _tell(known)


async def _change(said: Preferring) -> None:
    from quantumsketch.errors import NotFound
    from quantumsketch.preferences import About, of

    async with _preferences() as preferences:
        avoided = of(await preferences.known(), About.AVOID) if said.avoid_no_more else []
        for word in said.avoid_no_more:
            if word not in avoided:
                raise NotFound(
                    f"{word!r} is no word to avoid", mend="`qs preference list` shows those there are"
                )
        known = await preferences.change(said)
    _tell(known)


def _tell(known: Sequence[Preference]) -> None:
    from quantumsketch.cli.terminal import remark, tell
    from quantumsketch.preferences import About

    for one in known:
        until = " (kept until there is speech)" if one.about is About.VOICE else ""
        tell(f"{one.about:8}  {one.value}  because {one.why_in_full}{until}")
    if not known:
        remark("no preferences: qs preference set NAME VALUE sets one")


@asynccontextmanager
async def _preferences() -> AsyncIterator[Preferences]:
    from quantumsketch.cli.database import database_address
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.films.preferences import PreferenceBook
    from quantumsketch.memory.keeping.store import Store
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of
    from workflows.preferences import Preferences

    settings = Settings()
    embedder = embedder_of(settings)
    async with database_address() as address, Graph.open(address, embedder) as graph:
        yield Preferences(PreferenceBook(Store(graph.database, embedder)), settings.tenant)
