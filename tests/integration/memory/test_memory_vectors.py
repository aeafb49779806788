"""From one embedding model to another: what is found meanwhile, and what an embedder that is away costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.errors import ModelFailed, QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import MODEL, Embedder, EmbedderFailed
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.vectors import AT_ONCE, Reembedded, Vectors
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.promotion import index_name, promote, withdraw
from quantumsketch.memory.statements import Entity, Provenance
from tests.embedders import Fails, SameForAll
from tests.sample_videos import video

BY_USER = Provenance("run", "test", "user")
LONG = SameForAll("a long one", 3_072)
AWAY = [
    ServiceUnavailable("the embedder is away"),
    ModelFailed("the key is wrong"),
    QuantumSketchError("broken"),
]
Administrator = psycopg.Connection


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def _write(database: Database, embedder: Embedder, tenant: str, *names: str) -> None:
    await Store(database, embedder).upsert(
        tenant, [Entity("note", name, name) for name in names], [], BY_USER
    )


def _models(administrator: Administrator, tenant: str) -> set[tuple[str | None, int | None]]:
    """Of which models the vectors of a tenant's texts and videos are, and how long."""
    rows = administrator.execute(
        "SELECT embedding_model, vector_dims(embedding) FROM chunks WHERE tenant = %(tenant)s UNION "
        "SELECT embedding_model, vector_dims(embedding) FROM nodes "
        "WHERE tenant = %(tenant)s AND kind = 'video'",
        {"tenant": tenant},
    )
    return set(rows.fetchall())


async def test_all_texts_and_videos_move_to_another_model_and_are_found_all_the_while(
    database: Database, embedder: Embedder, tenant: str, administrator: Administrator
) -> None:
    await Graph(database, embedder).record_video(video("a video", tenant=tenant))
    await _write(database, embedder, tenant, "The boiling of water", "A recipe for bread")
    assert _models(administrator, tenant) == {(MODEL, 384)}

    search = Search(database, LONG)
    (before, *_) = await search.find(tenant, "boiling")
    assert before.name == "The boiling of water"
    assert before.similarity is None
    assert f"what it means was not compared: it has no vector of {LONG.model!r} yet" in before.why

    done = await Vectors(database, LONG).reembed(tenant)
    assert done.left == 0
    assert done.done >= 3
    assert _models(administrator, tenant) == {(LONG.model, LONG.dimensions)}
    (after, *_) = await search.by_meaning(tenant, "boiling")
    assert after.similarity == pytest.approx(1)
    assert not [reason for reason in after.why if "not compared" in reason]
    assert [hit.id for hit in await Graph(database, LONG).similar(tenant, "anything")] == ["a video"]
    assert await Graph(database, embedder).similar(tenant, "anything") == []
    assert (await Vectors(database, LONG).reembed(tenant)).done == 0


async def test_what_was_interrupted_goes_on_where_it_ended(
    database: Database, embedder: Embedder, tenant: str, administrator: Administrator
) -> None:
    names = [f"note {number}" for number in range(2 * AT_ONCE + 2)]
    await _write(database, SameForAll("old"), tenant, *names)
    progress: list[Reembedded] = []

    class FailsAtTheThird(SameForAll):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if len(progress) > 2:
                raise ServiceUnavailable("away")
            return super().embed(texts)

    with pytest.raises(EmbedderFailed):
        await Vectors(database, FailsAtTheThird("new")).reembed(tenant, progress.append)
    assert [(each.done, each.left) for each in progress] == [
        (0, len(names)), (AT_ONCE, len(names) - AT_ONCE), (2 * AT_ONCE, 2)
    ]  # fmt: skip
    assert _models(administrator, tenant) == {("old", 384), ("new", 384)}
    done = await Vectors(database, SameForAll("new")).reembed(tenant)
    assert (done.done, done.left) == (2, 0)
    assert _models(administrator, tenant) == {("new", 384)}


async def test_missing_vectors_are_made_and_those_of_another_model_stay(
    database: Database, tenant: str, administrator: Administrator
) -> None:
    await _write(database, SameForAll("old"), tenant, "a")
    new = Store(database, SameForAll("new"))
    await new.upsert(tenant, [Entity("note", "b")], [], BY_USER, embed=False)
    assert await new.embed_missing(tenant) == 1
    assert _models(administrator, tenant) == {("old", 384), ("new", 384)}


async def test_a_model_whose_vectors_became_longer_is_another_one(
    database: Database, tenant: str, administrator: Administrator
) -> None:
    await _write(database, SameForAll("m", 8), tenant, "short")
    await _write(database, SameForAll("m", 16), tenant, "long")
    hits = await Search(database, SameForAll("m", 16)).by_meaning(tenant, "anything")
    assert [hit.name for hit in hits] == ["long"]
    assert (await Vectors(database, SameForAll("m", 16)).reembed(tenant)).done == 1
    assert _models(administrator, tenant) == {("m", 16)}


@pytest.mark.parametrize("failure", AWAY, ids=str)
async def test_an_embedder_that_fails_loses_no_write_and_the_search_says_that_it_compared_nothing(
    database: Database, tenant: str, failure: QuantumSketchError
) -> None:
    fails = Fails(failure)
    written = await Store(database, fails).upsert(tenant, [Entity("note", "Bread", "A recipe")], [], BY_USER)
    assert written.added == 1
    assert str(failure) in str(written.without_vectors)
    search = Search(database, fails)
    (hit,) = await search.find(tenant, "bread")
    assert "what it means was not compared: the question could not be embedded" in hit.why
    with pytest.raises(EmbedderFailed, match=str(failure)):  # words found nothing: perhaps there is something
        await search.find(tenant, "zweiundvierzig")
    with pytest.raises(EmbedderFailed, match=str(failure)):
        await search.by_meaning(tenant, "bread")
    assert [hit.name for hit in await search.by_words(tenant, "recipe")] == ["Bread"]


async def test_a_video_is_recorded_while_the_embedder_is_away_and_found_later(
    database: Database, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    await Graph(database, Fails(ServiceUnavailable("away"))).record_video(video("v", tenant=tenant))
    assert "away" in caplog.text
    graph = Graph(database, SameForAll())
    assert (await graph.video(tenant, "v")).id == "v"
    assert await graph.similar(tenant, "anything") == []
    node = (await Store(database, SameForAll()).entity(tenant, ("video", "v"))).id
    assert await Vectors(database, SameForAll()).embed_missing(tenant, []) == 0
    assert await Vectors(database, SameForAll()).embed_missing(tenant, [node]) == 1
    assert [hit.id for hit in await graph.similar(tenant, "anything")] == ["v"]


async def test_a_database_of_before_any_model_keeps_its_vectors_and_gets_its_index_again(
    another_database: Callable[[], str], embedder: Embedder, tenant: str
) -> None:
    url = another_database()
    await migrate(url, migrations()[:5])
    (vector,) = embedder.embed(["Bread\nA recipe"])
    with psycopg.connect(url, autocommit=True) as old:
        old.execute("SET search_path = quantumsketch, public")
        old.execute("INSERT INTO nodes (tenant, kind, name) VALUES (%s, 'note', 'Bread')", [tenant])
        old.execute(
            "INSERT INTO chunks SELECT tenant, id, 0, 'A recipe', %s::vector, %s FROM nodes",
            [str(vector), MODEL],
        )
        old.execute(
            "CREATE INDEX chunks_meaning_0123 ON chunks USING hnsw (embedding vector_cosine_ops) "
            f"WHERE tenant = '{tenant}' AND embedding_model = '{MODEL}'".encode()
        )
        files = "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relname IN ('nodes', 'chunks')"
        before = old.execute(files).fetchall()
        await migrate(url, migrations()[:6])
        assert old.execute(files).fetchall() == before  # neither table was written anew
        assert old.execute("SELECT to_regclass('chunks_meaning_0123')").fetchone() == (None,)
    await migrate(url)
    async with open_database(url) as database:
        (hit,) = await Search(database, embedder).by_meaning(tenant, "Bread\nA recipe")
        assert hit.similarity == pytest.approx(1)
    assert await promote(url, tenant, MODEL)


@pytest.mark.parametrize("dimensions", [16, 1_536, 3_072, 4_100])
async def test_a_large_tenant_has_an_index_of_each_model_that_can_be_indexed(
    database: Database, database_url: str, tenant: str, dimensions: int, administrator: Administrator
) -> None:
    model = SameForAll("m", dimensions)
    await _write(database, model, tenant, "a", "b")
    can_be = dimensions <= 4_000
    assert await promote(database_url, tenant, "m") == can_be
    assert [hit.similarity for hit in await Search(database, model).by_meaning(tenant, "x")] == [1, 1]
    await withdraw(database_url, tenant, but="m")
    assert _has_index(administrator, tenant, dimensions) == can_be
    await withdraw(database_url, tenant)
    assert not _has_index(administrator, tenant, dimensions)


def _has_index(administrator: Administrator, tenant: str, dimensions: int) -> bool:
    row = administrator.execute(
        "SELECT to_regclass(%s) IS NOT NULL", [index_name(tenant, "m", dimensions)]
    ).fetchone()
    return row == (True,)
