"""What the memory's API says when it refuses: in words of ours, also about times out of Postgres' reach."""

from __future__ import annotations

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
