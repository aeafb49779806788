"""Edges over the API: all of a hub's, page by page, and what one says that is told of a past time."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from quantumsketch.memory.keeping.reading import LONGEST_PAGE
from tests.embedders import SameForAll

HUB = {"type": "tag", "name": "db"}
PLAN, ADA, BOB = ({"type": kind, "name": kind + " 1"} for kind in ("project", "person", "system"))
AT = "2020-01-01T00:00:00+00:00 00000000-0000-4000-8000-000000000000"
OWNER = {"source": PLAN, "relation": "owned_by"}


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


def _bulk(client: httpx.Client, entities: list[Any], facts: list[Any]) -> dict[str, str]:
    answer = client.post("/v1/bulk", json={"entities": entities, "facts": facts})
    assert answer.status_code == 200, answer.text
    return {each["name"]: each["id"] for each in answer.json()["ids"]}


def _note(number: int) -> dict[str, str]:
    return {"type": "note", "name": f"n{number}"}


def _pages(client: httpx.Client, **asked: Any) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    while True:
        told = client.get("/v1/edges", params=asked).json()
        pages.append(told["data"])
        assert told["truncated"] == (told["next"] is not None)
        if told["next"] is None:
            return pages
        asked["cursor"] = told["next"]


def _keys(edges: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(edge["source"], edge["relation"], edge["target"]) for edge in edges]


@pytest.fixture
def hub(client: httpx.Client) -> str:
    """A tag with 70 edges of the same moment, both ways, to itself, and some of other times."""
    facts: list[dict[str, Any]] = [
        {"source": _note(number), "relation": "tagged", "target": HUB} for number in range(40)
    ]
    facts += [{"source": HUB, "relation": "related_to", "target": _note(number)} for number in range(20)]
    facts += [{"source": _note(number), "relation": "related_to", "target": HUB} for number in range(10)]
    tagged = {"relation": "tagged", "target": HUB}
    facts += [
        {"source": _note(year), **tagged, "valid_from": f"{year}-01-01T00:00:00Z"}
        for year in range(2010, 2020)
    ]
    notes = {fact["source"]["name"] for fact in facts} - {HUB["name"]}
    entities = [HUB, *({"type": "note", "name": name} for name in notes)]
    return _bulk(client, entities, facts)["db"]


@pytest.mark.parametrize("asked", [{}, {"as_of": "now"}, {"as_of": "now", "known_at": "now"}])
@pytest.mark.parametrize(("direction", "count"), [("both", 80), ("in", 60), ("out", 20)])
def test_all_edges_of_a_hub_are_read_page_by_page_each_once_and_the_newest_first(
    client: httpx.Client, hub: str, direction: str, count: int, asked: dict[str, str]
) -> None:
    now = max(edge["recorded_at"] for edge in client.get("/v1/edges", params={"node": hub}).json()["data"])
    chosen = {"node": hub, "direction": direction, **dict.fromkeys(asked, now)}
    (whole,) = _pages(client, **chosen, limit=1000)
    assert len(set(_keys(whole))) == len(whole) == count
    assert [edge["valid_from"] for edge in whole] == sorted((e["valid_from"] for e in whole), reverse=True)
    for limit in (1, 7, count - 1, count) if direction == "both" else (7,):
        pages = _pages(client, **chosen, limit=limit)
        assert [edge for page in pages for edge in page] == whole
        assert {len(page) for page in pages[:-1]} <= {limit}
    tagged = _pages(client, **chosen, limit=9, relation="tagged")
    assert [edge for page in tagged for edge in page] == [e for e in whole if e["relation"] == "tagged"]


def test_what_is_written_and_closed_between_two_pages_makes_none_repeat_or_skip_an_edge(
    client: httpx.Client, hub: str
) -> None:
    (whole,) = _pages(client, node=hub, limit=1000)
    first = client.get("/v1/edges", params={"node": hub, "limit": 30}).json()
    late = client.post("/v1/edges", json={"source": HUB, "relation": "mentions", "target": _note(1)})
    assert late.status_code == 201
    closed = dict(zip(("source", "relation", "target"), _keys(first["data"])[-1], strict=True))
    assert client.delete("/v1/edges", params=closed).json() == {"closed": 1}
    rest = _pages(client, node=hub, limit=30, cursor=first["next"])
    assert [edge for page in rest for edge in page] == whole[30:]


def test_edges_with_much_in_them_come_on_more_pages(client: httpx.Client) -> None:
    notes = [_note(number) for number in range(100)]
    ids = _bulk(client, [HUB, *notes], [])
    long = {"p": "ab" * 49_000}
    for some in range(0, 100, 5):
        facts = [{"source": note, "relation": "tagged", "target": HUB} for note in notes[some : some + 5]]
        _bulk(client, [], [{**fact, "properties": long} for fact in facts])
    pages = _pages(client, node=ids["db"], limit=1000)
    assert [len(page) for page in pages] == [LONGEST_PAGE // 98_200, 100 - LONGEST_PAGE // 98_200]
    assert pages[0][0]["properties"] == long


def _cursor(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "eA", "\U0001f600", *map(_cursor, ("a b c d", f"{AT} 1", f"{AT} tagged 3", f"{AT} a\x00b 1"))],
)
def test_a_cursor_that_no_page_gave_is_refused(client: httpx.Client, hub: str, cursor: str) -> None:
    answer = client.get("/v1/edges", params={"node": hub, "cursor": cursor})
    assert (answer.status_code, "cursor" in answer.json()["error"]) == (400, True)


def test_an_edge_that_ended_and_is_told_of_a_time_before_says_that_it_does_not_hold_now(
    client: httpx.Client,
) -> None:
    ids = _bulk(client, [PLAN, ADA], [])
    edge = {"source": PLAN, "relation": "mentions", "target": ADA}
    assert client.post("/v1/edges", json=edge).json()["valid_to"] is None
    named = {"source": ids[PLAN["name"]], "relation": "mentions", "target": ids[ADA["name"]]}
    assert client.delete("/v1/edges", params=named).json() == {"closed": 1}
    again = client.post("/v1/edges", json={**edge, "valid_from": "2020-01-01T00:00:00Z"})
    assert (again.status_code, again.json()["valid_from"]) == (200, "2020-01-01T00:00:00Z")
    ended = again.json()["valid_to"]
    assert ended is not None
    assert client.get("/v1/edges", params={"node": named["source"]}).json()["data"] == []
    (then,) = client.get(
        "/v1/edges", params={"node": named["source"], "as_of": "2021-01-01T00:00:00Z"}
    ).json()["data"]
    assert then["valid_to"] == ended
    from_then_on = client.post("/v1/edges", json={**edge, "valid_from": ended})
    assert (from_then_on.status_code, from_then_on.json()["valid_to"]) == (201, None)
    assert len(client.get("/v1/edges", params={"node": named["source"]}).json()["data"]) == 1


def test_of_a_relation_with_one_target_what_is_told_of_the_past_says_until_when_it_held(
    client: httpx.Client,
) -> None:
    _bulk(client, [PLAN, ADA, BOB], [])

    def owned_by(whom: dict[str, str], year: int) -> httpx.Response:
        return client.post(
            "/v1/edges", json={**OWNER, "target": whom, "valid_from": f"{year}-01-01T00:00:00Z"}
        )

    assert owned_by(BOB, 2010).json()["valid_to"] is None
    earlier = owned_by(ADA, 2001)
    assert (earlier.status_code, earlier.json()["valid_to"]) == (201, "2010-01-01T00:00:00Z")
    inside_what_ended = owned_by(ADA, 2005)
    assert inside_what_ended.status_code == 409
    assert "since 2001-01-01" in inside_what_ended.json()["error"]
    assert "until 2010-01-01" in inside_what_ended.json()["error"]
    assert owned_by(BOB, 2015).status_code == 409
    assert owned_by(ADA, 2015).json()["closed"] == 1


@pytest.mark.parametrize("end", ["source", "target"])
def test_an_end_that_is_not_there_is_told_as_a_walk_tells_it(client: httpx.Client, end: str) -> None:
    _bulk(client, [PLAN, ADA], [])
    nobody = {"type": "person", "name": "Nobody"}
    edge = {"source": PLAN, "relation": "mentions", "target": ADA, end: nobody}
    for address, said in (("/v1/edges", edge), ("/v1/graph/walk", {"start": nobody})):
        answer = client.post(address, json=said)
        assert (answer.status_code, answer.json()["error"]) == (404, "there is no person 'Nobody'")
    undeclared = client.post("/v1/edges", json={**edge, end: {"type": "wizard", "name": "x"}})
    assert undeclared.status_code == 400


def test_an_edge_between_what_became_one_node_is_refused(client: httpx.Client) -> None:
    twin = {**ADA, "name": "Ada again"}
    ids = _bulk(client, [ADA, twin], [])
    merged = client.post(f"/v1/nodes/{ids['Ada again']}/merge", json={"into": ids[ADA["name"]]})
    assert merged.status_code == 200
    answer = client.post("/v1/edges", json={"source": twin, "relation": "related_to", "target": ADA})
    assert answer.status_code == 400
    assert "are one node now" in answer.json()["error"]
