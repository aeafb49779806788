"""Circles of facts that say nonsense: of relations that are orders, each looked at for itself.

Knows not who says the facts. Looks at so many nodes below them and no more: a circle that only shows beyond
them is not refused.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain

from quantumsketch.errors import BadInput
from quantumsketch.memory.arrays import plain_array
from quantumsketch.memory.keeping.writing import Turn
from quantumsketch.memory.keeping.writing_facts import Ends, between, open_facts
from quantumsketch.memory.ontology import RELATIONS
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import CheckedFact, Key, in_words

ORDERS = {kind.value for kind, relation in RELATIONS.items() if relation.acyclic}
MOST_NODES = 20_000
_MOST_FACTS = 50_000
"""That one look takes in, the nodes nearest to the new facts first: about a second."""
_Node = tuple[str, str]
"""A relation and the id of one of its ends: what leads on by another relation is another node."""


@asynccontextmanager
async def no_new_circle(
    turn: Turn, claims: Sequence[CheckedFact], ids: Mapping[Key, str]
) -> AsyncIterator[None]:
    """Raise BadInput at the end if `claims` that were written meanwhile close a circle of an order.

    A circle that was there before is nobody's fault who says what is known of it, or more beside it.
    """
    orders = list(between((claim for claim in claims if claim.kind in ORDERS), ids))
    held = await open_facts(turn, orders)
    yield
    opened = (await open_facts(turn, orders)).keys() - held.keys()
    if closing := await closing_a_circle(turn, [fact[:3] for fact in orders if fact[:3] in opened]):
        keys = {node: key for key, node in ids.items()}
        source, kind, target = keys[closing[0][0]], closing[0][1], keys[closing[0][2]]
        raise BadInput(
            f"the {in_words(source)} cannot stand in the relation {kind!r} to {in_words(target)}: "
            "that leads back to it",
            mend="Leave it out, or close what is wrong in the circle first.",
        )


async def closing_a_circle(turn: Turn, new: Collection[Ends]) -> list[Ends]:
    """Return those of the `new` facts, stored or not, that are part of a circle with others that hold."""
    if not new:
        return []
    parameters = {
        "sources": plain_array(source for source, _, _ in new),
        "kinds": plain_array(kind for _, kind, _ in new),
        "targets": plain_array(target for _, _, target in new),
        "most_nodes": MOST_NODES,
        "most_facts": _MOST_FACTS,
    }
    rows = await (await turn.connection.execute(query("facts_below"), parameters)).fetchall()
    below = ((row["source"], row["kind"], row["target"]) for row in rows)
    steps = [((kind, source), (kind, target)) for source, kind, target in chain(new, below)]
    circle_of = await asyncio.to_thread(circles, steps)
    return [ends for ends in new if circle_of[ends[1], ends[0]] == circle_of[ends[1], ends[2]]]


def circles(steps: Iterable[tuple[_Node, _Node]]) -> dict[_Node, _Node]:
    """Return for each end of the `steps` one that stands for all that it leads to and that lead back to it.

    Strongly connected components, by Kosaraju: from what a search leaves last, the way back reaches no other.
    """
    onward: dict[_Node, list[_Node]] = defaultdict(list)
    backward: dict[_Node, list[_Node]] = defaultdict(list)
    for source, target in steps:
        onward[source].append(target)
        backward[target].append(source)
    found: dict[_Node, _Node] = {}
    for first in reversed(_in_order_of_leaving(onward)):
        if first in found:
            continue
        found[first], reached = first, [first]
        while reached:
            for near in backward.get(reached.pop(), ()):
                if near not in found:
                    found[near] = first
                    reached.append(near)
    return found


def _in_order_of_leaving(onward: Mapping[_Node, Sequence[_Node]]) -> list[_Node]:
    """The nodes in the order in which a search in depth has seen all that they lead to."""
    left: list[_Node] = []
    seen: set[_Node] = set()
    for first in onward:
        path = [(first, iter(onward[first]))] if first not in seen else []
        seen.add(first)
        while path:
            node, ahead = path[-1]
            far = next((each for each in ahead if each not in seen), None)
            if far is None:
                left.append(node)
                path.pop()
            else:
                seen.add(far)
                path.append((far, iter(onward.get(far, ()))))
    return left
