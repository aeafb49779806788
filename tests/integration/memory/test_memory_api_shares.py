"""How much of the memory's API one key, one tenant or one request may take, and who is served meanwhile."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg

from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.keys import Scope
from tests.integration.memory.served_memory import Served, served
from web.memory.access import LARGE_BODY, MOST_OF_A_KEY, MOST_OF_A_TENANT

WALK = "/v1/graph/walk"
NOTE = {"type": "note", "name": "A note"}
LARGE = json.dumps(NOTE).encode() + b" " * LARGE_BODY


def _tenant() -> str:
    return f"t-{secrets.token_hex(6)}"


@contextmanager
def _silent(api: Served, key: str, count: int, path: str = WALK, length: int = 1_000) -> Iterator[None]:
    """Announce bodies of so many bytes, and send nothing of them."""
    host, port = api.url.removeprefix("http://").split(":")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    with ExitStack() as open_ones:
        for _ in range(count):
            connection = socket.create_connection((host, int(port)), timeout=30)
            open_ones.enter_context(connection).sendall(head.encode())
        yield


def _until(client: httpx.Client, status: int) -> httpx.Response:
    """Ask until the answer has this status: what others began or ended may not have arrived yet."""
    deadline = time.monotonic() + 30
    while (answer := client.get("/v1/nodes")).status_code != status:
        assert time.monotonic() < deadline, answer.status_code
        time.sleep(0.05)
    return answer


def test_a_key_whose_requests_do_not_end_keeps_nobody_else_out(api: Served) -> None:
    name = _tenant()
    key, another = api.key(name, [Scope.READ]), api.key(name)
    with api.client(key) as busy, api.client(another) as same_tenant, api.tenant() as other:
        with _silent(api, key, MOST_OF_A_KEY + 20):
            refused = _until(busy, 429)
            assert refused.headers["Retry-After"] == "1"
            assert refused.json() == {
                "error": f"{MOST_OF_A_KEY} requests of this key are under way, more are not taken at once",
                "mend": "Wait until some of them are answered",
            }
            assert same_tenant.post("/v1/nodes", json=NOTE).status_code == 201
            assert other.get("/v1/nodes").status_code == 200
            assert other.get("/healthz").status_code == 200
        _until(busy, 200)


def test_many_keys_of_one_tenant_take_no_more_than_a_tenant_may(api: Served) -> None:
    name = _tenant()
    half = MOST_OF_A_TENANT // 2
    assert half < MOST_OF_A_KEY
    one, two, three = (api.key(name) for _ in range(3))
    with _silent(api, one, half), _silent(api, two, half), api.client(three) as client, api.tenant() as other:
        assert "of this tenant are under way" in _until(client, 429).json()["error"]
        assert other.get("/v1/nodes").status_code == 200


def test_whoever_may_not_is_told_so_before_a_body_is_waited_for(api: Served) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    name = _tenant()
    reading, writing = api.key(name, [Scope.READ]), api.key(name, [Scope.WRITE])
    may_not = [
        (reading, path) for path in ("/v1/nodes", "/v1/edges", "/v1/bulk", f"/v1/nodes/{uuid4()}/merge")
    ]
    may_not += [(writing, path) for path in ("/v1/graph/ask", WALK, "/v1/graph/subgraph")]
    for key, path in may_not:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"{head}Content-Length: 200000\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 403 "), path


def test_a_large_body_that_does_not_come_keeps_no_other_key_of_its_tenant_waiting(api: Served) -> None:
    name = _tenant()
    reading, writing = api.key(name, [Scope.READ]), api.key(name)
    with _silent(api, reading, 3, length=LARGE_BODY), api.client(writing) as client:
        client.timeout = httpx.Timeout(30)
        headers = {"Content-Type": "application/json"}
        assert client.post("/v1/nodes", content=LARGE, headers=headers).status_code == 201


def test_a_request_that_takes_the_database_too_long_is_ended_and_says_so(
    database_url: str, embedder: Embedder, tmp_path: Path
) -> None:
    name = _tenant()
    with (
        served(database_url, embedder, tmp_path, longest_statement_s=1) as api,
        api.client(api.key(name)) as client,
        psycopg.connect(database_url) as other,
    ):
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"memory of {name}"])
        refused = client.post("/v1/nodes", json=NOTE)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "longer than it may to write down facts" in refused.json()["error"]
        assert refused.json()["mend"] == "Ask for less at a time, or again in a moment."
        other.execute("SELECT pg_advisory_unlock_all()")
        assert client.get("/v1/nodes").json()["data"] == []
        assert client.post("/v1/nodes", json=NOTE).status_code == 201
