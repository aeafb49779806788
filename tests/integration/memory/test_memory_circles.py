"""Relations that are orders lead in no circle: whoever would close one is refused, and nothing is stored."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.errors import BadInput
from quantumsketch.memory.circles import ORDERS
from quantumsketch.memory.database import open_database
from quantumsketch.memory.ontology import EdgeKind
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance
from quantumsketch.memory.store import Store
from tests.embedders import SameForAll
from tests.integration.memory.served_memory import Served

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


@pytest.fixture
def client(api: Served) -> Iterator[httpx.Client]:
    with api.tenant() as client:
        yield client


def _node(key: Key) -> dict[str, str]:
    return {"type": key[0], "name": key[1]}


def _edge(source: Key, target: Key, relation: str = "supersedes") -> dict[str, Any]:
    return {"source": _node(source), "relation": relation, "target": _node(target)}


def _bulk(client: httpx.Client, keys: Iterable[Key], *facts: dict[str, Any]) -> httpx.Response:
    return client.post("/v1/bulk", json={"entities": [_node(key) for key in keys], "facts": facts})


def _all_of(client: httpx.Client) -> tuple[Any, Any]:
    """Every node, and the edges at each of them."""
    nodes = client.get("/v1/nodes").json()
    edges = [client.get("/v1/edges", params={"node": node["id"]}).json() for node in nodes["data"]]
    return nodes, edges


def _is_refused(answer: httpx.Response, source: str, target: str) -> bool:
    told = answer.json()
    names = repr(source) in told["error"] and repr(target) in told["error"]
    return answer.status_code == 400 and sorted(told) == ["error", "mend"] and names and bool(told["mend"])


@pytest.mark.parametrize("relation", sorted(ORDERS))
def test_an_edge_that_would_close_a_circle_of_an_order_is_refused(
    client: httpx.Client, relation: str
) -> None:
    kind = "method" if relation == "overrides" else "class"
    a, b, c = ((kind, name) for name in "ABC")
    assert _bulk(client, [a, b, c]).status_code == 200
    for source, target in ((a, b), (b, c)):
        assert client.post("/v1/edges", json=_edge(source, target, relation)).status_code == 201
    before = _all_of(client)
    for source, target in ((b, a), (c, a)):
        answer = client.post("/v1/edges", json=_edge(source, target, relation))
        assert _is_refused(answer, source[1], target[1]), answer.text
        assert relation in answer.json()["error"]
    assert _all_of(client) == before
    again = client.post("/v1/edges", json=_edge(a, b, relation))
    assert (again.status_code, again.json()["added"]) == (200, 0)


def test_a_circle_within_one_bulk_call_is_refused_and_nothing_of_it_is_stored(client: httpx.Client) -> None:
    circle = [_edge(A, B), _edge(B, C), _edge(C, A)]
    others = [_edge(A, D, "mentions"), _edge(D, A, "uses")]
    answer = _bulk(client, [A, B, C, D], *others, *circle)
    assert _is_refused(answer, "A", "B"), answer.text
    assert client.get("/v1/nodes").json()["data"] == []
    assert _bulk(client, [A, B, C, D], *others, *circle[:2]).status_code == 200, "without its last edge it is"


def test_a_bulk_call_that_closes_a_circle_with_what_is_there_stores_nothing(client: httpx.Client) -> None:
    assert _bulk(client, [A, B, C], _edge(A, B), _edge(B, C)).status_code == 200
    before = _all_of(client)
    answer = _bulk(client, [D], _edge(C, D), _edge(D, B))
    assert answer.status_code == 400
    assert _all_of(client) == before
    assert _bulk(client, [D], _edge(C, D)).status_code == 200


def test_circles_of_relations_that_are_no_orders_are_stored(client: httpx.Client) -> None:
    free = ("related_to", "mentions", "depends_on", "uses", "next", "contradicts", "requires", "because")
    facts = [_edge(a, b, relation) for relation in free for a, b in ((A, B), (B, A))]
    answer = _bulk(client, [A, B], *facts)
    assert (answer.status_code, answer.json()["added"]) == (200, 2 + len(facts))
    mixed = _bulk(client, [], _edge(A, B, "supersedes"), _edge(B, A, "contains"))
    assert mixed.status_code == 200, "of two relations, each of which is an order for itself"


def test_what_was_closed_is_no_part_of_a_circle(client: httpx.Client) -> None:
    ids = {each["name"]: each["id"] for each in _bulk(client, [A, B], _edge(A, B)).json()["ids"]}
    assert client.post("/v1/edges", json=_edge(B, A)).status_code == 400
    closing = {"source": ids["A"], "relation": "supersedes", "target": ids["B"]}
    assert client.delete("/v1/edges", params=closing).json() == {"closed": 1}
    assert client.post("/v1/edges", json=_edge(B, A)).status_code == 201
    assert client.post("/v1/edges", json=_edge(A, B)).status_code == 400, "nor is it said again after that"


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


def _has_circle(pairs: set[tuple[int, int]]) -> bool:
    """Whether something is left when what leads nowhere is taken away again and again."""
    while leaves := {b for _, b in pairs} - {a for a, _ in pairs}:
        pairs = {(a, b) for a, b in pairs if b not in leaves}
    return bool(pairs)


def test_the_relations_that_are_orders_are_these() -> None:
    """A new one has to be thought about: in honest data, can it lead in a circle?"""
    assert {EdgeKind(kind) for kind in ORDERS} == {
        EdgeKind.CONTAINS, EdgeKind.MADE_OF, EdgeKind.INHERITS, EdgeKind.OVERRIDES, EdgeKind.DEPRECATES,
        EdgeKind.REPLACED_BY, EdgeKind.VERSION_OF, EdgeKind.SUPERSEDES,
    }  # fmt: skip
