"""What an answer may cost: a tenant's month, and one question."""

from __future__ import annotations

import psycopg
import pytest_asyncio

from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance
from tests.answering_models import answering_world, citing
from workflows.answering import MOST_USD

WHAT = "What does the cook serve on Mondays?"


@pytest_asyncio.fixture
async def notes(store: Store, tenant: str) -> str:
    """A tenant with two notes."""
    by_user = Provenance("run-1", "write", "user")
    soup = Entity("note", "Lunch", "The cook serves soup on Mondays.")
    await store.upsert(tenant, [soup, Entity("note", "Dinner", "There is bread.")], [], by_user)
    return tenant


async def test_a_budget_that_is_spent_leaves_the_sources_and_asks_nobody(
    database_url: str, embedder: Embedder, notes: str
) -> None:
    async with answering_world(database_url, embedder, budget_usd=1e-6) as world:
        world.turns = [citing("It is soup {}.", "Lunch")]
        answered = await world.answers.ask(notes, WHAT)
        assert answered.answer is None
        assert answered.sources
        assert all("BudgetSpent" in note for note in answered.notes)
        assert world.asked == []
    async with answering_world(database_url, embedder, budget_usd=MOST_TOKENS * 1e-5) as world:
        world.turns = [citing("Soup {}.", "Lunch")]
        assert (await world.answers.ask(notes, WHAT)).known, "the same with enough of it"


async def test_one_question_costs_no_more_than_it_may_however_often_models_are_asked(
    database_url: str, embedder: Embedder, notes: str, administrator: psycopg.Connection
) -> None:
    wishing = citing("Not yet.", known=False, missing=["bread for dinner"])
    for most_usd, asked in ((MOST_USD, 2), (1e-6, 0)):
        async with answering_world(database_url, embedder, most_usd=most_usd) as world:
            world.turns = [wishing, citing("Soup {}.", "Lunch")]
            answered = await world.answers.ask(notes, WHAT, top_k=1, mode="deep")
            assert (len(world.asked), answered.known) == (asked, True if asked else None)
    assert all("BudgetSpent: it was not asked" in note for note in answered.notes[-2:])
    assert answered.sources
    questions = administrator.execute("SELECT DISTINCT video_id FROM model_calls WHERE tenant = %s", (notes,))
    assert len(questions.fetchall()) == 1, "all calls of a question are on one account"
