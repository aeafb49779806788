"""No route of the API leads to another tenant: what is theirs is answered as what is nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from quantumsketch.memory.keys import Scope
from tests.integration.memory.served_memory import Served

pytestmark = pytest.mark.slow
Administrator = psycopg.Connection
GONE = "00000000-0000-4000-8000-000000000000"
SECRET = "The launch code is heliotrope"


@dataclass(frozen=True)
class Theirs:
    """What another tenant has."""

    client: httpx.Client
    note: str
    decision: str

    def all(self) -> object:
        """Whatever is told of it."""
        nodes = self.client.get("/v1/nodes").json()
        return nodes, self.client.get("/v1/edges", params={"node": self.note}).json()


@pytest.fixture
def theirs(api: Served) -> Iterator[Theirs]:
    with api.tenant([Scope.ADMIN]) as client:
        note, decision = {"type": "note", "name": SECRET}, {"type": "decision", "name": "heliotrope"}
        fact = {"source": note, "relation": "mentions", "target": decision}
        said = {"entities": [{**note, "body": SECRET}, decision], "facts": [fact]}
        ids = {each["type"]: each["id"] for each in client.post("/v1/bulk", json=said).json()["ids"]}
        yield Theirs(client, ids["note"], ids["decision"])


@pytest.fixture
def ours(api: Served) -> Iterator[httpx.Client]:
    with api.tenant() as client:
        yield client


Attempt = Callable[[httpx.Client, str, str], httpx.Response]
"""With two ids, of theirs or of nothing."""


def _edge(one: str, other: str) -> dict[str, str]:
    return {"source": one, "relation": "mentions", "target": other}


def _asking(mode: str) -> Attempt:
    return lambda c, _, __: c.post("/v1/graph/ask", json={"query": SECRET, "mode": mode})


def _own(client: httpx.Client, name: str = "own") -> str:
    """The id of the one node that the client's tenant has of this name."""
    said = {"entities": [{"type": "note", "name": name}]}
    (node,) = client.post("/v1/bulk", json=said).json()["ids"]
    return str(node["id"])


def _named_as_theirs(description: str = "") -> dict[str, str]:
    return {"type": "note", "name": SECRET, "description": description}


AS_OF = "2999-01-01T00:00:00Z"
ATTEMPTS: dict[tuple[str, str], list[Attempt]] = {
    ("get", "/v1/nodes/{node_id}"): [
        lambda c, one, _: c.get(f"/v1/nodes/{one}"),
        lambda c, one, _: c.get(f"/v1/nodes/{one}", params={"as_of": AS_OF}),
    ],
    ("delete", "/v1/nodes/{node_id}"): [lambda c, one, _: c.delete(f"/v1/nodes/{one}")],
    ("post", "/v1/nodes/{node_id}/merge"): [
        lambda c, one, _: c.post(f"/v1/nodes/{_own(c)}/merge", json={"into": one}),
        lambda c, one, _: c.post(f"/v1/nodes/{one}/merge", json={"into": _own(c, "other")}),
    ],
    ("post", "/v1/edges"): [
        lambda c, one, other: c.post("/v1/edges", json=_edge(one, other)),
        lambda c, one, _: c.post("/v1/edges", json={**_edge(one, one), "source": _own(c)}),
        lambda c, one, _: c.post("/v1/edges", json={**_edge(one, one), "target": _own(c)}),
    ],
    ("get", "/v1/edges"): [
        lambda c, one, _: c.get("/v1/edges", params={"node": one}),
        lambda c, one, _: c.get("/v1/edges", params={"node": one, "as_of": AS_OF, "known_at": AS_OF}),
    ],
    ("delete", "/v1/edges"): [lambda c, one, other: c.delete("/v1/edges", params=_edge(one, other))],
    ("post", "/v1/graph/walk"): [
        lambda c, one, _: c.post("/v1/graph/walk", json={"start": one}),
        lambda c, one, _: c.post("/v1/graph/walk", json={"start": one, "as_of": AS_OF, "depth": 0}),
    ],
    ("get", "/v1/graph/path"): [
        lambda c, one, other: c.get("/v1/graph/path", params={"source": one, "target": other}),
        lambda c, one, _: c.get("/v1/graph/path", params={"source": _own(c), "target": one}),
    ],
    ("post", "/v1/graph/subgraph"): [
        lambda c, one, other: c.post("/v1/graph/subgraph", json={"ids": [one, other]})
    ],
    ("get", "/v1/nodes"): [lambda c, _, __: c.get("/v1/nodes")],
    ("get", "/v1/semantic"): [lambda c, _, __: c.get("/v1/semantic", params={"q": "launch code heliotrope"})],
    ("post", "/v1/graph/ask"): [_asking(mode) for mode in ("fast", "deep", "global")],
    ("post", "/v1/nodes"): [lambda c, _, __: c.post("/v1/nodes", json=_named_as_theirs())],
    ("post", "/v1/bulk"): [
        lambda c, _, __: c.post("/v1/bulk", json={"entities": [_named_as_theirs("else")]}),
    ],
}


def test_each_route_there_is_has_its_attempts(api: Served) -> None:
    routes = {
        (method, path)
        for path, operations in api.app.openapi()["paths"].items()
        if path.startswith("/v1")
        for method in operations
    }
    assert routes == set(ATTEMPTS)


READING = [("get", "/v1/nodes"), ("get", "/v1/semantic"), ("post", "/v1/graph/ask")]
WRITING = [("post", "/v1/nodes"), ("post", "/v1/bulk")]
BY_ID = [route for route in ATTEMPTS if route not in READING + WRITING]


@pytest.mark.parametrize("route", BY_ID, ids=str)
def test_what_is_theirs_is_answered_as_what_is_nowhere(
    ours: httpx.Client, theirs: Theirs, route: tuple[str, str]
) -> None:
    before = theirs.all()
    for attempt in ATTEMPTS[route]:
        refused, unknown = attempt(ours, theirs.note, theirs.decision), attempt(ours, GONE, GONE)
        expected = 200 if route[1] == "/v1/graph/subgraph" else 404
        assert (refused.status_code, unknown.status_code) == (expected, expected)
        assert _without_ids(refused, theirs) == _without_ids(unknown, theirs)
        assert "heliotrope" not in refused.text
    assert theirs.all() == before
    for attempt in ATTEMPTS[route]:
        assert attempt(theirs.client, theirs.note, theirs.decision).status_code < 300, "nobody could"


def _without_ids(answer: httpx.Response, theirs: Theirs) -> str:
    text = answer.text
    for each in (theirs.note, theirs.decision, GONE):
        text = text.replace(each, "ID")
    return text


@pytest.mark.parametrize("route", READING, ids=str)
def test_no_search_and_no_list_shows_anything_of_theirs(
    ours: httpx.Client, theirs: Theirs, route: tuple[str, str]
) -> None:
    for attempt in ATTEMPTS[route]:
        assert "heliotrope" not in _answer(attempt(ours, "", ""))
        assert "heliotrope" in _answer(attempt(theirs.client, "", "")), "the attempt finds nothing at all"


def _answer(answer: httpx.Response) -> str:
    """What is told, without the question."""
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return str(told.get("data", told.get("sources")))


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_what_has_the_same_name_there_is_another_one_here(
    ours: httpx.Client, theirs: Theirs, route: tuple[str, str]
) -> None:
    before = theirs.all()
    (attempt,) = ATTEMPTS[route]
    assert attempt(ours, "", "").status_code in (200, 201)
    (own,) = ours.get("/v1/nodes").json()["data"]
    assert own["id"] not in (theirs.note, theirs.decision)
    assert ours.delete(f"/v1/nodes/{own['id']}").status_code == 204
    assert theirs.all() == before


def test_connections_that_are_used_again_after_errors_are_of_nobody(
    ours: httpx.Client, theirs: Theirs, administrator: Administrator
) -> None:
    """Two tenants at once through a few connections, while some of those are cut and some requests fail."""

    def ask(number: int) -> tuple[int, str]:
        if number % 10 == 5:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'"
            )
        if number % 3 == 0:
            ours.post("/v1/bulk", json={"facts": [_named_fact()]})
        answer = (theirs.client if number % 2 else ours).get("/v1/nodes")
        return number % 2, answer.text if answer.status_code == 200 else "failed"

    own = _own(ours)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, range(60)))
    assert {whose: {text for w, text in told if w == whose and text != "failed"} for whose in (0, 1)} == {
        0: {ours.get("/v1/nodes").text},
        1: {theirs.client.get("/v1/nodes").text},
    }
    assert own in ours.get("/v1/nodes").text
    assert "heliotrope" not in ours.get("/v1/nodes").text


def _named_fact() -> dict[str, Any]:
    key = {"type": "note", "name": "nowhere"}
    return {"source": key, "relation": "uses", "target": key}
