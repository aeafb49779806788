"""The memory with a hosted embedder over real HTTP: written, found, away, back; no key is kept anywhere."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from quantumsketch.llm.embedding import HostedEmbedder
from quantumsketch.llm.types import ModelEntry
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.settings import Settings
from tests.provider_emulator import Asked, ProviderEmulator, Scripted, embedded, error, texts_of
from workflows.embedder import embedder_of

KEY = "a-key-in-no-usual-form-4711"
MODEL = "openai/text-embedding-3-small"
BY_USER = Provenance("run", "test", "user")
SUBJECTS = ("bread", "water", "stars")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]


def by_subject(asked: Asked) -> Scripted:
    """Vectors that point to the subjects that a text speaks of; of 1,536 numbers, as the real ones."""
    rest = [0.01] * (1_536 - len(SUBJECTS))
    return embedded(
        asked, [[float(subject in text.lower()) for subject in SUBJECTS] + rest for text in texts_of(asked)]
    )


def _hosted(url: str, monkeypatch: pytest.MonkeyPatch) -> HostedEmbedder:
    """The embedder of an installation whose environment names it."""
    monkeypatch.setenv("QS_EMBEDDER", MODEL)
    monkeypatch.setenv("OPENAI_API_BASE", f"{url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    embedder = embedder_of(Settings())
    assert isinstance(embedder, HostedEmbedder)
    return embedder


async def test_what_is_written_is_found_by_what_a_hosted_model_says_it_means(
    database_url: str, graph: Graph, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ProviderEmulator(respond=by_subject) as emulator, open_database(database_url) as database:
        hosted = _hosted(emulator.url, monkeypatch)
        notes = [Entity("note", f"On {subject}", f"All about {subject}.") for subject in SUBJECTS]
        written = await Store(database, hosted).upsert(tenant, notes, [], BY_USER)
        assert written.without_vectors is None
        (first, *_) = await Search(database, hosted).by_meaning(tenant, "STARS")
        assert first.name == "On stars"
        assert first.similarity == pytest.approx(1, abs=1e-3)


async def test_a_provider_that_is_away_delays_vectors_and_loses_nothing(
    database_url: str, tenant: str, monkeypatch: pytest.MonkeyPatch, administrator: psycopg.Connection
) -> None:
    away = [True]

    def respond(asked: Asked) -> Scripted:
        return error(401, f"the key {KEY} is not known") if away else by_subject(asked)

    async with ProviderEmulator(respond=respond) as emulator, open_database(database_url) as database:
        hosted, search = _hosted(emulator.url, monkeypatch), None
        note = Entity("note", "On bread", "A recipe.")
        written = await Store(database, hosted).upsert(tenant, [note], [], BY_USER)
        assert "answered 401" in str(written.without_vectors)
        assert KEY not in str(written.without_vectors)
        search = Search(database, hosted)
        (hit,) = await search.find(tenant, "recipe")
        assert any("was not compared" in reason for reason in hit.why)
        assert not any("401" in reason for reason in hit.why), "that is for the log"
        assert KEY not in hit.model_dump_json()

        away.clear()
        upkeep = Upkeep(database, _hosted(emulator.url, monkeypatch))
        async with upkeep.running(database_url, pause_s=0.1), asyncio.timeout(30):
            upkeep.wanted(tenant, written.ids.values())
            while not _has_vectors(administrator, tenant):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.05)
        (hit,) = await Search(database, _hosted(emulator.url, monkeypatch)).by_meaning(tenant, "bread")
        assert hit.name == "On bread"


def _has_vectors(administrator: psycopg.Connection, tenant: str) -> bool:
    row = administrator.execute(
        "SELECT bool_and(embedding_model = %s) FROM chunks WHERE tenant = %s", [MODEL, tenant]
    ).fetchone()
    return row == (True,)


async def test_where_the_work_is_done_elsewhere_a_search_without_the_key_is_one_by_words(
    database_url: str, graph: Graph, tenant: str
) -> None:
    way = ModelEntry(id=MODEL, litellm_id="", reachable=False, why="OPENAI_API_KEY is not set")
    async with open_database(database_url) as database:
        keyless = HostedEmbedder(way, {})
        await Store(database, keyless).upsert(tenant, [Entity("note", "Bread", "A recipe.")], [], BY_USER)
        (hit,) = await Search(database, keyless).find(tenant, "bread")
    assert "what it means was not compared: the question could not be embedded" in hit.why
