"""The document of the memory's API: programs are made from it, so it tells all that can be asked and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from quantumsketch.memory.ontology import RELATIONS, EdgeKind, NodeKind
from tests.embedders import SameForAll
from tests.integration.memory.served_memory import Served

pytestmark = pytest.mark.slow
GONE = "00000000-0000-4000-8000-000000000000"
ENUMS = {
    "#/components/schemas/NodeKind": ("type",),
    "#/components/schemas/EdgeKind": ("relation", "relations"),
}
BODIES = ["NewNode", "NodeKey", "NewEdge", "NewFact", "Walk"]


@pytest.fixture(scope="session")
def embedder() -> SameForAll:
    """Nothing here is looked for by meaning."""
    return SameForAll()


@pytest.fixture(scope="module")
def document(api: Served) -> dict[str, Any]:
    return api.app.openapi()


@pytest.fixture(scope="module")
def client(api: Served) -> Iterator[httpx.Client]:
    with api.tenant() as client:
        yield client


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of all that lies below /v1."""
    found = [
        (method, path, operation)
        for path, operations in document["paths"].items()
        if path.startswith("/v1/")
        for method, operation in operations.items()
    ]
    assert len(found) >= 14
    return found


def test_operations_and_schemas_have_names_that_a_program_can_be_made_from(document: dict[str, Any]) -> None:
    operations = _operations(document)
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and "v1" not in name for name in names)
    assert {"create_node", "list_nodes", "read_node", "create_edge", "list_edges", "close_edge"} <= {*names}
    assert all(operation["description"] for _, _, operation in operations)
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_types_and_relations_are_told_wherever_they_are_asked_for(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["NodeKind"]["enum"] == [*NodeKind]
    assert schemas["EdgeKind"]["enum"] == [*EdgeKind]
    fields = {(name, field): each for name in BODIES for field, each in schemas[name]["properties"].items()}
    for _, path, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            fields[path, parameter["name"]] = parameter["schema"]
    for enum, names in ENUMS.items():
        told = {place: enum in str(field) for place, field in fields.items() if place[1] in names}
        assert len(told) >= 4
        assert all(told.values()), told


def test_which_relations_are_functional_orders_or_loops_is_told(document: dict[str, Any]) -> None:
    told = document["components"]["schemas"]["NewEdge"]["properties"]["relation"]["description"]
    functional, orders, loops = told.split(". ")
    for sentence, trait in ((functional, "functional"), (orders, "acyclic"), (loops, "to_itself")):
        named = {kind for kind in EdgeKind if kind in sentence.replace(",", " ").replace(".", " ").split()}
        assert named == {kind for kind, each in RELATIONS.items() if getattr(each, trait)}


def test_no_route_looks_over_a_parameter_that_it_does_not_know(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    for method, path, _ in _operations(document):
        answer = client.request(method, path.format(node_id=GONE), params={"as_off": "2020-01-01T00:00:00Z"})
        assert answer.status_code == 400, (method, path)
        assert "the address knows no parameter 'as_off'" in answer.json()["error"], (method, path)


def test_no_route_takes_twice_what_it_takes_once(client: httpx.Client, document: dict[str, Any]) -> None:
    several = []
    for method, path, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            twice = {parameter["name"]: [GONE, GONE]}
            told = client.request(method, path.format(node_id=GONE), params=twice).json()["error"]
            if "stands in the address 2 times" not in told:
                several.append((path, parameter["name"]))
    assert several == [("/v1/semantic", "type"), ("/v1/graph/path", "relation")]
