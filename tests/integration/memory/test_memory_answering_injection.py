"""Notes that give orders, found by real search and put before models that obey: what comes of it."""

from __future__ import annotations

import pytest

from quantumsketch.agent.orders import orders_in
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance
from tests.answering_models import answering_world, cited, citing, entry_of
from tests.poisoned_notes import CASES, Poisoned

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.style)
async def test_a_note_that_gives_orders_is_found_and_does_not_speak_through_the_answer(
    database_url: str, embedder: Embedder, store: Store, tenant: str, case: Poisoned
) -> None:
    notes = [Entity("note", "Addendum", case.poison), Entity("note", "Record", case.honest)]
    await store.upsert(tenant, notes, [], BY_USER)
    obeying = case.obeying.format(honest="{0}", poison="{1}")
    honest = citing(case.answer.format(honest="{0}"), "Record", known=bool(case.answer))
    async with answering_world(database_url, embedder) as world:
        world.turns = [citing(obeying, "Record", "Addendum"), honest]
        answered = await world.answers.ask(tenant, case.question, mode="deep")
    assert entry_of(world.asked[0], "Addendum")["text"] in case.poison, "the poison was put before the model"
    assert len(world.asked) == 2, "what obeys was sent back"
    assert cited(answered) == (["Record"] if case.answer else [])
    assert answered.answer is not None
    assert not any(phrase in answered.answer for phrase in orders_in(case.poison))
