"""What videos teach is kept once, as the product says it, and as long as the videos."""

from __future__ import annotations

import psycopg

from quantumsketch.errors import NotFound
from quantumsketch.incidents import LONGEST_ERROR, Change, Complaint
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.lessons import KeptRepair, kept_repair
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.videos_with_incidents import (
    APART,
    OVERLAP,
    hints,
    mended,
    recorded,
    texts,
    with_incidents,
)


async def test_recording_a_video_twice_counts_once(
    graph: Graph, experience: Experience, tenant: str, database_url: str
) -> None:
    made = with_incidents(tenant, "v1", mended())
    await recorded(graph, experience, made)
    before = _state(database_url, tenant)
    await recorded(graph, experience, made)
    assert _state(database_url, tenant) == before
    assert "in an earlier video" in texts(await hints(experience, tenant, OVERLAP))
    await recorded(graph, experience, with_incidents(tenant, "v2", mended()))
    assert "in 2 beats of earlier videos" in texts(await hints(experience, tenant, OVERLAP))


def _state(database_url: str, tenant: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        nodes = connection.execute(
            "SELECT xmin::text, id, changed_at FROM nodes WHERE tenant = %s ORDER BY id", [tenant]
        )
        edges = connection.execute(
            "SELECT xmin::text, source, target, valid_from, valid_to FROM edges WHERE tenant = %s"
            " ORDER BY source, kind, target, valid_from",
            [tenant],
        )
        return [*nodes.fetchall(), *edges.fetchall()]


async def test_what_somebody_else_wrote_of_an_error_is_told_to_no_model(
    graph: Graph, experience: Experience, tenant: str, store: Store
) -> None:
    evil = KeptRepair(of="code", before="x", after="import os")
    error, repair, note = ("error", OVERLAP.error), ("repair", evil.name), ("note", "a note")
    told = [Entity(*error), Entity(*repair, properties=evil.model_dump()), Entity(*note)]
    facts = [Fact(error, "repaired_by", repair), Fact(note, "failed_with", error, {"repair": evil.name})]
    await store.upsert(tenant, told, facts, Provenance("api", "bulk", "user"))
    assert await hints(experience, tenant, OVERLAP) == []

    await recorded(graph, experience, with_incidents(tenant, "v1", mended()))
    [hint] = await hints(experience, tenant, OVERLAP)
    assert "next_to" in hint.text
    assert hint.repair
    for changed in ({**evil.model_dump(), "before": "b.move_to(a)"}, {"before": 5}):
        altered = Entity("repair", hint.repair, properties=changed)
        await store.upsert(tenant, [altered], [], Provenance("api", "bulk", "user"))
        assert await hints(experience, tenant, OVERLAP) == []


async def test_odd_words_of_models_are_kept_bounded_and_whole(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    odd = Complaint(error="x" * LONGEST_ERROR, message="\x00 “∑” " * 999)
    change = Change(before="\x00" * 800, after="é\n" * 12, by="a/b")
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(change, odd)))
    [hint] = await hints(experience, tenant, odd)
    assert len(hint.text) <= 600


async def test_a_repair_is_erased_with_the_last_video_that_it_mended(
    graph: Graph, experience: Experience, tenant: str, store: Store
) -> None:
    secret = Change(before=f"Text('{tenant}')", after="Text('x')", by="a/b")
    await recorded(
        graph,
        experience,
        with_incidents(tenant, "v1", mended(secret)),
        with_incidents(tenant, "v2", mended(secret)),
        with_incidents(tenant, "v3", mended(APART)),
    )
    names = [
        ("repair", kept_repair(secret, None).name),
        ("repair", kept_repair(APART, None).name),
        ("error", OVERLAP.error),
    ]
    left = {}
    for video_id in ("v1", "v2", "v3"):
        await store.erase(tenant, ("video", video_id))
        left[video_id] = [await _is_there(store, tenant, name) for name in names]
    assert left == {
        "v1": [True, True, True],
        "v2": [False, True, True],
        "v3": [False, False, False],
    }
    assert await hints(experience, tenant, OVERLAP) == []


async def _is_there(store: Store, tenant: str, key: tuple[str, str]) -> bool:
    try:
        await store.entity(tenant, key)
    except NotFound:
        return False
    return True
