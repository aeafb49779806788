"""What is nobody's but an erased thing's goes with it, whatever was merged into it or goes by no name."""

from __future__ import annotations

import psycopg

from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.films.preferences import PreferenceBook
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Key, Provenance
from tests.integration.memory.libraries import about, record
from tests.integration.memory.test_memory_erasing_traces import SECRET, edit, secret_and_another
from tests.integration.memory.traces import tables_that_hold
from tests.videos_with_incidents import APART, mended, with_incidents

Administrator = psycopg.Connection
BY_USER = Provenance("r", "test", "user")


async def _merge(store: Store, tenant: str, duplicate: Key, into: Key) -> None:
    await store.upsert(tenant, [Entity(*duplicate)], [], BY_USER, embed=False)
    await store.merge(tenant, duplicate, into, BY_USER)


def _left(administrator: Administrator, tenant: str) -> set[Key]:
    rows = administrator.execute("SELECT kind, name FROM nodes WHERE tenant = %s", [tenant]).fetchall()
    return {(str(kind), str(name)) for kind, name in rows}


async def test_a_video_is_erased_whatever_was_merged_into_its_parts(
    graph: Graph,
    library: Library,
    experience: Experience,
    store: Store,
    tenant: str,
    administrator: Administrator,
) -> None:
    secret, _ = secret_and_another(tenant)
    await record(graph, library, secret)
    await experience.record(secret)
    parts = {
        kind: name for kind, name in _left(administrator, tenant) if kind in {"error", "model", "repair"}
    }
    assert len(parts) == 3
    for kind, name in parts.items():
        await _merge(store, tenant, (kind, f"my word for a {kind}"), (kind, name))
    await store.erase(tenant, ("video", SECRET))
    kept = {(kind, name) for kind, name in parts.items() if kind != "repair"}
    mine = {(kind, f"my word for a {kind}") for kind, _ in kept}
    assert _left(administrator, tenant) == kept | mine
    assert tables_that_hold(administrator, "b.move_to(a)") == set()


async def test_a_repair_that_no_fact_names_goes_with_the_video_that_told_of_it(
    graph: Graph,
    library: Library,
    experience: Experience,
    store: Store,
    tenant: str,
    administrator: Administrator,
) -> None:
    secret, _ = secret_and_another(tenant)  # its two repairs are of one error in one beat
    await record(graph, library, secret)
    await experience.record(secret)
    for change in ("b.move_to(a)", "b.shift(LEFT)"):
        assert tables_that_hold(administrator, change) == {"nodes"}
    await store.erase(tenant, ("video", SECRET))
    assert _left(administrator, tenant) == set()


async def test_a_repair_that_another_video_names_stays(
    graph: Graph, experience: Experience, store: Store, tenant: str, administrator: Administrator
) -> None:
    for name in (SECRET, "v2"):
        made = with_incidents(tenant, name, mended(APART))
        await graph.record_video(made)
        await experience.record(made)
    await store.erase(tenant, ("video", SECRET))
    assert {"error", "repair"} <= {kind for kind, _ in _left(administrator, tenant)}
    await store.erase(tenant, ("video", "v2"))
    assert _left(administrator, tenant) == set()


async def test_a_video_goes_with_the_beats_of_one_that_was_merged_into_it(
    graph: Graph, library: Library, store: Store, tenant: str, administrator: Administrator
) -> None:
    for made in (
        about("w1", tenant, "Pulleys", "a rope lifts"),
        about("w2", tenant, "Wheels", "a wheel turns"),
    ):
        await record(graph, library, made)
    await store.merge(tenant, ("video", "w2"), ("video", "w1"), BY_USER)
    assert ("beat", "w2/b01") in _left(administrator, tenant)
    await store.erase(tenant, ("video", "w1"))
    assert _left(administrator, tenant) == set()


async def test_a_title_with_blanks_of_every_kind_leaves_the_evidence(
    graph: Graph, store: Store, tenant: str
) -> None:
    title = "Le\u202fwalrus\u3000rit\u00a0!"
    book = PreferenceBook(store)
    for number, planned in enumerate([title, "Two", "Three"], 1):
        await edit(book, tenant, planned, f"v{number}")
    (known,) = await book.known(tenant)
    assert "Le walrus rit !" in known.evidence
    await graph.record_video(about("v1", tenant, title, "a bar lifts"))
    await store.erase(tenant, ("video", "v1"))
    (left,) = await book.known(tenant)
    assert left.evidence == [each for each in known.evidence if each != "Le walrus rit !"]


def test_evidence_is_one_line_in_the_database_as_it_is_in_python(
    graph: Graph, administrator: Administrator
) -> None:
    blanks = [chr(code) for code in range(1, 0x3100) if chr(code).isspace()]
    assert len(blanks) > 20
    for said in [f"{blank}a{blank}{blank}b{blank}" for blank in blanks] + ["a \u00a0\u200bb", "\ufeffé"]:
        (line,) = administrator.execute("SELECT in_one_line(%s)", [said]).fetchone() or ("",)
        assert line == " ".join(said.split())
