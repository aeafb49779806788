"""What the memory's API says when it refuses: in words of ours, also about times out of Postgres' reach."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.embedders import SameForAll

pytestmark = pytest.mark.slow
GONE = "00000000-0000-4000-8000-000000000000"
NOTE: dict[str, Any] = {"type": "note", "name": "n"}
EDGE: dict[str, Any] = {"source": NOTE, "relation": "mentions", "target": NOTE}


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


WORDS = [
    ("/v1/semantic?query=a&q=b", "the request: give one question, as `query` or as `q`"),
    ("/v1/semantic?q=a&as_of=5", "as_of: a time is a text such as 2026-01-31T12:00:00Z"),
    ("/v1/semantic?q=%20", "q: it asks nothing: there are blanks alone"),
    (f"/v1/nodes/{GONE}", f"there is no node '{GONE}'"),
    (f"/v1/edges?node={GONE}", f"there is no node '{GONE}'"),
    ("/v1/semantic?q=a&as_of=2020-01-01T00:00:00+02:00", "as_of: the + of its time zone came as a blank"),
    ("/v1/nodes?type=unicorn", "type: no type is called 'unicorn'; there are video, prompt, "),
    ("/v1/nodes?type=note&type=tag", "the parameter 'type' stands in the address 2 times"),
    ("/v1/semantic?q=a&limit=1&limit=2", "the parameter 'limit' stands in the address 2 times"),
    ("/v1/semantic?q=a&lim%00it=1", r"the address knows no parameter 'lim\x00it'"),
    (f"/v1/graph/path?source={GONE}&target={GONE}", f"there is no node '{GONE}'"),
    (f"/v1/nodes/{GONE}?as_of=2020-01-01T00:00:00Z", "recorded as of 2020-01-01T00:00:00+00:00"),
]


@pytest.mark.parametrize(("path", "words"), WORDS)
def test_what_is_refused_is_refused_in_words_of_ours_and_with_what_to_do(
    client: httpx.Client, path: str, words: str
) -> None:
    told = client.get(path).json()
    assert words in told["error"]
    assert told["mend"]
    assert "Value error" not in told["error"]


KEYS = {"source": {"type": "note", "name": "a"}, "target": {"type": "note", "name": "b"}}
BODIES: list[tuple[str, Any, str]] = [
    ("nodes", None, "the request has no body"),
    (
        "nodes",
        {**NOTE, "properties": {"x": float("nan")}},
        "the properties of note 'n' cannot be written as JSON",
    ),
    ("edges", {**EDGE, "relation": "about"}, "the note 'n' cannot stand in the relation 'about' to itself"),
    ("edges", {**EDGE, "relation": "inherits"}, "'inherits' does not lead from note 'n' to note 'n'"),
    ("edges", {**EDGE, "relation": "loves"}, "relation: no relation is called 'loves'; there are answers, "),
    ("edges", {**EDGE, "source": "n"}, "source.by_id: Input should be a valid UUID"),
    ("edges", {**EDGE, "source": ["n"]}, "source: a node is named by its id, or as {'type': …, 'name': …}"),
    ("edges", {**EDGE, "source": {"type": "note"}}, "source.by_name.name: Field required"),
    ("bulk", {"facts": [{**KEYS, "relation": "about"}]}, "a fact speaks of note 'a', which is not there"),
    ("bulk", {"entities": [{**NOTE, "type": 5}]}, "entities[0].type: no type is called 5; there are"),
    ("graph/subgraph?deep=1", {"ids": []}, "the address knows no parameter 'deep'"),
]


@pytest.mark.parametrize(("path", "body", "words"), BODIES)
def test_of_a_body_that_is_refused_the_field_is_told_in_the_words_of_the_api(
    client: httpx.Client, path: str, body: object, words: str
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    answer = client.post(f"/v1/{path}", content=content, headers={"Content-Type": "application/json"})
    told = answer.json()
    assert answer.status_code == 400
    assert words in told["error"]
    assert told["mend"]


def test_every_way_of_closing_a_circle_is_told_by_names(client: httpx.Client) -> None:
    old, new = {"type": "decision", "name": "Old"}, {"type": "decision", "name": "New"}
    said = {"source": new, "relation": "supersedes", "target": old}
    client.post("/v1/bulk", json={"entities": [old, new], "facts": [said]})
    refused = client.post("/v1/edges", json={"source": old, "relation": "supersedes", "target": new}).json()
    assert (
        "the decision 'Old' cannot stand in the relation 'supersedes' to decision 'New'" in refused["error"]
    )


def test_who_writes_a_duplicate_anew_is_told_of_what_it_is_part(client: httpx.Client) -> None:
    said = {"entities": [{"type": "concept", "name": name} for name in ("one", "two")]}
    one, two = (each["id"] for each in client.post("/v1/bulk", json=said).json()["ids"])
    client.post(f"/v1/nodes/{two}/merge", json={"into": one})
    refused = client.post("/v1/nodes", json={"type": "concept", "name": "two"})
    assert refused.status_code == 409
    assert f"is part of another, {one}" in refused.json()["error"]
    assert "under its own name" in refused.json()["mend"]


def test_a_time_that_postgres_cannot_hold_is_refused_before_it_is_asked(client: httpx.Client) -> None:
    node = client.post("/v1/nodes", json=NOTE).json()["id"]
    far = "0001-01-01T00:00:00+23:59"
    for refused in (
        client.post("/v1/edges", json={**EDGE, "valid_from": far}),
        client.get("/v1/edges", params={"node": node, "as_of": far}),
        client.post("/v1/graph/walk", json={"start": node, "as_of": far}),
    ):
        assert refused.status_code == 400
        assert "years 1 to 9999" in refused.json()["error"]
        assert refused.json()["mend"]
    for fine in ("0001-01-01T00:00:00+00:00", "2020-01-01T00:00:00+23:59"):
        assert client.get("/v1/edges", params={"node": node, "as_of": fine}).json()["data"] == []
    assert client.post("/v1/edges", json={**EDGE, "valid_from": "0001-01-01T00:00:00Z"}).status_code == 201
    (held,) = client.get("/v1/edges", params={"node": node}).json()["data"]
    assert held["valid_from"] == "0001-01-01T00:00:00Z"
