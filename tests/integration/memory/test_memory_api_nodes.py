"""Nodes over the API: written once, read as they were, listed in pages, deleted for good, many at once."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import EmbedderFailed
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Key, Provenance
from tests.embedders import Fails, SameForAll
from tests.integration.memory.served_memory import Served, served

pytestmark = pytest.mark.slow
Administrator = psycopg.Connection
NOTE: dict[str, Any] = {
    "type": "note",
    "name": "Ports \U0001f6a2",
    "description": "Where services listen.",
    "body": "The gateway listens on 8443.",
    "properties": {"bench": True, "deep": {"list": [1, None, 0.5, "x"]}},
}
BY_TEST = Provenance("run-1", "ingest", "tool")
GONE = "00000000-0000-4000-8000-000000000000"


def _created(client: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/nodes", json={"type": "note", "name": name, **more})
    assert answer.status_code == 201, answer.text
    node: dict[str, Any] = answer.json()
    assert node.pop("without_vectors") is False
    return node


def _names(client: httpx.Client, **asked: str | int) -> list[str]:
    return [node["name"] for node in client.get("/v1/nodes", params=asked).json()["data"]]


def test_a_node_comes_back_as_it_went_in(client: httpx.Client) -> None:
    node = _created(client, **NOTE)
    assert {name: node[name] for name in NOTE} == NOTE
    assert isinstance(node["id"], str)
    assert node["created_at"] == node["updated_at"]
    assert client.get(f"/v1/nodes/{node['id']}").json() == node
    (listed,) = client.get("/v1/nodes").json()["data"]
    assert listed == {name: value for name, value in node.items() if name not in ("body", "duplicates")}


def test_names_that_look_the_same_are_one_name(client: httpx.Client) -> None:
    node = _created(client, "  Cafe\u0301 ")
    assert node["name"] == "Caf\u00e9"
    for same in ("Caf\u00e9", "Cafe\u0301", "Caf\u00e9\u2003"):
        assert client.post("/v1/nodes", json={"type": "note", "name": same}).status_code == 409
        walked = client.post("/v1/graph/walk", json={"start": {"type": "note", "name": same}}).json()
        assert walked["nodes"][0]["id"] == node["id"]
    _created(client, "caf\u00e9")
    _created(client, "e\u0301" * 400)  # 400 characters of the name that it is
    for nothing in ("  ", "\u0958" * 500):  # the latter is composed of 1,000
        refused = client.post("/v1/nodes", json={"type": "note", "name": nothing})
        assert (refused.status_code, "character" in refused.json()["error"]) == (400, True)


def test_a_name_that_was_recorded_otherwise_stays_as_it_is_and_is_reached_by_its_id(
    api: Served, database_url: str
) -> None:
    tenant, odd = f"t-{secrets.token_hex(6)}", ("note", "Cafe\u0301 ")
    node = asyncio.run(_recorded(database_url, tenant, odd))
    with api.client(api.key(tenant)) as client:
        assert client.get(f"/v1/nodes/{node}").json()["name"] == odd[1]
        edge = {"source": node, "relation": "mentions", "target": node}
        assert client.post("/v1/edges", json=edge).status_code == 201
        usual = _created(client, odd[1])
        assert (usual["name"], usual["id"] == node) == ("Caf\u00e9", False)
        assert client.post(f"/v1/nodes/{node}/merge", json={"into": usual["id"]}).json()["moved"] == 1


async def _recorded(database_url: str, tenant: str, key: Key) -> str:
    async with open_database(database_url) as database:
        said = await Store(database, SameForAll()).upsert(tenant, [Entity(*key)], [], BY_TEST, embed=False)
        return str(said.ids[key])


def test_a_long_body_is_kept_whole_and_found_by_each_of_its_pieces(client: httpx.Client) -> None:
    pieces = [
        "The rocket burns methane and oxygen in its engines. ",
        "Nothing of interest was said at this point of the meeting. ",
        "The cat sleeps on the keyboard, purring, and will not move. ",
    ]
    body = "\n\n".join(piece * 20 for piece in pieces)
    node = _created(client, "Minutes", body=body)
    _created(client, "Rain", body="It rains in autumn.")
    assert node["body"] == body
    for question, words in (("what does the rocket burn?", "methane"), ("where is the cat?", "cat sleeps")):
        hit = client.get("/v1/semantic", params={"query": question, "limit": 1}).json()["data"][0]
        assert hit["name"] == "Minutes"
        assert words in hit["text"]
        assert len(hit["text"]) < len(body) / 2


def test_of_sixteen_who_write_the_same_one_is_told_that_it_did(client: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: client.post("/v1/nodes", json={**NOTE, "body": str(n)}), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    written = next(answer.json() for answer in answers if answer.status_code == 201)
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert written["id"] in refused["error"]
    assert client.get(f"/v1/nodes/{written['id']}").json()["body"] == written["body"]


def test_what_was_deleted_is_gone_with_its_history_and_can_be_written_anew(
    client: httpx.Client, administrator: Administrator
) -> None:
    node = _created(client, "Secret", body="It is known to nobody but the moon.")
    assert client.post("/v1/nodes", json={"type": "note", "name": "Secret"}).status_code == 409
    deleted = client.delete(f"/v1/nodes/{node['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    for again in (client.delete(f"/v1/nodes/{node['id']}"), client.get(f"/v1/nodes/{node['id']}")):
        assert (again.status_code, sorted(again.json())) == (404, ["error", "mend"])
    for table in ("nodes", "chunks", "node_versions"):
        rows = administrator.execute(f"SELECT FROM {table} AS t WHERE t::text LIKE '%the moon%'".encode())
        assert rows.fetchall() == []
    new = _created(client, "Secret")
    assert (new["id"] != node["id"], new["body"]) == (True, "")


def test_a_node_is_told_as_it_was_recorded_at_a_time(client: httpx.Client) -> None:
    before = _created(client, "Port", description="8080")
    said = {"entities": [{"type": "note", "name": "Port", "description": "8443"}]}
    assert client.post("/v1/bulk", json=said).json()["changed"] == 1
    path = f"/v1/nodes/{before['id']}"
    assert client.get(path).json()["description"] == "8443"
    assert client.get(path, params={"as_of": before["updated_at"]}).json()["description"] == "8080"
    assert client.get(path, params={"as_of": "2020-01-01T00:00:00Z"}).status_code == 404


def test_pages_neither_skip_nor_repeat_a_node_while_others_write_and_delete(client: httpx.Client) -> None:
    nodes = [_created(client, f"n{number:02}") for number in range(12)]
    seen, cursor, round_ = [], None, 0
    while True:
        asked = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/nodes", params=asked).json()
        seen += [node["name"] for node in page["data"]]
        _created(client, f"new {round_}")
        client.delete(f"/v1/nodes/{nodes[11 - round_]['id']}")  # it was shown already
        round_ += 1
        if (cursor := page["next"]) is None:
            break
    assert seen == [f"n{number:02}" for number in reversed(range(12))]
    assert round_ == 3
    assert _names(client, limit=2) == ["new 2", "new 1"]


def test_nodes_are_listed_of_one_type(client: httpx.Client) -> None:
    _created(client, "a note")
    client.post("/v1/nodes", json={"type": "person", "name": "Ada"})
    assert _names(client, type="person") == ["Ada"]
    assert _names(client) == ["Ada", "a note"]


def test_many_are_written_all_or_none_and_what_is_not_given_stays(client: httpx.Client) -> None:
    ada, engine = {"type": "person", "name": "Ada"}, {"type": "project", "name": "Engine"}
    fact = {"source": ada, "relation": "works_on", "target": engine, "properties": {"since": 1842}}
    said = {"entities": [{**ada, "description": "She programs.", "body": "Notes."}, engine], "facts": [fact]}
    first, second = client.post("/v1/bulk", json=said).json(), client.post("/v1/bulk", json=said).json()
    assert (first["added"], second["added"], second["changed"]) == (3, 0, 0)
    assert first["ids"] == second["ids"]
    ids = {each["name"]: each["id"] for each in first["ids"]}
    client.post("/v1/bulk", json={"entities": [{**ada, "properties": {"born": 1815}}]})
    told = client.get(f"/v1/nodes/{ids['Ada']}").json()
    assert (told["description"], told["body"], told["properties"]) == (
        "She programs.",
        "Notes.",
        {"born": 1815},
    )
    wrong = {"entities": [{"type": "note", "name": "lost"}], "facts": [{**fact, "relation": "knows_of"}]}
    assert client.post("/v1/bulk", json=wrong).status_code == 400
    assert _names(client, type="note") == []
    assert client.get("/v1/edges", params={"node": ids["Ada"]}).json()["data"][0]["target"] == ids["Engine"]


def test_the_same_from_sixteen_at_once_is_there_once(client: httpx.Client) -> None:
    said = {
        "entities": [{"type": "note", "name": f"n{n}"} for n in range(20)],
        "facts": [
            {
                "source": {"type": "note", "name": f"n{n}"},
                "relation": "mentions",
                "target": {"type": "note", "name": "n0"},
            }
            for n in range(20)
        ],
    }
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/bulk", json=said).json(), range(16)))
    assert sorted(answer["added"] for answer in answers) == [0] * 15 + [40]
    assert len(_names(client)) == 20


def test_what_could_not_be_embedded_is_kept_found_by_its_words_and_says_so(
    database_url: str, tmp_path: Path
) -> None:
    embedder = Fails(EmbedderFailed("the embedder is at lunch"))
    with served(database_url, embedder, tmp_path) as api, api.tenant() as client:
        written = client.post("/v1/nodes", json=NOTE)
        assert written.status_code == 201
        assert written.json()["without_vectors"] is True
        again = client.post("/v1/bulk", json={"entities": [{**NOTE, "body": "It listens on 9000."}]}).json()
        assert (again["changed"], again["without_vectors"]) == (1, True)
        (source,) = client.post("/v1/graph/ask", json={"query": "services listen"}).json()["sources"]
        assert source["name"] == NOTE["name"]
        refused = client.get("/v1/semantic", params={"q": "services"})
        assert (refused.status_code, "at lunch" in refused.text) == (503, False)
