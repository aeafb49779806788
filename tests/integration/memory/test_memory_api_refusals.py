"""What the memory's API cannot use gets a clear 4xx, and nothing of it is stored."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumsketch.memory.database import open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.ontology import RECORDED_BY_US
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.embedders import SameForAll
from tests.integration.memory.served_memory import Served

pytestmark = pytest.mark.slow
Administrator = psycopg.Connection
GONE = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
NOTE: dict[str, Any] = {"type": "note", "name": "n"}
EDGE: dict[str, Any] = {"source": NOTE, "relation": "mentions", "target": NOTE}
DEEP = "[" * 50_000 + "]" * 50_000
BODIES: dict[str, Any] = {
    "no object": [], "a text": "note", "nothing": None, "no name": {"type": "note"}, "no type": {"name": "n"},
    "a name that is a number": {**NOTE, "name": 5}, "an empty name": {**NOTE, "name": ""},
    "a name of blanks": {**NOTE, "name": " \t"}, "a line in a name": {**NOTE, "name": "a\nb"},
    "a name that looks like another": {**NOTE, "name": "a\u202eb"},
    "an escape in a name": {**NOTE, "name": "\x1b[31mred"}, "a long name": {**NOTE, "name": "x" * 501},
    "NUL in a name": {**NOTE, "name": "a\x00b"}, "half a character": {**NOTE, "name": "\ud800"},
    "NUL in a body": {**NOTE, "body": "\x00"}, "half a character in a body": {**NOTE, "body": "a\udfff"},
    "a long description": {**NOTE, "description": "x" * 20_001},
    "a body that is a list": {**NOTE, "body": ["x"]},
    "a long body": {**NOTE, "body": "x" * 1_000_001}, "an unknown kind": {**NOTE, "type": "unicorn"},
    "a kind that is a list": {**NOTE, "type": ["note"]}, "another tenant": {**NOTE, "tenant": "other"},
    "an id": {**NOTE, "id": GONE}, "a field that is no text": {**NOTE, "\ud800": 1},
    "a field with an endless name": {**NOTE, "x" * 100_000: 1},
    "properties that are a list": {**NOTE, "properties": []},
    "NaN": {**NOTE, "properties": {"x": float("nan")}},
    "an infinite number": {**NOTE, "properties": {"x": [float("-inf")]}},
    "NUL in a property": {**NOTE, "properties": {"x": "\x00"}},
    "NUL in a property's name": {**NOTE, "properties": {"\x00": 1}},
    "half a character in a property": {**NOTE, "properties": {"x": ["\ud83d"]}},
    "large properties": {**NOTE, "properties": {"x": "y" * 100_001}},
}  # fmt: skip
RAW = {
    "no JSON": b'{"type": "note"', "no UTF-8": b'{"type": "note", "name": "\xff"}', "an empty body": b"",
    "very deep": b'{"type": "note", "name": "n", "properties": {"x": ' + DEEP.encode() + b"}}",
    "rather deep": b'{"type":"note","name":"n","properties":{"x":' + b"[" * 900 + b"]" * 900 + b"}}",
    "an endless number": b'{"type": "note", "name": "n", "properties": {"x": ' + b"9" * 5_000 + b"}}",
    "more than a number can be": b'{"type": "note", "name": "n", "properties": {"x": 1e400}}',
    "NUL": b"\x00" * 10,
}  # fmt: skip


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


@pytest.fixture(scope="module")
def client(api: Served) -> Iterator[httpx.Client]:
    with api.tenant() as client:
        yield client


@pytest.fixture
def stored(client: httpx.Client) -> Iterator[None]:
    """Whatever the test does, nothing is stored by it."""
    yield
    left = [node["id"] for node in client.get("/v1/nodes").json()["data"]]
    for node in left:
        client.delete(f"/v1/nodes/{node}")
    assert left == []


def _is_refusal(answer: httpx.Response, *statuses: int) -> bool:
    told = answer.json()
    fine = answer.status_code in (statuses or (400,)) and sorted(told) == ["error", "mend"]
    return fine and bool(told["error"]) and len(answer.content) < 2_000


def _spelled(body: object) -> bytes:
    """As a program spells it that escapes what is not ASCII, half characters too."""
    return json.dumps(body).encode()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_node_that_cannot_be_stored_is_refused_alone_and_among_others(
    client: httpx.Client, stored: None, body: object
) -> None:
    alone = client.post("/v1/nodes", content=_spelled(body), headers=JSON)
    assert _is_refusal(alone), alone.text[:500]
    among = _spelled({"entities": [{"type": "note", "name": "fine"}, body]})
    answer = client.post("/v1/bulk", content=among, headers=JSON)
    assert _is_refusal(answer), answer.text[:500]


@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
def test_a_body_that_cannot_be_read_is_refused(client: httpx.Client, stored: None, body: bytes) -> None:
    for path in ("/v1/nodes", "/v1/bulk", "/v1/edges", "/v1/graph/ask", "/v1/graph/walk"):
        answer = client.post(path, content=body, headers=JSON)
        assert _is_refusal(answer), (path, answer.text[:500])


def test_what_is_much_and_odd_and_allowed_is_stored(client: httpx.Client) -> None:
    """The positive control of the two above."""
    odd = {
        "type": "note", "name": "\U0001f3ac\u200f" + "x" * 498, "description": "d" * 20_000,
        "body": "\U0001d11e" * 1_000_000,
        "properties": {"": None, "x": ["y" * 90_000, 0.5, -(2**70), {"z": {}}]},
    }  # fmt: skip
    answer = client.post("/v1/nodes", content=_spelled(odd), headers=JSON)
    assert answer.status_code == 201, answer.text[:500]
    node = answer.json()
    assert {name: node[name] for name in odd} == odd
    assert client.delete(f"/v1/nodes/{node['id']}").status_code == 204


@pytest.mark.parametrize("kind", sorted(RECORDED_BY_US))
def test_what_the_product_records_is_not_written_by_others(
    client: httpx.Client, stored: None, kind: str
) -> None:
    foreign = {"type": kind, "name": "x"}
    assert _is_refusal(client.post("/v1/nodes", json=foreign), 403)
    assert _is_refusal(client.post("/v1/bulk", json={"entities": [NOTE, foreign]}), 403)
    fact = {"source": foreign, "relation": "mentions", "target": NOTE}
    assert _is_refusal(client.post("/v1/bulk", json={"entities": [NOTE], "facts": [fact]}), 403)


def test_what_the_product_recorded_is_read_and_linked_to_and_neither_deleted_nor_changed(
    api: Served, database_url: str
) -> None:
    tenant = f"t-{secrets.token_hex(6)}"
    with api.client(api.key(tenant)) as client:
        ids = asyncio.run(_recorded(database_url, tenant))
        note = client.post("/v1/nodes", json=NOTE).json()["id"]
        about = {"source": note, "relation": "about", "target": ids["video"]}
        assert client.post("/v1/edges", json=about).status_code == 201
        has_beat = {"source": ids["video"], "relation": "has_beat", "target": ids["beat"]}
        for answer in (
            client.delete(f"/v1/nodes/{ids['video']}"),
            client.post("/v1/edges", json={**about, "source": ids["video"], "target": note}),
            client.post("/v1/edges", json={**has_beat, "properties": {"id": "forged"}}),
            client.delete("/v1/edges", params=has_beat),
            client.post(f"/v1/nodes/{ids['video']}/merge", json={"into": ids["video"]}),
            client.post(f"/v1/nodes/{note}/merge", json={"into": ids["video"]}),
        ):
            assert _is_refusal(answer, 403), answer.text
        told = client.post("/v1/graph/walk", json={"start": note}).json()
        assert {node["type"] for node in told["nodes"]} == {"note", "video", "beat"}
        assert [edge["properties"] for edge in told["edges"]] == [{}, {}]
        assert client.delete("/v1/edges", params=about).json() == {"closed": 1}


async def _recorded(database_url: str, tenant: str) -> dict[str, str]:
    """The ids of a video and its beat, as if the product had made it."""
    video, beat = ("video", "v1"), ("beat", "v1/b01")
    async with open_database(database_url) as database:
        written = await Store(database, SameForAll()).upsert(
            tenant,
            [Entity(*video), Entity(*beat)],
            [Fact(video, "has_beat", beat)],
            Provenance("v1", "record_video", "tool"),
        )
    return {kind: str(node) for (kind, _), node in written.ids.items()}


EDGES = {
    "an unknown relation": ({**EDGE, "relation": "loves"}, 400),
    "a self-loop": ({**EDGE, "relation": "about"}, 400),
    "ends that do not fit": ({**EDGE, "relation": "inherits"}, 400),
    "an unknown source": ({**EDGE, "source": {"type": "note", "name": "none"}}, 404),
    "an unknown target": ({**EDGE, "target": GONE}, 404), "no id": ({**EDGE, "target": "x"}, 400),
    "a source that is a list": ({**EDGE, "source": []}, 400),
    "no time zone": ({**EDGE, "valid_from": "2026-01-01T00:00:00"}, 400),
    "a time that is a number": ({**EDGE, "valid_from": 5}, 400),
    "a number as text": ({**EDGE, "valid_from": "5"}, 400),
    "digits alone": ({**EDGE, "valid_from": "20260131"}, 400),
    "a time zone that nobody has": ({**EDGE, "valid_from": "0001-01-01T00:00:00+23:59"}, 400),
    "the future": ({**EDGE, "valid_from": "2999-01-01T00:00:00Z"}, 400),
    "before all time": ({**EDGE, "valid_from": "0000-01-01T00:00:00Z"}, 400),
    "an unknown field": ({**EDGE, "weight": 1}, 400),
    "NaN": ({**EDGE, "properties": {"x": float("nan")}}, 400),
    "NUL": ({**EDGE, "relation": "\x00"}, 400),
}  # fmt: skip


def test_an_edge_that_cannot_be_is_refused_and_one_that_can_is_not(
    client: httpx.Client, administrator: Administrator
) -> None:
    node = client.post("/v1/nodes", json=NOTE).json()["id"]
    for name, (edge, status) in EDGES.items():
        answer = client.post("/v1/edges", content=_spelled(edge), headers=JSON)
        assert _is_refusal(answer, status), (name, answer.text)
    asked = {"node": node}
    assert client.get("/v1/edges", params=asked).json()["data"] == []
    assert client.post("/v1/edges", json=EDGE).status_code == 201
    assert len(client.get("/v1/edges", params=asked).json()["data"]) == 1
    assert client.delete(f"/v1/nodes/{node}").status_code == 204
    assert administrator.execute("SELECT FROM edges WHERE source::text = %s", [node]).fetchall() == []


ASKED = [
    ("GET", "/v1/nodes?limit=0", None, 400), ("GET", "/v1/nodes?limit=201", None, 400),
    ("GET", "/v1/nodes?limit=x", None, 400), ("GET", "/v1/nodes?offset=5", None, 400),
    ("GET", "/v1/nodes?cursor=x", None, 400), ("GET", "/v1/nodes?cursor=%00", None, 400),
    ("GET", "/v1/nodes?type=unicorn", None, 400), ("GET", "/v1/nodes/x", None, 400),
    ("GET", "/v1/nodes/%00", None, 400), ("GET", f"/v1/nodes/{GONE}", None, 404),
    ("GET", f"/v1/nodes/{GONE}?as_of=yesterday", None, 400),
    ("GET", f"/v1/nodes/{GONE}?as_of=2026-01-01T00:00:00", None, 400), ("DELETE", "/v1/nodes/x", None, 400),
    ("DELETE", f"/v1/nodes/{GONE}", None, 404), ("PUT", f"/v1/nodes/{GONE}", {}, 405),
    ("GET", "/v1/semantic", None, 400), ("GET", "/v1/semantic?query=", None, 400),
    ("GET", "/v1/semantic?query=a&q=b", None, 400), ("GET", "/v1/semantic?q=a&limit=101", None, 400),
    ("GET", "/v1/semantic?q=a&type=unicorn", None, 400), ("GET", "/v1/semantic?q=a&mode=fast", None, 400),
    ("GET", "/v1/semantic?query=%20%20", None, 400), ("GET", "/v1/semantic?query=%00", None, 400),
    ("GET", "/v1/semantic?q=a&as_of=5", None, 400), ("GET", "/v1/semantic?q=a&as_of=20260131", None, 400),
    ("GET", f"/v1/edges?node={GONE}&known_at=5.5", None, 400),
    ("DELETE", f"/v1/edges?source={GONE}&relation=uses&target={GONE}&at=5", None, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "as_of": "5"}, 400),
    ("POST", "/v1/graph/ask", {"query": " \x00"}, 400),
    ("POST", f"/v1/nodes/{GONE}/merge", {"into": GONE}, 404), ("POST", f"/v1/nodes/{GONE}/merge", {}, 400),
    ("POST", "/v1/nodes/x/merge", {"into": GONE}, 400),
    ("POST", "/v1/graph/ask", {}, 400), ("POST", "/v1/graph/ask", {"query": 5}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "mode": "slow"}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "top_k": "5"}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "top_k": True}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "top_k": 10**30}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "retrieve_only": 1}, 400),
    ("POST", "/v1/graph/ask", {"query": "\ud800"}, 400),
    ("POST", "/v1/graph/ask", {"query": "x" * 2_001}, 400),
    ("POST", "/v1/graph/ask", {"query": "a", "tenant": "b"}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE}, 404), ("POST", "/v1/graph/walk", {"start": "x"}, 400),
    ("POST", "/v1/graph/walk", {"start": {"type": "note", "name": "x" * 501}}, 400),
    ("POST", "/v1/graph/walk", {"start": {"type": "unicorn", "name": "x"}}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "depth": 9}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "depth": -1}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "depth": 1.5}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "budget": 0}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "direction": "up"}, 400),
    ("POST", "/v1/graph/walk", {"start": GONE, "relations": "uses"}, 400),
    ("GET", f"/v1/graph/path?source={GONE}", None, 400),
    ("GET", f"/v1/graph/path?source={GONE}&target={GONE}", None, 404),
    ("GET", f"/v1/graph/path?source={GONE}&target={GONE}&deepest=13", None, 400),
    ("POST", "/v1/graph/subgraph", {"ids": [GONE] * 1_001}, 400),
    ("POST", "/v1/graph/subgraph", {"ids": ["x"]}, 400), ("GET", "/v1/edges", None, 400),
    ("GET", f"/v1/edges?node={GONE}", None, 404), ("GET", "/v1/edges?node=x", None, 400),
    ("DELETE", f"/v1/edges?source={GONE}&relation=uses", None, 400),
    ("DELETE", f"/v1/edges?source={GONE}&relation=uses&target={GONE}", None, 404),
    ("POST", "/v1/bulk", {"entities": [{**NOTE, "name": str(n)} for n in range(1_001)]}, 400),
    ("POST", "/v1/bulk", {"entities": [{**NOTE, "name": c, "body": "x" * 400_000} for c in "abc"]}, 400),
    ("POST", "/v1/bulk", {"entities": [{**NOTE, "body": "a"}, {**NOTE, "body": "b"}]}, 400),
    ("POST", "/v1/bulk", {"entities": [], "facts": [EDGE]}, 400), ("GET", "/v1/nothing", None, 404),
    ("GET", "/v1", None, 404), ("GET", "/v1/", None, 404),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status"), ASKED)
def test_what_cannot_be_asked_is_refused(
    client: httpx.Client, stored: None, method: str, path: str, body: object, status: int
) -> None:
    content = None if body is None else _spelled(body)
    answer = client.request(method, path, content=content, headers=JSON)
    assert _is_refusal(answer, status), (answer.status_code, answer.text[:500])


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    ["type", "name", "body", "properties", "source", "relation", "query", "start", "ids", "entities", "facts"]
)
_PLACES = st.sampled_from(["nodes", "bulk", "edges", "graph/ask", "graph/walk", "graph/subgraph"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=_PLACES, body=st.dictionaries(_FIELDS, _VALUES | st.just("note"), max_size=4) | _VALUES)
def test_no_body_whatsoever_makes_the_server_fail(client: httpx.Client, place: str, body: object) -> None:
    answer = client.post(f"/v1/{place}", content=_spelled(body), headers=JSON)
    assert answer.status_code < 500, answer.text[:500]
    assert answer.status_code < 300 or _is_refusal(answer, 400, 404), answer.text[:500]
    if place == "nodes" and answer.status_code == 201:
        client.delete(f"/v1/nodes/{answer.json()['id']}")
