"""An edge that would close a circle of an order is refused by the API, and nothing of the call is stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from quantumsketch.memory.keeping.circles import ORDERS
from quantumsketch.memory.ontology import EdgeKind
from quantumsketch.memory.statements import Key
from tests.embedders import SameForAll

pytestmark = pytest.mark.slow
A, B, C, D = (("class", name) for name in "ABCD")


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


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


def test_the_relations_that_are_orders_are_these() -> None:
    """A new one has to be thought about: in honest data, can it lead in a circle?"""
    assert {EdgeKind(kind) for kind in ORDERS} == {
        EdgeKind.CONTAINS, EdgeKind.MADE_OF, EdgeKind.INHERITS, EdgeKind.OVERRIDES, EdgeKind.DEPRECATES,
        EdgeKind.REPLACED_BY, EdgeKind.VERSION_OF, EdgeKind.SUPERSEDES,
    }  # fmt: skip
