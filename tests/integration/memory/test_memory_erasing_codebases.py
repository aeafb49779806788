"""A codebase is forgotten with what it defines; what another one says, and others do, stays."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest

from quantumsketch.errors import NotFound
from quantumsketch.memory.codebases.ingesting import Recorded, record
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.codebases import read
from tests.integration.memory.traces import tables_that_hold

Administrator = psycopg.Connection
SHOP = {
    "shop/__init__.py": "from .tea import Pot",
    "shop/tea.py": "import abc\nclass Pot(abc.ABC):\n  '''Holds tea.'''\n  def brew(self, minutes=3): ...\n",
}
CAFE = {"cafe/__init__.py": "import shop.tea\nclass Urn(shop.tea.Pot):\n  def brew(self, minutes=9): ...\n"}
POT, URN, NOTE = ("class", "shop.tea.Pot"), ("class", "cafe.Urn"), ("note", "On pots")


async def _ingest(graph: Graph, tenant: str, files: Mapping[str, str], name: str = "shop") -> Recorded:
    return await record(graph.database, tenant, read(files, name), run=f"ingest-{name}")


def _names(administrator: Administrator, tenant: str) -> set[str]:
    rows = administrator.execute("SELECT name FROM nodes WHERE tenant = %s", [tenant]).fetchall()
    return {str(name) for (name,) in rows}


async def test_a_forgotten_codebase_leaves_nothing_and_is_new_when_it_is_read_again(
    graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    first = await _ingest(graph, tenant, SHOP)
    await _ingest(graph, tenant, {**SHOP, "shop/tea.py": "class Pot: ...\n"})
    await store.upsert(
        tenant, [Entity(*NOTE)], [Fact(NOTE, "about", POT)], Provenance("r", "test", "user"), embed=False
    )
    assert tables_that_hold(administrator, "Holds tea") >= {"node_versions"}
    assert {"shop.tea.Pot.brew(minutes)", "abc.ABC"} <= _names(administrator, tenant)
    assert await store.erase(tenant, ("codebase", "shop")) == sum(first.read.values()) + len(["shop", "ABC"])
    assert _names(administrator, tenant) == {NOTE[1]}
    kept = {"nodes", "chunks", "tenants", "recording_times"}
    assert tables_that_hold(administrator, f"({tenant},") == kept
    again = await _ingest(graph, tenant, SHOP)
    assert again == first


async def test_another_codebase_keeps_what_it_defines_and_the_names_of_what_it_uses(
    graph: Graph, store: Store, tenant: str
) -> None:
    await _ingest(graph, tenant, SHOP)
    before = await _ingest(graph, tenant, CAFE, "cafe")
    pot, urn = await store.entity(tenant, POT), await store.entity(tenant, URN)
    held = await store.facts(tenant, urn.id)
    assert pot.id in {fact.target for fact in held}
    await store.erase(tenant, ("codebase", "shop"))
    assert await store.entity(tenant, URN) == urn
    assert await store.facts(tenant, urn.id) == held
    left = await store.entity(tenant, POT)
    assert (left.id, left.description, left.properties) == (pot.id, "", {})
    assert await store.facts(tenant, pot.id) == []
    with pytest.raises(NotFound):
        await store.entity(tenant, ("method", "shop.tea.Pot.brew"))
    again = await _ingest(graph, tenant, CAFE, "cafe")
    assert (again.added, again.changed, again.closed) == (0, 0, 0)
    assert again.read == before.read
    await _ingest(graph, tenant, SHOP)
    back = await store.entity(tenant, POT)
    assert (back.id, back.description) == (pot.id, "Holds tea.")
    await store.erase(tenant, ("codebase", "cafe"))
    assert await store.entity(tenant, POT) == back


async def test_what_only_a_forgotten_codebase_led_to_is_not_left_when_the_last_that_used_it_is_forgotten(
    graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    await _ingest(
        graph, tenant, {"shop/__init__.py": "", "shop/tea.py": "import ext\nclass Pot(ext.Thing): ...\n"}
    )
    await _ingest(graph, tenant, CAFE, "cafe")
    assert "ext.Thing" in _names(administrator, tenant)
    await store.erase(tenant, ("codebase", "shop"))
    assert _names(administrator, tenant) == {
        "cafe",
        URN[1],
        f"{URN[1]}.brew",
        f"{URN[1]}.brew(minutes)",
        POT[1],
    }
    await store.erase(tenant, ("codebase", "cafe"))
    assert _names(administrator, tenant) == set()


async def test_a_codebase_is_forgotten_though_something_was_merged_into_a_class_that_it_names(
    graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    await _ingest(graph, tenant, SHOP)
    by_user = Provenance("r", "test", "user")
    mine, its = ("class", "ABC"), ("class", "abc.ABC")
    await store.upsert(tenant, [Entity(*mine)], [], by_user, embed=False)
    await store.merge(tenant, mine, its, by_user)
    await store.erase(tenant, ("codebase", "shop"))
    assert _names(administrator, tenant) == {mine[1], its[1]}
