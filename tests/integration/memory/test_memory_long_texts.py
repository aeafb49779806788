"""A long text is cut and embedded without keeping anybody waiting who asks or writes meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.chunking import chunks_of
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.vectors import Vectors
from quantumsketch.memory.statements import Entity, Provenance
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow
BY_USER = Provenance("run", "test", "user")
LONG = "A sentence of six words. " * 1_500
QUESTION = "what is asked meanwhile"


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_a_long_text_has_its_first_vectors_at_once_and_what_is_left_is_told(
    database: Database, tenant: str
) -> None:
    store = Store(database, SameForAll())
    entity = Entity("note", "Long", body=LONG)
    written = await store.upsert(tenant, [entity], [], BY_USER, vectors_at_once=3)
    assert "first 3 of its texts" in str(written.without_vectors)
    search = Search(database, SameForAll())
    (hit,) = await search.by_meaning(tenant, QUESTION)
    assert hit.why[-1] == "some of its texts were not compared: they have no vectors yet"
    nodes = list(written.ids.values())
    left = await Vectors(database, SameForAll()).embed_missing(tenant, nodes)
    assert left > 20
    (hit,) = await search.by_meaning(tenant, QUESTION)
    assert not [reason for reason in hit.why if "compared" in reason]
    assert (await store.upsert(tenant, [entity], [], BY_USER, vectors_at_once=3)).without_vectors is None
    for wanted in (left + 3, left + 4, None):
        again = Entity("note", f"Long {wanted}", body=LONG)
        written = await store.upsert(tenant, [again], [], BY_USER, vectors_at_once=wanted)
        assert written.without_vectors is None


class EmbedsNoTextYet(SameForAll):
    """Answers questions, and lets texts wait until it may go on."""

    may_go_on = threading.Event()
    at_work = threading.Semaphore(0)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if texts != [QUESTION]:
            self.at_work.release()
            assert self.may_go_on.wait(60)
        return super().embed(texts)


async def test_a_question_waits_for_no_text_that_is_being_embedded(database: Database, tenant: str) -> None:
    embedder = EmbedsNoTextYet()
    store = Store(database, embedder)
    writing = [
        asyncio.create_task(store.upsert(f"{tenant}-{n}", [Entity("note", "a")], [], BY_USER))
        for n in range(50)
    ]
    try:
        assert await asyncio.to_thread(embedder.at_work.acquire, timeout=60)
        async with asyncio.timeout(30):
            assert await Search(database, embedder).by_meaning(tenant, QUESTION) == []
        assert not any(task.done() for task in writing)
    finally:
        embedder.may_go_on.set()
        await asyncio.gather(*writing)


async def test_a_text_of_very_many_sentences_is_cut_while_others_are_answered_and_write(
    database: Database, tenant: str
) -> None:
    many = "\u3002" * 500_000
    began = time.perf_counter()
    chunks = chunks_of(many)
    cutting_s = time.perf_counter() - began
    store, pauses = Store(database, SameForAll()), [0.0]
    writing = asyncio.create_task(
        store.upsert(tenant, [Entity("note", "many", body=many)], [], BY_USER, embed=False)
    )
    await asyncio.sleep(0)
    await store.upsert(tenant, [Entity("note", "short")], [], BY_USER, embed=False)
    assert not writing.done()
    while not writing.done():
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        pauses.append(time.perf_counter() - began)
    assert max(pauses) < cutting_s / 2
    assert (await writing).added == 1
    assert await store.embed_missing(tenant) == len(chunks) + 2
