"""Two entities that were one all the time: the duplicate's facts go on at the survivor, its history stays."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import DictRow

from quantumsketch.errors import BadInput
from quantumsketch.memory.keeping.circles import ORDERS, closing_a_circle
from quantumsketch.memory.keeping.writing import Turn
from quantumsketch.memory.keeping.writing_facts import FactBetween, open_facts, write_facts
from quantumsketch.memory.ontology import RELATIONS
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import EntityRecord, Merged

_FUNCTIONAL = {kind.value for kind, relation in RELATIONS.items() if relation.functional}


def check_merge(duplicate: EntityRecord, into: EntityRecord) -> None:
    """Raise BadInput unless `duplicate` can become part of `into`."""
    if duplicate.id == into.id:
        raise BadInput(f"{duplicate.name!r} cannot be merged into itself", mend="Name another one.")
    if into.merged_into is not None:
        raise BadInput(
            f"{into.name!r} is a duplicate itself", mend=f"Merge into {str(into.merged_into)!r}, what it is."
        )
    if duplicate.merged_into not in (None, into.id):
        raise BadInput(
            f"{duplicate.name!r} was merged already, into {str(duplicate.merged_into)!r}",
            mend="Merge that one.",
        )
    if duplicate.kind != into.kind:
        raise BadInput(
            f"a {duplicate.kind} cannot be merged into a {into.kind}", mend="Merge what is of one type."
        )


async def merge_nodes(turn: Turn, duplicate: UUID, into: UUID) -> Merged:
    """Close `duplicate` and its facts, and open them again at `into`; both keep what they were.

    What is known of the survivor wins: of facts that both have its properties, of functional relations its
    target. Facts that would lead from the survivor to itself, or close a circle of an order, end.
    """
    rows = await (await turn.connection.execute(query("open_facts_of"), {"node": duplicate})).fetchall()
    closing = {**turn.marks, "closed_at": turn.at}
    await turn.connection.execute(query("close_facts_of"), {**closing, "node": duplicate})
    await turn.connection.execute(query("close_entity"), {**closing, "node": duplicate, "merged_into": into})
    await turn.connection.execute(
        query("repoint_duplicates"), {**turn.marks, "node": duplicate, "into": into}
    )
    moving, dropped = [], []
    for row in rows:
        fact = _moved(row, str(duplicate), str(into))
        if fact.source == fact.target and row["source"] != row["target"]:
            dropped.append(f"{fact.kind}: it would lead from the survivor to itself")
        else:
            moving.append(fact)
    new, outdone = await _beside_what_is_known(turn, into, moving)
    circular = await closing_a_circle(turn, [fact[:3] for fact in new if fact.kind in ORDERS])
    dropped += [f"{_words(fact, into)}: it would lead in a circle" for fact in new if fact[:3] in circular]
    added, changed, _ = await write_facts(turn, [fact for fact in new if fact[:3] not in circular])
    return Merged(at=turn.at, into=into, moved=added + changed, dropped=dropped + outdone)


def _moved(row: DictRow, duplicate: str, into: str) -> FactBetween:
    source, target = (into if end == duplicate else end for end in (row["source"], row["target"]))
    return FactBetween(source, row["kind"], target, row["kind"] in _FUNCTIONAL, row["properties"], None)


async def _beside_what_is_known(
    turn: Turn, into: UUID, facts: Sequence[FactBetween]
) -> tuple[list[FactBetween], list[str]]:
    """Those of `facts` that are new, and what of the others is told differently of the survivor."""
    known = await open_facts(turn, facts)
    settled = await _functional_relations(turn, into)
    new, outdone = [], []
    for fact in facts:
        properties = known.get(fact[:3])
        if properties is not None:
            if properties != fact.properties:
                outdone.append(f"{_words(fact, into)}: of the survivor it is known with other properties")
        elif fact.source == str(into) and fact.kind in settled:
            outdone.append(f"{_words(fact, into)}: of the survivor something else is known")
        else:
            new.append(fact)
    return new, outdone


def _words(fact: FactBetween, into: UUID) -> str:
    return f"{fact.kind} {fact.target}" if fact.source == str(into) else f"{fact.source} {fact.kind}"


async def _functional_relations(turn: Turn, node: UUID) -> set[str]:
    """The functional relations of which a fact holds of `node`."""
    parameters = {"node": node, "kinds": sorted(_FUNCTIONAL)}
    rows = await turn.connection.execute(query("open_relations"), parameters)
    return {row["kind"] for row in await rows.fetchall()}
