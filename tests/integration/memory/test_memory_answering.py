"""Questions to a tenant's graph: real Postgres, real search, real calls to models that have a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio

from quantumsketch.errors import BadInput, QuantumSketchError
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.answering_models import World, answering_world, cited, citing, entries_in, entry_of
from tests.embedders import Fails
from tests.provider_calls import CLAUDE, GEMINI
from tests.provider_emulator import anthropic_error, gemini_error, silence

pytestmark = pytest.mark.slow

BY_USER = Provenance("run-1", "write", "user")
LONG_AGO = datetime(2025, 3, 1, tzinfo=UTC)
LATELY = datetime(2026, 3, 1, tzinfo=UTC)
FILES = ("decision", "Plain files for the ledger")
POSTGRES = ("decision", "Postgres for the ledger")
OUTAGE = ("note", "Night of the lost bookings")
CABLE = ("error", "A cable was cut")
LEDGER, ADA, BOB = ("service", "ledger"), ("person", "Ada"), ("person", "Bob")
ENTITIES = [
    Entity(*FILES, "The ledger keeps its bookings in plain files."),
    Entity(*POSTGRES, "The ledger keeps its bookings in a Postgres database with a standby."),
    Entity(*OUTAGE, "Four hundred transfers vanished between two and three in the morning."),
    Entity(*CABLE, "Roadworks in Harbour Street took the fibre down."),
    Entity(*LEDGER, "Books what customers pay."),
    Entity(*ADA, "Grew up in Porto."),
    Entity(*BOB, "Plays the cello."),
    Entity("note", "Lunch", "The cook serves soup on Mondays."),
]
FACTS = [
    Fact(FILES, "replaced_by", POSTGRES, valid_from=LATELY),
    Fact(POSTGRES, "because", OUTAGE, valid_from=LATELY),
    Fact(OUTAGE, "failed_with", CABLE, valid_from=LATELY),
    Fact(LEDGER, "owned_by", ADA, valid_from=LONG_AGO),
    Fact(LEDGER, "owned_by", BOB, valid_from=LATELY),
]
WHERE = "Where does the ledger keep its bookings?"


@pytest_asyncio.fixture
async def world(database_url: str, graph: Graph, embedder: Embedder) -> AsyncIterator[World]:
    """Two models, on the module's database."""
    async with answering_world(database_url, embedder) as world:
        yield world


@pytest_asyncio.fixture
async def notes(store: Store, tenant: str) -> str:
    """A tenant with a few notes."""
    await store.upsert(tenant, ENTITIES, FACTS, BY_USER)
    return tenant


async def test_what_the_graph_tells_is_answered_with_its_source_on_the_tenants_account(
    world: World, notes: str, administrator: psycopg.Connection
) -> None:
    world.turns = [citing("It is soup {}.", "Lunch")]
    answered = await world.answers.ask(notes, "What does the cook serve on Mondays?", top_k=3)
    assert (answered.known, answered.by, cited(answered)) == (True, CLAUDE, ["Lunch"])
    assert 1 <= len(answered.sources) <= 3
    (lunch,) = [source for source in answered.sources if source.name == "Lunch"]
    assert lunch.similarity > 0.3
    assert "its text holds" in lunch.why
    assert entry_of(world.asked[0], "Lunch")["text"] == lunch.text == "The cook serves soup on Mondays."
    (call,) = administrator.execute(
        "SELECT video_id, purpose, ended FROM model_calls WHERE tenant = %s", (notes,)
    ).fetchall()
    assert call[0].startswith("ask-")
    assert call[1:] == ("ask", "answered")


async def test_what_the_graph_does_not_tell_is_not_known_whatever_else_is_claimed(
    world: World, notes: str
) -> None:
    world.turns = [citing("Probably 42.", known=False, missing=["the price of a booking"])]
    answered = await world.answers.ask(notes, "What does a booking cost?")
    assert (answered.answer, answered.known) == ("The graph does not know.", False)
    assert answered.sources
    assert "missing in the graph: the price of a booking" in answered.notes


async def test_where_nothing_is_found_no_model_is_asked(world: World, tenant: str) -> None:
    for mode in ("fast", "deep", "global"):
        answered = await world.answers.ask(tenant, WHERE, mode=mode)
        assert (answered.known, answered.sources) == (False, [])
        assert answered.answer is not None
        assert answered.answer.startswith("The graph does not know.")
    assert world.asked == []


async def test_what_holds_now_is_told_apart_from_what_held_and_when(world: World, notes: str) -> None:
    world.turns = [citing("In Postgres {}; in files {} no longer.", POSTGRES[1], FILES[1])]
    answered = await world.answers.ask(notes, WHERE)
    assert cited(answered) == [POSTGRES[1], FILES[1]]
    old = entry_of(world.asked[0], FILES[1])
    assert old["no longer holds"] == "since 2026-03-01, replaced by decision 'Postgres for the ledger'"
    assert "no longer holds" not in entry_of(world.asked[0], POSTGRES[1])
    assert {source.name: source.superseded for source in answered.sources}[FILES[1]]
    owners = entry_of(world.asked[0], "ledger")["relations"]
    number = entry_of(world.asked[0], "Bob")["source"]
    assert {
        "from": "this",
        "relation": "owned_by",
        "to": f"source {number}: person 'Bob'",
        "since": "2026-03-01",
    } in owners
    (past,) = [each for each in owners if "no longer, since" in each]
    assert (past["to"].split("person ")[1], past["no longer, since"]) == ("'Ada'", "2026-03-01")


async def test_an_answer_that_rests_on_the_past_alone_is_told_to_do_so(world: World, notes: str) -> None:
    world.turns = [citing("In plain files {}.", FILES[1])]
    answered = await world.answers.ask(notes, WHERE)
    assert "all that is cited is superseded: it may not hold any more" in answered.notes


async def test_as_of_a_time_that_is_past_the_facts_of_then_are_put_before_the_model(
    world: World, notes: str
) -> None:
    world.turns = [citing("Bob {}.", "ledger")]
    now = await world.answers.ask(notes, "Who owns the ledger?", as_of=datetime.now(UTC))
    assert now.known
    relations = entry_of(world.asked[0], "ledger")["relations"]
    assert [each["to"].split("person ")[1] for each in relations] == ["'Bob'", "'Ada'"]
    before = await world.answers.ask(notes, "Who owns the ledger?", as_of=LATELY - timedelta(days=9))
    assert before.sources == [], "nothing of it was recorded then"


async def test_deep_follows_the_reasons_over_two_relations(world: World, notes: str) -> None:
    question = "Why did we choose Postgres for the ledger?"
    world.turns = [
        citing(
            "Because {} transfers vanished {}, after a cable was cut {}.", POSTGRES[1], OUTAGE[1], CABLE[1]
        )
    ]
    fast = await world.answers.ask(notes, question, top_k=1, retrieve_only=True)
    answered = await world.answers.ask(notes, question, top_k=3, mode="deep")
    assert [source.name for source in fast.sources] == [POSTGRES[1]]
    assert cited(answered) == [POSTGRES[1], OUTAGE[1], CABLE[1]]
    (cable,) = [source for source in answered.sources if source.name == CABLE[1]]
    assert cable.why.startswith("2 steps along relations")
    assert len(world.asked) == 1


async def test_deep_searches_twice_at_most_for_what_the_model_misses(world: World, notes: str) -> None:
    wishes = ["cook soup Mondays", "grew up in Porto", "plays the cello"]
    world.turns = [
        citing("Not yet.", known=False, missing=wishes),
        citing("Soup {} and Ada {}.", "Lunch", "Ada", missing=["and more"]),
    ]
    answered = await world.answers.ask(notes, WHERE, top_k=1, mode="deep")
    first, second = ([each["name"] for each in entries_in(words)] for words in world.asked)
    assert cited(answered) == ["Lunch", "Ada"]
    assert second[: len(first)] == first, "numbers stay what they were"
    assert {"Lunch", "Ada"} <= set(second) - set(first)
    assert "searched again, for 'cook soup Mondays'" in answered.notes
    assert not any("cello" in note for note in answered.notes)


async def test_global_answers_from_summaries_of_neighbourhoods(
    world: World, store: Store, tenant: str
) -> None:
    themes = {"Garden": "growing tomatoes in raised beds", "Boat": "mending the keel of a sailing boat"}
    entities = [Entity("project", name, f"All about {about}.") for name, about in themes.items()]
    pages = {
        (f"{name} page {n}"): Entity("note", f"{name} page {n}", f"Day {n} of {about}.")
        for name, about in themes.items()
        for n in range(6)
    }
    facts = [Fact(page.key, "about", ("project", name.split()[0])) for name, page in pages.items()]
    await store.upsert(tenant, [*entities, *pages.values()], facts, BY_USER)
    world.turns = [citing("A garden {} and a boat {}.", "Garden", "Boat")]
    answered = await world.answers.ask(tenant, "What are my projects about?", mode="global")
    assert cited(answered) == ["Garden", "Boat"]
    assert {source.name for source in answered.sources} == {"Garden", "Boat"}
    garden = entry_of(world.asked[0], "Garden")["text"]
    assert garden.startswith("7 found around project 'Garden': 6 note, 1 project. Relations: 6 about.")
    assert "All about growing tomatoes in raised beds." in garden
    assert "note 'Garden page 3' [about project 'Garden']: Day 3 of growing tomatoes" in garden


async def test_a_model_that_fails_makes_room_for_the_next(world: World, notes: str) -> None:
    world.turns = [
        anthropic_error(529, "overloaded_error", "Overloaded"),
        citing("It is soup {}.", "Lunch"),
    ]
    answered = await world.answers.ask(notes, "What does the cook serve?")
    assert (answered.by, cited(answered)) == (GEMINI, ["Lunch"])
    assert any(note.startswith(f"{CLAUDE}: Overloaded: ") for note in answered.notes)


async def test_with_all_models_down_the_sources_stand_alone_and_the_notes_say_why(
    world: World, notes: str
) -> None:
    world.turns = [
        anthropic_error(401, "authentication_error", "invalid x-api-key"),
        gemini_error(503, "UNAVAILABLE", "The model is overloaded."),
    ]
    answered = await world.answers.ask(notes, WHERE)
    assert (answered.answer, answered.known, answered.by) == (None, None, None)
    assert POSTGRES[1] in [source.name for source in answered.sources]
    assert [note.split(": ")[:2] for note in answered.notes] == [
        [CLAUDE, "NotAuthorised"],
        [GEMINI, "Overloaded"],
    ]


async def test_models_that_stay_silent_are_not_waited_for_any_longer_than_was_said(
    database_url: str, embedder: Embedder, notes: str
) -> None:
    async with answering_world(database_url, embedder, patience_s=3) as world:
        world.turns = [silence(), silence()]
        answered = await world.answers.ask(notes, WHERE)
    assert answered.answer is None
    assert answered.sources
    assert "ProviderTimeout" in answered.notes[0]


async def test_only_looking_asks_no_model_and_finds_the_same(world: World, notes: str) -> None:
    world.turns = [citing("In Postgres {}.", POSTGRES[1])]
    looked = await world.answers.ask(notes, WHERE, retrieve_only=True)
    assert world.asked == []
    answered = await world.answers.ask(notes, WHERE)
    assert looked.answer is None
    assert looked.sources == answered.sources


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("  ", {}),
        ("\x00 ", {}),
        ("x" * 2_001, {}),
        ("x", {"top_k": 0}),
        ("x", {"top_k": 31}),
        ("x", {"mode": "slow"}),
        ("x", {"as_of": datetime(2026, 1, 1)}),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    world: World, notes: str, query: str, options: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        await world.answers.ask(notes, query, **options)  # type: ignore[arg-type] # wrong on purpose
    assert world.asked == []


async def test_another_tenants_graph_is_not_asked(world: World, notes: str, store: Store) -> None:
    await store.upsert("t-other", [Entity("note", "Secret", "The ledger keeps gold.")], [], BY_USER)
    for mode in ("fast", "deep", "global"):
        found = await world.answers.ask(notes, "Where is the ledger's gold?", mode=mode, retrieve_only=True)
        assert found.sources
        assert "Secret" not in [source.name for source in found.sources]


async def test_without_vectors_what_holds_the_words_is_found_in_every_mode(
    database_url: str, notes: str
) -> None:
    away = Fails(QuantumSketchError("the embedder is away"))
    async with answering_world(database_url, away) as world:
        for mode in ("fast", "deep", "global"):
            found = await world.answers.ask(notes, "soup", mode=mode, retrieve_only=True)
            assert "Lunch" in [source.name for source in found.sources]
            assert found.sources[0].similarity == 0.0
