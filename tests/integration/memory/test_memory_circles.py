"""Relations that are orders lead in no circle: whoever would close one is refused, and says nothing."""

from __future__ import annotations

import asyncio
import re
import secrets
from datetime import UTC, datetime
from itertools import pairwise, product
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.errors import BadInput
from quantumsketch.memory.codebases.ingesting import record
from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.circles import MOST_NODES, circles
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.codebases import read
from tests.embedders import SameForAll
from tests.integration.memory.drawn_graphs import draw

pytestmark = pytest.mark.slow
BY_USER = Provenance("run-1", "edit", "user:ada")
BY_TOOL = Provenance("run-2", "ingest", "tool")
A, B, C, D = (("class", name) for name in "ABCD")
ALL = [Entity(*key) for key in (A, B, C, D)]
PAST = datetime(2020, 1, 1, tzinfo=UTC)
THEN = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


async def test_a_turn_that_closes_a_circle_in_two_steps_says_nothing(store: Store, tenant: str) -> None:
    await store.upsert(tenant, ALL, [], BY_USER)

    async def say_both_halves() -> None:
        async with store.turn(tenant, "say two things", BY_USER) as turn:
            await turn.say([Entity("note", "new")], [Fact(A, "contains", B)])
            await turn.say([], [Fact(B, "contains", A)])

    with pytest.raises(BadInput, match=r"'B'.*'contains'.*'A'"):
        await say_both_halves()
    assert len((await store.entities(tenant)).entities) == len(ALL)


async def test_a_new_target_of_a_functional_order_opens_the_circle_that_the_old_one_would_close(
    store: Store, tenant: str
) -> None:
    await store.upsert(tenant, ALL, [Fact(A, "replaced_by", B)], BY_USER)
    turned = [Fact(A, "replaced_by", C), Fact(B, "replaced_by", A)]
    written = await store.upsert(tenant, [], turned, BY_USER)
    assert (written.added, written.closed) == (2, 1)


async def test_what_held_once_and_ended_closes_no_circle(store: Store, tenant: str) -> None:
    known = [Fact(A, "replaced_by", C, valid_from=THEN), Fact(B, "replaced_by", A, valid_from=PAST)]
    await store.upsert(tenant, ALL, known, BY_USER)
    late = Fact(A, "replaced_by", B, valid_from=PAST)
    assert (await store.upsert(tenant, [], [late], BY_USER)).added == 1
    with pytest.raises(BadInput, match="leads back"):
        await store.upsert(tenant, [], [Fact(A, "replaced_by", B)], BY_USER)


async def _ring_of_old(store: Store, administrator: psycopg.Connection, tenant: str) -> None:
    """A and B contain each other, as may be told by what is not checked, or was written before."""
    ids = (await store.upsert(tenant, ALL, [Fact(A, "contains", B)], BY_USER)).ids
    administrator.execute(
        "INSERT INTO edges (tenant, source, kind, target) VALUES (%s, %s, 'contains', %s)",
        (tenant, ids[B], ids[A]),
    )


async def test_a_circle_that_is_there_is_nobodys_fault_who_says_more_beside_it(
    store: Store, administrator: psycopg.Connection, tenant: str
) -> None:
    await _ring_of_old(store, administrator, tenant)
    beside = [Fact(C, "contains", A), Fact(B, "contains", D), Fact(A, "contains", B, {"seen": True})]
    written = await store.upsert(tenant, [], beside, BY_USER)
    assert (written.added, written.changed) == (2, 1)
    with pytest.raises(BadInput, match="leads back"):
        await store.upsert(tenant, [], [Fact(D, "contains", C)], BY_USER)


async def test_of_two_writers_who_each_write_a_half_of_a_circle_one_is_refused(
    database_url: str, store: Store, tenant: str
) -> None:
    await store.upsert(tenant, ALL, [], BY_USER)
    async with open_database(database_url) as elsewhere:
        other = Store(elsewhere, SameForAll())  # with a pool of its own: only Postgres lines them up
        for relation in ("supersedes", "inherits", "contains", "made_of"):
            done = await asyncio.gather(
                store.upsert(tenant, [], [Fact(A, relation, B)], BY_USER),
                other.upsert(tenant, [], [Fact(B, relation, A)], BY_TOOL),
                return_exceptions=True,
            )
            assert sorted(type(each).__name__ for each in done) == ["BadInput", "Written"]


async def test_a_merge_leaves_out_what_would_lead_in_a_circle_and_says_so(store: Store, tenant: str) -> None:
    facts = [
        Fact(A, "supersedes", B), Fact(B, "supersedes", C),
        Fact(C, "mentions", D), Fact(D, "supersedes", C),
    ]  # fmt: skip
    ids = (await store.upsert(tenant, ALL, facts, BY_USER)).ids
    merged = await store.merge(tenant, C, A, BY_USER)
    assert merged.dropped == [f"{ids[B]} supersedes: it would lead in a circle"]
    held = await store.facts(tenant, ids[A], direction="both")
    assert {(f.source, f.kind, f.target) for f in held} == {
        (ids[A], "supersedes", ids[B]), (ids[A], "mentions", ids[D]), (ids[D], "supersedes", ids[A]),
    }  # fmt: skip


async def test_a_circle_is_seen_past_a_hub_and_along_a_chain(store: Store, tenant: str) -> None:
    parts = [("note", f"part {n}") for n in range(3_000)]
    chain = [("note", f"version {n}") for n in range(1_500)]
    facts = [Fact(A, "contains", part) for part in parts]
    facts += [Fact(new, "supersedes", old) for old, new in pairwise(chain)]
    await store.upsert(tenant, [*ALL, *(Entity(*key) for key in parts + chain)], facts, BY_USER, embed=False)
    for part in (parts[0], parts[1_234], parts[-1]):
        with pytest.raises(BadInput):
            await store.upsert(tenant, [], [Fact(part, "contains", A)], BY_USER)
    with pytest.raises(BadInput):
        await store.upsert(tenant, [], [Fact(chain[0], "supersedes", chain[-1])], BY_USER)
    assert (await store.upsert(tenant, [], [Fact(D, "supersedes", chain[-1])], BY_USER)).added == 1


async def test_a_codebase_is_recorded_whatever_circles_its_names_seem_to_make(
    database_url: str, store: Store, tenant: str
) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/tea.py": "from shop.cups import Cup\nclass Pot(Cup): ...\n",
        "shop/cups.py": "from shop.tea import Pot\nclass Cup(Pot): ...\n",
    }
    pot, cup = ("class", "shop.tea.Pot"), ("class", "shop.cups.Cup")
    async with open_database(database_url) as database:
        await record(database, tenant, read(files), run="run-1")
    for key in (pot, cup):
        assert len(await store.facts(tenant, (await store.entity(tenant, key)).id, "inherits")) == 1
    beside = [Fact(A, "inherits", pot), Fact(cup, "inherits", B), Fact(pot, "inherits", cup, {"odd": True})]
    assert (await store.upsert(tenant, ALL, beside, BY_USER)).changed == 1


async def test_whoever_writes_far_above_a_long_chain_is_not_held_up_and_its_end_is_not_seen(
    store: Store, administrator: psycopg.Connection, tenant: str
) -> None:
    draw(administrator, tenant, ((n, n + 1) for n in range(MOST_NODES + 1)), "supersedes")
    administrator.execute("UPDATE nodes SET kind = 'note' WHERE tenant = %s", (tenant,))
    top, seen, unseen = (("note", str(n)) for n in (0, MOST_NODES - 1, MOST_NODES + 1))
    with pytest.raises(BadInput, match="leads back"):
        await store.upsert(tenant, [], [Fact(seen, "supersedes", top)], BY_USER)
    assert (await store.upsert(tenant, [], [Fact(unseen, "supersedes", top)], BY_USER)).added == 1


async def test_a_look_for_circles_goes_by_the_index_of_what_holds_whatever_is_known_of_the_table(
    database_url: str, administrator: psycopg.Connection, tenant: str
) -> None:
    draw(administrator, tenant, [(n, n + 1) for n in range(2_000)], "contains")
    first, second = UUID(int=0), UUID(int=1)
    line = {"sources": f"{{{first}}}", "kinds": "{contains}", "targets": f"{{{second}}}"}
    limits = {"most_nodes": MOST_NODES, "most_facts": MOST_NODES}
    for before in ("SELECT", "ANALYZE edges"):
        administrator.execute(before)
        async with open_database(database_url) as database, database.transaction(tenant, "plan") as inside:
            rows = await inside.execute(b"EXPLAIN " + query("facts_below"), {**line, **limits})
            plan = "\n".join(str(row["QUERY PLAN"]) for row in await rows.fetchall())
        assert re.findall(r"Scan using (\w+) on edges", plan) == ["edges_open"] * 2, plan


PAIRS = st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda pair: pair[0] != pair[1])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.lists(PAIRS, min_size=1, max_size=4), min_size=1, max_size=5))
async def test_exactly_the_calls_that_would_close_a_circle_are_refused(
    store: Store, calls: list[list[tuple[int, int]]]
) -> None:
    tenant = f"t-{secrets.token_hex(6)}"
    keys = [("note", str(n)) for n in range(5)]
    await store.upsert(tenant, [Entity(*key) for key in keys], [], BY_USER, embed=False)
    held: set[tuple[int, int]] = set()
    for call in calls:
        facts = [Fact(keys[a], "made_of", keys[b]) for a, b in call]
        if _has_circle(held | set(call)):
            with pytest.raises(BadInput):
                await store.upsert(tenant, [], facts, BY_USER)
        else:
            await store.upsert(tenant, [], facts, BY_USER)
            held |= set(call)


@given(pairs=st.sets(st.tuples(*[st.integers(0, 7).map(str)] * 2), max_size=20))
def test_nodes_stand_for_one_another_exactly_if_each_leads_to_the_other(pairs: set[tuple[str, str]]) -> None:
    steps = [(("x", a), ("x", b)) for a, b in pairs]
    circle_of = circles(steps)
    reach = {node: {node} for step in steps for node in step}
    for _ in reach:
        for a, b in steps:
            reach[a] |= reach[b]
    for a, b in product(reach, reach):
        assert (circle_of[a] == circle_of[b]) == (a in reach[b] and b in reach[a])


def _has_circle(pairs: set[tuple[int, int]]) -> bool:
    """Whether something is left when what leads nowhere is taken away again and again."""
    while leaves := {b for _, b in pairs} - {a for a, _ in pairs}:
        pairs = {(a, b) for a, b in pairs if b not in leaves}
    return bool(pairs)
