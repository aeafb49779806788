"""How much of a text is put before a model: all of a short one, of a long one what is near the question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from quantumsketch.agent.passages import LONGEST_TEXT, MOST_CHARACTERS
from quantumsketch.answered import Mode
from quantumsketch.errors import QuantumSketchError
from quantumsketch.excerpts import Room
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.answering_models import World, answering_world, cited, citing, entries_in, entry_of
from tests.embedders import Counts, Fails, SameForAll
from workflows.memory import Memory

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")
TALK = (
    "Yesterday we talked with Marta about moving the billing service after customers complained about "
    "missing invoices. Nobody could say which rows had been lost, since the old exports were copied by hand, "
    "one evening a week, by whoever was there. In the end we chose Postgres, version sixteen, hosted "
    "in Frankfurt."
)
QUESTION = (
    "Which database did we choose when moving the billing service after customers complained about missing "
    "invoices?"
)
TOPICS = ["the harbour", "tomatoes", "a violin", "glaciers", "bread", "chess", "bicycles", "lighthouses"]
FILLER = [
    f"On day {day} we wrote about {topic} and what the weather did to it, and about nothing else."
    for day in range(1, 11)
    for topic in TOPICS
]
VAULT = "The vault of the archive is opened with the code heron seven."
BADGER = "Whoever has lost the badge of the archive goes to Ottilie in room twelve."


def as_the_client_writes(name: str, text: str) -> Entity:
    """A note whose description is the beginning of its body."""
    return Entity("note", name, text[:200], text)


def journal(*said: str) -> str:
    """A long text in which these sentences stand far from each other, none at an end."""
    sentences = list(FILLER)
    for number, sentence in enumerate(said, start=1):
        sentences.insert(number * len(FILLER) // (len(said) + 1), sentence)
    return " ".join(sentences)


@pytest_asyncio.fixture
async def world(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[World]:
    async with answering_world(database_url, embedder) as world:
        yield world


@pytest.mark.parametrize("mode", ["fast", "deep", "global"])
async def test_what_a_short_body_says_last_is_shown_and_what_it_says_first_is_shown_once(
    world: World, store: Store, tenant: str, mode: Mode
) -> None:
    await store.upsert(tenant, [as_the_client_writes("Talk", TALK)], [], BY_USER)
    world.turns = [citing("Postgres {}.", "Talk")]
    answered = await world.answers.ask(tenant, QUESTION, mode=mode)
    assert cited(answered) == ["Talk"]
    assert entry_of(world.asked[0], "Talk")["text"] == answered.sources[0].text == TALK


async def test_a_description_of_its_own_is_shown_with_the_body(
    world: World, store: Store, tenant: str
) -> None:
    title = "Why we moved the billing service to another database: the reasons, in short."
    body = "Invoices were lost at night. The old exports were copied by hand."
    await store.upsert(tenant, [Entity("note", "Reasons", title, body)], [], BY_USER)
    world.turns = [citing("By hand {}.", "Reasons")]
    await world.answers.ask(tenant, "Why did we move the billing service to another database?")
    assert entry_of(world.asked[0], "Reasons")["text"] == f"{title}\n{body}"


@pytest.mark.parametrize(
    "description", [None, "The diary of the archive: its vault, and the code that opens it."]
)
async def test_of_a_long_body_the_nearest_piece_is_shown_with_what_stands_beside_it(
    world: World, store: Store, tenant: str, description: str | None
) -> None:
    text = journal(VAULT)
    diary = Entity("note", "Diary", description or text[:200], text)
    await store.upsert(tenant, [diary], [], BY_USER)
    world.turns = [citing("Heron seven {}.", "Diary")]
    await world.answers.ask(tenant, "With which code is the vault of the archive opened?")
    shown = entry_of(world.asked[0], "Diary")["text"]
    before, _, after = shown.partition(VAULT)
    assert min(len(before), len(after)) > 500
    assert len(shown) <= LONGEST_TEXT + len("…\n\n…\n…")
    assert shown.endswith("\n…")
    assert shown.startswith(f"{description}\n…\n" if description else "…\n")
    sentences = shown.removesuffix("\n…").rpartition("…\n")[2].split(". ")
    assert {sentence.strip(".") for sentence in sentences} <= {each.strip(".") for each in text.split(". ")}


async def test_deep_adds_the_piece_that_was_missing_of_a_text_it_knows_already(
    world: World, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [as_the_client_writes("Diary", journal(VAULT, BADGER))], [], BY_USER)
    world.turns = [
        citing("Heron seven {}.", "Diary", missing=["lost the badge of the archive"]),
        citing("Heron seven {}, and Ottilie {}.", "Diary", "Diary"),
    ]
    answered = await world.answers.ask(
        tenant, "With which code is the vault of the archive opened, and who helps?", mode="deep"
    )
    first, second = (entry_of(words, "Diary") for words in world.asked)
    assert (VAULT in first["text"], BADGER in first["text"]) == (True, False)
    assert (VAULT in second["text"], BADGER in second["text"]) == (True, True)
    assert second["source"] == first["source"]
    assert second["text"] == answered.sources[0].text
    assert second["text"].count("…") == 3


async def test_as_of_a_time_that_is_past_the_text_is_that_of_then_to_its_end(
    world: World, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [as_the_client_writes("Talk", TALK)], [], BY_USER)
    await store.upsert(tenant, [as_the_client_writes("Diary", journal(VAULT))], [], BY_USER)
    then = datetime.now(UTC)
    changed = [
        as_the_client_writes("Talk", TALK.replace("Postgres", "Oracle")),
        as_the_client_writes("Diary", f"{journal(VAULT)} Later the code became otter nine."),
    ]
    await store.upsert(tenant, changed, [], BY_USER)
    world.turns = [citing("Postgres {}.", "Talk"), citing("Heron {}.", "Diary"), citing("Oracle {}.", "Talk")]
    await world.answers.ask(tenant, QUESTION, as_of=then)
    assert entry_of(world.asked[0], "Talk")["text"] == TALK
    await world.answers.ask(tenant, "With which code is the vault of the archive opened?", as_of=then)
    assert VAULT in entry_of(world.asked[1], "Diary")["text"]
    assert "otter" not in world.asked[1]
    await world.answers.ask(tenant, QUESTION)
    assert "Oracle" in entry_of(world.asked[2], "Talk")["text"]


async def test_without_vectors_the_piece_with_the_words_is_shown(
    database_url: str, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, [as_the_client_writes("Diary", journal(VAULT))], [], BY_USER)
    async with answering_world(database_url, Fails(QuantumSketchError("the embedder is away"))) as world:
        found = await world.answers.ask(tenant, "heron seven", retrieve_only=True)
    assert VAULT in found.sources[0].text


async def test_however_much_is_found_and_however_long_it_is_a_model_is_shown_no_more_than_it_may_be(
    world: World, store: Store, tenant: str
) -> None:
    diaries = [as_the_client_writes(f"Diary {n}", f"{journal(VAULT, BADGER)} {n}") for n in range(30)]
    await store.upsert(tenant, diaries, [], BY_USER, embed=False)
    asking = citing("?", known=False, missing=["lost the badge of the archive", "the weather and glaciers"])
    world.turns = [asking, citing("?", known=False)]
    await world.answers.ask(
        tenant, "With which code is the vault of the archive opened?", top_k=30, mode="deep"
    )
    first, second = (entries_in(words) for words in world.asked)
    assert len(first) > 20
    assert all(VAULT in entry["text"] for entry in first)
    assert any(BADGER in entry["text"] for entry in second)
    for words in world.asked:
        lines = [line for line in words.splitlines() if line.startswith('{"source"')]
        assert MOST_CHARACTERS / 2 < sum(map(len, lines)) <= MOST_CHARACTERS


@pytest.mark.parametrize("mode", ["fast", "deep"])
async def test_however_many_are_asked_for_the_best_short_texts_are_whole(
    world: World, store: Store, tenant: str, mode: Mode
) -> None:
    bodies = [f"{' '.join(FILLER[:24])[:1_900]} {VAULT} This is diary {n}." for n in range(30)]
    assert all(len(body) < LONGEST_TEXT for body in bodies)
    diaries = [as_the_client_writes(f"Diary {n}", body) for n, body in enumerate(bodies)]
    await store.upsert(tenant, diaries, [], BY_USER, embed=False)
    world.turns = [citing("?", known=False)]
    answered = await world.answers.ask(tenant, "heron seven", top_k=30, mode=mode)
    shown = entries_in(world.asked[0])
    whole = [entry["text"] in bodies for entry in shown]
    assert whole == sorted(whole, reverse=True), "the best first"
    assert whole.count(True) >= 10
    assert len(shown) > 15
    if len(shown) < 30:
        assert any(note.startswith(f"{30 - len(shown)} more were found") for note in answered.notes)


@pytest.mark.parametrize("mode", ["fast", "deep", "global"])
async def test_a_question_is_embedded_once_however_often_it_is_searched_for(
    database_url: str, graph: Graph, tenant: str, mode: Mode
) -> None:
    notes = [as_the_client_writes(name, journal(VAULT)) for name in ("Diary", "Log")]
    related = [Fact(notes[0].key, "related_to", notes[1].key)]
    embedder = Counts()
    async with open_database(database_url) as database:
        await Store(database, SameForAll()).upsert(tenant, notes, related, BY_USER)
        answers = Memory.on(database, embedder).answers
        found = await answers.ask(tenant, "heron seven", top_k=1, mode=mode, retrieve_only=True)
    assert len(found.sources) == (2 if mode == "deep" else 1)
    assert embedder.asked == ["heron seven"]


async def test_no_text_of_another_tenant_is_read(store: Store, search: Search, tenant: str) -> None:
    diary = as_the_client_writes("Diary", journal(VAULT))
    ids = list((await store.upsert(tenant, [diary], [], BY_USER, embed=False)).ids.values())
    room = Room(24_000, least=800, most=2_500)
    assert list(await search.excerpts(tenant, "vault", ids, room)) == ids
    assert await search.excerpts(f"{tenant}-other", "vault", ids, room) == {}
