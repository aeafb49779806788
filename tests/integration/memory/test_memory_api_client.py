"""A client of the reference's API works as it is: the requests that its public one makes, by urllib."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.integration.memory.served_memory import Served

pytestmark = pytest.mark.slow
MEMORIES = {
    "m1": "We moved the billing service to Postgres because the old store lost writes.",
    "m2": "The garden needs watering twice a week in July.\nTomatoes more often.",
    "m3": "Decision: releases are cut on Tuesdays, so that nobody mends them at night.",
}


@dataclass
class Client:
    """What a program of another house would write."""

    url: str
    key: str
    nodes: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None, **query: object) -> Any:
        address = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.key}"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        with urlopen(Request(address, data, headers, method=method), timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def ingest(self, prefix: str = "bench-1-") -> None:
        for name, text in MEMORIES.items():
            node = self.ask("POST", "/v1/nodes", {
                "type": "note",
                "name": f"{prefix}{name} {' '.join(text.split()[:10])[:70]}",
                "body": text,
                "description": text[:200],
                "properties": {"bench": True, "suite_id": name, "at": {"day": [1, None, 0.5]}},
            })  # fmt: skip
            self.nodes[node["id"]] = name

    def reset(self) -> int:
        """Delete what is called bench-…, always looking at the first page; return how many those were."""
        deleted = 0
        while True:
            page = self.ask("GET", "/v1/nodes", limit=200)
            victims = [row["id"] for row in page["data"] if row["name"].startswith("bench-")]
            if not victims:
                return deleted
            for victim in victims:
                assert self.ask("DELETE", f"/v1/nodes/{victim}") == {}
            deleted += len(victims)


@pytest.fixture
def client(api: Served) -> Client:
    return Client(api.url, api.key(f"t-{secrets.token_hex(6)}"))


def test_memories_go_in_once_and_are_found_by_meaning(client: Client) -> None:
    client.ingest()
    with pytest.raises(HTTPError) as again:
        client.ingest()
    assert again.value.code == 409
    again.value.close()
    hits = client.ask("GET", "/v1/semantic", q="why did we change the database?", limit=10)["data"]
    assert client.nodes[hits[0]["id"]] == "m1"
    assert len(hits) == 3
    assert all(float(hit["similarity"]) <= 1 for hit in hits)


@pytest.mark.parametrize("mode", ["fast", "deep", "global"])
def test_a_question_is_answered_with_its_sources_in_every_mode(client: Client, mode: str) -> None:
    client.ingest()
    told = client.ask("POST", "/v1/graph/ask", {"query": "When are releases cut?", "top_k": 2, "mode": mode})
    assert set(told) >= {"answer", "sources"}
    assert client.nodes[told["sources"][0]["id"]] == "m3"
    for source in told["sources"]:
        assert isinstance(source["similarity"], float)
        assert source["name"].startswith("bench-1-")
        assert source["why"]


def test_a_reset_finds_all_that_was_put_in_behind_what_was_there_before(client: Client) -> None:
    said = [{"type": "note", "name": f"kept {n}"} for n in range(220)]
    client.ask("POST", "/v1/bulk", {"entities": said})
    client.ingest("bench-1-")
    client.ingest("bench-2-")
    assert client.reset() == 6
    page = client.ask("GET", "/v1/nodes", limit=200)
    assert len(page["data"]) == 200
    assert len(client.ask("GET", "/v1/nodes", limit=200, cursor=page["next"])["data"]) == 20
    client.ingest("bench-1-")
