"""Entities and facts go into a real Postgres: added, changed, superseded, closed, read back."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

Administrator = psycopg.Connection
BY_TOOL = Provenance("run-1", "ingest", "tool")
BY_USER = Provenance("run-2", "edit", "user:ada")
ADA, GRACE, ENGINE, COMPILER = (
    ("person", "Ada"),
    ("person", "Grace"),
    ("project", "Engine"),
    ("project", "Compiler"),
)
DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = ("nodes", "edges", "chunks", "node_versions", "edge_versions")


def _rows(administrator: Administrator, tenant: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that `tenant` has, with the number of the transaction that wrote each row last."""
    return {
        table: administrator.execute(
            f"SELECT xmin::text, * FROM {table} WHERE tenant = %s ORDER BY 1, 2, 3, 4".encode(), [tenant]
        ).fetchall()
        for table in TABLES
    }


def _only(*keys: tuple[str, str]) -> list[Entity]:
    return [Entity(*key) for key in keys]


async def test_what_was_said_is_known_with_who_said_it(store: Store, tenant: str) -> None:
    said = [Entity(*ADA, "A mathematician", "Long. " * 300, {"born": 1815}), Entity(*ENGINE)]
    written = await store.upsert(tenant, said, [Fact(ADA, "works_on", ENGINE, {"since": 1842})], BY_TOOL)
    assert (written.added, written.changed, written.closed) == (3, 0, 0)
    ada = await store.entity(tenant, ADA)
    assert (ada.id, ada.description, ada.properties) == (written.ids[ADA], "A mathematician", {"born": 1815})
    assert ada.body == "Long. " * 300
    assert (ada.provenance["run"], ada.provenance["said_by"]) == ("run-1", "tool")
    (fact,) = await store.facts(tenant, ada.id)
    assert (fact.kind, fact.target, fact.properties) == ("works_on", written.ids[ENGINE], {"since": 1842})
    assert (fact.valid_from, fact.valid_to, fact.recorded_at) == (written.at, None, written.at)
    assert await store.facts(tenant, written.ids[ENGINE], direction="in") == [fact]
    assert await store.facts(tenant, written.ids[ENGINE]) == []


async def test_saying_it_again_writes_nothing(
    store: Store, tenant: str, administrator: Administrator
) -> None:
    said = [Entity(*ADA, "A mathematician", "Long. " * 300, {"born": 1815}), *_only(ENGINE, GRACE)]
    facts = [
        Fact(ADA, "works_on", ENGINE, {"x": 1}),
        Fact(ENGINE, "owned_by", ADA, valid_from=NEW_YEAR),
        Fact(ENGINE, "owned_by", GRACE),
    ]
    await store.upsert(tenant, said, facts, BY_TOOL)
    before = _rows(administrator, tenant)
    again = await store.upsert(tenant, said, [facts[0], facts[2]], BY_USER)
    assert (again.added, again.changed, again.closed) == (0, 0, 0)
    assert len(before["nodes"]) == 3
    assert _rows(administrator, tenant) == before


async def test_what_is_not_said_stays_and_what_it_was_before_is_kept(store: Store, tenant: str) -> None:
    first = await store.upsert(tenant, [Entity(*ADA, "A poet", "Verses.", {"a": 1})], [], BY_TOOL)
    second = await store.upsert(tenant, [Entity(*ADA, "A mathematician")], [], BY_USER)
    assert (second.added, second.changed) == (0, 1)
    now = await store.entity(tenant, ADA)
    assert (now.description, now.body, now.properties) == ("A mathematician", "Verses.", {"a": 1})
    assert (now.recorded_at, now.changed_at) == (first.at, second.at)
    then = await store.entity(tenant, now.id, as_of=second.at - timedelta(microseconds=1))
    assert (then.description, then.provenance["said_by"]) == ("A poet", "tool")
    with pytest.raises(NotFound, match="as of"):
        await store.entity(tenant, ADA, as_of=first.at - timedelta(microseconds=1))


async def test_a_new_owner_closes_the_fact_of_the_one_before_and_deletes_nothing(
    store: Store, tenant: str
) -> None:
    nodes = _only(ENGINE, ADA, GRACE)
    ids = (
        await store.upsert(tenant, nodes, [Fact(ENGINE, "owned_by", ADA, valid_from=NEW_YEAR)], BY_TOOL)
    ).ids
    later = await store.upsert(
        tenant, [], [Fact(ENGINE, "owned_by", GRACE, valid_from=NEW_YEAR + 9 * DAY)], BY_USER
    )
    assert (later.added, later.closed) == (1, 1)
    (now,) = await store.facts(tenant, ids[ENGINE], "owned_by")
    assert now.target == ids[GRACE]
    (then,) = await store.facts(tenant, ids[ENGINE], "owned_by", as_of=NEW_YEAR + 8 * DAY)
    assert (then.target, then.valid_to) == (ids[ADA], NEW_YEAR + 9 * DAY)
    just_before = later.at - timedelta(microseconds=1)
    (believed,) = await store.facts(tenant, ids[ENGINE], as_of=NEW_YEAR + 20 * DAY, known_at=just_before)
    assert (believed.target, believed.recorded_to) == (ids[ADA], later.at)


async def test_an_older_statement_that_comes_late_closes_no_newer_one(store: Store, tenant: str) -> None:
    facts = [Fact(ENGINE, "owned_by", GRACE, valid_from=NEW_YEAR + 9 * DAY)]
    ids = (await store.upsert(tenant, _only(ENGINE, ADA, GRACE), facts, BY_TOOL)).ids
    late = await store.upsert(tenant, [], [Fact(ENGINE, "owned_by", ADA, valid_from=NEW_YEAR)], BY_TOOL)
    assert (late.added, late.closed) == (1, 0)
    assert [fact.target for fact in await store.facts(tenant, ids[ENGINE])] == [ids[GRACE]]
    then = await store.facts(tenant, ids[ENGINE], as_of=NEW_YEAR + DAY)
    assert [(fact.target, fact.valid_to) for fact in then] == [(ids[ADA], NEW_YEAR + 9 * DAY)]


async def test_a_closed_fact_is_history_and_may_hold_again(store: Store, tenant: str) -> None:
    fact = Fact(ADA, "works_on", ENGINE, valid_from=NEW_YEAR)
    ids = (await store.upsert(tenant, _only(ADA, ENGINE), [fact], BY_TOOL)).ids
    assert await store.close(tenant, fact, BY_USER, NEW_YEAR + 5 * DAY) == 1
    assert await store.close(tenant, fact, BY_USER, NEW_YEAR + 6 * DAY) == 0
    assert await store.facts(tenant, ids[ADA]) == []
    (then,) = await store.facts(tenant, ids[ADA], as_of=NEW_YEAR + 4 * DAY)
    assert then.valid_to == NEW_YEAR + 5 * DAY
    assert (await store.upsert(tenant, [], [fact], BY_TOOL)).added == 0  # it was said before it was closed
    assert (await store.upsert(tenant, [], [Fact(ADA, "works_on", ENGINE)], BY_TOOL)).added == 1
    assert len(await store.facts(tenant, ids[ADA])) == 1


async def test_a_closed_entity_is_no_longer_listed_until_it_is_said_again(store: Store, tenant: str) -> None:
    ids = (await store.upsert(tenant, _only(ADA, ENGINE), [Fact(ADA, "works_on", ENGINE)], BY_TOOL)).ids
    assert await store.close(tenant, ADA, BY_USER) == 2
    assert [entity.id for entity in (await store.entities(tenant)).entities] == [ids[ENGINE]]
    assert await store.facts(tenant, ids[ENGINE], direction="both") == []
    assert (await store.entity(tenant, ADA)).closed_at is not None
    assert (await store.upsert(tenant, _only(ADA), [], BY_TOOL)).changed == 1
    assert len((await store.entities(tenant)).entities) == 2


async def test_what_cannot_be_closed_says_why(store: Store, tenant: str) -> None:
    fact = Fact(ADA, "works_on", ENGINE, valid_from=NEW_YEAR)
    await store.upsert(tenant, _only(ADA, ENGINE, COMPILER), [fact], BY_TOOL)
    with pytest.raises(BadInput, match="before it began"):
        await store.close(tenant, fact, BY_USER, NEW_YEAR - DAY)
    with pytest.raises(BadInput, match="future"):
        await store.close(tenant, fact, BY_USER, datetime.now(UTC) + DAY)
    with pytest.raises(NotFound, match="never said"):
        await store.close(tenant, Fact(ADA, "works_on", COMPILER), BY_USER)
    with pytest.raises(NotFound):
        await store.close(tenant, GRACE, BY_USER)


async def test_bad_input_stores_nothing_of_its_batch(
    store: Store, tenant: str, administrator: Administrator
) -> None:
    fine = _only(ADA, ENGINE)
    for facts in ([Fact(ADA, "works_on", COMPILER)], [Fact(ADA, "loves", ENGINE)]):
        with pytest.raises(BadInput):
            await store.upsert(tenant, fine, facts, BY_TOOL)
    with pytest.raises(BadInput):
        await store.upsert(tenant, [*fine, Entity("note", "a\x00")], [], BY_TOOL)
    with pytest.raises(BadInput):
        await store.upsert(tenant, fine, [], Provenance("r", "a", "nobody"))
    assert not any(_rows(administrator, tenant).values())


@pytest.mark.parametrize(
    "odd",
    ["\U0001f3ac ∑ “x”", 'a"b\\c{d},NULL', "NULL", "\u202egnirts\u0301", "'; DROP TABLE nodes;--", "a\nb\tc"],
)
async def test_odd_text_comes_back_as_it_went_in(store: Store, tenant: str, odd: str) -> None:
    await store.upsert(tenant, [Entity("note", odd, odd, odd, {odd: [odd, None]})], [], BY_TOOL, embed=False)
    found = await store.entity(tenant, ("note", odd))
    assert (found.name, found.description, found.body, found.properties) == (
        odd,
        odd,
        odd,
        {odd: [odd, None]},
    )


async def test_chunks_follow_their_texts_and_each_has_a_vector(
    store: Store, tenant: str, administrator: Administrator
) -> None:
    question = "SELECT place, text, embedding IS NOT NULL FROM chunks WHERE tenant = %s ORDER BY place"
    body = " ".join(f"This is sentence {n} of a text." for n in range(60))
    await store.upsert(tenant, [Entity("note", "N", "About", body)], [], BY_TOOL)
    long = administrator.execute(question, [tenant]).fetchall()
    assert len(long) > 3
    assert long[0] == (0, "About", True)
    assert all(has_vector for _, _, has_vector in long)
    await store.upsert(tenant, [Entity("note", "N", body="Short.")], [], BY_TOOL, embed=False)
    assert administrator.execute(question, [tenant]).fetchall() == [(0, "About", True), (1, "Short.", False)]
    assert await store.embed_missing(tenant) == 1
    assert await store.embed_missing(tenant) == 0


async def test_sixteen_connections_that_say_the_same_in_any_order_say_it_once(
    database_url: str, graph: Graph, embedder: Embedder, tenant: str, administrator: Administrator
) -> None:
    entities = [Entity("concept", f"c{n}", f"about {n}") for n in range(30)]
    facts = [Fact(("concept", f"c{n}"), "related_to", ("concept", f"c{(n * 7 + 1) % 30}")) for n in range(30)]
    facts += [
        Fact(("concept", f"c{n}"), "next", ("concept", f"c{n + 1}"), valid_from=NEW_YEAR + n * DAY)
        for n in range(29)
    ]

    async def say(number: int) -> int:
        mine = random.Random(number)
        async with open_database(database_url) as database:
            said = mine.sample(entities, 30), mine.sample(facts, len(facts))
            return (await Store(database, embedder).upsert(tenant, *said, BY_TOOL, embed=False)).added

    added = await asyncio.gather(*(say(number) for number in range(16)))
    assert sorted(added) == [*[0] * 15, 30 + len(facts)]
    counts = administrator.execute(
        "SELECT (SELECT count(*) FROM nodes WHERE tenant = %(t)s), "
        "(SELECT count(*) FROM edges WHERE tenant = %(t)s), "
        "(SELECT count(*) FROM edge_versions WHERE tenant = %(t)s)",
        {"t": tenant},
    ).fetchone()
    assert counts == (30, len(facts), 0)
