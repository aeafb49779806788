"""Edges, walks, ways and questions over the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest

CHAIN = ["a", "b", "c", "d"]
GONE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def chain(client: httpx.Client) -> dict[str, str]:
    """The ids of four projects, each of which depends on the next."""
    return _chain(client)


def _chain(client: httpx.Client) -> dict[str, str]:
    facts = [
        {"source": _project(a), "relation": "depends_on", "target": _project(b)} for a, b in pairwise(CHAIN)
    ]
    written = client.post("/v1/bulk", json={"entities": [_project(n) for n in CHAIN], "facts": facts}).json()
    return {each["name"]: each["id"] for each in written["ids"]}


def _project(name: str) -> dict[str, str]:
    return {"type": "project", "name": name}


def _edges(client: httpx.Client, node: str, **asked: str | int) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = client.get("/v1/edges", params={"node": node, **asked}).json()["data"]
    return data


def test_an_edge_is_written_once_by_id_or_by_name(client: httpx.Client, chain: dict[str, str]) -> None:
    edge = {"source": chain["a"], "relation": "uses", "target": _project("d"), "properties": {"why": "speed"}}
    first, second = client.post("/v1/edges", json=edge), client.post("/v1/edges", json=edge)
    assert (first.status_code, second.status_code) == (201, 200)
    (told,) = _edges(client, chain["a"], relation="uses")
    assert first.json() == {
        "source": chain["a"], "relation": "uses", "target": chain["d"], "added": 1, "changed": 0, "closed": 0,
        "valid_from": told["valid_from"], "valid_to": None,
    }  # fmt: skip
    assert second.json() == {**first.json(), "added": 0}
    assert (told["properties"], told["valid_to"]) == ({"why": "speed"}, None)
    assert told["provenance"]["said_by"].startswith("user:qsk_")
    assert _edges(client, chain["d"], relation="uses", direction="in") == [told]
    assert _edges(client, chain["d"], relation="uses", direction="out") == []


def test_of_an_edge_that_holds_what_is_not_given_stays(client: httpx.Client, chain: dict[str, str]) -> None:
    edge = {"source": chain["a"], "relation": "uses", "target": chain["d"]}
    client.post("/v1/edges", json={**edge, "properties": {"why": "speed"}})
    fact = {**edge, "source": _project("a"), "target": _project("d")}
    for address, said in (("/v1/edges", edge), ("/v1/bulk", {"facts": [fact]})):
        assert client.post(address, json=said).json()["changed"] == 0
        assert _edges(client, chain["a"], relation="uses")[0]["properties"] == {"why": "speed"}
    assert client.post("/v1/edges", json={**edge, "properties": {}}).json()["changed"] == 1
    assert _edges(client, chain["a"], relation="uses")[0]["properties"] == {}


def test_an_edge_that_holds_may_have_begun_earlier_and_not_later(
    client: httpx.Client, chain: dict[str, str]
) -> None:
    edge = {"source": chain["a"], "relation": "uses", "target": chain["d"]}

    def since(year: int) -> httpx.Response:
        return client.post("/v1/edges", json={**edge, "valid_from": f"{year}-01-01T00:00:00Z"})

    assert [since(year).status_code for year in (2005, 2005, 2001)] == [201, 200, 200]
    later = since(2005)
    assert later.status_code == 409
    assert "holds since 2001-01-01T00:00:00+00:00" in later.json()["error"]
    assert [told["valid_from"] for told in _edges(client, chain["a"], relation="uses")] == [
        "2001-01-01T00:00:00Z"
    ]
    client.delete("/v1/edges", params={**edge, "at": "2004-01-01T00:00:00Z"})
    assert "until 2004-01-01" in since(2002).json()["error"]
    assert since(2006).status_code == 201, "it holds again"


def test_two_edges_of_one_call_say_nothing_different_of_the_same(
    client: httpx.Client, chain: dict[str, str]
) -> None:
    uses = {"source": _project("a"), "relation": "uses", "target": _project("d")}
    here = {"source": _project("a"), "relation": "owned_by", "target": _project("b")}
    there = {**here, "target": _project("c")}
    for facts, words in (
        ([uses, {**uses, "properties": {"x": 1}}], "differently"),
        ([here, there], "at once"),
    ):
        refused = client.post("/v1/bulk", json={"facts": facts})
        assert refused.status_code == 400
        assert words in refused.json()["error"]
    assert _edges(client, chain["a"], direction="out", relation="owned_by") == []
    told = {**here, "valid_from": "2001-01-01T00:00:00Z"}
    assert client.post("/v1/bulk", json={"facts": [there, told]}).json()["added"] == 2
    then = _edges(client, chain["a"], relation="owned_by", as_of="2002-01-01T00:00:00Z")
    assert [edge["target"] for edge in then] == [chain["b"]]
    assert [edge["target"] for edge in _edges(client, chain["a"], relation="owned_by")] == [chain["c"]]


def test_an_edge_to_a_node_that_is_deleted_meanwhile_is_to_no_other_of_its_name(client: httpx.Client) -> None:
    note = {"type": "note", "name": "here"}
    source = client.post("/v1/nodes", json=note).json()["id"]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(12):
            old = client.post("/v1/nodes", json=_project("there")).json()["id"]
            edge = {"source": source, "relation": "about", "target": old}
            asked = [pool.submit(client.post, "/v1/edges", json=edge) for _ in range(3)]
            pool.submit(client.delete, f"/v1/nodes/{old}").result()
            new = client.post("/v1/nodes", json=_project("there")).json()["id"]
            assert {each.result().status_code for each in asked} <= {200, 201, 404}
            assert _edges(client, new) == []
            assert client.post("/v1/edges", json=edge).status_code == 404, "that one is gone"
            assert client.delete("/v1/edges", params=edge).status_code == 404
            client.delete(f"/v1/nodes/{new}")


def test_an_edge_that_is_deleted_is_closed_and_what_was_stays_known(
    client: httpx.Client, chain: dict[str, str]
) -> None:
    edge = {"source": chain["a"], "relation": "owned_by", "target": chain["b"]}
    assert client.post("/v1/edges", json={**edge, "valid_from": "2020-01-01T00:00:00Z"}).status_code == 201
    closed = client.delete("/v1/edges", params={**edge, "at": "2022-01-01T00:00:00Z"})
    assert (closed.status_code, closed.json()) == (200, {"closed": 1})
    assert client.delete("/v1/edges", params=edge).json() == {"closed": 0}
    assert _edges(client, chain["a"], relation="owned_by") == []
    (then,) = _edges(client, chain["a"], relation="owned_by", as_of="2021-01-01T00:00:00Z")
    assert then["valid_to"] == "2022-01-01T00:00:00Z"
    assert client.delete("/v1/edges", params={**edge, "relation": "requires"}).status_code == 404


def test_a_relation_of_one_target_says_which_edge_it_closed(
    client: httpx.Client, chain: dict[str, str]
) -> None:
    for target, closed in (("b", 0), ("c", 1)):
        edge = {"source": chain["a"], "relation": "owned_by", "target": chain[target]}
        assert client.post("/v1/edges", json=edge).json()["closed"] == closed
    (now,) = _edges(client, chain["a"], relation="owned_by")
    assert now["target"] == chain["c"]


def test_a_list_of_edges_says_that_there_are_more(client: httpx.Client, chain: dict[str, str]) -> None:
    told = client.get("/v1/edges", params={"node": chain["b"], "limit": 1}).json()
    assert (len(told["data"]), told["truncated"]) == (1, True)
    told = client.get("/v1/edges", params={"node": chain["b"], "limit": 2}).json()
    assert (len(told["data"]), told["truncated"]) == (2, False)


def test_a_walk_goes_as_far_as_asked_and_says_where_it_stopped_short(
    client: httpx.Client, chain: dict[str, str]
) -> None:
    def walk(**asked: object) -> dict[str, Any]:
        answer = client.post("/v1/graph/walk", json={"start": chain["a"], **asked})
        told: dict[str, Any] = answer.json()
        return told

    two = walk(depth=2)
    assert [(node["name"], node["depth"]) for node in two["nodes"]] == [("a", 0), ("b", 1), ("c", 2)]
    assert [edge["relation"] for edge in two["edges"]] == ["depends_on"] * 2
    assert two["truncated"] is False
    assert len(walk(depth=3, start=_project("d"))["nodes"]) == 4
    assert walk(depth=3, budget=2)["truncated"] is True
    assert len(walk(depth=3, direction="in")["nodes"]) == 1
    assert len(walk(depth=3, relations=["uses"])["nodes"]) == 1
    assert "as of 2020" in walk(depth=3, as_of="2020-01-01T00:00:00Z")["error"]


def test_a_way_and_a_part_of_the_graph_are_told(client: httpx.Client, chain: dict[str, str]) -> None:
    ends = {"source": chain["a"], "target": chain["d"]}
    way = client.get("/v1/graph/path", params=ends).json()
    assert [node["name"] for node in way["nodes"]] == CHAIN
    for bound in ({"deepest": 2}, {"direction": "in"}, {"relation": "uses"}):
        assert client.get("/v1/graph/path", params={**ends, **bound}).json()["nodes"] == [], bound
    part = client.post("/v1/graph/subgraph", json={"ids": [chain["a"], chain["b"], chain["d"], GONE]}).json()
    assert {node["name"] for node in part["nodes"]} == {"a", "b", "d"}
    assert len(part["edges"]) == 1


def test_what_a_search_finds_says_why_and_what_no_longer_holds(client: httpx.Client) -> None:
    old = {"type": "decision", "name": "Use MySQL", "description": "The database is MySQL."}
    new = {"type": "decision", "name": "Use Postgres", "description": "The database is Postgres."}
    fact = {"source": _key(new), "relation": "supersedes", "target": _key(old)}
    client.post("/v1/bulk", json={"entities": [old, new], "facts": [fact]})
    told = client.post("/v1/graph/ask", json={"query": "Which database?", "retrieve_only": True}).json()
    assert told["answer"] is None
    assert [(each["name"], each["superseded"]) for each in told["sources"]] == [
        ("Use Postgres", False),
        ("Use MySQL", True),
    ]
    assert "superseded by 'Use Postgres'" in told["sources"][1]["why"]
    by_type = {"query": "database", "type": "note"}
    assert client.get("/v1/semantic", params=by_type).json() == {"data": []}


def _key(node: dict[str, str]) -> dict[str, str]:
    return {"type": node["type"], "name": node["name"]}


def test_what_has_no_vector_is_as_similar_as_a_number_can_say(client: httpx.Client) -> None:
    client.post("/v1/nodes", json={"type": "note", "name": "zxqv"})
    for told in (
        client.get("/v1/semantic", params={"q": "?"}).json()["data"],
        client.post("/v1/graph/ask", json={"query": "zxqv"}).json()["sources"],
    ):
        assert told
        assert all(isinstance(each["similarity"], float) for each in told)
