"""Duplicates become one node over the API: what that does to edges, walks, and what is said of them later."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest

from quantumsketch.memory.keys import Scope
from quantumsketch.memory.tenants import Quotas
from tests.embedders import SameForAll
from tests.integration.memory.served_memory import Served

pytestmark = pytest.mark.slow
ADA, COUNTESS = {"type": "person", "name": "Ada"}, {"type": "person", "name": "Countess of Lovelace"}
ENGINE = {"type": "project", "name": "Engine"}


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


def _said(client: httpx.Client, entities: list[Any], facts: list[Any] | None = None) -> dict[str, str]:
    answer = client.post("/v1/bulk", json={"entities": entities, "facts": facts or []})
    assert answer.status_code == 200, answer.text
    return {each["name"]: each["id"] for each in answer.json()["ids"]}


@pytest.fixture
def ids(client: httpx.Client) -> dict[str, str]:
    """A person, twice, and what the duplicate works on."""
    works_on = {"source": COUNTESS, "relation": "works_on", "target": ENGINE}
    return _said(client, [{**ADA, "description": "A mathematician"}, COUNTESS, ENGINE], [works_on])


def _merge(client: httpx.Client, duplicate: str, into: str) -> httpx.Response:
    return client.post(f"/v1/nodes/{duplicate}/merge", json={"into": into})


def test_a_duplicate_becomes_part_of_another_node_and_what_it_was_stays_known(
    client: httpx.Client, ids: dict[str, str]
) -> None:
    duplicate, into = ids["Countess of Lovelace"], ids["Ada"]
    before = client.get(f"/v1/nodes/{duplicate}").json()
    merged = _merge(client, duplicate, into)
    assert merged.status_code == 200
    told = merged.json()
    assert {name: told[name] for name in ("into", "moved", "dropped")} == {
        "into": into, "moved": 1, "dropped": [],
    }  # fmt: skip
    (edge,) = client.get("/v1/edges", params={"node": ids["Engine"], "direction": "in"}).json()["data"]
    assert (edge["source"], edge["provenance"]["merged_from"]) == (into, duplicate)
    gone = client.get(f"/v1/nodes/{duplicate}").json()
    assert (gone["merged_into"], gone["closed_at"]) == (into, told["at"])
    assert client.get(f"/v1/nodes/{duplicate}", params={"as_of": before["updated_at"]}).json() == before
    assert _merge(client, duplicate, into).json() == {**told, "moved": 0}, "again"
    part = {"id": duplicate, "name": COUNTESS["name"], "closed_at": told["at"]}
    assert client.get(f"/v1/nodes/{into}").json()["duplicates"] == [part]
    then = client.get(f"/v1/nodes/{into}", params={"as_of": before["updated_at"]}).json()
    assert (then["name"], then["duplicates"]) == ("Ada", [])


def test_who_lists_the_edges_of_a_duplicate_is_told_where_they_go_on(
    client: httpx.Client, ids: dict[str, str]
) -> None:
    duplicate, into = ids["Countess of Lovelace"], ids["Ada"]
    assert client.get("/v1/edges", params={"node": duplicate}).json()["merged_into"] is None
    _merge(client, duplicate, into)
    told = client.get("/v1/edges", params={"node": duplicate}).json()
    assert (told["data"], told["merged_into"]) == ([], into)
    assert client.get("/v1/edges", params={"node": into}).json()["merged_into"] is None


def test_a_walk_from_a_duplicate_goes_out_from_what_it_became_part_of_and_says_so(
    client: httpx.Client, ids: dict[str, str]
) -> None:
    duplicate, into = ids["Countess of Lovelace"], ids["Ada"]
    at = _merge(client, duplicate, into).json()["at"]
    before = client.get(f"/v1/nodes/{duplicate}").json()["created_at"]
    for start in (duplicate, COUNTESS):
        for as_of in (None, at):
            walked = client.post("/v1/graph/walk", json={"start": start, "as_of": as_of}).json()
            assert [node["id"] for node in walked["nodes"]] == [into, ids["Engine"]]
            assert walked["merged_from"] == duplicate
    itself = client.post("/v1/graph/walk", json={"start": into}).json()
    assert itself["merged_from"] is None
    then = client.post("/v1/graph/walk", json={"start": duplicate, "as_of": before}).json()
    assert [node["id"] for node in then["nodes"]] == [duplicate, ids["Engine"]]
    assert then["merged_from"] is None


def test_a_way_from_and_to_a_duplicate_is_one_from_and_to_what_it_became_part_of(
    client: httpx.Client, ids: dict[str, str]
) -> None:
    duplicate, into, engine = ids["Countess of Lovelace"], ids["Ada"], ids["Engine"]
    at = _merge(client, duplicate, into).json()["at"]
    before = client.get(f"/v1/nodes/{duplicate}").json()["created_at"]

    def way(source: str, target: str, **as_of: str) -> list[str]:
        told = client.get("/v1/graph/path", params={"source": source, "target": target, **as_of}).json()
        return [node["id"] for node in told["nodes"]]

    for more in ({}, {"as_of": at}):
        assert way(duplicate, engine, **more) == [into, engine]
        assert way(engine, duplicate, **more) == [engine, into]
    assert way(duplicate, into) == [into]
    assert way(duplicate, engine, as_of=before) == [duplicate, engine]


def test_what_is_said_of_a_duplicate_is_told_to_be_written_nowhere(
    client: httpx.Client, ids: dict[str, str]
) -> None:
    _merge(client, ids["Countess of Lovelace"], ids["Ada"])
    described = {**COUNTESS, "description": "again"}
    said = client.post("/v1/bulk", json={"entities": [described, {"type": "note", "name": "new"}]}).json()
    assert (said["added"], said["changed"]) == (1, 0)
    assert said["merged"] == [{**COUNTESS, "id": ids["Ada"]}]
    assert client.get(f"/v1/nodes/{ids['Ada']}").json()["description"] == "A mathematician"
    assert client.post("/v1/bulk", json={"entities": [ADA]}).json()["merged"] == []
    assert client.post("/v1/nodes", json=described).status_code == 409


def test_what_cannot_be_one_is_refused_and_nothing_changes(client: httpx.Client, ids: dict[str, str]) -> None:
    before = client.get("/v1/nodes").json()
    for duplicate, into, status in (("Ada", "Ada", 400), ("Ada", "Engine", 400)):
        refused = _merge(client, ids[duplicate], ids[into])
        assert (refused.status_code, sorted(refused.json())) == (status, ["error", "mend"])
    assert client.get("/v1/nodes").json() == before


def test_whoever_may_only_read_merges_nothing_nor_does_who_has_no_room(api: Served) -> None:
    tenant = f"t-{secrets.token_hex(6)}"
    with api.client(api.key(tenant)) as client:
        ids = _said(client, [ADA, COUNTESS])
    with api.client(api.key(tenant, [Scope.READ])) as reader:
        assert _merge(reader, ids["Countess of Lovelace"], ids["Ada"]).status_code == 403
    with api.client(api.key(tenant, quotas=Quotas(most_nodes=0))) as full:
        assert _merge(full, ids["Countess of Lovelace"], ids["Ada"]).status_code == 403
    with api.client(api.key(tenant, quotas=Quotas(most_nodes=10))) as roomy:
        assert _merge(roomy, ids["Countess of Lovelace"], ids["Ada"]).status_code == 200
