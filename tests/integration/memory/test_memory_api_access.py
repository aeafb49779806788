"""Who is let in to the memory's API: keys, scopes, quotas, and what a page elsewhere could try."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from quantumsketch.memory.keys import Scope, new_key, public_id
from quantumsketch.memory.tenants import ROWS_A_NODE, Quotas
from tests.integration.memory.served_memory import Served
from web.memory.access import LARGE_BODY

Administrator = psycopg.Connection
NOTE = {"type": "note", "name": "A note"}
READING = [
    ("GET", "/v1/nodes", None),
    ("GET", "/v1/semantic?query=tea", None),
    ("POST", "/v1/graph/ask", {"query": "tea"}),
    ("POST", "/v1/graph/walk", {"start": NOTE}),
]
WRITING = [("POST", "/v1/nodes", {**NOTE, "name": "Another"}), ("POST", "/v1/bulk", {"entities": [NOTE]})]


@pytest.fixture
def key(api: Served) -> str:
    """A key to read and write, of a tenant that has one note."""
    made = api.key(f"t-{secrets.token_hex(6)}")
    with api.client(made) as client:
        assert client.post("/v1/nodes", json=NOTE).status_code == 201
    return made


def test_whatever_is_wrong_with_a_key_gets_the_same_answer(
    api: Served, key: str, administrator: Administrator
) -> None:
    revoked, expired = api.key("somebody"), api.key("somebody")
    api.revoke(revoked)
    administrator.execute("UPDATE api_keys SET expires_at = now() WHERE id = %s", [public_id(expired)])
    wrong = [
        {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": key},
        {"Authorization": f"Basic {key}"}, {"Authorization": f"Bearer {key[:-1]}"}, {"X-API-Key": key},
        *({"Authorization": f"Bearer {each}"} for each in (new_key(), revoked, expired, "é", "x" * 9_000)),
    ]  # fmt: skip
    with api.client(None) as client:
        answers = {
            (answer.status_code, answer.headers["WWW-Authenticate"], answer.text)
            for path in ("/v1/nodes", "/v1", "/v1/nothing/there", "/%76%31/nodes")
            for headers in wrong
            for answer in [client.get(path, headers=[(n.encode(), v.encode()) for n, v in headers.items()])]
        }
        for scheme in ("Bearer", "bearer"):
            assert client.get("/v1/nodes", headers={"Authorization": f"{scheme} {key}"}).status_code == 200
    [(status, scheme, text)] = answers
    assert (status, scheme, sorted(json.loads(text))) == (401, "Bearer", ["error", "mend"])


def test_a_head_needs_a_key_and_a_wrong_method_is_told_the_right_ones(api: Served, key: str) -> None:
    with api.client(None) as stranger:
        assert stranger.head("/v1/nodes").status_code == 401
    with api.client(key) as client:
        for _ in range(3):  # on one connection: nothing of an answer is left in it
            head, whole = client.head("/v1/nodes"), client.get("/v1/nodes")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Length"] == whole.headers["Content-Length"]
            assert len(whole.json()["data"]) == 1
        for path, allowed in [
            ("/v1/nodes", "GET, POST, HEAD"), ("/v1/edges", "GET, POST, DELETE, HEAD"), ("/v1/bulk", "POST"),
            (f"/v1/nodes/{uuid4()}", "GET, DELETE, HEAD"), (f"/v1/nodes/{uuid4()}/merge", "POST"),
        ]:  # fmt: skip
            refused = client.put(path, json={})
            assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)
            assert "Allow" in refused.json()["mend"]


@pytest.mark.parametrize(
    ("scope", "may", "may_not"), [(Scope.READ, READING, WRITING), (Scope.WRITE, WRITING, READING)]
)
def test_a_key_does_what_its_scopes_say_and_nothing_else(
    api: Served, scope: Scope, may: list[tuple[str, str, object]], may_not: list[tuple[str, str, object]]
) -> None:
    tenant = f"t-{secrets.token_hex(6)}"
    with api.client(api.key(tenant, [Scope.ADMIN])) as admin, api.client(api.key(tenant, [scope])) as client:
        assert admin.post("/v1/nodes", json=NOTE).status_code == 201
        for method, path, body in may_not:
            refused = client.request(method, path, json=body)
            assert (refused.status_code, "--scope" in refused.json()["mend"]) == (403, True), path
        assert [node["name"] for node in admin.get("/v1/nodes").json()["data"]] == ["A note"]
        for method, path, body in may:
            assert client.request(method, path, json=body).status_code < 300, path
        for method, path, body in READING:
            assert admin.request(method, path, json=body).status_code == 200, path


def test_requests_beyond_the_quota_wait_and_no_other_tenant_does(api: Served) -> None:
    with api.tenant(quotas=Quotas(requests_per_minute=3)) as busy, api.tenant() as other:
        answers = [busy.get("/v1/nodes") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert sorted(answers[-1].json()) == ["error", "mend"]
        assert other.get("/v1/nodes").status_code == 200


def test_no_more_nodes_are_written_than_the_quota_allows_by_however_many_at_once(api: Served) -> None:
    with api.tenant(quotas=Quotas(most_nodes=5)) as client:
        notes = [{"type": "note", "name": f"n{number}"} for number in range(16)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda note: client.post("/v1/nodes", json=note), notes))
        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [403] * 11
        refused = next(answer for answer in answers if answer.status_code == 403).json()
        assert "may have 0 more" in refused["error"]
        assert "--most-nodes" in refused["mend"]
        there = client.get("/v1/nodes").json()["data"]
        assert len(there) == 5
        assert client.post("/v1/bulk", json={"entities": notes}).status_code == 403
        again = [{"type": "note", "name": node["name"], "description": "else"} for node in there]
        assert client.post("/v1/bulk", json={"entities": again}).json()["changed"] == 5
        client.delete(f"/v1/nodes/{there[0]['id']}")
        assert client.post("/v1/nodes", json={"type": "note", "name": "room"}).status_code == 201


def test_edges_and_earlier_versions_are_bounded_with_the_nodes_and_go_with_them(api: Served) -> None:
    with api.tenant(quotas=Quotas(most_nodes=2)) as client:
        ends = [client.post("/v1/nodes", json={"type": "note", "name": name}).json()["id"] for name in "ab"]
        edge = {"source": ends[0], "relation": "about", "target": ends[1]}
        for number in range(2 * ROWS_A_NODE):
            written = client.post("/v1/edges", json={**edge, "properties": {"n": number}})
            assert written.status_code in (200, 201), number
        a, b = ({"type": "note", "name": name} for name in "ab")
        fact = {"source": a, "relation": "mentions", "target": b}
        for refused in (
            client.post("/v1/edges", json={**edge, "relation": "mentions"}),
            client.post("/v1/bulk", json={"facts": [fact]}),
            client.post("/v1/bulk", json={"entities": [{**a, "description": "changed"}]}),
        ):
            assert (refused.status_code, "--most-nodes" in refused.json()["mend"]) == (403, True)
        assert client.delete(f"/v1/nodes/{ends[1]}").status_code == 204
        assert client.post("/v1/bulk", json={"entities": [b], "facts": [fact]}).status_code == 200


def test_a_page_elsewhere_is_refused_even_with_a_key(api: Served, key: str) -> None:
    with api.client(key) as client:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            refused = client.post("/v1/nodes", json={**NOTE, "name": "x"}, headers=headers)
            assert (refused.status_code, sorted(refused.json())) == (403, ["error", "mend"])
        assert client.get("/v1/nodes", headers={"Host": "evil.example"}).status_code == 403
        assert [node["name"] for node in client.get("/v1/nodes").json()["data"]] == ["A note"]


def test_a_body_is_not_waited_for_before_the_key_is_known(api: Served) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    head = f"POST /v1/bulk HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: 16000000\r\n\r\n{{".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_of_one_keys_large_bodies_one_is_read_at_a_time_and_no_small_one_waits(api: Served) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    with api.tenant() as client, socket.create_connection((host, int(port)), timeout=30) as slow:
        large = json.dumps({**NOTE, "name": "large"}).encode() + b" " * LARGE_BODY
        head = f"POST /v1/nodes HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        key = f"Authorization: {client.headers['Authorization']}\r\n"
        slow.sendall(f"{head}{key}Content-Length: {len(large)}\r\n\r\n".encode() + large[:-1])
        with ThreadPoolExecutor(1) as pool:
            second = large.replace(b"large", b"second")
            time.sleep(0.5)  # the first is being read
            waits = pool.submit(client.post, "/v1/nodes", content=second, headers=JSON)
            assert client.post("/v1/nodes", json=NOTE).status_code == 201
            with api.tenant() as other:
                assert other.post("/v1/nodes", content=second, headers=JSON).status_code == 201
            assert not waits.done()
            slow.sendall(large[-1:])
            assert slow.recv(100).startswith(b"HTTP/1.1 201 ")
            assert waits.result().status_code == 201


def test_a_body_may_be_as_large_as_the_longest_text_in_its_longest_spelling(api: Served) -> None:
    with api.tenant() as client:
        said = json.dumps({"query": "\U0001d11e" * 2_000})
        assert client.post("/v1/graph/ask", content=said, headers=JSON).status_code == 200
        for path, most in (("/v1/bulk", 16), ("/v1/nodes", 16), ("/v1/graph/ask", 2), ("/v1/edges", 2)):
            refused = client.post(path, content=b" " * (most * 2**20 + 1), headers=JSON)
            assert (refused.status_code, sorted(refused.json())) == (413, ["error", "mend"]), path
        refused = client.post("/v1/nodes", content=_pieces(), headers=JSON)
        assert (refused.status_code, sorted(refused.json())) == (411, ["error", "mend"])


JSON = {"Content-Type": "application/json"}


def _pieces() -> Iterator[bytes]:
    yield json.dumps(NOTE).encode()


def test_a_key_is_in_nothing_that_was_written_and_what_it_wrote_says_which(
    api: Served, key: str, administrator: Administrator, capfd: pytest.CaptureFixture[str]
) -> None:
    with api.client(key) as client:
        (node,) = client.get("/v1/nodes").json()["data"]
        told = [client.get(f"/v1/nodes/{key}"), client.get(f"/v1/nodes?cursor={key[:20]}")]
    assert node["provenance"] | {"at": ""} == {
        "run": "api", "activity": "POST /v1/nodes", "said_by": f"user:{public_id(key)}", "at": "",
    }  # fmt: skip
    secret = key.removeprefix(public_id(key))
    assert all(secret not in each.text for each in told)
    tables = ["nodes", "edges", "chunks", "api_keys", "node_versions", "request_windows", "tenants"]
    rows = [
        row for table in tables for row in administrator.execute(f"SELECT t::text FROM {table} t".encode())
    ]
    assert any(public_id(key) in row[0] for row in rows)
    assert not any(secret in row[0] for row in rows)
    printed = capfd.readouterr()
    assert secret not in printed.out + printed.err


def test_the_document_of_the_api_tells_of_keys_and_refusals_and_needs_no_key(api: Served) -> None:
    with api.client(None) as client:
        told = client.get("/api/openapi.json").json()
    paths = [path for path in told["paths"] if path.startswith("/v1/")]
    assert len(paths) >= 9
    every = [operation for path in told["paths"].values() for operation in path.values()]
    assert not any("422" in operation["responses"] for operation in every), "it is never sent"
    for path in paths:
        for operation in told["paths"][path].values():
            assert operation["security"] == [{"API key": []}], path
            assert {"400", "401", "403", "411", "429", "default"} <= operation["responses"].keys(), path
