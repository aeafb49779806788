"""`qs memory search`: what the memory knows of a question, and why it thinks so. Opens Postgres alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run
from quantumsketch.cli.moment import Moment
from quantumsketch.cli.whose import chosen_tenant, of_tenant

if TYPE_CHECKING:
    from quantumsketch.memory.finding.search import Hit

_LONGEST_TEXT = 300


@click.command()
@click.argument("question")
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only these: note, class, video, …")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--as-of", type=Moment(), metavar="TIME", help="What was known, and held, at that time.")
@of_tenant
@click.option(
    "--for-all", is_flag=True, help="What is known for all tenants instead: the code of the installed Manim."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def search(
    question: str,
    kinds: tuple[str, ...],
    limit: int,
    as_of: datetime | None,
    tenant: str | None,
    for_all: bool,
    as_json: bool,
) -> None:
    """Search the memory for QUESTION: by meaning, by words, and by what stands beside.

    With --for-all the installed Manim is read into the memory when it is first asked for: half a minute.
    """
    from quantumsketch.errors import BadInput
    from quantumsketch.memory.finding.question import LONGEST_QUESTION, Question
    from quantumsketch.memory.ontology import node_kind
    from quantumsketch.memory.statements import check_text

    for kind in kinds:  # before anything is started
        node_kind(kind)
    check_text("the question", question, 0, LONGEST_QUESTION)
    if not Question.of(question).text:
        raise BadInput(f"nothing can be searched for in {question!r}", mend="Give a word or more.")
    if for_all and tenant is not None:
        raise BadInput("what is known for all tenants is no single one's", mend="Leave out one of the two.")
    whose = None if for_all else chosen_tenant(tenant)
    run(_search(whose, question, kinds or None, limit, as_of, as_json=as_json))


async def _search(
    whose: str | None,
    question: str,
    kinds: Sequence[str] | None,
    limit: int,
    as_of: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Search the memory of a tenant, or of None: what is known for all."""
    from quantumsketch.cli.database import database_address
    from quantumsketch.cli.installed_manim import read_manim
    from quantumsketch.cli.terminal import remark, tell_line
    from quantumsketch.memory.embedding import LocalEmbedder
    from quantumsketch.memory.films.graph import Graph
    from quantumsketch.memory.finding.search import Search
    from quantumsketch.memory.tenants import SYSTEM_TENANT
    from quantumsketch.settings import Settings
    from workflows.embedder import embedder_of

    for_all, tenant = whose is None, whose or SYSTEM_TENANT
    embedder = LocalEmbedder() if for_all else embedder_of(Settings())  # that of find_manim, whatever is set
    async with database_address() as address, Graph.open(address, embedder) as graph:
        if for_all and as_of is None:  # what was known earlier does not change
            await read_manim(graph.database, embedder, vectors=True)
        hits = await Search(graph.database, embedder).find(tenant, question, limit, kinds, as_of)
    if as_json:
        found = {"question": question, "hits": [hit.model_dump(mode="json") for hit in hits]}
        click.echo(json.dumps(found, indent=2))
        return
    for line in hit_lines(hits):
        tell_line(line)
    if not hits and not for_all:
        remark("--for-all searches the code of the installed Manim instead")


def hit_lines(hits: Sequence[Hit]) -> Iterator[str]:
    """What was found, for a person: the best first, each with its text and why it was found."""
    if not hits:
        yield "Nothing was found."
    for hit in hits:
        yield f"{hit.kind} {hit.name}{' (superseded)' if hit.superseded else ''}"
        text = " ".join(hit.text.split())
        if text:
            yield f"    {text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + '…'}"
        yield f"    why: {'; '.join(hit.why)}"
